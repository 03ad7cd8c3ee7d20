"""Signing in as Kazoo's clients do: an API key for an auth token.

In:    {"api_key": …}: a token of ours.
Out:   the same token as `auth_token`, and whose it is.
Fails: Refusal 400 without a key, 401 for one that is not ours.

Rule: our tokens are long-lived and can be revoked at any time, so signing in gives no other one: what is revoked is
revoked for whoever signed in with it, too.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from typing_extensions import TypedDict

from .auth import admitted
from .deps import DEPS
from .edge import FRAME
from .envelope import invalid
from .routes import Call
from .shapes import faults_of

MOST_CHARACTERS = 200


class ApiKey(BaseModel):
    """What a client signs in with; Kazoo's own clients may send more beside it."""

    model_config = ConfigDict(hide_input_in_errors=True)
    api_key: Annotated[str, Field(min_length=1, max_length=MOST_CHARACTERS, description="A token of ours.")]


class SignedIn(TypedDict):
    """Whose token it is; an empty account is the administrator's."""

    account_id: str
    account_name: str
    scopes: list[str]


async def api_auth(call: Call) -> web.StreamResponse:
    """PUT /v2/api_auth: sign in with a token; `auth_token` beside `data` is what to send from now on."""
    try:
        asked = ApiKey.model_validate(await call.body())
    except ValidationError as error:
        raise invalid(faults_of(error)) from None
    deps, request = call.request.app[DEPS], call.request
    caller = await admitted(asked.api_key, deps)
    request[FRAME] = replace(request[FRAME], auth_token=asked.api_key)
    account = deps.directory().accounts.get(caller.account_id)
    data: SignedIn = {
        "account_id": caller.account_id,
        "account_name": account.name if account else "",
        "scopes": sorted(caller.scopes),
    }
    return call.success(data, code=201)
