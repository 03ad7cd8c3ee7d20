"""A job is the fold of its events, and its table is the one of the house."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpfax.model import event as e
from smtpfax.model.cause import Cause
from smtpfax.model.errors import IllegalEvent
from smtpfax.model.job import TRANSITIONS, Job, State, apply, diagram, fold
from smtpfax.model.routing import after, backend_for
from tests.model.jobs import ACCEPTED, BUSY, DOCUMENT, EVENTS, FAILED, JOB, MINUTE, OFFERED, RENDERED, SENT, T0

# The table of the house; `missed`, `cancel_asked`, `held` and `released` stand in it as words below it.
HOUSE = """
            rendered   offered   accepted   progressed   sent   deferred   failed   cancelled
queued      rendered   .         .          .            .      queued     failed   cancelled
rendered    .          offered   .          .            .      rendered   failed   cancelled
offered     .          .         accepted   .            sent   rendered   failed   .
accepted    .          .         .          accepted     sent   rendered   failed   cancelled
sent        .          .         .          .            .      .          .        .
failed      .          .         .          .            .      .          .        .
cancelled   .          .         .          .            .      .          .        .
"""
BESIDE = {
    "missed": {"offered", "accepted"},
    "cancel_asked": {"offered", "accepted"},
    "held": {"queued", "rendered"},
    "released": {"queued", "rendered"},
}


def after_all(*events: e.Event, job: Job = JOB, at: datetime = T0) -> Job:
    return fold(job, [(event, at) for event in events])


def in_state(state: State) -> Job:
    return replace(JOB, state=state)


def test_the_table_is_the_one_of_the_house() -> None:
    columns, *rows = [line.split() for line in HOUSE.strip().splitlines()]
    house = {(state, column): cell for state, *cells in rows for column, cell in zip(columns, cells, strict=True)}
    house |= {(state, word): state for word, states in BESIDE.items() for state in states}
    ours = {(state, e.kind_of(event)): TRANSITIONS[state].get(type(event), ".") for state in State for event in EVENTS}
    assert {cell: value for cell, value in house.items() if value != "."} == {
        cell: value for cell, value in ours.items() if value != "."
    }


def test_every_event_is_tried_here() -> None:
    assert [e.kind_of(event) for event in EVENTS] == list(e.KINDS)


@pytest.mark.parametrize("event", EVENTS, ids=e.kind_of)
@pytest.mark.parametrize("state", [state for state in State if state.final])
def test_a_final_state_has_no_way_out(state: State, event: e.Event) -> None:
    with pytest.raises(IllegalEvent, match=e.kind_of(event)):
        apply(in_state(state), event, at=T0)


def test_sent_failed_and_cancelled_are_final_and_no_other() -> None:
    assert [state for state in State if state.final] == [State.SENT, State.FAILED, State.CANCELLED]


@pytest.mark.parametrize("event", EVENTS, ids=e.kind_of)
@pytest.mark.parametrize("state", State)
def test_an_event_leads_where_the_table_says_or_is_illegal(state: State, event: e.Event) -> None:
    job, where = in_state(state), TRANSITIONS[state].get(type(event))
    if where is None:
        with pytest.raises(IllegalEvent):
            apply(job, event, at=T0)
        return
    then = apply(job, event, at=T0 + MINUTE)
    assert (then.state, then.version) == (where, job.version + 1)
    assert then.ended == (T0 + MINUTE if where.final else None)
    assert job == in_state(state)


@given(st.lists(st.sampled_from(EVENTS), max_size=12))
def test_any_history_ends_in_a_job_or_in_an_illegal_event(events: list[e.Event]) -> None:
    job = JOB
    for event in events:
        try:
            job = apply(job, event, at=T0)
        except IllegalEvent:
            assert type(event) not in TRANSITIONS[job.state]
            return
    assert job.version == len(events)
    assert job.state.final == (job.ended is not None)
    assert 0 <= job.tries <= len(events)


def test_a_fax_that_is_sent_at_the_second_try() -> None:
    tried = after_all(RENDERED, OFFERED, ACCEPTED, e.Progressed(pages_sent=2, text="page 2"))
    assert (tried.document, tried.backend, tried.ticket, tried.pages_sent) == (DOCUMENT, "line", "t", 2)
    deferred = after_all(BUSY, job=tried)
    assert (deferred.state, deferred.tries, deferred.cause, deferred.due) == ("rendered", 1, Cause.BUSY, BUSY.due)
    assert deferred.pages_sent == 0
    again = after_all(e.Offered(backend="kazoo"), job=deferred, at=T0 + MINUTE)
    assert (again.backend, again.ticket, again.offered) == ("kazoo", "", T0 + MINUTE)
    sent = after_all(SENT, job=again)
    assert (sent.state, sent.tries, sent.pages_sent, sent.cause) == ("sent", 2, 3, None)
    assert str(sent.status) == "2.0.0"


def test_a_call_is_counted_only_when_it_was_placed() -> None:
    offered = after_all(RENDERED, OFFERED)
    assert after_all(replace(BUSY, counted=False), job=offered).tries == 0
    assert after_all(FAILED, job=offered).tries == 1
    assert after_all(replace(FAILED, counted=False), job=offered).tries == 0


def test_a_converter_that_died_is_remembered() -> None:
    died = replace(BUSY, cause=Cause.CONVERTER, counted=False)
    assert after_all(died, died).crashes == 2
    assert after_all(BUSY).crashes == 0


def test_a_scheduled_fax_is_rendered_at_once_and_waits() -> None:
    scheduled = replace(JOB, scheduled=T0 + timedelta(hours=5))
    job = after_all(RENDERED, job=scheduled)
    assert (job.state, job.due) == (State.RENDERED, scheduled.scheduled)
    assert after_all(RENDERED, job=scheduled, at=T0 + timedelta(hours=6)).due == T0 + timedelta(hours=6)
    assert after_all(e.Held(), e.Released(), job=job).due == scheduled.scheduled


def test_looks_are_counted_anew_for_each_offer() -> None:
    job = after_all(RENDERED, OFFERED, e.Missed(), e.Missed())
    assert job.looks == 2
    assert after_all(ACCEPTED, job=job).looks == 0
    assert after_all(BUSY, OFFERED, job=job).looks == 0


def test_the_time_a_job_was_held_does_not_count() -> None:
    held = after_all(e.Held(reason="a cap"), job=after_all(RENDERED))
    assert (held.held, held.text) == (T0, "a cap")
    job = after_all(e.Released(), job=held, at=T0 + timedelta(hours=30))
    assert job.held is None
    assert job.expires == JOB.expires + timedelta(hours=30)
    assert job.due == T0 + timedelta(hours=30)


def test_holding_a_held_job_does_not_forget_since_when() -> None:
    held = after_all(e.Held(reason="again"), job=after_all(e.Held(reason="first")), at=T0 + MINUTE)
    assert held.held == T0


def test_releasing_what_is_not_held_changes_no_time() -> None:
    job = after_all(e.Released(), at=T0 + MINUTE)
    assert (job.expires, job.held) == (JOB.expires, None)


def test_cancelling_is_kept_in_mind_while_a_backend_has_it() -> None:
    asked = after_all(RENDERED, OFFERED, e.CancelAsked(), BUSY)
    assert asked.cancel_asked
    cancelled = after_all(e.Cancelled(), job=asked)
    assert (cancelled.state, str(cancelled.status)) == (State.CANCELLED, "5.7.0")
    assert cancelled.text == "the fax was cancelled"


def test_the_diagram_is_the_table() -> None:
    head, rule, *rows = diagram().splitlines()
    assert set(rule) == set("| -")
    words = [cell.strip() for cell in head.strip("|").split("|")][1:]
    assert words == list(e.KINDS)
    drawn = {}
    for row in rows:
        state, *cells = (cell.strip() for cell in row.strip("|").split("|"))
        drawn[state] = {word: cell for word, cell in zip(words, cells, strict=True) if cell}
    assert drawn == {
        state.value: {e.kind_of(event): ways[type(event)].value for event in EVENTS if type(event) in ways}
        for state, ways in TRANSITIONS.items()
    }
    assert len({len(line) for line in [head, rule, *rows]}) == 1


@pytest.mark.parametrize(
    ("backend", "cause", "goes_to"),
    [
        ("", None, "line"),
        ("line", Cause.BUSY, "line"),
        ("line", Cause.NO_ROUTE, "kazoo"),
        ("line", Cause.REFUSED, "kazoo"),
        ("kazoo", Cause.NO_ROUTE, None),
        ("gone", Cause.BUSY, "line"),
    ],
)
def test_the_next_backend_is_taken_only_for_a_reason_of_the_last_one(
    backend: str, cause: Cause | None, goes_to: str | None
) -> None:
    assert backend_for(replace(JOB, backend=backend, cause=cause), ("line", "kazoo")) == goes_to


def test_a_faxbox_without_backends_has_none() -> None:
    assert backend_for(JOB, ()) is None
    assert after("line", ("line",)) is None
    assert after("gone", ("line",)) == "line"
