"""The API's description, for programs: `/openapi.json`.

In:    nothing of the request.
Out:   the document that was made when the door was.
Fails: never.
"""

from __future__ import annotations

import json

from aiohttp import web

from .about import JSON
from .deps import Deps
from .openapi import Site
from .routes import Call

OPENAPI = web.AppKey("openapi", dict[str, object])


async def openapi(call: Call) -> web.StreamResponse:
    """GET /openapi.json: this description, for programs; the page for people is /docs."""
    text = json.dumps(call.request.app[OPENAPI], separators=(",", ":"))
    return web.Response(text=text, content_type=JSON)


def site_of(deps: Deps) -> Site:
    """What the document says of us."""
    return Site(
        version=deps.version,
        public_url=deps.public_url,
        page_size=deps.page_size,
        max_page_size=deps.max_page_size,
    )
