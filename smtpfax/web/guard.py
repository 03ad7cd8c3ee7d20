"""Who may visit a page: before every handler, and around every answer.

In:    a request, and what its page asks for.
Out:   a Visit; or the sign-in page, or a page that says what is wrong.
Fails: never: what a handler raises becomes a page here and nowhere else.

Rule: a page that is asked for by GET changes nothing. Whatever changes something is a POST that came from a page of
ours, with the token of its session.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from urllib.parse import quote

from aiohttp import web

from smtpfax import logs
from smtpfax.api.edge import Handler
from smtpfax.api.envelope import Refusal, forbidden
from smtpfax.model.account import Directory
from smtpfax.model.errors import Fault, Permanent
from smtpfax.store import Session

from .desk import DESK, Desk
from .safety import HEADERS, cookie_name, form_token, from_our_pages, hashed, is_form_token
from .templates import render
from .viewer import Role, Viewer, viewer_of_token, viewer_of_user
from .visit import THEMES, Visit

WEEK = timedelta(days=7)
_APART = ("/v2/", "/documents/", "/confirm/", "/healthz", "/readyz", "/metrics", "/openapi.json")  # what programs ask
_SAYS = {
    400: "That cannot be done as it was asked.",
    403: "You may not do that.",
    404: "There is nothing here.",
    405: "That cannot be done here.",
    409: "Things have moved on.",
    413: "That is too large.",
    500: "Something went wrong on our side.",
    503: "This is not possible just now.",
}
PageHandler = Callable[[Visit], Awaitable[web.StreamResponse]]
log = logs.get("pages")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page: where it stands, who may see it. A POST needs a viewer who may write, unless it only `reads`."""

    method: str
    path: str
    handler: PageHandler
    role: Role = Role.MEMBER
    reads: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Stranger:
    """What a page without a visitor is drawn for."""

    now: datetime
    theme: str = ""
    zone: tzinfo = UTC


def admitted(page: Page) -> Handler:
    """The page's handler, behind everything that has to be looked at first."""

    async def handle(request: web.Request) -> web.StreamResponse:
        visit = await _visit(request)
        if visit is None:
            return _to_sign_in(request)
        visit.must_be(page.role)
        if page.method == "POST":
            await check_form(visit)
            if not page.reads:
                visit.must_write()
        return await page.handler(visit)

    return handle


async def check_form(visit: Visit) -> None:
    """The form is one of our own pages', in this session."""
    check_origin(visit.request, visit.desk)
    given = visit.request.headers.get("X-Form-Token") or await visit.field("token")
    secret = visit.request.cookies.get(cookie_name(visit.desk.secure), "")
    if not is_form_token(given, secret):
        raise forbidden("this form is of another session: go back, load the page again, and try once more")


def check_origin(request: web.Request, desk: Desk) -> None:
    """The browser says that the request began here."""
    if not from_our_pages(request.headers, host=request.host, public_url=desk.deps.public_url):
        raise forbidden("this request did not come from a page of ours")


@web.middleware
async def pages_edge(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Around every page; what programs ask passes through as it is."""
    if request.path.startswith(_APART):
        return await handler(request)
    try:
        response = await handler(request)
    except Refusal as refusal:
        response = _wrong(request, refusal.code, _told(refusal), refusal.headers)
    except web.HTTPException as error:
        allow = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else {}
        response = _wrong(request, error.status, "", allow)
    except Fault as fault:
        log.warning("refused", path=request.path, reason=fault.reason)
        response = _wrong(request, 400 if isinstance(fault, Permanent) else 503, fault.text)
    except Exception:  # the one edge of the pages: whoever waits at the other end deserves an answer
        log.exception("failed", method=request.method, path=request.path)
        response = _wrong(request, 500, "It is in the log.")
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response


async def viewer_of(session: Session, desk: Desk) -> Viewer | None:
    """Who it is now: a user who is gone, or a token that was revoked, is nobody."""
    if session.email:
        return viewer_of_user(session.email, desk.directory, desk.administrators)
    token = await desk.deps.store.tokens.find(session.token_hash)
    return viewer_of_token(token, desk.directory) if token else None


async def _visit(request: web.Request) -> Visit | None:
    desk = request.app[DESK]
    secret = request.cookies.get(cookie_name(desk.secure), "")
    session = await desk.deps.store.sessions.find(hashed(secret)) if secret else None
    viewer = await viewer_of(session, desk) if session else None
    if session is None or viewer is None:
        return None
    if "live" not in request.query:  # a page that is left open does not keep its visitor signed in
        await desk.deps.store.sessions.touch(session, lasts=desk.session, most=WEEK)
    zone = session.timezone or _zone_of(viewer, desk.directory)
    return Visit(desk=desk, request=request, viewer=viewer, zone_name=zone, token=form_token(secret))


def _zone_of(viewer: Viewer, directory: Directory) -> str:
    account = directory.accounts.get(viewer.account_id)
    return account.timezone if account else "UTC"


def _to_sign_in(request: web.Request) -> web.Response:
    """With the way back; a part of a page cannot show it, so the whole page goes there."""
    back = request.path_qs if request.method == "GET" and "HX-Request" not in request.headers else "/"
    where = "/sign-in" if back == "/" else f"/sign-in?next={quote(back, safe='')}"
    if "HX-Request" in request.headers:
        return web.Response(status=401, headers={"HX-Redirect": "/sign-in"})
    return web.Response(status=303, headers={"Location": where})


def _told(refusal: Refusal) -> str:
    """The sentence in a refusal of the API's: its message, or those of its fields."""
    message = refusal.data.get("message")
    if isinstance(message, str):
        return "" if refusal.code == 404 else message
    fields = (f"{name}: {sentence_of(rules)}" for name, rules in refusal.data.items())
    return "; ".join(fields)


def sentence_of(rules: object) -> str:
    """The first sentence of a field's faults, each of which is a table with a message."""
    faults = rules.values() if isinstance(rules, dict) else ()
    return next((str(fault["message"]) for fault in faults if isinstance(fault, dict) and "message" in fault), "")


def stranger(request: web.Request) -> Stranger:
    """Whoever is not signed in."""
    chosen = request.cookies.get("theme", "")
    return Stranger(now=request.app[DESK].deps.clock(), theme=chosen if chosen in THEMES else "")


def _wrong(request: web.Request, code: int, told: str, headers: Mapping[str, str] | None = None) -> web.Response:
    says = _SAYS.get(code, "That did not work.")
    text = render("error.html", stranger(request), code=code, says=says, told=told)
    return web.Response(text=text, status=code, content_type="text/html", headers=headers)
