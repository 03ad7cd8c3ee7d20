"""Sending a request, once.

In:    a Request.
Out:   an Answer.
Fails: NotSent, NoAnswer; ConfigError, for a ca_file that cannot be read.

Guarantee: a Request leaves once, or not at all; after NotSent nothing has left.

Rule: every request has a connection of its own. On one that was kept alive, nobody could tell a request that the
server never saw from one that it took before it hung up, and for a fax that is the whole question.
"""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
from contextlib import ExitStack

import aiohttp
from aiohttp import ClientHandlerType, ClientRequest, ClientResponse, TraceConfig
from aiohttp.typedefs import LooseHeaders

from smtpfax.model.errors import ConfigError

from .body import written
from .errors import Barred, EgressError, NoAnswer, NotSent, TooLong
from .guard import host_of, is_public
from .message import Answer, Request

_PIECE = 65536
_HEADERS = {"User-Agent": "smtpfax", "Accept-Encoding": "identity"}  # a bound on octets that do not grow


class _Dropped(Exception):
    """What aiohttp said, in a form that its own loop does not know."""

    def __init__(self, why: Exception) -> None:
        self.why = why


class _NotPublic(PermissionError):
    """The guard's refusal, in the form that aiohttp expects of a connection that could not be made."""


class Egress:
    """The client; `own_hosts` alone may have private addresses, `ca_file` is trusted in the place of the system's."""

    def __init__(self, *, own_hosts: frozenset[str] = frozenset(), ca_file: str = "") -> None:
        self._own_hosts = own_hosts
        try:
            self._tls = ssl.create_default_context(cafile=ca_file or None)
        except OSError as why:  # an SSLError too: no certificate in it
            raise ConfigError(f"ca_file: {ca_file} has no certificates that can be read ({_words(why)})") from why

    async def send(self, request: Request) -> Answer:
        """Ask, once."""
        line = _Line(guarded=host_of(request.url) not in self._own_hosts)
        try:
            async with asyncio.timeout(request.total_seconds):
                return await self._exchange(request, line)
        except _Dropped as dropped:
            raise line.error(request, dropped.why) from None  # aiohttp's own texts have the whole URL in them
        except (aiohttp.ClientError, OSError, ValueError) as why:
            raise line.error(request, why) from None

    async def _exchange(self, request: Request, line: _Line) -> Answer:
        with ExitStack() as files:
            data, typed = written(request.body, files)
            headers: LooseHeaders = {**_HEADERS, **typed, **request.headers}
            async with (
                self._session(request, line) as session,
                session.request(
                    request.method, request.url, data=data, headers=headers, allow_redirects=False
                ) as response,
            ):
                return await _whole(response, request)

    def _session(self, request: Request, line: _Line) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=self._tls, force_close=True, socket_factory=line.socket),
            timeout=aiohttp.ClientTimeout(connect=request.connect_seconds),
            cookie_jar=aiohttp.DummyCookieJar(),
            middlewares=(_once,),
            trace_configs=[line.trace()],
            auto_decompress=False,
            trust_env=False,
        )


async def _once(request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
    """Hide a dropped connection from aiohttp, which sends PUT, GET and DELETE again when it sees one.

    Its loop (client.py, IDEMPOTENT_METHODS; issue 10790) has no public switch, and knows its own exceptions alone.
    """
    try:
        return await handler(request)
    except (aiohttp.ClientError, OSError) as exc:
        raise _Dropped(exc) from exc


class _Line:
    """One connection: guarded where it begins, and it remembers whether it was made."""

    def __init__(self, *, guarded: bool) -> None:
        self._guarded = guarded
        self._made = False
        self._barred = False

    def socket(self, address: aiohttp.AddrInfoType) -> socket.socket:
        """The socket for the very address that is connected to next."""
        family, kind, protocol, _, target = address
        if self._guarded and not is_public(str(target[0])):
            self._barred = True
            raise _NotPublic(0, f"the address {target[0]} is not public")
        return socket.socket(family=family, type=kind, proto=protocol)

    def trace(self) -> TraceConfig:
        """Tells when the connection, TLS included, stands; before that nothing of a request is written."""
        config = TraceConfig()

        async def made(*_: object) -> None:
            self._made = True

        config.on_connection_create_end.append(made)
        return config

    def error(self, request: Request, why: Exception) -> EgressError:
        """The exception that says which of the two it was."""
        text = f"{request.method} {host_of(request.url)}: {_words(why)}"
        if self._made:
            return NoAnswer(text)
        return Barred(text, why="its host has no public address") if self._barred else NotSent(text)


async def _whole(response: ClientResponse, request: Request) -> Answer:
    body = bytearray()
    async for piece in response.content.iter_chunked(_PIECE):
        body += piece
        if len(body) > request.max_octets:
            raise TooLong(f"{request.method} {host_of(request.url)}: more than {request.max_octets} octets of answer")
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Answer(status=response.status, headers=headers, body=bytes(body))


def _words(why: Exception) -> str:
    """What happened, without a URL: only the system's and TLS's own words are repeated."""
    match why:
        case aiohttp.ClientConnectorCertificateError():
            return str(getattr(why.certificate_error, "verify_message", "certificate not verified"))
        case aiohttp.ClientConnectorError():
            return _words(why.os_error)
        case TimeoutError():
            return "no answer in time"
        case OSError() if why.errno and why.errno > 0:
            return os.strerror(why.errno)  # asyncio puts words of its own in the place of the system's
        case OSError() if why.strerror:
            return why.strerror
    return type(why).__name__
