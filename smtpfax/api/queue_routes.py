"""Steering jobs from the admin socket: list, show, retry, cancel, hold, release.

In:    a job's id and a command.
Out:   the job as it then stands.
Fails: Refusal 404 for a job that is not there; 409 as `steering` has it.
"""

from __future__ import annotations

from aiohttp import web

from .fax_routes import find_job, job_page, job_record
from .query import YES
from .routes import Call, CallHandler
from .steering import Decide, steer


async def queue(call: Call) -> web.StreamResponse:
    """GET /admin/queue: jobs that are not final; with `all=true` the others as well."""
    everything = call.request.query.get("all", "false").lower() in YES
    return call.listing(await job_page(call, None, *((False, True) if everything else (False,))))


async def queued_job(call: Call) -> web.StreamResponse:
    """GET /admin/queue/{id}."""
    return call.success(await job_record(call, await find_job(call, None)))


def steered(decide: Decide) -> CallHandler:
    """POST /admin/queue/{id}/<command>."""

    async def handle(call: Call) -> web.StreamResponse:
        after = await steer(await find_job(call, None), decide, call.deps)
        return call.success(await job_record(call, after))

    return handle
