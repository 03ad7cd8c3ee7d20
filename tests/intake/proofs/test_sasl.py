"""PLAIN and LOGIN: lines in, credentials out."""

from __future__ import annotations

import base64

import pytest

from smtpfax.intake.proofs.sasl import BadExchange, Challenge, Credentials, read_auth


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def signed_in(argument: str, *lines: str) -> Credentials:
    exchange, step = read_auth(argument)
    for line in lines:
        assert isinstance(step, Challenge)
        step = exchange.step(line)
    assert isinstance(step, Credentials)
    return step


PLAIN = b64("\0ann@acme.example\0secret")


@pytest.mark.parametrize(
    ("argument", "lines"),
    [
        (f"PLAIN {PLAIN}", []),
        (f"plain  {PLAIN}", []),
        ("PLAIN", [PLAIN]),
        (f"PLAIN {b64('Ann@acme.example' + chr(0) + 'ann@acme.example' + chr(0) + 'secret')}", []),
        ("LOGIN", [b64("ann@acme.example"), b64("secret")]),
        (f"login {b64('ann@acme.example')}", [b64("secret")]),
    ],
)
def test_both_mechanisms_in_all_their_forms(argument: str, lines: list[str]) -> None:
    assert signed_in(argument, *lines) == Credentials(user="ann@acme.example", password="secret")


def test_login_asks_for_user_and_password() -> None:
    exchange, first = read_auth("LOGIN")
    second = exchange.step(b64("ann"))
    assert (first, second) == (Challenge("VXNlcm5hbWU6"), Challenge("UGFzc3dvcmQ6"))


@pytest.mark.parametrize(
    ("argument", "lines", "code"),
    [
        ("", [], 504),
        ("CRAM-MD5", [], 504),
        (f"PLAIN {PLAIN} x", [], 504),
        ("PLAIN", ["*"], 501),
        ("LOGIN", ["*"], 501),
        ("PLAIN", ["!"], 501),
        ("PLAIN =", [], 501),
        ("PLAIN", [""], 501),
        ("PLAIN", ["=="], 501),
        ("PLAIN", ["\xe9"], 501),
        ("PLAIN", [b64("ann\0secret")], 501),
        ("PLAIN", [b64("\0ann\0secret\0more")], 501),
        ("PLAIN", [b64("boss\0ann\0secret")], 501),
        ("PLAIN", [b64("\0\0secret")], 501),
        ("PLAIN", [b64("\0ann\0")], 501),
        ("PLAIN", [b64("\0" + "a" * 400 + "\0secret")], 501),
        ("PLAIN", [b64("\0ann\0" + "s" * 2000)], 501),
        ("PLAIN", ["A" * 100_000], 501),
        ("PLAIN", [base64.b64encode(b"\0ann\0\xff").decode()], 501),
        ("LOGIN", [b64("ann\0x"), b64("secret")], 501),
        ("LOGIN", ["", b64("secret")], 501),
    ],
)
def test_what_is_not_an_exchange_is_refused(argument: str, lines: list[str], code: int) -> None:
    with pytest.raises(BadExchange) as refused:
        signed_in(argument, *lines)
    assert refused.value.reply.code == code


def test_a_password_is_not_shown() -> None:
    assert "secret" not in repr(signed_in(f"PLAIN {PLAIN}"))
