"""The commands of RFC 5321, one method each.

In:    lines and content from the wire.
Out:   calls to the Session, replies to the wire.
Fails: Hangup, when the conversation is to end; Faults of ours pass through to the protocol.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Protocol

from smtpfax import logs
from smtpfax.model import status as say
from smtpfax.model.errors import Temporary
from smtpfax.model.meter import Meter
from smtpfax.model.status import Reply

from .desk import Manners
from .dots import Dots
from .session import Session

MOST_IDLE = 100  # commands that bring no mail nearer
log = logs.get("smtpd")
_UNOFFERED = ("AUTH", "STARTTLS", "BDAT", "EXPN", "HELP", "TURN", "ETRN")


class Hangup(Exception):
    """The connection ends; `reply` is our last word, if there is one."""

    def __init__(self, reply: Reply | None = None) -> None:
        super().__init__(str(reply))
        self.reply = reply


class Wire(Protocol):
    """What commands need of the protocol."""

    busy: bool

    async def read_line(self) -> bytes:
        """A command line, without its end."""

    def read_content(self) -> AsyncIterator[bytes]:
        """What comes up to the final dot."""

    async def write(self, text: str) -> None:
        """Lines to the client."""

    def stop_timer(self) -> None:
        """We are at work."""

    def start_timer(self) -> None:
        """It is the client's turn."""

    @property
    def listening(self) -> bool:
        """Whether the client is still there."""


class Commands:
    """One connection's commands, with what they have cost us so far."""

    def __init__(self, wire: Wire, talk: Session, manners: Manners, meter: Meter) -> None:
        self._wire = wire
        self._talk = talk
        self._manners = manners
        self._meter = meter
        self._errors = 0
        self._refusals = 0
        self._idle = 0
        self._table: Mapping[str, Callable[[str], Awaitable[Reply | None]]] = {
            "EHLO": self._ehlo,
            "HELO": self._helo,
            "MAIL": self._mail,
            "RCPT": self._rcpt,
            "DATA": self._data,
            "RSET": self._rset,
            "NOOP": self._noop,
            "VRFY": self._vrfy,
            "QUIT": self._quit,
        }

    async def turn(self) -> None:
        """One command, and its reply; a command that has written its reply itself gives none."""
        line = await self._wire.read_line()
        verb, _, rest = line.partition(b" ")
        try:
            name, argument = verb.decode("ascii").upper(), rest.decode().strip()
        except UnicodeDecodeError:
            name, argument = "", ""
        obey = self._table.get(name)
        if obey is None:
            reply: Reply | None = (say.NOT_IMPLEMENTED if name in _UNOFFERED else say.UNKNOWN_COMMAND).reply()
        else:
            reply = await obey(argument)
        if reply is not None:
            self._count(name, reply)
            await self._wire.write(str(reply))

    def _count(self, name: str, reply: Reply) -> None:
        """Clients that only cost us are let go: too many errors, refusals or idle commands."""
        command = name if name in self._table else "other"
        self._meter.count("smtpfax_smtp_commands_total", command=command, code=str(reply.code))
        refused = name == "RCPT" and reply.permanent
        self._refusals += refused
        self._errors += reply.permanent and not refused
        self._idle = 0 if name == "DATA" else self._idle + 1
        if self._errors > self._manners.max_errors or self._refusals > self._manners.max_recipients:
            raise Hangup(say.TOO_MANY_ERRORS.reply())
        if self._idle > MOST_IDLE + self._manners.max_recipients:
            raise Hangup(say.TOO_MANY_COMMANDS.reply())

    async def _ehlo(self, argument: str) -> Reply | None:
        if not _is_name(argument):
            return say.SYNTAX.reply(syntax="EHLO hostname")
        self._talk.hello(argument)
        manners = self._manners
        await self._wire.write(
            f"250-{manners.hostname}\r\n250-PIPELINING\r\n250-SIZE {manners.max_octets}\r\n250-8BITMIME\r\n"
            "250-ENHANCEDSTATUSCODES\r\n250 SMTPUTF8"
        )
        return None

    async def _helo(self, argument: str) -> Reply:
        if not _is_name(argument):
            return say.SYNTAX.reply(syntax="HELO hostname")
        self._talk.hello(argument)
        return Reply(250, None, self._manners.hostname)  # RFC 2034 section 4: no status before ENHANCEDSTATUSCODES

    async def _mail(self, argument: str) -> Reply:
        return self._talk.mail(argument)

    async def _rcpt(self, argument: str) -> Reply:
        return await self._talk.rcpt(argument)

    async def _rset(self, argument: str) -> Reply:
        await self._talk.abandon()
        return say.RESET.reply()

    async def _noop(self, argument: str) -> Reply:
        return say.RESET.reply()

    async def _vrfy(self, argument: str) -> Reply:
        return say.VRFY.reply()

    async def _quit(self, argument: str) -> Reply:
        raise Hangup(say.BYE.reply())

    async def _data(self, argument: str) -> Reply | None:
        if argument:
            return say.SYNTAX.reply(syntax="DATA")
        start = self._talk.data()
        if start is not say.START_DATA:
            return start
        self._wire.busy = True
        await self._wire.write(str(start))
        fault = await self._receive()
        self._wire.stop_timer()
        if fault is not None:
            await self._talk.refuse(fault)
            reply = fault
        else:
            reply = await self._talk.finish()
        self._wire.busy = False
        self._count("DATA", reply)
        await self._wire.write(str(reply))
        if self._wire.listening:
            await self._talk.heard()
        self._wire.start_timer()
        return None

    async def _receive(self) -> Reply | None:
        """All of the content; what is wrong with it is said after the final dot (RFC 5321 section 4.2.5)."""
        dots, octets, fault = Dots(max_line=self._manners.max_line), 0, None
        async for block in self._wire.read_content():
            octets += len(block)
            fault = fault or await self._take(dots.feed(block)) or dots.fault
            if octets > 2 * self._manners.max_octets:
                reply = say.TOO_LARGE.reply(limit=self._manners.max_octets)
                await self._talk.refuse(reply)
                raise Hangup(reply)
        return fault

    async def _take(self, lines: bytes) -> Reply | None:
        try:
            return await self._talk.content(lines)
        except Temporary as fault:  # the rest must still be read, or it would be taken for commands
            log.error("content not kept", client=self._talk.client, reason=fault.reason)
            return fault.sentence.reply()


def _is_name(argument: str) -> bool:
    """A host name or an address literal, printable and of a length that a log can bear; any other is not judged."""
    return 0 < len(argument) <= 255 and argument.isprintable() and " " not in argument
