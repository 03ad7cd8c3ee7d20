"""The edge of the HTTP door: every request gets an id, an answer in the envelope, safe headers and one line of log.

In:    a request and the handler that aiohttp found for it.
Out:   a response; what was raised becomes one here and nowhere else.
Fails: never.

Rule: an exception that nobody foresaw is a 500 with its request id and nothing more; the log has the rest.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType

from aiohttp import web

from smtpfax import logs
from smtpfax.model.errors import Fault, Permanent, Temporary

from .cors import headers_for, preflight
from .deps import DEPS
from .envelope import Frame, Refusal, failure

FRAME = web.RequestKey("frame", Frame)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
        "Server": "smtpfax",
    }
)
METHODS = frozenset({"GET", "HEAD", "PUT", "POST", "PATCH", "DELETE", "OPTIONS"})
_WORDS: Mapping[int, str] = MappingProxyType(
    {400: "bad request", 404: "bad_identifier", 405: "invalid_method", 413: "too_large", 415: "unsupported_media_type"}
)

log = logs.get("http")


@web.middleware
async def edge(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Around every handler."""
    deps = request.app[DEPS]
    began = time.monotonic()
    request[FRAME] = Frame(request_id=deps.ids(), at=deps.clock(), version=deps.version)
    response = preflight(request, deps.origins) or await _answered(request, handler)
    response.headers.update(headers_for(request, deps.origins, response.headers.get("Vary", "")))
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers["X-Request-ID"] = request[FRAME].request_id
    _account_for(request, response.status, time.monotonic() - began)
    return response


async def _answered(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except Refusal as refusal:
        return failure(request[FRAME], refusal)
    except web.HTTPException as error:
        return failure(request[FRAME], _of_http(error))
    except (web.RequestPayloadError, ConnectionError):  # a body that broke off, or is not what its header says
        return failure(request[FRAME], Refusal(400, "bad request", {"message": "the body cannot be read"}))
    except Fault as fault:
        log.warning("refused", id=request[FRAME].request_id, reason=fault.reason)
        return failure(request[FRAME], _of_fault(fault))
    except Exception:  # the one edge of the HTTP door: whoever waits at the other end deserves an answer
        log.exception("failed", id=request[FRAME].request_id, method=request.method, path=request.path)
        return failure(request[FRAME], Refusal(500, "internal error", {"message": "an error of ours; it is logged"}))


def _of_http(error: web.HTTPException) -> Refusal:
    """What aiohttp itself raises: no such route, another method, a body over the bound."""
    allow = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else {}
    word = _WORDS.get(error.status, error.reason.lower())
    return Refusal(error.status, word, {"message": error.reason.lower()}, headers=allow)


def _of_fault(fault: Fault) -> Refusal:
    """Temporary is ours: come again. Permanent is the client's to change."""
    if isinstance(fault, Permanent):
        return Refusal(400, "refused", {"message": fault.text, "enhanced_status": str(fault.status)})
    after = fault.after if isinstance(fault, Temporary) else None
    seconds = max(1, int(after.total_seconds())) if after else 30
    return Refusal(503, "try again later", {"message": fault.text}, headers={"Retry-After": str(seconds)})


def _account_for(request: web.Request, code: int, seconds: float) -> None:
    """Labels come from our own routes: no stranger's word makes a series."""
    resource = request.match_info.route.resource
    route = resource.canonical if resource else "none"
    method = request.method if request.method in METHODS else "other"
    metrics = request.app[DEPS].metrics
    metrics.count("smtpfax_http_requests_total", route=route, method=method, code=str(code))
    metrics.observe("smtpfax_http_request_seconds", seconds, route=route)
    fields = {"method": method, "path": request.path, "code": code, "ms": round(seconds * 1000)}
    log.info("answered", id=request[FRAME].request_id, client=request.remote or "local", **fields)
