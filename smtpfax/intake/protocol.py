"""The wire of the SMTP door: our own conversation on aiosmtpd's protocol.

In:    octets from a client.
Out:   command lines to `Commands`, content to an Inflow, replies to the client.
Fails: never beyond its connection: whatever goes wrong on our side is 451 and a fresh transaction (G6).

Rule: nothing here waits. What must be awaited (DNS, the commit, a disk) is a task, and until it is done what comes is
held back, within bounds. aiosmtpd's own loop loses mails or lies about them: a half-closed connection cancels a commit,
a full disk is answered 5xx, a timer runs during the commit, a long mail stalls the loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

from smtpfax import logs
from smtpfax.model import status as say
from smtpfax.model.errors import Fault
from smtpfax.model.mail import Client
from smtpfax.model.status import Reply

from .commands import Commands
from .connection import Connection
from .desk import Desk
from .inflow import Inflow
from .later import Given, Later
from .proofs import Address
from .proxy import DIRECTLY, Came
from .registry import Registry
from .session import Session
from .wire import Answer, Hangup

MAX_COMMAND = 4096  # RFC 5321 section 4.5.3.1.4 asks for 512, RFC 3461 and RFC 6531 for more
log = logs.get("smtpd")


class Door(Connection):
    """One connection's conversation."""

    def __init__(self, desk: Desk, registry: Registry, loop: asyncio.AbstractEventLoop, came: Came = DIRECTLY) -> None:
        super().__init__(desk, loop)
        self._registry = registry
        self._came = came
        self._counted: Address | None = None  # the client as the registry counts it
        self._ends = loop.time() + desk.manners.session_seconds
        self._talk = Session(desk, Client(), registry.start)
        self._commands = Commands(self, self._talk, desk)
        self._inflow: Inflow | None = None  # the content that is arriving
        self._task: asyncio.Task[None] | None = None  # what we wait for
        self._later: Later | None = None  # or this
        self._asked: asyncio.Future[bytes] | None = None  # the line that a command waits for
        self._half_closed = False

    # What asyncio tells.

    def _welcome(self, peer: object) -> None:
        manners = self._desk.manners
        client = self._talk.client = self._came.client(peer)
        self._counted = None if manners.trust.knows(client.address) else client.address
        mine = self._registry.enter(self, self._counted)
        self._desk.meter.count("smtpfax_smtp_connections_total")
        if len(self._registry) > manners.max_sessions:
            self._turn_away(say.GREETING_FULL.reply())
        elif mine > manners.max_sessions_each:
            self._turn_away(say.TOO_MANY_FROM_YOU.reply())
        elif self._came.tls:
            self._listen(busy=True)  # its first words are the handshake's
            self._wait(self._tls_first())
        else:
            self._say(self._greeting())
            self._flush()

    def _greeting(self) -> Reply:
        return Reply(220, None, f"{self._desk.manners.hostname} ESMTP smtpfax")

    def _turn_away(self, reply: Reply) -> None:
        log.info("turned away", client=self._talk.client, reply=reply)
        if self._came.tls:  # it would not understand a word
            self.abort()
        else:
            self.hang_up(reply)

    def connection_lost(self, error: Exception | None) -> None:
        """Nobody is there any more; a task that still waits forgets the transaction when it ends."""
        if self.transport is None:
            return  # told twice, as after a handshake that failed
        super().connection_lost(error)
        self._commands.tell()
        self._registry.leave(self, self._counted)
        if self._task is None:
            self._talk.reset()
            self._commands.leave()
        else:
            # Not at once: a task that had not begun would never come to forgetting.
            self.loop.call_soon(self._task.cancel)

    def data_received(self, data: bytes) -> None:
        """Octets came; content keeps the connection alive only if it comes fast enough."""
        now = self.loop.time()
        if self._inflow is not None:
            if self._inflow.pace.too_slow(len(data), now):
                self.hang_up(say.TIMED_OUT.reply())
        elif not self._held and self._idle and data.find(b"\n") == len(data) - 1 and now < self._ends:
            self._heard = now
            self._alone(data)
            return
        self._held = self._held + data if self._held else data
        if not self._our_turn:
            self._heard = now
        self._go_on()

    @property
    def _idle(self) -> bool:
        """Whether a command may be obeyed at once."""
        return self._task is None and self._later is None and not (self._ending or self._registry.closing)

    def _alone(self, data: bytes) -> None:
        """One command, and nothing else: what nearly all clients send."""
        if len(data) > MAX_COMMAND:
            self.hang_up(say.COMMAND_TOO_LONG.reply())
            return
        try:
            self._answer(self._commands.obey(data[:-2] if data.endswith(b"\r\n") else data[:-1]))
        except Exception as error:  # noqa: BLE001 the session's edge
            self._trouble(error)
        self._flush()

    def eof_received(self) -> bool:
        """The client will say no more, and may still listen (aiosmtpd would cancel a commit here)."""
        self._half_closed = True
        self._go_on()
        return not self._secured

    # What the registry asks.

    def retire(self) -> None:
        """The house closes: whoever is idle hears it now, the others after their mail."""
        if self._inflow is None and not self._our_turn:
            self.hang_up(say.CLOSING.reply())

    # What the commands use.

    def receive(self, inflow: Inflow) -> None:
        """What follows the reply is content."""
        self._inflow = inflow

    async def ask(self, reply: Reply) -> bytes:
        """Say this in the midst of a command, and hear the line that answers it."""
        asked: asyncio.Future[bytes] = self.loop.create_future()
        self._asked = asked
        self._await_client()
        self._say(reply)
        self._go_on()
        return await asked  # which may be there already

    async def start_tls(self) -> None:
        """STARTTLS."""
        self._say(say.TLS_READY.reply())
        self._flush()
        self._talk.secured(await self.secure())

    async def _tls_first(self) -> Reply:
        self._talk.secured(await self.secure())
        return self._greeting()

    # The conversation.

    @property
    def _our_turn(self) -> bool:
        """Something is being waited for that is not the client's next line."""
        return (self._task is not None and self._asked is None) or self._later is not None

    def _go_on(self) -> None:
        """Look at what is held; the edge at which our own faults become 451 (G6)."""
        while not (self._ending or self._our_turn):
            try:
                if not self._step():
                    break
            except Exception as error:  # noqa: BLE001 the session's edge
                self._trouble(error)
        if self._half_closed and not self._our_turn:
            self.hang_up(None)
        self._flush()
        self._listen(busy=self._inflow is not None and self._task is not None)  # the disk is, with a content

    def _step(self) -> bool:
        """One command, or what came of a content; whether there may be more."""
        if self._inflow is not None:
            return self._take(self._inflow)
        if self._registry.closing:
            raise Hangup(say.CLOSING.reply())
        line, end, rest = self._held.partition(b"\n")
        if len(line) > MAX_COMMAND:
            raise Hangup(say.COMMAND_TOO_LONG.reply())
        if end:
            if self.loop.time() > self._ends:
                raise Hangup(say.SESSION_OVER.reply())
            self._held = rest
            self._hear(line.removesuffix(b"\r"))
        return bool(end)

    def _hear(self, line: bytes) -> None:
        if self._asked is None:
            self._answer(self._commands.obey(line))
        else:
            asked, self._asked = self._asked, None
            asked.set_result(line)

    def _take(self, inflow: Inflow) -> bool:
        if inflow.rest is None and self._held:
            data, self._held = self._held, b""
            work = inflow.feed(data)
            if inflow.flood is not None:
                self._talk.refuse(inflow.flood)
                raise Hangup(inflow.flood)
            if work is not None:
                self._wait(work)
                return True
        if inflow.rest is None:
            return False
        self._inflow, self._held = None, inflow.rest + self._held
        self._answer(self._commands.over(inflow.fault))
        return True

    def _answer(self, answer: Answer) -> None:
        """Say it now, or when it is there."""
        if isinstance(answer, Reply):
            self._say(answer)
        elif isinstance(answer, bytes):
            self._said.append(answer)
        elif isinstance(answer, Later):
            self._later = answer
            answer.then(self._given)
        else:
            self._wait(answer)

    def _given(self, answer: Given) -> None:
        """What became of a mail whose commit was waited for."""
        self._later = None
        if isinstance(answer, Reply):
            self._say_once(answer)
        elif isinstance(answer, BaseException):
            self._trouble(answer)
        else:
            self._wait(answer)
        self._await_client()
        self._go_on()

    def _wait(self, work: Awaitable[Reply | None]) -> None:
        self._task = self._registry.start(self._until(work))

    async def _until(self, work: Awaitable[Reply | None]) -> None:
        try:
            answer = await work
            if answer is not None:
                self._say(answer)
                self._flush()
            heard = None if self._ending else self._talk.heard()
            if heard is not None:
                await heard
        except Exception as error:  # noqa: BLE001 the session's edge, for what was awaited
            self._trouble(error)
        finally:
            self._task = self._asked = None
            if self._ending:
                self._talk.reset()
        self._await_client()
        self._go_on()

    def _trouble(self, error: BaseException) -> None:
        """The last word, or a fault of ours; a bug is no fault of the client's mail (G6)."""
        if isinstance(error, Hangup):
            self.hang_up(error.reply)
        elif isinstance(error, Fault):
            log.error("our fault", client=self._talk.client, reason=error.reason)
            self._excuse(error.sentence.reply() if error.status.klass == 4 else say.OUR_FAULT.reply())
        else:
            self._bug(error)

    def _bug(self, error: BaseException) -> None:
        try:
            raise error
        except Exception:
            log.exception("bug", client=self._talk.client)
            self._excuse(say.OUR_FAULT.reply())

    def _excuse(self, reply: Reply) -> None:
        """Something of ours broke: the client keeps the mail."""
        self._talk.refuse(reply)
        if self._inflow is None:
            self._say(reply)
        else:  # in the midst of a mail: what follows would be taken for commands
            self.hang_up(reply)

    def hang_up(self, reply: Reply | None) -> None:
        """Say the last word and close; the transaction is forgotten, unless something still works on it."""
        super().hang_up(reply)
        if self._ending and self._task is None:
            self._talk.reset()
