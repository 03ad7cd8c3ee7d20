"""Health and metrics: what a supervisor, a load balancer and a scraper ask.

In:    nothing of the request.
Out:   /healthz: the loop turns; /readyz: every check of `deps.readiness` is well; /metrics: Prometheus' text.
Fails: never with an error page: what is not well is 503.

Rule: anybody may ask, so what is wrong is told to the log and only its name to the asker.
"""

from __future__ import annotations

import asyncio

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST

from smtpfax.model.errors import Fault, Temporary
from smtpfax.spool import Spool

from .deps import Check
from .edge import log
from .routes import Call

CHECK_SECONDS = 5.0


async def healthz(call: Call) -> web.StreamResponse:
    """GET /healthz: that it is answered is the answer."""
    return web.json_response({"status": "ok", "version": call.deps.version})


async def readyz(call: Call) -> web.StreamResponse:
    """GET /readyz: whether mail can be taken now."""
    checks = {check.name: await _well(check) for check in call.deps.readiness}
    ready = all(checks.values())
    words = {name: "ok" if well else "failed" for name, well in checks.items()}
    return web.json_response({"ready": ready, "checks": words}, status=200 if ready else 503)


async def metrics(call: Call) -> web.StreamResponse:
    """GET /metrics: counters and the queue as it is now, for Prometheus."""
    deps = call.deps
    for state, number in (await deps.store.jobs.counts()).items():
        deps.metrics.set("smtpfax_jobs", number, state=state.value)
    oldest = await deps.store.jobs.oldest()
    age = (deps.clock() - oldest).total_seconds() if oldest else 0.0
    deps.metrics.set("smtpfax_queue_oldest_seconds", max(0.0, age))
    deps.metrics.set("smtpfax_build_info", 1, version=deps.version)
    deps.metrics.set("smtpfax_spool_free_bytes", _free_bytes(deps.spool))
    return web.Response(body=deps.metrics.text(), headers={"Content-Type": CONTENT_TYPE_LATEST})


def _free_bytes(spool: Spool) -> int:
    """A disk that does not answer has no space, and no metric is lost for it."""
    try:
        return spool.free_bytes()
    except Temporary:
        return 0


async def _well(check: Check) -> bool:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            wrong = await check.run()
    except (Fault, OSError) as error:  # TimeoutError is an OSError
        wrong = str(error) or "no answer in time"
    if wrong:
        log.warning("not ready", check=check.name, reason=wrong)
    return not wrong
