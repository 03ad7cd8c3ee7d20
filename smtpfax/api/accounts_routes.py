"""Accounts, users and tokens from the admin socket.

In:    the parsed `apply` file; a user's password; what a new token is for.
Out:   what changed, in words; users; tokens, the text of a new one once.
Fails: Refusal 400 with the field that is wrong, 404 for a user, token or account that is not there.

Rule: a password is hashed by argon2id away from the loop, and neither it nor a token's text is ever kept or logged.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import partial
from typing import Annotated, Any

from aiohttp import web
from argon2 import PasswordHasher
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from smtpfax.model.account import BadDirectory
from smtpfax.model.password import PASSWORD_COST
from smtpfax.store import Kind, Record, Token
from smtpfax.store.accounts import directory

from .apply import Plan, after, plan
from .auth import Scope, new_token
from .envelope import invalid, not_found
from .present import rfc3339
from .routes import Call
from .shapes import ApplyFile, faults_of, read_file

_HASHER = PasswordHasher(
    memory_cost=PASSWORD_COST.memory, time_cost=PASSWORD_COST.passes, parallelism=PASSWORD_COST.lanes
)


class ApplyRequest(BaseModel):
    """The file, and how it is meant."""

    model_config = ConfigDict(extra="forbid")
    records: dict[str, Any]
    dry_run: bool = False
    prune: bool = False


class TokenRequest(BaseModel):
    """What a token is for; without an account it is the administrator's."""

    model_config = ConfigDict(extra="forbid")
    account_id: str = ""
    name: Annotated[str, Field(max_length=128)] = ""
    scopes: tuple[Scope, ...] = (Scope.READ, Scope.WRITE)
    days: Annotated[int, Field(ge=1, le=36500)] | None = None


class PasswordRequest(BaseModel):
    """A user's new password."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)
    email: str
    password: Annotated[str, Field(min_length=8, max_length=1000)]


async def apply(call: Call) -> web.StreamResponse:
    """POST /admin/apply."""
    asked = await _read(call, ApplyRequest)
    file = read_file(asked.records, backends=call.deps.backends)
    try:
        made = await _planned(call, asked, file)
    except BadDirectory as error:
        raise invalid({"accounts": ("unique", str(error))}) from None
    if not asked.dry_run and not made.changes.empty:
        await call.deps.reload()
    return call.success({"changes": list(made.words), "dry_run": asked.dry_run})


async def _planned(call: Call, asked: ApplyRequest, file: ApplyFile) -> Plan:
    """Decided on the records that the same commit read; or as it would be."""
    accounts, decide = call.deps.store.accounts, partial(plan, file=file, prune=asked.prune)
    if not asked.dry_run:
        return await accounts.decide(decide)
    current = await accounts.records()
    made = decide(current)
    directory(after(current, made.changes))
    return made


async def users(call: Call) -> web.StreamResponse:
    """GET /admin/users."""
    store = call.deps.store.accounts
    records = [record for record in await store.records() if record.kind is Kind.USER]
    return call.success([_user(record, await store.password_hash(record.id) is not None) for record in records])


async def set_password(call: Call) -> web.StreamResponse:
    """POST /admin/users/password."""
    asked = await _read(call, PasswordRequest)
    password_hash = await asyncio.to_thread(_HASHER.hash, asked.password)
    if not await call.deps.store.accounts.set_password(asked.email, password_hash):
        raise not_found(asked.email)
    return call.success({"email": asked.email.lower()})


async def tokens(call: Call) -> web.StreamResponse:
    """GET /admin/tokens."""
    return call.success([_token(token) for token in await call.deps.store.tokens.list()])


async def create_token(call: Call) -> web.StreamResponse:
    """POST /admin/tokens."""
    asked, deps = await _read(call, TokenRequest), call.deps
    if asked.account_id and asked.account_id not in deps.directory().accounts:
        raise not_found(asked.account_id)
    fresh = new_token()
    token = await deps.store.tokens.add(
        token_hash=fresh.hash,
        name=asked.name,
        account_id=asked.account_id,
        scopes=[scope.value for scope in asked.scopes],
        expires=deps.clock() + timedelta(days=asked.days) if asked.days else None,
    )
    return call.success(_token(token) | {"token": fresh.text(token.id)}, code=201)


async def revoke_token(call: Call) -> web.StreamResponse:
    """DELETE /admin/tokens/{id}."""
    if not await call.deps.store.tokens.revoke(call.id()):
        raise not_found(call.id())
    return call.success({"id": call.id()})


async def _read(call: Call, kind: type[Any]) -> Any:
    try:
        return kind.model_validate(await call.body())
    except ValidationError as error:
        raise invalid(faults_of(error)) from None


def _user(record: Record, has_password: bool) -> dict[str, Any]:
    return {
        "email": record.id,
        "account_id": record.account_id,
        "role": record.data.get("role", "member"),
        "reverse_paths": list(record.data.get("reverse_paths") or [record.id]),
        "has_password": has_password,
    }


def _token(token: Token) -> dict[str, Any]:
    return {
        "id": token.id,
        "name": token.name,
        "account_id": token.account_id,
        "scopes": list(token.scopes),
        "created_at": rfc3339(token.created),
        "expires_at": rfc3339(token.expires),
        "last_used_at": rfc3339(token.last_used),
    }
