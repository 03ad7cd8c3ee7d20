"""A client's connection: aiosmtpd's protocol class without its streams, tasks and timers.

In:    octets from the client, and when it is late.
Out:   our words to it, one write for all that is said at once; a last word, and the end.
Fails: never beyond itself.

Rule: a client that does not read what we say is not heard, one that is silent too long hears 421, and one that does not
read even that is cut off.
"""

from __future__ import annotations

import asyncio
import ssl
from typing import cast

from aiosmtpd.smtp import SMTP

from smtpfax import logs
from smtpfax.model import status as say
from smtpfax.model.status import Reply

from .desk import Desk
from .plain import Plain
from .tls import Facts, facts_of
from .wire import Hangup

MOST_HELD = 64 * 1024  # octets that wait for their turn before we stop reading
GRACE = 5.0  # seconds for a client to read our last words
HANDSHAKE = 30.0  # seconds for TLS
MOST_LINES = 500
_LINES: dict[int, tuple[Reply, bytes]] = {}
log = logs.get("smtpd")


def line_of(reply: Reply) -> bytes:
    """On the wire; of a reply that is given again and again, made once."""
    known = _LINES.get(id(reply))
    if known is not None and known[0] is reply:  # an id is another's as soon as its owner is gone
        return known[1]
    line = _written(reply)
    if len(_LINES) >= MOST_LINES:
        _LINES.clear()
    _LINES[id(reply)] = reply, line
    return line


def _written(reply: Reply) -> bytes:
    return f"{reply}\r\n".encode("utf-8", "replace")


class Connection(SMTP, asyncio.BufferedProtocol):
    """One connection; what is said on it is its heir's affair.

    It begins on a Plain; once TLS is agreed upon, asyncio has the socket, and tells us of the connection anew.
    """

    def __init__(self, desk: Desk, loop: asyncio.AbstractEventLoop) -> None:
        # Not SMTP's own __init__: it looks through all its methods for each connection, makes streams that are not
        # used here, and empties a table of limits that all connections share.
        self.loop = loop
        self.session = self.envelope = None
        self.transport: asyncio.Transport | None = None
        self._desk = desk
        self._held = b""  # what came and was not looked at yet
        self._said: list[bytes] = []  # and not written yet
        self._heard = 0.0  # when it was last the client's turn
        self._timer: asyncio.TimerHandle | None = None  # of the end
        self._ending = self._deaf = self._paused = self._securing = self._secured = False

    @property
    def _our_turn(self) -> bool:
        """Whether the client need not hurry."""
        return False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody is there; or speaks TLS from here on."""
        self.transport = cast("asyncio.Transport", transport)
        if self._securing:
            self._secured, self._deaf, self._paused = True, False, False  # the new transport counts for itself
            return
        self.session = self._create_session()
        self.session.peer = transport.get_extra_info("peername")
        self._await_client()
        self._welcome(self.session.peer)

    def _welcome(self, peer: object) -> None:
        """The first word is ours."""

    def connection_lost(self, error: Exception | None) -> None:
        """Nobody is there any more."""
        self._ending = True
        if self._timer is not None:
            self._timer.cancel()
        self.transport = None

    def get_buffer(self, sizehint: int) -> memoryview:
        """Room for what comes next: less, where much is in all hands."""
        return self._desk.room.less if self._desk.load.much else self._desk.room.whole

    def buffer_updated(self, nbytes: int) -> None:
        """So much came."""
        self.data_received(bytes(self._desk.room.whole[:nbytes]))

    def pause_writing(self) -> None:
        """The client does not read what we say: then we do not hear it either."""
        self._deaf = True
        self._listen()

    def resume_writing(self) -> None:
        """It does again."""
        self._deaf = False
        self._listen()

    def look(self, now: float) -> None:
        """So late it is."""
        if self._our_turn:
            self._heard = now
        elif now >= self._heard + self._desk.manners.command_seconds:
            self.hang_up(say.TIMED_OUT.reply())

    def hang_up(self, reply: Reply | None) -> None:
        """Say the last word and close; a client that does not read it is cut off after a while."""
        if self._ending or self.transport is None:
            return
        self._ending = True
        if reply is not None:
            self._say(reply)
        self._flush()
        if self._secured or self.transport.get_write_buffer_size():
            self._timer = self.loop.call_later(min(GRACE, self._desk.manners.command_seconds), self.transport.abort)
        self.transport.close()

    async def secure(self) -> Facts:
        """TLS from here on; what came before is forgotten (RFC 3207 section 4.2). Hangup, when there is none.

        What comes while this waits is the client's first words within TLS, for nothing else reaches us any more.
        """
        self._held = b""
        context = self._desk.tls.context()
        if context is None:  # a reload took it away
            raise Hangup
        try:
            await self._handshake(context)
        except OSError as error:
            log.info("no TLS", peer=self.session and self.session.peer, reason=error)
            raise Hangup from None
        if self.transport is None:
            raise Hangup
        return facts_of(self.transport)

    async def _handshake(self, context: ssl.SSLContext) -> None:
        """By asyncio's own transport, which has the socket from then on."""
        seconds = min(HANDSHAKE, self._desk.manners.command_seconds)
        if not isinstance(self.transport, Plain):
            raise ConnectionResetError("the client went away")
        async with asyncio.timeout(seconds):
            sock = await self.transport.detach()
        self._securing = True
        try:
            await self.loop.connect_accepted_socket(
                lambda: self, sock, ssl=context, ssl_handshake_timeout=seconds, ssl_shutdown_timeout=GRACE
            )
            if not self._secured:
                raise ConnectionResetError("the client went away")
        except BaseException:
            self.connection_lost(None)  # asyncio tells only whom it told of the beginning
            raise
        finally:
            self._securing = False

    def abort(self) -> None:
        """No more time."""
        if self.transport is not None:
            self.transport.abort()

    def _say(self, reply: Reply) -> None:
        self._said.append(line_of(reply))

    def _say_once(self, reply: Reply) -> None:
        """One that nobody else will hear."""
        self._said.append(_written(reply))

    def _flush(self) -> None:
        if self._said and self.transport is not None:
            said, self._said = self._said, []
            self.transport.write(said[0] if len(said) == 1 else b"".join(said))

    def _listen(self, *, busy: bool = False) -> None:
        """Read on, unless enough waits already; or while busy, for what comes waits where it costs us nothing."""
        enough = self._deaf or busy or len(self._held) > MOST_HELD
        if enough is self._paused or self._ending or self._securing:
            return
        if self.transport is None:
            return
        self._paused = enough
        if enough:
            self.transport.pause_reading()
        else:
            self.transport.resume_reading()

    def _await_client(self) -> None:
        """It is the client's turn."""
        self._heard = self.loop.time()
