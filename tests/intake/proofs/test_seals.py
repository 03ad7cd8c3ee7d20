"""When signatures were made, and how it is remembered that they were used."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from smtpfax.intake.proofs.dating import MOST_AGE, SKEW
from smtpfax.intake.proofs.dkim import Witness
from smtpfax.intake.proofs.seals import seals
from smtpfax.model.accepting import Seal
from tests.intake.proofs.signer import NOW, sign
from tests.intake.proofs.test_dkim import MAIL, one

FIELDS = ("from", "to", "subject", "date")
THEN = "Fri, 15 Jan 2027 08:00:00 +0000"  # this is NOW
DATED = MAIL.replace(b"Subject", f"Date: {THEN}\r\nSubject".encode())
DAY = 86_400


def found(content: bytes, *, now: int = NOW) -> tuple[Seal, ...]:
    witness = Witness()
    witness.feed(content)
    return seals(witness, now=now)


def dated(date: str) -> bytes:
    return DATED.replace(THEN.encode(), date.encode())


async def test_a_signature_is_dated_by_itself_or_by_the_date_that_it_covers() -> None:
    assert (await one(sign(MAIL))).holds
    assert (await one(sign(DATED, made=None, fields=FIELDS))).holds
    assert (await one(sign(DATED, made=None, fields=FIELDS), now=NOW + MOST_AGE)).holds


@pytest.mark.parametrize(
    ("mail", "now", "why"),
    [
        (sign(MAIL, made=None), NOW, "does not say when"),
        (sign(DATED, made=None, fields=("from", "to")), NOW, "does not say when"),
        (sign(b"Date: " + THEN.encode() + b"\r\n" + DATED, made=None, fields=FIELDS), NOW, "does not say when"),
        (sign(dated("yesterday"), made=None, fields=FIELDS), NOW, "cannot be read"),
        (sign(dated(""), made=None, fields=FIELDS), NOW, "cannot be read"),
        (sign(dated("Fri, 15 Jan 99999 08:00:00 +0000"), made=None, fields=FIELDS), NOW, "cannot be read"),
        (sign(dated(f"{THEN} {'(' * 99}"), made=None, fields=FIELDS), NOW, "does not say when"),
        (sign(DATED, made=None, fields=FIELDS), NOW + MOST_AGE + 1, "too old"),
        (sign(DATED, made=None, fields=FIELDS), NOW - 2 * DAY, "of the future"),
        (sign(MAIL, made=NOW + SKEW + 1), NOW, "of the future"),
    ],
)
async def test_what_has_no_date_or_another_ones_is_no_signature(mail: bytes, now: int, why: str) -> None:
    signed = await one(mail, now=now)
    assert not signed.holds
    assert why in signed.reason
    assert found(mail, now=now) == ()


@pytest.mark.parametrize(
    ("extra", "until"),
    [("", NOW + MOST_AGE), (f" x={NOW + 60};", NOW + 60), (f" x={NOW + 99 * DAY};", NOW + MOST_AGE)],
)
def test_a_seal_lasts_as_long_as_its_signature_counts(extra: str, until: int) -> None:
    [seal] = found(sign(MAIL, extra=f"{extra} t={NOW};"))
    assert seal.until == datetime.fromtimestamp(until, UTC)


GENUINE = sign(MAIL)


@pytest.mark.parametrize(
    "changed",
    [
        b"Received: by mx.evil.example; today\r\n" + GENUINE,
        b"Reply-To: eve@evil.example\r\n" + GENUINE,
        GENUINE.replace(b"Subject: Hello", b"SUBJECT :  Hello "),
        GENUINE.replace(b"From: Ann <", b"From:\r\n\tAnn\r\n <"),
        GENUINE.replace(b"; b=", b";\r\n b= "),
        GENUINE + b"\r\n\r\n",
        GENUINE.replace(b"hello.\r\n", b"hello. \t\r\n"),
        b"DKIM-Signature: v=1; nonsense\r\n" + GENUINE,
    ],
)
async def test_whatever_is_changed_beside_what_was_signed_the_seal_is_the_same(changed: bytes) -> None:
    assert changed != GENUINE
    assert any(seal in found(changed) for seal in found(GENUINE))


@pytest.mark.parametrize(
    "other",
    [
        sign(MAIL.replace(b"Hello", b"Hullo")),
        sign(MAIL.replace(b"Ann", b"Ben")),
        sign(MAIL + b"more\r\n"),
        sign(MAIL, made=NOW + 1),
        GENUINE.replace(b"From: Ann", b"From: Ben"),  # a signature copied onto another mail
    ],
)
def test_another_mail_has_another_seal(other: bytes) -> None:
    assert len(found(other)) == 1
    assert set(found(other)).isdisjoint(found(GENUINE))


@pytest.mark.parametrize(
    "content",
    [
        MAIL,
        GENUINE.replace(b"hello", b"hullo"),  # nobody signed this body
        sign(MAIL, extra=" l=5;"),
        sign(MAIL, extra=f" x={NOW - 1}; t={NOW - 9};"),
        GENUINE.replace(b"\r\nTo", b"\nTo"),
        b"",
    ],
)
def test_a_signature_that_cannot_hold_has_no_seal(content: bytes) -> None:
    assert found(content) == ()


def test_each_signature_of_a_mail_has_a_seal_and_equal_ones_share_it() -> None:
    second = sign(MAIL, "relay.example").split(b"From:")[0]
    assert len(found(second + GENUINE)) == 2
    assert found(second + GENUINE)[1:] == found(GENUINE)
    first = GENUINE.split(b"From:")[0]
    assert found(first + GENUINE) == found(GENUINE)
