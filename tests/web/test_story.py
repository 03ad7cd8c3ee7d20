"""An attempt as a conversation."""

from __future__ import annotations

from dataclasses import replace

from smtpfax.model.attempt import Outcome
from smtpfax.model.mail import Client, Header
from smtpfax.model.status import NOT_PERMITTED, TAKEN
from smtpfax.web.story import dialogue
from tests.store.desk import Clock, Maker

ATTEMPT = Maker(Clock()).attempt(
    outcome=Outcome.REFUSED, reply=NOT_PERMITTED.reply(address="x@fax.example"), sender="eve@evil.example"
)


def said(**changed: object) -> list[str]:
    lines = dialogue(replace(ATTEMPT, **changed))  # type: ignore[arg-type]
    return [f"{'S' if line.ours else 'C'}{'*' if line.note else ''} {line.text}" for line in lines]


def test_a_refusal_ends_with_our_reply() -> None:
    assert said() == [
        "C* A client connects from 192.0.2.7, without TLS.",
        "C MAIL FROM:<eve@evil.example>",
        "C RCPT TO:<+12025550123@fax.example>",
        "S 550 5.7.1 <x@fax.example>: not permitted to fax from here",
    ]


def test_a_mail_that_was_taken_had_its_data() -> None:
    client = Client(address=ATTEMPT.client.address, helo="mx.acme.example", tls="TLSv1.3", user="ann@acme.example")
    lines = said(
        client=client, outcome=Outcome.TAKEN, reply=TAKEN.reply(mail="m1", tail=""), mail_id="m1", octets=48_211
    )
    assert lines[:3] == [
        "C* A client connects from 192.0.2.7, with TLSv1.3.",
        "C EHLO mx.acme.example",
        "C* signs in as ann@acme.example",
    ]
    assert lines[-2:] == ["C DATA, 48,211 octets", "S 250 2.0.0 m1 taken"]


def test_who_left_heard_nothing() -> None:
    assert said(outcome=Outcome.ABANDONED)[-1] == "C* The client leaves before it is finished."


def test_what_the_log_does_not_know_is_not_told() -> None:
    lines = said(client=Client(), raw_from="", reverse_path=None, to="", header=Header())
    assert lines[0] == "C* A client connects on this machine, without TLS."
    assert len(lines) == 2


def test_the_null_reverse_path_is_told_as_it_is_written() -> None:
    assert "C MAIL FROM:<>" in said(raw_from="<>", reverse_path=None)
