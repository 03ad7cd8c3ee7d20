"""Tricks: how a fax service misbehaves with the next fax that it is given.

In:    whether it takes the fax, and what it answers then.
Out:   Trick; Seen, a request as it came.
Fails: never.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from aiohttp import web

DROPS, SILENT = 0, -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A request as it came."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Trick:
    """The fax is taken or not, and then this is answered; DROPS cuts the connection, SILENT never answers."""

    name: str
    takes: bool
    status: int = DROPS
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.name


async def play(trick: Trick, request: web.Request) -> web.Response:
    """What is answered."""
    if trick.status == SILENT:
        await asyncio.sleep(3600)
    if trick.status == DROPS and request.transport is not None:
        request.transport.abort()
    return web.Response(status=trick.status or 200, body=trick.body, headers=trick.headers)
