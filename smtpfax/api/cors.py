"""Scripts of other sites: which may ask, and what they may read of the answer.

In:    a request with an Origin; the origins that the settings name.
Out:   the answer to a preflight; headers of any other answer.
Fails: never.

Rule: an origin is named to the letter or it is a stranger, whose browser is told nothing. A script brings a token of
its own: cookies are never allowed, so the pages and their sessions are nothing it could use (Fetch standard, 3.2).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from aiohttp import web

MAX_AGE = 600  # seconds that a browser keeps the answer to a preflight
_TAKES = "Accept, Authorization, Content-Type, Idempotency-Key, X-Auth-Token"
_SHOWS = "Allow, Content-Disposition, Location, Retry-After, X-Request-ID"
_OPEN = ("/v2/", "/openapi.json")


def preflight(request: web.Request, origins: Collection[str]) -> web.Response | None:
    """The answer, if it is one that a script of a named origin asks; None: it is answered as any other request."""
    asks = request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
    if not asks or not _named(request, origins):
        return None
    other = request.match_info.http_exception  # no route takes OPTIONS: this is the 405 that names those there are
    if not isinstance(other, web.HTTPMethodNotAllowed):
        return None
    methods = {"Access-Control-Allow-Methods": ", ".join(sorted(other.allowed_methods))}
    more = {"Access-Control-Allow-Headers": _TAKES, "Access-Control-Max-Age": str(MAX_AGE)}
    return web.Response(status=204, headers=methods | more)


def headers_for(request: web.Request, origins: Collection[str], vary: str) -> Mapping[str, str]:
    """What the answer says to the browser of whoever asks; `vary` is what it depends on already."""
    if not origins or not request.path.startswith(_OPEN):
        return {}
    depends = {"Vary": f"{vary}, Origin" if vary else "Origin"}
    if not _named(request, origins):
        return depends
    said = {"Access-Control-Allow-Origin": request.headers["Origin"], "Access-Control-Expose-Headers": _SHOWS}
    return said | depends


def _named(request: web.Request, origins: Collection[str]) -> bool:
    return request.path.startswith(_OPEN) and request.headers.get("Origin") in origins
