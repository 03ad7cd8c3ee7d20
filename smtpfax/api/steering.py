"""Steering a job: its next try now, a hold, its release, its end.

In:    a job and what somebody wants of it; the admin socket, the API and the pages ask.
Out:   the job as it then stands.
Fails: Refusal 409 with one sentence, when that does not fit how the job stands.

Rule: a wish becomes an event, and `store.jobs.advance` is its one writer; these doors own no lease and give none back.
"""

from __future__ import annotations

from collections.abc import Callable

from smtpfax.model.event import CancelAsked, Cancelled, Event, Held, Released
from smtpfax.model.job import Job, State

from .deps import Deps
from .envelope import conflict

OURS = (State.QUEUED, State.RENDERED)  # no backend has seen it
Decide = Callable[[Job], Event]


async def steer(job: Job, decide: Decide, deps: Deps) -> Job:
    """Decide on the job as it is seen here, and write that down if it still fits."""
    event, now = decide(job), deps.clock()
    after = await deps.store.jobs.advance(job, [event], at=now, keep_lease=True)
    if (event, now) not in await deps.store.jobs.history(job.id):  # it came late, and was dropped
        raise conflict("the job moved on meanwhile: look at it again")
    deps.wake()
    return after


def retry(job: Job) -> Event:
    """Its next try is now: `Released` sets the due time, whether or not it was held."""
    _still(job)
    if job.held is not None:
        raise conflict("the job is held: release it")
    if job.state not in OURS:
        raise conflict("a backend has the job: there is nothing to try before it answers")
    return Released()


def release(job: Job) -> Event:
    """It goes on."""
    _still(job)
    if job.held is None:
        raise conflict("the job is not held")
    return Released()


def hold(job: Job) -> Event:
    """It is not offered until it is released."""
    _still(job)
    if job.held is not None:
        raise conflict("the job is held already")
    if job.state not in OURS:
        raise conflict("a backend has the job: it can be cancelled, but not held")
    return Held(reason="held by the administrator")


def cancel(job: Job) -> Event:
    """Ended, or marked so when a backend may have it."""
    _still(job)
    if job.state in OURS:
        return Cancelled()
    if job.cancel_asked:
        raise conflict("the job is marked already: the backend has the last word")
    return CancelAsked()


def _still(job: Job) -> None:
    if job.state.final:
        raise conflict(f"the job is {job.state} already")
