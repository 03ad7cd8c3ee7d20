"""Routes: a path, who may take it, and the handler behind it.

In:    a table of Routes.
Out:   an aiohttp application in which no handler runs before its caller was admitted.
Fails: what handlers raise passes through to `edge`.

Rule: who may is said in the table, not in the handlers. The account of the path is looked at before it is looked up:
a stranger's token gets the same 403 for an account that exists and for one that does not.
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from aiohttp import web

from smtpfax.model.account import Faxbox

from .about import NOTHING_SAID, About
from .auth import Caller, Scope, admitted, check_reach, token_in
from .deps import DEPS, Deps
from .edge import FRAME, edge
from .envelope import Page, Refusal, invalid, listing, not_found, success

ID = re.compile(r"[A-Za-z0-9._@+-]{1,320}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request that was admitted."""

    deps: Deps
    request: web.Request
    caller: Caller

    @property
    def account_id(self) -> str:
        """The path's account."""
        return self.request.match_info["account"]

    @property
    def faxbox_id(self) -> str:
        """The faxbox below which the path stands; empty: it is the whole account's."""
        return self.request.match_info.get("faxbox", "")

    def reaches(self, owner: str, faxbox_id: str, *, account_id: str | None) -> bool:
        """Whether a record is of the account (None: of any) and the faxbox that the path names."""
        return account_id in (None, owner) and self.faxbox_id in ("", faxbox_id)

    def id(self, name: str = "id") -> str:
        """An id of the path; what cannot be one is not looked up."""
        text = self.request.match_info[name]
        if not ID.fullmatch(text):
            raise not_found(text)
        return text

    def faxbox(self, account_id: str, faxbox_id: str) -> Faxbox | None:
        """A faxbox as it is now."""
        return self.deps.directory().faxbox(account_id, faxbox_id)

    async def body(self, *, required: bool = False) -> Mapping[str, Any]:
        """The `data` of a JSON request; unless it is required, without a body there is nothing in it."""
        data: Mapping[str, Any] = (await self.whole_body(required=required))["data"]
        return data

    async def whole_body(self, *, required: bool = False) -> Mapping[str, Any]:
        """The same with what stands beside `data`."""
        try:
            whole = json.loads(await self.request.read() or b"{}")
        except (ValueError, RecursionError):
            raise invalid({"json": ("invalid", "the body is not JSON")}) from None
        if isinstance(whole, dict) and not required:
            whole.setdefault("data", {})
        if not isinstance(whole, dict) or not isinstance(whole.get("data"), dict):
            raise invalid({"data": ("type", 'the body is {"data": {…}}')})
        return whole

    def success(self, data: object, *, code: int = 200, revision: str = "") -> web.Response:
        """One record, or what a command has to say."""
        return success(self.request[FRAME], data, code=code, revision=revision)

    def listing(self, page: Page) -> web.Response:
        """A page of a list."""
        return listing(self.request[FRAME], page)


async def posted(request: web.Request) -> Mapping[str, Any]:
    """The fields of a form; a body that is none is the client's mistake."""
    try:
        return await request.post()
    except ValueError:
        raise Refusal(400, "bad request", {"message": "the body is no form"}) from None


CallHandler = Callable[[Call], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """`scope` None: anybody may. `about` is what the API's description tells beside the handler's docstring."""

    method: str
    path: str
    handler: CallHandler
    scope: Scope | None = Scope.READ
    about: About = NOTHING_SAID


Admit = Callable[[web.Request, Scope | None], Awaitable[Caller]]


def make_app(deps: Deps, routes: Sequence[Route], *, admit: Admit) -> web.Application:
    """The application; `admit` stands before every handler."""
    app = web.Application(client_max_size=deps.max_body, middlewares=[edge])
    app[DEPS] = deps
    for route in routes:
        app.router.add_route(route.method, route.path, _handler(route, admit))
        if route.method == "GET":  # RFC 9110 section 9.1
            app.router.add_route("HEAD", route.path, _handler(route, admit))
    return app


def _handler(route: Route, admit: Admit) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def handle(request: web.Request) -> web.StreamResponse:
        caller = await admit(request, route.scope)
        return await route.handler(Call(deps=request.app[DEPS], request=request, caller=caller))

    return handle


async def by_token(request: web.Request, scope: Scope | None) -> Caller:
    """Who holds a token that reaches so far."""
    if scope is None:
        return Caller(account_id="", scopes=frozenset())
    deps, text = request.app[DEPS], token_in(request.headers)
    caller = await admitted(text, deps)
    request[FRAME] = replace(request[FRAME], auth_token=text)
    account_id = request.match_info.get("account")
    check_reach(caller, scope, account_id)
    if account_id is not None and account_id not in deps.directory().accounts:
        raise not_found(account_id)
    faxbox_id = request.match_info.get("faxbox")
    if account_id is not None and faxbox_id is not None and not deps.directory().faxbox(account_id, faxbox_id):
        raise not_found(faxbox_id)
    return caller
