"""The commands of RFC 5321, one method each.

In:    lines from the wire.
Out:   calls to the Session; an Answer for each line.
Fails: Hangup, when the conversation is to end; Faults of ours pass through to the protocol.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import lru_cache, partial
from types import MappingProxyType

from smtpfax.model import status as say
from smtpfax.model.status import Reply

from .desk import Desk
from .extensions import offered
from .later import Later
from .session import Session
from .signing import Signing
from .wire import Answer, Hangup, Wire

_UNOFFERED = (b"BDAT", b"EXPN", b"HELP", b"TURN", b"ETRN")
MOST_TALLIED, MOST_ALIKE = 20, 50  # kinds of replies, and replies of a kind, before they are told
_RESET, _VRFY = say.RESET.reply(), say.VRFY.reply()


class Commands:
    """One connection's commands, with what they have cost us so far."""

    __slots__ = (
        *("_clock", "_manners", "_meter", "_signing", "_talk", "_tally", "_tls", "_wire"),
        *("_errors", "_idle", "_mails", "_refusals"),
    )

    def __init__(self, wire: Wire, talk: Session, desk: Desk) -> None:
        self._wire = wire
        self._talk = talk
        self._manners = desk.manners
        self._meter = desk.meter
        self._clock = desk.clock
        self._tls = desk.tls
        self._signing = Signing(wire, talk, desk.sign_in)
        self._tally: dict[tuple[str, int], int] = {}
        self._errors = self._refusals = self._idle = self._mails = 0

    def obey(self, line: bytes) -> Answer:
        """One command line, without its end."""
        verb, _, rest = line.partition(b" ")
        name = verb.upper()
        obey = _TABLE.get(name)
        if obey is None:
            return self._counted("other", (say.NOT_IMPLEMENTED if name in _UNOFFERED else say.UNKNOWN_COMMAND).reply())
        try:
            argument = rest.decode().strip()
        except UnicodeDecodeError:
            return self._counted("other", say.UNKNOWN_COMMAND.reply())
        return self._counted(name.decode(), obey(self, argument))

    def over(self, fault: Reply | None) -> Answer:
        """The final dot came; the fault is what was found in the content."""
        if fault is not None:
            self._talk.refuse(fault)
        return self._counted("DATA", fault or self._talk.finish())

    def _counted(self, name: str, answer: Answer) -> Answer:
        if isinstance(answer, Reply):
            self._count(name, answer)
        elif isinstance(answer, Later):
            answer.seen(partial(self._seen, name))
        elif not isinstance(answer, bytes):
            return self._counted_later(name, answer)
        return answer

    def _seen(self, name: str, answer: Reply | Awaitable[Reply | None]) -> Reply | Awaitable[Reply | None]:
        if not isinstance(answer, Reply):
            return self._counted_later(name, answer)
        self._count(name, answer)
        return answer

    async def _counted_later(self, name: str, answer: Awaitable[Reply | None]) -> Reply | None:
        reply = await answer
        if reply is not None:
            self._count(name, reply)
        return reply

    def _count(self, name: str, reply: Reply) -> None:
        """Clients that only cost us are let go: too many errors, refusals or idle commands."""
        if reply is say.START_DATA:  # the reply to DATA is what follows the content
            return
        key = name, reply.code
        self._tally[key] = self._tally.get(key, 0) + 1
        if len(self._tally) > MOST_TALLIED or self._tally[key] >= MOST_ALIKE:
            self.tell()
        self._idle = 0 if name == "DATA" else self._idle + 1
        if reply.permanent:
            refused = name == "RCPT"
            self._refusals += refused
            self._errors += not refused
        if self._errors > self._manners.max_errors or self._refusals > self._manners.max_recipients:
            raise Hangup(say.TOO_MANY_ERRORS.reply())
        if self._idle > self._manners.max_idle + self._manners.max_recipients:
            raise Hangup(say.TOO_MANY_COMMANDS.reply())

    def tell(self) -> None:
        """What was counted, to those who count; not at each command, for that costs as much as the command."""
        tally, self._tally = self._tally, {}
        for (name, code), times in tally.items():
            self._meter.count("smtpfax_smtp_commands_total", times, command=name, code=str(code))

    def leave(self) -> None:
        """The connection is gone, and there are no more: it and we would keep each other alive until gc finds out."""
        del self._wire, self._signing

    def _ehlo(self, argument: str) -> Answer:
        if not _is_name(argument):
            return say.SYNTAX.reply(syntax="EHLO hostname")
        self._talk.hello(argument)
        return _lines(self._manners.hostname, *self._offered())

    def _offered(self) -> tuple[str, ...]:
        """The extensions, as EHLO tells them."""
        lines = offered(self._manners, at=self._clock())
        if self._talk.client.tls:
            return *lines, "AUTH PLAIN LOGIN"
        return (*lines, "STARTTLS") if self._tls.offered else lines

    def _helo(self, argument: str) -> Answer:
        if not _is_name(argument):
            return say.SYNTAX.reply(syntax="HELO hostname")
        self._talk.hello(argument)
        return Reply(250, None, self._manners.hostname)  # RFC 2034 section 4: no status before ENHANCEDSTATUSCODES

    def _starttls(self, argument: str) -> Answer:
        if argument:
            return say.SYNTAX.reply(syntax="STARTTLS")
        if self._talk.client.tls:
            return say.TLS_ALREADY.reply()
        return self._wire.start_tls() if self._tls.offered else say.NOT_IMPLEMENTED.reply()

    def _auth(self, argument: str) -> Answer:
        if not self._talk.client.tls:
            return (say.AUTH_NEEDS_TLS if self._tls.offered else say.NOT_IMPLEMENTED).reply()
        return self._signing.auth(argument)

    def _mail(self, argument: str) -> Answer:
        if self._mails >= self._manners.max_mails:
            raise Hangup(say.ENOUGH_MAILS.reply())
        reply = self._talk.mail(argument)
        self._mails += reply.ok
        return reply

    def _rcpt(self, argument: str) -> Answer:
        return self._talk.rcpt(argument)

    def _data(self, argument: str) -> Answer:
        if argument:
            return say.SYNTAX.reply(syntax="DATA")
        inflow = self._talk.data()
        if isinstance(inflow, Reply):
            return inflow
        self._wire.receive(inflow)
        return say.START_DATA

    def _rset(self, argument: str) -> Answer:
        self._talk.reset()
        return _RESET

    def _noop(self, argument: str) -> Answer:
        return _RESET

    def _vrfy(self, argument: str) -> Answer:
        return _VRFY

    def _quit(self, argument: str) -> Answer:
        raise Hangup(say.BYE.reply())

    def _proxy(self, argument: str) -> Answer:
        raise Hangup(say.NO_PROXY.reply())  # from load balancers it comes before the greeting, and never gets here


_TABLE: Mapping[bytes, Callable[[Commands, str], Answer]] = MappingProxyType(
    {
        b"EHLO": Commands._ehlo,  # noqa: SLF001 - the table of the class above
        b"HELO": Commands._helo,  # noqa: SLF001
        b"STARTTLS": Commands._starttls,  # noqa: SLF001
        b"AUTH": Commands._auth,  # noqa: SLF001
        b"MAIL": Commands._mail,  # noqa: SLF001
        b"RCPT": Commands._rcpt,  # noqa: SLF001
        b"DATA": Commands._data,  # noqa: SLF001
        b"RSET": Commands._rset,  # noqa: SLF001
        b"NOOP": Commands._noop,  # noqa: SLF001
        b"VRFY": Commands._vrfy,  # noqa: SLF001
        b"QUIT": Commands._quit,  # noqa: SLF001
        b"PROXY": Commands._proxy,  # noqa: SLF001
    }
)


@lru_cache(maxsize=16)
def _lines(*texts: str) -> bytes:
    """A reply of several lines (RFC 5321 section 4.2.1), in one piece; the same within a second."""
    return b"".join(
        f"250{'-' if place < len(texts) else ' '}{text}\r\n".encode() for place, text in enumerate(texts, 1)
    )


def _is_name(argument: str) -> bool:
    """A host name or an address literal, printable and of a length that a log can bear; any other is not judged."""
    return 0 < len(argument) <= 255 and argument.isprintable() and " " not in argument
