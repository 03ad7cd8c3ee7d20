"""The API's documentation, for people.

In:    a request of anybody; the document that the HTTP door made.
Out:   one page, which runs nothing.
Fails: never.
"""

from __future__ import annotations

from aiohttp import web

from smtpfax.api.openapi_routes import OPENAPI

from .guard import stranger
from .reference import Reference, reference
from .templates import render

REFERENCE = web.AppKey("reference", Reference)


def prepare(app: web.Application) -> None:
    """Once: the routes do not change while we run."""
    document = app[OPENAPI]
    app[REFERENCE] = reference(document)


async def docs(request: web.Request) -> web.StreamResponse:
    """GET /docs."""
    text = render("docs.html", stranger(request), reference=request.app[REFERENCE])
    return web.Response(text=text, content_type="text/html")
