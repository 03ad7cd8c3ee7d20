"""Signing in and out.

In:    an e-mail address with its password, or an API token; the browser's time zone.
Out:   a session, and the cookie that stands for it.
Fails: never: what is wrong is said on the page, in the same words whatever it was.

Rule: passwords are asked of the one place that asks for them, which is slow after failures; a token is 256 bits of
chance, and its failures are counted there as well. A session begins with a fresh secret, whatever the browser had.
"""

from __future__ import annotations

from aiohttp import web

from smtpfax import logs
from smtpfax.api.auth import caller_of
from smtpfax.api.envelope import Refusal
from smtpfax.api.routes import posted
from smtpfax.model.errors import Temporary
from smtpfax.store import Session

from .desk import DESK, Address, Desk
from .guard import WEEK, check_origin, stranger, viewer_of
from .safety import client_address, cookie_name, hashed, local_path, new_secret
from .templates import render
from .visit import THEMES, Visit

MOST_CHARACTERS = 1000
_WRONG = "The e-mail address and the password do not belong together."
_WRONG_TOKEN = "This token is not known here, or may not be used any more."  # noqa: S105  a sentence
_BUSY = "Nobody can sign in just now. Please try again in a few minutes."
Begun = tuple[Session, str]  # with the secret that stands for it
log = logs.get("pages")


async def ask(request: web.Request) -> web.StreamResponse:
    """GET /sign-in."""
    return _page(request, way=request.query.get("way", ""))


async def sign_in(request: web.Request) -> web.StreamResponse:
    """POST /sign-in."""
    desk = request.app[DESK]
    check_origin(request, desk)
    form = {name: str(value)[:MOST_CHARACTERS] for name, value in (await posted(request)).items()}
    address = _address(request, desk)
    way = "token" if "api_token" in form else ""
    try:
        begun = await (_by_token if way else _by_password)(form, address, desk)
    except Temporary as fault:
        log.warning("nobody signed in", client=address, reason=fault.reason)
        return _page(request, way=way, wrong=_BUSY, form=form, code=503)
    if begun is None:
        log.warning("not signed in", client=address, email=form.get("email", ""))
        return _page(request, way=way, wrong=_WRONG_TOKEN if way else _WRONG, form=form, code=403)
    session, secret = begun
    await desk.deps.store.sessions.add(session)
    log.info("signed in", client=address, email=session.email or "with a token")
    response = web.Response(status=303, headers={"Location": local_path(form.get("next", ""))})
    response.set_cookie(
        cookie_name(desk.secure),
        secret,
        max_age=int(WEEK.total_seconds()),
        path="/",
        httponly=True,
        samesite="Lax",
        secure=desk.secure,
    )
    return response


async def sign_out(visit: Visit) -> web.StreamResponse:
    """POST /sign-out."""
    name = cookie_name(visit.desk.secure)
    await visit.desk.deps.store.sessions.end(hashed(visit.request.cookies.get(name, "")))
    response = web.Response(status=303, headers={"Location": "/sign-in"})
    response.del_cookie(name, path="/", httponly=True, samesite="Lax", secure=visit.desk.secure)
    return response


async def choose_theme(request: web.Request) -> web.StreamResponse:
    """POST /theme: light, dark, or as the system has it."""
    check_origin(request, request.app[DESK])
    form = await posted(request)
    chosen, back = str(form.get("theme", "")), local_path(str(form.get("back", "/")))
    response = web.Response(status=303, headers={"Location": back})
    if chosen in THEMES:
        response.set_cookie("theme", chosen, max_age=365 * 86400, path="/", samesite="Lax", httponly=True)
    else:
        response.del_cookie("theme", path="/")
    return response


async def _by_password(form: dict[str, str], address: Address | None, desk: Desk) -> Begun | None:
    email = await desk.check_password(form.get("email", "").strip(), form.get("password", ""), address)
    return await _begun(desk, form, address, email=email) if email else None


async def _by_token(form: dict[str, str], address: Address | None, desk: Desk) -> Begun | None:
    text = form["api_token"].strip()
    try:
        await caller_of(text, desk.deps.store)
    except Refusal:
        await desk.check_password("", text, address)  # nobody's: counted, and as slow as a wrong password
        return None
    return await _begun(desk, form, address, token_hash=hashed(text.rpartition("_")[2]))


async def _begun(
    desk: Desk, form: dict[str, str], address: Address | None, *, email: str = "", token_hash: str = ""
) -> Begun | None:
    """A session for somebody who may see anything at all."""
    secret, now = new_secret(), desk.deps.clock()
    session = Session(
        id=hashed(secret),
        email=email,
        token_hash=token_hash,
        timezone=form.get("timezone", "")[:64],
        address=str(address or ""),
        created=now,
        seen=now,
        expires=now + desk.session,
    )
    return (session, secret) if await viewer_of(session, desk) else None


def _address(request: web.Request, desk: Desk) -> Address | None:
    return client_address(request.remote, request.headers.getall("X-Forwarded-For", []), desk.proxies)


def _page(
    request: web.Request, *, way: str, wrong: str = "", form: dict[str, str] | None = None, code: int = 200
) -> web.Response:
    form = form or {}
    back = local_path(form.get("next", "") or request.query.get("next", ""))
    text = render(
        "sign_in.html", stranger(request), way=way, wrong=wrong, email=form.get("email", ""), back=back, code=code
    )
    return web.Response(text=text, status=code, content_type="text/html")
