"""Events are kept as JSON rows, and come back as they were."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpfax.model import event as e
from smtpfax.model.cause import Cause
from smtpfax.model.document import Document, Layout, Paper, Resolution
from smtpfax.model.event import PartNote, Transmission
from smtpfax.model.status import Status
from tests.model.jobs import EVENTS

COUNTS = st.integers(0, 10**9)
TEXT = st.text(max_size=30)
ZONES = st.integers(-14, 14).map(lambda hours: timezone(timedelta(hours=hours)))
TIMES = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=ZONES)  # noqa: DTZ001
STATUSES = st.builds(Status, st.sampled_from([2, 4, 5]), st.integers(0, 999), st.integers(0, 999))
LAYOUTS = st.builds(Layout, paper=st.sampled_from(Paper), resolution=st.sampled_from(Resolution))
DOCUMENTS = st.builds(Document, name=TEXT, pages=COUNTS, octets=COUNTS, bits=COUNTS, layout=LAYOUTS)
PARTS = st.lists(
    st.builds(PartNote, path=TEXT, name=TEXT, kind=TEXT, octets=COUNTS, pages=COUNTS, left_out=TEXT), max_size=3
).map(tuple)
CALLS = st.builds(
    Transmission,
    pages_sent=COUNTS,
    seconds=st.floats(0, 10**6),
    station=TEXT,
    rate=COUNTS,
    text=TEXT,
)
WENT = {
    "status": STATUSES,
    "cause": st.sampled_from(Cause),
    "text": TEXT,
    "counted": st.booleans(),
    "transmission": CALLS,
}
MADE = {
    e.Rendered: st.builds(e.Rendered, document=DOCUMENTS, parts=PARTS),
    e.Offered: st.builds(e.Offered, backend=TEXT),
    e.Accepted: st.builds(e.Accepted, ticket=TEXT),
    e.Missed: st.just(e.Missed()),
    e.Progressed: st.builds(e.Progressed, pages_sent=COUNTS, text=TEXT),
    e.Sent: st.builds(e.Sent, transmission=CALLS, unconfirmed=st.booleans()),
    e.Deferred: st.builds(e.Deferred, due=TIMES, **WENT),
    e.Failed: st.builds(e.Failed, parts=PARTS, **WENT),
    e.Cancelled: st.just(e.Cancelled()),
    e.CancelAsked: st.just(e.CancelAsked()),
    e.Held: st.builds(e.Held, reason=TEXT),
    e.Released: st.just(e.Released()),
}


@given(st.one_of(*MADE.values()))
def test_an_event_comes_back_from_its_row_as_it_was(event: e.Event) -> None:
    row = json.loads(json.dumps(e.to_json(event), allow_nan=False))
    assert e.from_json(e.kind_of(event), row) == event


@given(DOCUMENTS)
def test_a_document_comes_back_as_it_was(document: Document) -> None:
    assert e.document_from_json(json.loads(json.dumps(e.document_json(document)))) == document


def test_every_kind_has_one_word() -> None:
    assert set(e.KINDS.values()) == set(get_args(e.Event)) == set(MADE)
    assert [e.KINDS[e.kind_of(event)] for event in EVENTS] == [type(event) for event in EVENTS]


def test_rows_say_statuses_causes_and_times_in_plain_words() -> None:
    event = e.Deferred(
        status=Status.parse("4.4.0"), cause=Cause.BUSY, text="busy", due=datetime(2026, 11, 21, 22, 48, tzinfo=UTC)
    )
    row = e.to_json(event)
    assert (row["status"], row["cause"], row["due"]) == ("4.4.0", "busy", "2026-11-21T22:48:00+00:00")


def test_a_row_of_an_older_version_has_the_defaults_for_what_it_lacks() -> None:
    assert e.from_json("sent", {}) == e.Sent()
    assert e.from_json("sent", {"transmission": {"pages_sent": 2}}) == e.Sent(transmission=Transmission(pages_sent=2))


@pytest.mark.parametrize("kind", ["", "Sent", "exploded", "__init__"])
def test_a_kind_that_does_not_exist_is_said_to_be_so(kind: str) -> None:
    with pytest.raises(ValueError, match="no such event"):
        e.from_json(kind, {})


@pytest.mark.parametrize(
    ("resolution", "lines"), [(Resolution.STANDARD, 98), (Resolution.FINE, 196), (Resolution.SUPERFINE, 391)]
)
def test_a_resolution_has_its_lines_per_inch(resolution: Resolution, lines: int) -> None:
    assert resolution.lines_per_inch == lines


def test_every_paper_has_its_size_and_a_document_its_time_on_the_line() -> None:
    assert {paper: paper.millimetres for paper in Paper} == {
        Paper.LETTER: (215.9, 279.4),
        Paper.A4: (210.0, 297.0),
        Paper.LEGAL: (215.9, 355.6),
    }
    assert Document(name="d", pages=1, octets=1, bits=144000, layout=Layout()).line_seconds == 10
