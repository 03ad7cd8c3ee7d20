"""Steering jobs from the admin socket: list, show, retry, cancel, hold, release.

In:    a job's id and a command.
Out:   the job as it then stands.
Fails: Refusal 404 for a job that is not there, 409 with one sentence when the command does not fit how it stands.

Rule: a command becomes an event, and `store.jobs.advance` is its one writer; this door owns no lease and gives none
back.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

from smtpfax.model.event import CancelAsked, Cancelled, Event, Held, Released
from smtpfax.model.job import Job, State

from .envelope import conflict
from .fax_routes import find_job, job_page, job_record
from .query import YES
from .routes import Call

_OURS = (State.QUEUED, State.RENDERED)  # no backend has seen it


async def queue(call: Call) -> web.StreamResponse:
    """GET /admin/queue: jobs that are not final; with `all=true` the others as well."""
    everything = call.request.query.get("all", "false").lower() in YES
    return call.listing(await job_page(call, None, *((False, True) if everything else (False,))))


async def queued_job(call: Call) -> web.StreamResponse:
    """GET /admin/queue/{id}."""
    return call.success(await job_record(call, await find_job(call, None)))


def steer(decide: Callable[[Job], Event]) -> Callable[[Call], Awaitable[web.StreamResponse]]:
    """POST /admin/queue/{id}/<command>."""

    async def handle(call: Call) -> web.StreamResponse:
        deps = call.deps
        job = await find_job(call, None)
        event, now = decide(job), deps.clock()
        after = await deps.store.jobs.advance(job, [event], at=now, keep_lease=True)
        if (event, now) not in await deps.store.jobs.history(job.id):  # it came late, and was dropped
            raise conflict("the job moved on meanwhile: look at it again")
        deps.wake()
        return call.success(await job_record(call, after))

    return handle


def retry(job: Job) -> Event:
    """Its next try is now: `Released` sets the due time, whether or not it was held."""
    _still(job)
    if job.held is not None:
        raise conflict("the job is held: release it")
    if job.state not in _OURS:
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
    if job.state not in _OURS:
        raise conflict("a backend has the job: it can be cancelled, but not held")
    return Held(reason="held by the administrator")


def cancel(job: Job) -> Event:
    """Ended, or marked so when a backend may have it."""
    _still(job)
    if job.state in _OURS:
        return Cancelled()
    if job.cancel_asked:
        raise conflict("the job is marked already: the backend has the last word")
    return CancelAsked()


def _still(job: Job) -> None:
    if job.state.final:
        raise conflict(f"the job is {job.state} already")
