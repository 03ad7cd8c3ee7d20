"""Authentication-Results: what a server of ours wrote, in the forms that servers write it."""

from __future__ import annotations

import pytest

from smtpfax.intake.proofs.head import Malformed, read_head
from smtpfax.intake.proofs.results import Results, newest

RSPAMD = (
    "mx.example;\r\n\tdkim=pass header.d=acme.example header.s=x header.b=Ab/d+9xy;\r\n"
    '\tspf=pass (mx.example: domain of "ann@acme.example" designates 192.0.2.1) smtp.mailfrom=ann@acme.example;\r\n'
    "\tdmarc=pass (policy=reject) header.from=acme.example"
)


def results(*values: str) -> Results | None:
    fields = "".join(f"Authentication-Results: {value}\r\n" for value in values)
    return newest(read_head(f"{fields}From: ann@acme.example\r\n\r\n".encode()), "mx.example")


def passed(value: str, method: str, name: str) -> list[str]:
    found = results(value)
    return [verdict.value(name) for verdict in found.passed(method)] if found else []


@pytest.mark.parametrize(
    ("value", "method", "name", "wanted"),
    [
        (RSPAMD, "dkim", "header.d", ["acme.example"]),
        (RSPAMD, "spf", "smtp.mailfrom", ["ann@acme.example"]),
        (RSPAMD, "dmarc", "header.from", ["acme.example"]),
        ("MX.example 1; DKIM/1 = PASS header.d = Acme.Example", "dkim", "header.d", ["acme.example"]),
        ("mx.example; spf=fail smtp.mailfrom=acme.example", "spf", "smtp.mailfrom", []),
        ("mx.example; none", "spf", "smtp.mailfrom", []),
        ("mx.example; dkim=fail header.d=a.example; dkim=pass header.d=b.example", "dkim", "header.d", ["b.example"]),
        ("mx.example; spf=pass smtp.mailfrom=a.example; spf=pass smtp.mailfrom=b.example", "spf", "smtp.mailfrom", []),
        ("mx.example; dmarc=pass header.from=a.example header.from=b.example", "dmarc", "header.from", [""]),
        ('mx.example; x=y reason="; dmarc=pass header.from=a.example"', "dmarc", "header.from", []),
        ('mx.example; x=y reason=";" z="dmarc"', "dmarc", "header.from", []),
        ("mx.example; x=y (; dmarc=pass header.from=a.example)", "dmarc", "header.from", []),
        ('mx.example; spf=pass smtp.mailfrom="x; dmarc=pass"@a.example', "dmarc", "header.from", None),
    ],
)
def test_a_field_is_read(value: str, method: str, name: str, wanted: list[str] | None) -> None:
    if wanted is None:
        with pytest.raises(Malformed):
            results(value)
    else:
        assert passed(value, method, name) == wanted


@pytest.mark.parametrize(
    "value",
    [
        "mx.example",
        "mx.example;",
        "mx.example; dkim",
        "mx.example; dkim=",
        "mx.example; dkim==pass",
        "mx.example; dkim=pass (never closed",
        'mx.example; dkim=pass reason="never closed',
        "mx.example 1 2; dkim=pass",
        "mx.example" + "; x=y" * 100,
        "mx.example; dkim=pass (a (nested) comment)",
    ],
)
def test_what_cannot_be_read_without_doubt_is_refused(value: str) -> None:
    with pytest.raises(Malformed):
        results(value)


def test_only_the_newest_field_of_the_named_server_counts() -> None:
    older = "mx.example; dmarc=pass header.from=acme.example"
    found = results("other.example; dmarc=pass", "mx.example; dmarc=fail header.from=acme.example", older)
    assert found is not None
    assert found.passed("dmarc") == ()
    assert (
        results("other.example; dmarc=pass", "mx.example.evil.example; dmarc=pass", "(mx.example) x; dmarc=pass")
        is None
    )


def test_a_field_that_is_too_long_is_refused() -> None:
    with pytest.raises(Malformed):
        results("mx.example; dkim=pass (" + "x" * 20_000 + ")")
