"""What MAIL and RCPT may ask for, and how they have to say it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpfax.intake.command import BadCommand, read_mail, read_rcpt
from smtpfax.intake.parameters import (
    LEAST_BY,
    NOTHING_OF_MAIL,
    NOTHING_OF_RCPT,
    MailAsks,
    RcptAsks,
    of_mail,
    of_rcpt,
)
from smtpfax.model.wishes import NEVER, Notify, Returned, Wishes

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
MONTH = timedelta(days=30)


def mail(parameters: str) -> MailAsks:
    """Of MAIL with these parameters."""
    return of_mail(read_mail(f"FROM:<ann@acme.example> {parameters}").parameters, at=NOW, most_hold=MONTH)


def rcpt(parameters: str) -> RcptAsks:
    """Of RCPT with these."""
    return of_rcpt(read_rcpt(f"TO:<+12025550123@fax.example> {parameters}").parameters)


def refusal(read: object, parameters: str) -> str:
    with pytest.raises(BadCommand) as bad:
        read(parameters)  # type: ignore[operator]
    return str(bad.value.reply)


def in_seconds(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def test_a_command_that_asks_for_nothing_costs_nothing() -> None:
    assert mail("SIZE=100 BODY=8BITMIME SMTPUTF8 AUTH=<>") is NOTHING_OF_MAIL
    assert rcpt("") is NOTHING_OF_RCPT


@pytest.mark.parametrize(
    ("parameters", "asks"),
    [
        ("RET=FULL ENVID=QQ314159", MailAsks(wishes=Wishes(returned=Returned.FULL, envelope_id="QQ314159"))),
        ("ret=hdrs", MailAsks(wishes=Wishes(returned=Returned.HDRS))),
        ("ENVID=a+20b+3Dc+2B", MailAsks(wishes=Wishes(envelope_id="a b=c+"))),
        ("HOLDFOR=3600", MailAsks(scheduled=in_seconds(3600))),
        ("HOLDFOR=2592000", MailAsks(scheduled=NOW + MONTH)),
        ("HOLDUNTIL=2026-03-01T10:00:00Z", MailAsks(scheduled=in_seconds(3600))),
        ("HOLDUNTIL=2026-03-01t06:00:00.250000000-04:00", MailAsks(scheduled=in_seconds(3600.25))),
        ("BY=600;R", MailAsks(deadline=in_seconds(600))),
        ("BY=+000060;r", MailAsks(deadline=in_seconds(60))),
        ("BY=600;RT", MailAsks(deadline=in_seconds(600), wishes=Wishes(trace=True))),
        ("BY=5;N", MailAsks(tell_at=in_seconds(5))),
        ("BY=5;nt", MailAsks(tell_at=in_seconds(5), wishes=Wishes(trace=True))),
        ("BY=-5;N", MailAsks()),  # whoever brings the mail has told of it already
        ("BY=0;N", MailAsks()),
        ("HOLDFOR=60 BY=120;R", MailAsks(scheduled=in_seconds(60), deadline=in_seconds(120))),
        ("HOLDFOR=60 BY=30;N", MailAsks(scheduled=in_seconds(60), tell_at=in_seconds(30))),
    ],
)
def test_what_mail_asks_for(parameters: str, asks: MailAsks) -> None:
    assert mail(parameters) == asks


@pytest.mark.parametrize(
    ("parameters", "asks"),
    [
        ("NOTIFY=NEVER", RcptAsks(notify=NEVER)),
        ("NOTIFY=never", RcptAsks(notify=NEVER)),
        ("NOTIFY=SUCCESS", RcptAsks(notify=frozenset({Notify.SUCCESS}))),
        ("NOTIFY=SUCCESS,failure,DELAY", RcptAsks(notify=frozenset(Notify))),
        ("NOTIFY=DELAY,DELAY", RcptAsks(notify=frozenset({Notify.DELAY}))),
        ("ORCPT=rfc822;ann+2Bfax@acme.example", RcptAsks(original="rfc822;ann+fax@acme.example")),
        ("ORCPT=x-fax;+2B12025550123", RcptAsks(original="x-fax;+12025550123")),
        (r"ORCPT=utf-8;j\x{FC}rgen@acme.example", RcptAsks(original=r"utf-8;j\x{FC}rgen@acme.example")),
    ],
)
def test_what_rcpt_asks_for(parameters: str, asks: RcptAsks) -> None:
    assert rcpt(parameters) == asks


@pytest.mark.parametrize(
    "parameters",
    [
        *("RET", "RET=ALL", "RET=FULL,HDRS"),
        *("ENVID", "ENVID=+0D+0AAction:+20failed", "ENVID=+0d", "ENVID=+2", "ENVID=+7F", f"ENVID={'x' * 101}"),
        *("HOLDFOR", "HOLDFOR=0", "HOLDFOR=-5", "HOLDFOR=060", "HOLDFOR=1234567890", "HOLDFOR=2592001", "HOLDFOR=x"),
        *("HOLDUNTIL", "HOLDUNTIL=2026-03-01T09:00:00Z", "HOLDUNTIL=2026-03-01T10:00:00", "HOLDUNTIL=2026-03-01"),
        *("HOLDUNTIL=2026-02-28T10:00:00Z", "HOLDUNTIL=2026-04-01T10:00:00Z", "HOLDUNTIL=2026-13-01T10:00:00Z"),
        *("HOLDUNTIL=9999-12-31T23:59:59-12:00", "HOLDUNTIL=0001-01-01T00:00:00+12:00", "HOLDUNTIL=tomorrow"),
        "HOLDFOR=60 HOLDUNTIL=2026-03-01T10:00:00Z",
        *("BY", "BY=60", "BY=60;", "BY=60;X", "BY=60;RN", "BY=60;R;T", "BY=1234567890;R", "BY=;R", "BY=6e1;R"),
        *("BY=0;R", "BY=-60;R", "HOLDFOR=120 BY=120;R"),
    ],
)
def test_what_mail_may_not_say(parameters: str) -> None:
    name = parameters.split()[-1].partition("=")[0]
    assert refusal(mail, parameters).startswith(f"501 5.5.4 {name}: ")


@pytest.mark.parametrize(
    "parameters",
    [
        *("NOTIFY", "NOTIFY=ALWAYS", "NOTIFY=NEVER,SUCCESS", "NOTIFY=SUCCESS,,DELAY", "NOTIFY=,SUCCESS"),
        *("ORCPT", "ORCPT=rfc822", "ORCPT=rfc822;", "ORCPT=;ann@acme.example", "ORCPT=rfc 822;x"),
        *("ORCPT=rfc822;a+0D+0Ab", "ORCPT=rfc822;a+b", f"ORCPT=rfc822;{'x' * 494}", r"ORCPT=rfc822;j\x{FC}+FC"),
        "ORCPT=a_b;x",
    ],
)
def test_what_rcpt_may_not_say(parameters: str) -> None:
    assert refusal(rcpt, parameters).startswith("501 5.5.4 ")


@pytest.mark.parametrize(
    ("read", "parameters"),
    [
        (mail, "RET=FULL RET=HDRS"),
        (mail, "ENVID=a envid=b"),
        (rcpt, "NOTIFY=NEVER NOTIFY=SUCCESS"),
        (mail, "RET="),
        (rcpt, "NOTIFY=a=b"),
    ],
)
def test_nothing_is_asked_for_twice_or_half(read: object, parameters: str) -> None:
    assert refusal(read, parameters).startswith("501 5.5.4 syntax")


@pytest.mark.parametrize(
    ("read", "parameters"), [(mail, "NOTIFY=NEVER"), (mail, "ORCPT=rfc822;x"), (rcpt, "RET=FULL"), (rcpt, "BY=60;R")]
)
def test_each_parameter_stands_with_its_own_command(read: object, parameters: str) -> None:
    assert refusal(read, parameters).startswith("555 5.5.4 ")


def test_a_fax_takes_its_time() -> None:
    assert refusal(mail, f"BY={LEAST_BY - 1};R").startswith(f"555 5.5.4 BY: nothing is faxed in less than {LEAST_BY}")
    assert mail(f"BY={LEAST_BY};R").deadline == in_seconds(LEAST_BY)


def test_where_nothing_is_held_every_hold_is_refused() -> None:
    with pytest.raises(BadCommand):
        of_mail({"HOLDFOR": "1"}, at=NOW, most_hold=timedelta())


PRINTABLE = st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters="=")
VALUES = st.text(PRINTABLE, min_size=1, max_size=520) | st.from_regex(r"[+-]?[0-9]{1,12};[RN]T?", fullmatch=True)
NAMES = st.sampled_from(["RET", "ENVID", "HOLDFOR", "HOLDUNTIL", "BY", "NOTIFY", "ORCPT"])


@given(st.dictionaries(NAMES, VALUES))
def test_any_value_is_read_or_refused_in_one_line(parameters: dict[str, str]) -> None:
    reply = None
    asks, said = NOTHING_OF_MAIL, NOTHING_OF_RCPT
    try:
        asks, said = of_mail(parameters, at=NOW, most_hold=MONTH), of_rcpt(parameters)
    except BadCommand as bad:
        reply = bad.reply
    assert reply is None or (reply.permanent and str(reply).isprintable() and len(str(reply)) < 300)
    assert (asks.wishes.envelope_id + said.original + "x").isprintable()
    assert asks.scheduled is None or NOW < asks.scheduled <= NOW + MONTH
