"""The wire of the SMTP door: aiosmtpd's protocol with our own conversation on it.

In:    octets from a client.
Out:   command lines and blocks of content to `Commands`, its replies to the client.
Fails: never beyond its connection: whatever goes wrong on our side is 451 and a fresh transaction (G6).

Rule: aiosmtpd gives the stream, its STARTTLS and its AUTH; the loop, the commands and DATA are ours, because its own
lose mails or lie about them: a half-closed connection cancels a commit, a full disk is answered 5xx, a timer runs
during the commit, a long mail stalls the loop, limits are shared between sessions.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from aiosmtpd.smtp import SMTP

from smtpfax import logs
from smtpfax.model import status as say
from smtpfax.model.errors import Fault
from smtpfax.model.mail import Client
from smtpfax.model.status import Reply

from .commands import Commands, Hangup
from .desk import Desk
from .dots import END
from .pace import Pace
from .proofs import address_of
from .registry import Registry
from .session import Session

BLOCK = 64 * 1024  # what is read at a time: the stream's limit
MAX_COMMAND = 4096  # RFC 5321 section 4.5.3.1.4 asks for 512, RFC 3461 and RFC 6531 for more
GRACE = 5.0  # seconds for a client to read our last words
_GONE = (asyncio.IncompleteReadError, ConnectionError)
log = logs.get("smtpd")


class Door(SMTP):
    """One connection."""

    def __init__(self, desk: Desk, registry: Registry, loop: asyncio.AbstractEventLoop) -> None:
        # Not SMTP's own __init__: it looks through all its methods for each connection, and empties a table of
        # limits that all connections share. What its other methods read is set here; a test walks through them.
        reader = asyncio.StreamReader(limit=BLOCK, loop=loop)
        asyncio.StreamReaderProtocol.__init__(self, reader, self._cb_client_connected, loop=loop)
        manners = desk.manners
        self.loop = loop
        self.hostname = manners.hostname
        self.session = self.envelope = self.transport = None
        self.event_handler = None
        self._handle_hooks = {}
        self._handler_coroutine = None
        self._timeout_duration = manners.command_seconds
        self._timeout_handle = None
        self._original_transport = self._tls_protocol = None
        self._desk = desk
        self._registry = registry
        self._pace: Pace | None = None
        self._ending = False
        self.busy = False  # content is arriving, or is being kept

    # What asyncio tells.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody is there."""
        super().connection_made(transport)
        self._registry.enter(self)

    def connection_lost(self, error: Exception | None) -> None:
        """Nobody is there any more."""
        self._registry.leave(self)
        super().connection_lost(error)

    def data_received(self, data: bytes) -> None:
        """Octets came; content keeps the connection alive only if it comes fast enough."""
        super().data_received(data)
        if self._pace is None:
            return
        if self._pace.too_slow(len(data), self.loop.time()):
            self._timeout_cb()
        else:
            self._reset_timeout()

    def eof_received(self) -> bool:
        """The client will say no more, and may still listen (aiosmtpd would cancel a commit here)."""
        self._reader.feed_eof()
        return self.session is not None and self.session.ssl is None

    def _timeout_cb(self) -> None:
        self.hang_up(say.TIMED_OUT.reply())

    # What the registry asks.

    def retire(self) -> None:
        """The house closes: whoever is idle hears it now, the others after their mail."""
        if not self.busy:
            self.hang_up(say.CLOSING.reply())

    def abort(self) -> None:
        """No more time."""
        if isinstance(self.transport, asyncio.Transport):
            self.transport.abort()

    # What the commands use.

    async def read_line(self) -> bytes:
        """A command line, without its end."""
        try:
            line = await self._reader.readuntil(b"\n")
        except asyncio.LimitOverrunError:
            raise Hangup(say.COMMAND_TOO_LONG.reply()) from None
        self._reset_timeout()
        if len(line) > MAX_COMMAND:
            raise Hangup(say.COMMAND_TOO_LONG.reply())
        return line.removesuffix(b"\n").removesuffix(b"\r")

    async def read_content(self) -> AsyncIterator[bytes]:
        """The octets of a mail as they stand on the wire, up to the final dot."""
        manners = self._desk.manners
        self._pace = Pace(self.loop.time(), manners.data_seconds, manners.min_data_rate)
        # The CRLF of the DATA command belongs to the end that may follow at once; the stream has taken it already.
        # StreamReader has no public way to give octets back; a dialog with an empty mail holds this.
        self._reader._buffer[:0] = b"\r\n"  # type: ignore[attr-defined]  # noqa: SLF001
        first = 2
        try:
            async for block in self._blocks():
                yield block[first:]
                first = 0
        finally:
            self._pace = None

    async def _blocks(self) -> AsyncIterator[bytes]:
        while True:
            try:
                last = await self._reader.readuntil(END)
            except asyncio.LimitOverrunError as more:
                # So many octets cannot hold the beginning of the end.
                yield await self._reader.readexactly(more.consumed)
            else:
                yield last.removesuffix(b".\r\n")
                return

    async def write(self, text: str) -> None:
        """One or more lines, in one piece."""
        self._writer.write(text.encode("utf-8", "replace") + b"\r\n")
        await self._writer.drain()

    def stop_timer(self) -> None:
        """While we are at work, the client is not late."""
        if self._timeout_handle is not None:
            self._timeout_handle.cancel()

    def start_timer(self) -> None:
        """It is the client's turn again."""
        if self.transport is not None:
            self._reset_timeout()

    def hang_up(self, reply: Reply | None) -> None:
        """Say the last word and close; a client that does not read it is cut off after a while."""
        if self._ending or not isinstance(self.transport, asyncio.Transport):
            return
        self._ending = True
        self.stop_timer()
        if reply is not None:
            self.transport.write(f"{reply}\r\n".encode())
        self.transport.close()
        self.loop.call_later(GRACE, self.transport.abort)

    @property
    def listening(self) -> bool:
        """Whether somebody is still there to hear a reply."""
        return not self._ending and self.transport is not None and not self.transport.is_closing()

    # The conversation.

    async def _handle_client(self) -> None:
        peer = self.session.peer if self.session else None
        talk = Session(self._desk, Client(address=address_of(peer)), self._registry.outliving)
        commands = Commands(self, talk, self._desk.manners, self._desk.meter)
        self._desk.meter.count("smtpfax_smtp_connections_total")
        try:
            await self._greet()
            while not self._registry.closing:
                await self._turn(commands, talk)
            raise Hangup(say.CLOSING.reply())
        except Hangup as end:
            self.hang_up(end.reply)
        except _GONE:
            self.hang_up(None)
        finally:
            self.hang_up(say.OUR_FAULT.reply())  # only where nothing else was said before
            await self._registry.outliving(talk.abandon())

    async def _greet(self) -> None:
        if len(self._registry) > self._desk.manners.max_sessions:
            raise Hangup(say.GREETING_FULL.reply())
        await self.write(f"220 {self.hostname} ESMTP smtpfax")

    async def _turn(self, commands: Commands, talk: Session) -> None:
        """One command and its reply; the edge at which our own faults become 451 (G6)."""
        try:
            await commands.turn()
        except (Hangup, *_GONE):
            raise
        except Fault as fault:
            log.error("our fault", client=talk.client, reason=fault.reason)
            await self._ours(talk, fault.sentence.reply() if fault.status.klass == 4 else say.OUR_FAULT.reply())
        except Exception:  # the session's edge: a bug of ours is no fault of the client's mail
            log.exception("bug", client=talk.client)
            await self._ours(talk, say.OUR_FAULT.reply())

    async def _ours(self, talk: Session, reply: Reply) -> None:
        if self._pace is not None:  # in the midst of a mail: what follows would be taken for commands
            raise Hangup(reply)
        self.busy = False
        await talk.refuse(reply)
        await self.write(str(reply))
        self.start_timer()
