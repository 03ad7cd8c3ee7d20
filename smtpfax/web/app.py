"""The pages, as one table.

In:    the HTTP door's application, and the desk.
Out:   the same application, with the pages under `/`.
Fails: never.

Rule: what is not in the table is not served; who may see a page is said in the table; a test walks it with everybody.
"""

from __future__ import annotations

from aiohttp import web

from . import (
    act_pages,
    dashboard,
    fax_pages,
    faxbox_pages,
    inbox_acts,
    leaves,
    log_pages,
    send_pages,
    sign_in,
    try_pages,
)
from .assets import ASSETS
from .desk import DESK, Desk
from .guard import Page, PageHandler, admitted, pages_edge
from .viewer import Role

YEAR = 365 * 86400


def _get(path: str, handler: PageHandler, role: Role = Role.MEMBER) -> Page:
    return Page(method="GET", path=path, handler=handler, role=role)


def _post(path: str, handler: PageHandler, role: Role = Role.MEMBER, *, reads: bool = False) -> Page:
    return Page(method="POST", path=path, handler=handler, role=role, reads=reads)


FAX, IN, BOX = "/faxes/outgoing/{id}", "/faxes/inbox/{id}", "/faxboxes/{account}/{id}"
LEAF = r"/faxes/{folder:outgoing|inbox|preview}/{id}"
PAGES = (
    _get("/", dashboard.dashboard),
    _get("/log", log_pages.log_list),
    _get("/log/{id}", log_pages.attempt),
    _get("/faxes", fax_pages.first),
    _get("/faxes/outgoing", fax_pages.outgoing),
    _get("/faxes/outbox", fax_pages.outbox),
    _get("/faxes/inbox", fax_pages.inbox),
    _get(FAX, fax_pages.outgoing_fax),
    _get(IN, fax_pages.inbox_fax),
    _get(f"{LEAF}/pages/{{page:[0-9]{{1,5}}}}", leaves.page),
    _get(f"{LEAF}/pages/{{page:[0-9]{{1,5}}}}.png", leaves.picture),
    _get(f"{LEAF}/document.{{form:pdf|tiff}}", leaves.document),
    _get(f"{FAX}/mail.eml", leaves.original),
    _get(f"{IN}/original", leaves.received_original),
    _get(f"{FAX}/cancel", act_pages.ask_cancel),
    _post(f"{FAX}/cancel", act_pages.do_cancel),
    _post(f"{FAX}/hold", act_pages.holding),
    _post(f"{FAX}/release", act_pages.releasing),
    _post(f"{FAX}/retry", act_pages.trying),
    _get(f"{FAX}/resend", act_pages.ask_resend),
    _post(f"{FAX}/resend", act_pages.do_resend),
    _get(f"{FAX}/delete", act_pages.ask_delete),
    _post(f"{FAX}/delete", act_pages.do_delete),
    _post(f"{IN}/read", inbox_acts.marking(True)),
    _post(f"{IN}/unread", inbox_acts.marking(False)),
    _get(f"{IN}/forward", inbox_acts.ask_forward),
    _post(f"{IN}/forward", inbox_acts.do_forward),
    _get(f"{IN}/delete", inbox_acts.ask_delete),
    _post(f"{IN}/delete", inbox_acts.do_delete),
    _get("/send", send_pages.ask),
    _post("/send", send_pages.preview),
    _get("/send/{id}", send_pages.look),
    _post("/send/{id}", send_pages.send),
    _post("/send/{id}/discard", send_pages.discard),
    _get("/faxboxes", faxbox_pages.faxboxes),
    _get("/faxboxes/{account}/new", faxbox_pages.ask_new, Role.ADMINISTRATOR),
    _post("/faxboxes/{account}/new", faxbox_pages.make, Role.ADMINISTRATOR),
    _get(BOX, faxbox_pages.faxbox),
    _get(f"{BOX}/edit", faxbox_pages.edit, Role.ACCOUNT),
    _post(f"{BOX}/edit", faxbox_pages.save, Role.ACCOUNT),
    _get("/try", try_pages.ask),
    _post("/try", try_pages.answer, reads=True),
    _post("/sign-out", sign_in.sign_out, reads=True),
)


def add_pages(app: web.Application, desk: Desk) -> web.Application:
    """Beside what programs ask."""
    app[DESK] = desk
    dashboard.prepare(app)
    app.middlewares.append(pages_edge)
    app.router.add_get("/static/{name}", asset)
    app.router.add_get("/sign-in", sign_in.ask)
    app.router.add_post("/sign-in", sign_in.sign_in)
    app.router.add_post("/theme", sign_in.choose_theme)
    for page in PAGES:
        app.router.add_route(page.method, page.path, admitted(page))
        if page.method == "GET":
            app.router.add_route("HEAD", page.path, admitted(page))
    return app


async def asset(request: web.Request) -> web.StreamResponse:
    """GET /static/{name}: for ever, for another content has another name."""
    found = ASSETS.find(request.match_info["name"])
    if found is None:
        raise web.HTTPNotFound
    headers = {"Cache-Control": f"public, max-age={YEAR}, immutable"}
    return web.Response(body=found.octets, content_type=found.content_type, charset="utf-8", headers=headers)
