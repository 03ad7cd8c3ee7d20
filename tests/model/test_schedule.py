"""When a job is tried again, and when it is given up."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from smtpfax.model import event as e
from smtpfax.model import status as catalogue
from smtpfax.model.cause import Cause
from smtpfax.model.errors import Permanent, Temporary
from smtpfax.model.event import Deferred, Failed, PartNote, Transmission
from smtpfax.model.job import Job, State, apply, fold
from smtpfax.model.schedule import RULES, after_fault, expired
from tests.model.jobs import ACCEPTED, JOB, MINUTE, OFFERED, RENDERED, T0

LIMIT = timedelta(hours=6)
COUNTED = [cause for cause, rule in RULES.items() if rule.counted]
UNCOUNTED = [cause for cause in Cause if cause not in COUNTED]
CALLING = fold(replace(JOB, most_tries=100), [(RENDERED, T0), (OFFERED, T0), (ACCEPTED, T0)])


def broken(cause: Cause, after: timedelta | None = None) -> Temporary:
    return Temporary(catalogue.OUR_FAULT, cause=cause, after=after)


def waits(cause: Cause, job: Job = CALLING) -> tuple[list[float], Failed]:
    """Minutes between one call's end and the next, as often as there are any."""
    found, times, at = [], 0, T0
    while isinstance(event := after_fault(job, broken(cause), at=at, times=times), Deferred):
        found.append((event.due - at) / MINUTE)
        job, times, at = apply(job, event, at=at), times + 1, event.due
        job = apply(job, OFFERED, at=at)
    return found, event


@pytest.mark.parametrize(
    ("cause", "minutes"),
    [
        (Cause.BUSY, [2, 4, 8, 15, 30, 30]),
        (Cause.NO_ANSWER, [5, 15, 30, 60, 60]),
        (Cause.NOT_A_FAX, [15]),
        (Cause.PARTIAL, [3]),
        (Cause.LINE, [2, 5, 15, 15]),
        (Cause.UNKNOWN, [5, 15, 30, 30]),
        (Cause.BACKEND, [0.5, 1, 2, 5, 10, 15, 15]),
        (Cause.OURS, [0.25, 0.5, 1, 5, 5]),
        (Cause.CONVERTER, [0.05]),
        (Cause.IN_DOUBT, [0.5, 0.5]),
    ],
)
def test_each_cause_has_its_own_waits(cause: Cause, minutes: list[float]) -> None:
    found, _ = waits(cause)
    assert found[: len(minutes)] == pytest.approx(minutes)
    assert len(found) == len(minutes) or set(found[len(minutes) :]) == {minutes[-1]}


@pytest.mark.parametrize("cause", Cause)
def test_no_cause_is_tried_for_ever(cause: Cause) -> None:
    found, end = waits(cause)
    assert sum(found) < timedelta(hours=24) / MINUTE
    assert end.status.klass == 5
    assert end.cause is cause


@pytest.mark.parametrize("cause", COUNTED)
@pytest.mark.parametrize("most", [1, 2, 3])
def test_tries_are_calls_in_all_the_first_one_counted(cause: Cause, most: int) -> None:
    found, end = waits(cause, replace(CALLING, most_tries=most))
    assert len(found) + 1 == min(most, RULES[cause].most or most)
    assert end.counted
    assert end.text.startswith("given up after try ")


@pytest.mark.parametrize("cause", UNCOUNTED)
def test_what_placed_no_call_costs_no_try(cause: Cause) -> None:
    event = after_fault(replace(CALLING, most_tries=1), broken(cause), at=T0)
    assert isinstance(event, Deferred)
    assert not event.counted


def test_a_backend_that_is_down_is_bounded_by_expiry_alone() -> None:
    found, end = waits(Cause.BACKEND, replace(CALLING, most_tries=1))
    assert sum(found) > timedelta(hours=23) / MINUTE
    assert not end.counted
    assert end.text.startswith("it could not be sent in time")


def test_a_backend_that_says_when_is_heard_but_never_sooner_than_our_rule() -> None:
    late = after_fault(CALLING, broken(Cause.BACKEND, after=timedelta(hours=1)), at=T0)
    soon = after_fault(CALLING, broken(Cause.BACKEND, after=timedelta(seconds=1)), at=T0)
    assert isinstance(late, Deferred)
    assert isinstance(soon, Deferred)
    assert late.due == T0 + timedelta(hours=1)
    assert soon.due == T0 + timedelta(seconds=30)


def test_a_wait_that_would_end_after_expiry_is_not_begun() -> None:
    event = after_fault(CALLING, broken(Cause.BUSY), at=CALLING.expires - timedelta(minutes=1))
    assert isinstance(event, Failed)
    assert event.text.startswith("it could not be sent in time")


def test_a_permanent_fault_ends_it_with_its_own_sentence() -> None:
    part = PartNote(path="1", name="a.pdf", kind="application/pdf", octets=1, left_out="it is encrypted")
    fault = Permanent(catalogue.PART_ENCRYPTED, cause=Cause.DOCUMENT, part="a.pdf")
    event = after_fault(JOB, fault, at=T0, parts=(part,))
    assert event == Failed(
        status=catalogue.PART_ENCRYPTED.status,
        cause=Cause.DOCUMENT,
        text="a.pdf is encrypted: send it without a password",
        parts=(part,),
    )


@pytest.mark.parametrize(("names", "what"), [({}, "the mail's documents"), ({"part": "a.pdf"}, "a.pdf")])
def test_a_converter_is_given_its_document_twice(names: dict[str, str], what: str) -> None:
    crash = Temporary(catalogue.CONVERTER_DIED, cause=Cause.CONVERTER, **{"part": catalogue.EVERY_PART, **names})
    first = after_fault(JOB, crash, at=T0)
    assert isinstance(first, Deferred)
    assert first.text == f"a converter failed on {what}, it will be tried once more"
    second = after_fault(apply(JOB, first, at=T0), crash, at=T0)
    assert isinstance(second, Failed)
    assert second.text == f"{what} cannot be turned into pages"


def test_what_the_call_was_goes_with_the_event() -> None:
    call = Transmission(pages_sent=2, seconds=30, station="X")
    assert after_fault(CALLING, broken(Cause.PARTIAL), at=T0, transmission=call).transmission == call
    last = replace(CALLING, most_tries=1)
    assert after_fault(last, broken(Cause.PARTIAL), at=T0, transmission=call).transmission == call


def ends(job: Job, at: datetime) -> Failed | None:
    return expired(job, at=at, accepted_limit=LIMIT)


@pytest.mark.parametrize("job", [JOB, fold(JOB, [(RENDERED, T0)])], ids=["queued", "rendered"])
def test_what_was_never_offered_expires_at_its_time(job: Job) -> None:
    assert ends(job, JOB.expires - MINUTE) is None
    event = ends(job, JOB.expires)
    assert event is not None
    assert (str(event.status), event.cause, event.counted) == ("5.4.7", Cause.EXPIRED, False)
    assert apply(job, event, at=JOB.expires).state is State.FAILED


@pytest.mark.parametrize("events", [(RENDERED, OFFERED), (RENDERED, OFFERED, ACCEPTED)], ids=["offered", "accepted"])
def test_what_a_backend_may_have_ends_at_its_own_limit_as_perhaps_sent(events: tuple[e.Event, ...]) -> None:
    job = fold(JOB, [(event, JOB.expires) for event in events])
    assert ends(job, JOB.expires + LIMIT - MINUTE) is None
    event = ends(job, JOB.expires + LIMIT)
    assert event is not None
    assert (event.cause, event.counted) == (Cause.IN_DOUBT, True)
    assert "ask the recipient before sending it again" in event.text


def test_a_held_job_does_not_expire_and_has_its_rest_of_time_after_its_release() -> None:
    held = fold(JOB, [(RENDERED, T0), (e.Held(), T0)])
    released_at = T0 + timedelta(days=30)
    assert ends(held, released_at) is None
    released = apply(held, e.Released(), at=released_at)
    assert ends(released, released_at + timedelta(hours=23)) is None
    assert ends(released, released_at + timedelta(hours=24)) is not None


@pytest.mark.parametrize("state", [State.SENT, State.FAILED, State.CANCELLED])
def test_what_is_over_does_not_expire(state: State) -> None:
    assert ends(replace(JOB, state=state), T0 + timedelta(days=365)) is None


def test_a_deadline_ends_a_job_and_a_hold_does_not_put_it_off() -> None:
    soon = replace(JOB, deadline=T0 + 30 * MINUTE)
    held = fold(soon, [(RENDERED, T0), (e.Held(), T0)])
    for job in (soon, held):
        assert expired(job, at=T0 + 29 * MINUTE, accepted_limit=LIMIT) is None
        end = expired(job, at=T0 + 30 * MINUTE, accepted_limit=LIMIT)
        assert end is not None
        assert (str(end.status), end.cause) == ("5.4.7", Cause.EXPIRED)
        assert end.text == "the time by which it was to be sent is over; the last reason: it was never tried"


def test_a_call_that_is_under_way_at_its_deadline_is_not_cut() -> None:
    calling = replace(CALLING, deadline=T0 + MINUTE)
    assert expired(calling, at=T0 + 2 * MINUTE, accepted_limit=LIMIT) is None


def test_no_try_is_begun_after_the_deadline() -> None:
    end = after_fault(replace(CALLING, deadline=T0 + MINUTE), broken(Cause.BUSY), at=T0)
    assert isinstance(end, Failed)
    assert (str(end.status), end.cause) == ("5.4.7", Cause.BUSY)
    assert end.text.startswith("the time by which it was to be sent is over; the last reason: ")
    assert isinstance(after_fault(replace(CALLING, deadline=T0 + 9 * MINUTE), broken(Cause.BUSY), at=T0), Deferred)


def test_our_own_time_ends_it_where_that_is_shorter() -> None:
    end = expired(replace(JOB, deadline=T0 + timedelta(hours=99)), at=T0 + timedelta(hours=24), accepted_limit=LIMIT)
    assert end is not None
    assert end.text == "it could not be sent in time; the last reason: it was never tried"
