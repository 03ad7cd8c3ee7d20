"""Numbers that rest, for the administrator: which they are, and calling one again.

In:    a number in E.164.
Out:   what is known of each; nothing more of one that was cleared.
Fails: Refusal 404 for a number of which nothing is known.
"""

from __future__ import annotations

from aiohttp import web

from smtpfax import logs
from smtpfax.model.resting import REST

from .envelope import not_found
from .present import rfc3339
from .routes import Call

log = logs.get("http")


async def resting(call: Call) -> web.StreamResponse:
    """GET /v2/resting, /admin/resting: numbers at which the last tries found nobody, for the administrator."""
    now, known = call.deps.clock(), call.deps.store.resting.now()
    rows = [
        {
            "number": number,
            "tries": rest.tries,
            "last": rfc3339(rest.last),
            "rests": rest.until(now) is not None,
            "until": rfc3339(rest.last + REST),
        }
        for number, rest in sorted(known.items())
    ]
    return call.success(rows)


async def clear(call: Call) -> web.StreamResponse:
    """DELETE /v2/resting/{id}, /admin/resting/{number}: call a number again."""
    number = call.id()
    if not await call.deps.store.resting.clear(number):
        raise not_found(number)
    log.info("may be called again", number=number)
    return call.success({"number": number})
