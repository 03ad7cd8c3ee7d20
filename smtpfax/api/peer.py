"""Who stands at the admin socket.

In:    a request over a Unix socket.
Out:   the administrator as a Caller, when it is root or the daemon's own user.
Fails: Refusal 403 for anybody else, and for a socket that cannot say who is there.

Rule: the kernel tells the uid (SO_PEERCRED, unix(7)); the file's mode is the first door, this one the second.
"""

from __future__ import annotations

import os
import socket
import struct

from aiohttp import web

from .auth import Caller, Scope
from .envelope import forbidden

_CREDENTIALS = struct.Struct("3i")  # pid, uid, gid


async def by_peer(request: web.Request, scope: Scope | None) -> Caller:
    """The administrator, when the kernel says so; what a route asks of a token is none of this door's."""
    if _uid(request) not in (0, os.geteuid()):
        raise forbidden("this door is for root and for the user that the daemon runs as")
    return Caller(account_id="", scopes=frozenset(Scope))


def _uid(request: web.Request) -> int | None:
    peer = request.get_extra_info("socket")
    if peer is None or peer.family != socket.AF_UNIX:
        return None
    raw = peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    _, uid, _ = _CREDENTIALS.unpack(raw)
    return int(uid)
