"""What people read."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from smtpfax.model import event as e
from smtpfax.model.account import Proof
from smtpfax.model.attempt import Outcome
from smtpfax.model.cause import Cause
from smtpfax.model.document import Document, Layout
from smtpfax.model.job import State
from smtpfax.model.notice import NoticeKind
from smtpfax.web import words
from tests.store.desk import Clock, Maker

NOON = datetime(2026, 3, 1, 12, 30, 5, tzinfo=UTC)
NEW_YORK = ZoneInfo("America/New_York")
DOCUMENT = Document(name="d.tif", pages=2, octets=5000, bits=28_800, layout=Layout())


@pytest.mark.parametrize(
    ("at", "told"),
    [
        (NOON, "07:30:05"),
        (NOON - timedelta(hours=8), "28 Feb, 23:30"),  # yesterday there, today in UTC
        (NOON - timedelta(days=300), "05 May 2025, 08:30"),
    ],
)
def test_a_time_is_as_short_as_it_can_be_told(at: datetime, told: str) -> None:
    assert words.clock(at, NOON, NEW_YORK) == told


def test_all_of_a_time_has_its_zone() -> None:
    assert words.exactly(NOON, NEW_YORK) == "Sunday, 01 March 2026, 07:30:05 EST"


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0, "0 s"),
        (59.4, "59 s"),
        (60, "1 min"),
        (61, "1 min 1 s"),
        (3600, "1 h"),
        (5400, "1 h 30 min"),
        (90000, "1 d 1 h"),
    ],
)
def test_a_while_is_told_in_its_two_largest_units(seconds: float, told: str) -> None:
    assert words.lasting(seconds) == told


@pytest.mark.parametrize(
    ("octets", "told"),
    [(0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (20_480, "20 KiB"), (1_572_864, "1.5 MiB"), (1 << 31, "2.0 GiB")],
)
def test_a_size_is_told_roughly(octets: int, told: str) -> None:
    assert words.size(octets) == told


@pytest.mark.parametrize(
    ("e164", "told"),
    [("+12025550123", "+1 202-555-0123"), ("+442079460958", "+44 20 7946 0958"), ("none", "none"), ("", "")],
)
def test_a_number_is_told_as_people_read_it(e164: str, told: str) -> None:
    assert words.number(e164) == told


def test_one_is_one() -> None:
    assert words.count(1, "page") == "1 page"
    assert words.count(1200, "page") == "1,200 pages"


@pytest.mark.parametrize(
    ("event", "told"),
    [
        (e.Rendered(document=DOCUMENT), "Its pages were made: 2 pages, 4.9 KiB."),
        (e.Offered(backend="line"), "Handed to the fax service line."),
        (e.Accepted(ticket="T1"), "The fax service took it, and calls it T1."),
        (e.Progressed(pages_sent=1), "1 page went over the line."),
        (e.Sent(), "Sent."),
        (e.Sent(unconfirmed=True), "The fax service took it as sent; the far machine did not confirm it."),
        (
            e.Sent(transmission=e.Transmission(pages_sent=2, seconds=61, rate=14400, station="FAR")),
            "Sent: 2 pages, 1 min 1 s, 14,400 bit/s, far machine FAR.",
        ),
        (e.Held(), "It was held."),
        (e.Held(reason="held by the administrator"), "Held by the administrator."),
        (e.Held(reason="why"), "Held: why."),
    ],
)
def test_an_event_is_a_sentence(event: e.Event, told: str) -> None:
    assert words.happened(event) == told


@pytest.mark.parametrize("kind", e.KINDS.values(), ids=lambda kind: kind.__name__)
def test_every_event_there_is_has_words(kind: type[e.Event]) -> None:
    assert kind in words._PLAIN or kind in (
        e.Rendered,
        e.Offered,
        e.Accepted,
        e.Progressed,
        e.Sent,
        e.Deferred,
        e.Failed,
        e.Held,
    )


@pytest.mark.parametrize(
    ("table", "kind"),
    [
        (words.STATES, State),
        (words.OUTCOMES, Outcome),
        (words.CAUSES, Cause),
        (words.PROOFS, Proof),
        (words.NOTICES, NoticeKind),
    ],
)
def test_no_word_of_the_house_is_without_a_sentence(table: object, kind: type) -> None:
    assert set(kind) <= set(table)  # type: ignore[call-overload, arg-type]


def test_a_held_job_says_so_until_it_has_ended() -> None:
    make = Maker(Clock())
    job = make.job(make.mail())
    assert (words.standing(job), words.sentence(job)) == ("queued", "Its pages are about to be made.")
    held = replace(job, held=NOON, text="by the administrator")
    assert (words.standing(held), words.sentence(held)) == ("held", "Held: by the administrator.")
    ended = replace(held, state=State.FAILED, text="the line was busy")
    assert (words.standing(ended), words.sentence(ended)) == ("failed", "The line was busy.")
