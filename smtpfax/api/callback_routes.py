"""Where backends call us: no token of ours, but what each backend says of its own callers.

In:    a request to /callbacks/{name}.
Out:   200, with the headers that the backend wants to answer with; the backend is tended at once.
Fails: Refusal 404 for a backend that is not there, 403 for a caller that is not it, 413 for a body that is no event.

Rule: what a callback says is a reason to ask the backend, and is never believed by itself.
"""

from __future__ import annotations

from aiohttp import web

from smtpfax import logs
from smtpfax.model.backend import Callback
from smtpfax.model.errors import Permanent

from .envelope import Refusal, forbidden, not_found
from .routes import Call

MOST_OCTETS = 65_536  # an event is some hundred
log = logs.get("http")


async def callback(call: Call) -> web.StreamResponse:
    """POST /callbacks/{name}: a fax service says that something changed."""
    name, deps = call.id("name"), call.deps
    backend = deps.backends.get(name)
    if backend is None:
        raise not_found(name)
    asked = Callback(
        method=call.request.method,
        path=call.request.path,
        headers=dict(call.request.headers),
        body=await _body(call.request),
    )
    try:
        heard = backend.read_callback(asked)
    except Permanent as fault:
        log.warning("callback refused", backend=name, client=call.request.remote or "", reason=fault.reason)
        raise forbidden() from fault
    if heard.called:
        tickets = [called.ticket for called in heard.called]
        await deps.store.jobs.hurry_tickets(name, tickets, due=deps.clock())
        deps.wake()
    if heard.changed:
        deps.called(name)
    return web.Response(headers=dict(heard.headers), content_type="application/json")


async def _body(request: web.Request) -> bytes:
    body = await request.content.read(MOST_OCTETS + 1)
    while body and len(body) <= MOST_OCTETS and (more := await request.content.read(MOST_OCTETS + 1)):
        body += more
    if len(body) > MOST_OCTETS:
        raise Refusal(413, "too_large", {"message": "no event is so large"})
    return body
