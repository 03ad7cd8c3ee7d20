"""One connection's conversation, without its wire: commands go in, replies come out.

In:    commands as the protocol read them, content as it arrives; the last place that says MAIL and RCPT.
Out:   replies, at once or awaited, and attempts in the log; mails are handed to `keeping`.
Fails: Temporary, which the protocol answers with 451 (G6); the transaction is forgotten by then.

Rule: a transaction leaves nothing behind: RSET, EHLO, a refusal and the end of DATA all begin a fresh one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field, replace
from typing import Any

from smtpfax.mime.header import read_header
from smtpfax.model import status as say
from smtpfax.model.account import Proof
from smtpfax.model.address import ReversePath
from smtpfax.model.attempt import Outcome, outcome_of
from smtpfax.model.errors import Temporary
from smtpfax.model.mail import Client, ProofFound
from smtpfax.model.status import Reply

from .arrival import Arrival
from .desk import Desk
from .inflow import Inflow
from .keeping import decide, keep
from .noting import note
from .pace import Pace
from .parameters import NOTHING_OF_MAIL, MailAsks
from .policy import Ruling, fax_domain, on_mail, on_rcpt, too_large
from .proofs.dkim import Witness
from .proofs.gather import late_reply
from .taking import Transaction
from .tls import Facts

MOST_RECEIVED = 50  # RFC 5321 section 6.3: a mail that went through so many servers goes round in circles
Start = Callable[[Coroutine[Any, Any, Any]], asyncio.Task[Any]]  # work that its connection does not end


@dataclass(slots=True)
class Open:
    """A transaction that is open: MAIL was taken."""

    sender: ReversePath
    octets: int  # as MAIL declared them
    client: Client  # with the proofs that were looked for
    asks: MailAsks
    rulings: list[Ruling] = field(default_factory=list)
    arrival: Arrival | None = None
    witness: Witness | None = None  # of the content, where a proof may come from it

    @property
    def awaited(self) -> frozenset[Proof]:
        """The proofs of which one must still come: the same for all recipients, by policy."""
        return self.rulings[0].awaited if self.rulings else frozenset()


class Session:
    """The state of one connection."""

    def __init__(self, desk: Desk, client: Client, start: Start) -> None:
        self.client = client
        self._desk = desk
        self._start = start
        self._open: Open | None = None
        self._raw_from = ""
        self._unheard: list[str] = []

    @property
    def underway(self) -> bool:
        """Whether a transaction is open."""
        return self._open is not None

    def secured(self, facts: Facts) -> None:
        """TLS began: all that was said before is forgotten, EHLO and AUTH as well (RFC 3207 section 4.2)."""
        self.client = Client(address=self.client.address, tls=facts.version, cipher=facts.cipher)
        self.reset()

    def signed_in(self, user: str) -> None:
        """The client is this user from now on."""
        self.client = replace(self.client, user=user)

    def hello(self, name: str) -> None:
        """EHLO or HELO: a fresh transaction (RFC 5321 section 4.1.4)."""
        self.client = replace(self.client, helo=name)
        self.reset()

    def reset(self) -> None:
        """Forget the transaction; recipients that were taken and never got a mail are told to the log."""
        transaction, self._open = self._open, None
        if transaction is not None:
            self._log_all(transaction, None, Outcome.ABANDONED)
            self._discard(transaction)

    def mail(self, argument: str) -> Reply:
        """MAIL FROM."""
        if not self.client.helo:
            return say.BAD_SEQUENCE.reply(want="EHLO")
        if self._open is not None:
            return say.BAD_SEQUENCE.reply(want="RSET")
        self._raw_from = argument[len("FROM:") :][:320].strip()
        sender = on_mail(argument, self._desk.rules, has_space=self._desk.has_space)
        if sender.path is None:
            self._log(None, sender.reply, octets=sender.octets)
        else:
            self._open = Open(sender.path, sender.octets, self.client, sender.asks)
        return sender.reply

    def rcpt(self, argument: str) -> Reply | Awaitable[Reply]:
        """RCPT TO; only where DNS must be asked, the answer is awaited."""
        transaction = self._open
        if transaction is None:
            return say.BAD_SEQUENCE.reply(want="MAIL")
        directory = self._desk.directory()
        domain = fax_domain(argument, directory)
        gatherer = self._desk.gatherer
        found = gatherer.at_once(self.client, transaction.sender, directory=directory, domain=domain) if domain else ()
        if found is None:
            return self._rcpt_later(transaction, argument, domain)
        return self._ruled(transaction, self._ruling(transaction, argument, found))

    async def _rcpt_later(self, transaction: Open, argument: str, domain: str) -> Reply:
        """DNS that does not answer defers this recipient alone."""
        desk = self._desk
        try:
            found = await desk.gatherer.early(
                self.client, transaction.sender, directory=desk.directory(), domain=domain
            )
        except Temporary as fault:
            ruling = Ruling(reply=fault.sentence.reply(), to=argument[:320], reason=fault.reason)
        else:
            ruling = self._ruling(transaction, argument, found)
        return self._ruled(transaction, ruling)

    def _ruling(self, transaction: Open, argument: str, found: tuple[ProofFound, ...]) -> Ruling:
        desk, sender = self._desk, transaction.sender
        transaction.client = replace(self.client, proofs=found)
        return on_rcpt(
            argument,
            directory=desk.directory(),
            client=transaction.client,
            sender=sender,
            octets=transaction.octets,
            before=transaction.rulings,
            rules=desk.rules,
            pending=desk.gatherer.pending(self.client, sender),
        )

    def _ruled(self, transaction: Open, ruling: Ruling) -> Reply:
        if ruling.reply.ok:
            transaction.rulings.append(ruling)
        else:
            self._log(ruling, ruling.reply, octets=transaction.octets)
        return ruling.reply

    def data(self) -> Inflow | Reply:
        """DATA: where the content goes, or why it must not come."""
        transaction = self._open
        if transaction is None:
            return say.BAD_SEQUENCE.reply(want="MAIL")
        if not transaction.rulings:
            return say.NO_RECIPIENT.reply()
        manners = self._desk.manners
        desk = self._desk
        transaction.arrival = Arrival(desk.spool, desk.load, inline=manners.inline_octets, most=manners.max_arriving)
        transaction.witness = Witness() if any(ruling.choice.signed for ruling in transaction.rulings) else None
        return Inflow(
            self._content,
            max_line=manners.max_line,
            max_octets=manners.max_octets,
            pace=Pace(asyncio.get_running_loop().time(), manners.data_seconds, manners.min_data_rate),
        )

    def _content(self, lines: bytes) -> Awaitable[None] | None:
        transaction = self._open
        if transaction is None or transaction.arrival is None:
            return None
        if transaction.witness is not None:
            transaction.witness.feed(lines)
        return transaction.arrival.write(lines)

    def refuse(self, reply: Reply) -> None:
        """The content is not taken: told to the log for every recipient."""
        transaction, self._open = self._open, None
        if transaction is not None:
            self._log_all(transaction, reply)
            self._discard(transaction)

    def _discard(self, transaction: Open) -> None:
        work = transaction.arrival.discard() if transaction.arrival else None
        if work is not None:
            self._start(work)

    def finish(self) -> Reply | Awaitable[Reply]:
        """The final dot: the mail becomes ours, or the client hears why not."""
        transaction = self._open
        if transaction is None or transaction.arrival is None:
            return say.BAD_SEQUENCE.reply(want="DATA")
        return self._finish(transaction, transaction.arrival)

    async def _finish(self, transaction: Open, arrival: Arrival) -> Reply:
        unproven = await self._prove(transaction)
        facts = self._facts(transaction)
        refusal = unproven or self._refusal(transaction, facts)
        if refusal is not None:
            self.refuse(refusal)
            return refusal
        if transaction.witness is not None:
            facts = replace(facts, seals=self._desk.gatherer.seals(transaction.witness))
        self._open = None
        # The commit is not the connection's: a client that vanishes now must not leave half of it.
        reply: Reply = await asyncio.shield(self._start(self._keep(transaction, arrival, facts)))
        return reply

    async def _prove(self, transaction: Open) -> Reply | None:
        """The proofs that the content brings; before anything is taken."""
        if transaction.witness is None or not transaction.awaited:
            return None
        found = await self._desk.gatherer.late(
            transaction.client,
            transaction.sender,
            transaction.witness,
            awaited=transaction.awaited,
            recipients=[ruling.path for ruling in transaction.rulings if ruling.path is not None],
        )
        transaction.client = replace(transaction.client, proofs=(*transaction.client.proofs, *found))
        return late_reply(found)

    def heard(self) -> Awaitable[None] | None:
        """The reply reached a client that is still there: its failure needs no notice any more."""
        job_ids, self._unheard = self._unheard, []
        return self._desk.store.notices.withdraw(job_ids) if job_ids else None

    async def _keep(self, transaction: Open, arrival: Arrival, facts: Transaction) -> Reply:
        try:
            kept = await keep(self._desk, facts, arrival, sender=transaction.sender, rulings=transaction.rulings)
        except BaseException as error:
            self._log_all(transaction, (error.sentence if isinstance(error, Temporary) else say.OUR_FAULT).reply())
            self._discard(transaction)
            raise
        reply = await decide(self._desk, kept)
        meter = self._desk.meter
        meter.count("smtpfax_smtp_received_messages_total", result=outcome_of(reply))
        meter.count("smtpfax_smtp_received_bytes_total", facts.octets)
        if reply.permanent:
            self._unheard = [job.job_id for job in kept.deciding]
        return reply

    def _refusal(self, transaction: Open, facts: Transaction) -> Reply | None:
        if facts.header.received > MOST_RECEIVED:
            return say.LOOP.reply()
        boxes = [ruling.choice.faxbox for ruling in transaction.rulings]
        if all(box is not None and too_large(box, facts.octets, self._desk.limits) for box in boxes):
            return say.TOO_LARGE_FOR_FAXBOX.reply(address=transaction.rulings[0].to)
        return None

    def _facts(self, transaction: Open | None, octets: int = 0) -> Transaction:
        arrival = transaction.arrival if transaction else None
        facts = Transaction(
            client=transaction.client if transaction else self.client,
            reverse_path=transaction.sender if transaction else None,
            raw_from=self._raw_from,
            octets=arrival.octets if arrival else octets,
            asks=transaction.asks if transaction else NOTHING_OF_MAIL,
        )
        return replace(facts, header=read_header(arrival.head)) if arrival else facts

    def _log_all(self, transaction: Open, reply: Reply | None, outcome: Outcome | None = None) -> None:
        facts = self._facts(transaction, transaction.octets)
        for ruling in transaction.rulings:
            note(self._desk, facts, ruling, reply or ruling.reply, outcome)

    def _log(self, ruling: Ruling | None, reply: Reply, *, octets: int) -> None:
        note(self._desk, self._facts(self._open, octets), ruling, reply)
