"""One connection's conversation, without its wire: commands go in, replies come out.

In:    commands as the protocol read them, content as it arrives; the last place that says MAIL and RCPT.
Out:   replies, and attempts in the log; mails are handed to `keeping`.
Fails: Temporary, which the protocol answers with 451 (G6); the transaction is forgotten by then.

Rule: a transaction leaves nothing behind: RSET, EHLO, a refusal and the end of DATA all begin a fresh one.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field, replace
from typing import Any

from smtpfax import logs
from smtpfax.mime.header import read_header
from smtpfax.model import status as say
from smtpfax.model.account import Proof
from smtpfax.model.address import ReversePath
from smtpfax.model.attempt import Outcome, outcome_of
from smtpfax.model.errors import Temporary
from smtpfax.model.mail import Client
from smtpfax.model.status import Reply

from .arrival import Arrival
from .desk import Desk
from .keeping import decide, keep
from .policy import Ruling, fax_domain, on_mail, on_rcpt, too_large
from .proofs.dkim import Witness
from .proofs.gather import late_reply
from .taking import Transaction, attempt_of

MOST_RECEIVED = 50  # RFC 5321 section 6.3: a mail that went through so many servers goes round in circles
Outliving = Callable[[Coroutine[Any, Any, Reply]], Awaitable[Reply]]  # work that its connection does not end
log = logs.get("smtpd")


@dataclass(slots=True)
class Open:
    """A transaction that is open: MAIL was taken."""

    sender: ReversePath
    octets: int  # as MAIL declared them
    client: Client  # with the proofs that were looked for
    rulings: list[Ruling] = field(default_factory=list)
    arrival: Arrival | None = None
    witness: Witness | None = None  # of the content, when a proof is still to come from it

    @property
    def awaited(self) -> frozenset[Proof]:
        """The proofs of which one must still come: the same for all recipients, by policy."""
        return self.rulings[0].awaited if self.rulings else frozenset()


class Session:
    """The state of one connection."""

    def __init__(self, desk: Desk, client: Client, outliving: Outliving) -> None:
        self.client = client
        self._desk = desk
        self._outliving = outliving
        self._open: Open | None = None
        self._raw_from = ""
        self._unheard: list[str] = []

    def hello(self, name: str) -> None:
        """EHLO or HELO: a fresh transaction (RFC 5321 section 4.1.4)."""
        self.client = replace(self.client, helo=name)
        self.reset()

    def reset(self) -> None:
        """Forget the transaction; recipients that were taken and never got a mail are told to the log."""
        transaction, self._open = self._open, None
        if transaction is not None:
            self._log_all(transaction, None, Outcome.ABANDONED)

    def mail(self, argument: str) -> Reply:
        """MAIL FROM."""
        if not self.client.helo:
            return say.BAD_SEQUENCE.reply(want="EHLO")
        if self._open is not None:
            return say.BAD_SEQUENCE.reply(want="RSET")
        self._raw_from = argument[len("FROM:") :][:320].strip()
        sender = on_mail(argument, self._desk.rules, has_space=self._desk.spool.enough_space)
        if sender.path is None:
            self._log(None, sender.reply, octets=sender.octets)
        else:
            self._open = Open(sender.path, sender.octets, self.client)
        return sender.reply

    async def rcpt(self, argument: str) -> Reply:
        """RCPT TO; DNS that does not answer defers this recipient alone."""
        transaction = self._open
        if transaction is None:
            return say.BAD_SEQUENCE.reply(want="MAIL")
        try:
            ruling = await self._ruling(transaction, argument)
        except Temporary as fault:
            ruling = Ruling(reply=fault.sentence.reply(), to=argument[:320], reason=fault.reason)
        if ruling.reply.ok:
            transaction.rulings.append(ruling)
        else:
            self._log(ruling, ruling.reply, octets=transaction.octets)
        return ruling.reply

    async def _ruling(self, transaction: Open, argument: str) -> Ruling:
        desk, sender = self._desk, transaction.sender
        directory = desk.directory()
        domain = fax_domain(argument, directory)
        found = await desk.gatherer.early(self.client, sender, directory=directory, domain=domain) if domain else ()
        transaction.client = replace(self.client, proofs=found)
        return on_rcpt(
            argument,
            directory=directory,
            client=transaction.client,
            sender=sender,
            octets=transaction.octets,
            before=transaction.rulings,
            rules=desk.rules,
            pending=desk.gatherer.pending(self.client, sender),
        )

    def data(self) -> Reply:
        """DATA, before the content."""
        if self._open is None:
            return say.BAD_SEQUENCE.reply(want="MAIL")
        if not self._open.rulings:
            return say.NO_RECIPIENT.reply()
        manners = self._desk.manners
        self._open.arrival = Arrival(self._desk.spool, inline=manners.inline_octets, limit=manners.max_octets)
        self._open.witness = Witness() if self._open.awaited else None
        return say.START_DATA

    async def content(self, block: bytes) -> Reply | None:
        """A block of content; a fault, as soon as there is one."""
        transaction = self._open
        arrival = transaction.arrival if transaction else None
        if transaction is None or arrival is None:
            return say.BAD_SEQUENCE.reply(want="DATA")
        if arrival.fault is None and block:
            if transaction.witness is not None:
                transaction.witness.feed(block)
            await arrival.write(block)
        return arrival.fault

    async def refuse(self, reply: Reply) -> None:
        """The content is not taken: told to the log for every recipient."""
        transaction, self._open = self._open, None
        if transaction is None:
            return
        self._log_all(transaction, reply)
        if transaction.arrival is not None:
            await transaction.arrival.discard()

    async def abandon(self) -> None:
        """The client went away."""
        arrival = self._open.arrival if self._open else None
        self.reset()
        if arrival is not None:
            await arrival.discard()

    async def finish(self) -> Reply:
        """The final dot: the mail becomes ours, or the client hears why not."""
        transaction = self._open
        if transaction is None or transaction.arrival is None:
            return say.BAD_SEQUENCE.reply(want="DATA")
        unproven = await self._prove(transaction)
        facts = self._facts(transaction)
        refusal = unproven or self._refusal(transaction, facts)
        if refusal is not None:
            await self.refuse(refusal)
            return refusal
        self._open = None
        # The commit is not the connection's: a client that vanishes now must not leave half of it.
        return await self._outliving(self._keep(transaction, transaction.arrival, facts))

    async def _prove(self, transaction: Open) -> Reply | None:
        """The proofs that the content brings; before anything is taken."""
        if transaction.witness is None:
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

    async def heard(self) -> None:
        """The reply reached a client that is still there: its failure needs no notice any more."""
        job_ids, self._unheard = self._unheard, []
        if job_ids:
            await self._desk.store.notices.withdraw(job_ids)

    async def _keep(self, transaction: Open, arrival: Arrival, facts: Transaction) -> Reply:
        try:
            kept = await keep(self._desk, facts, arrival, sender=transaction.sender, rulings=transaction.rulings)
        except BaseException as error:
            self._log_all(transaction, (error.sentence if isinstance(error, Temporary) else say.OUR_FAULT).reply())
            await arrival.discard()
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
        )
        return replace(facts, header=read_header(arrival.head)) if arrival else facts

    def _log_all(self, transaction: Open, reply: Reply | None, outcome: Outcome | None = None) -> None:
        facts = self._facts(transaction, transaction.octets)
        for ruling in transaction.rulings:
            self._add(facts, ruling, reply or ruling.reply, outcome)

    def _log(self, ruling: Ruling | None, reply: Reply, *, octets: int) -> None:
        self._add(self._facts(self._open, octets), ruling, reply, None)

    def _add(self, facts: Transaction, ruling: Ruling | None, reply: Reply, outcome: Outcome | None) -> None:
        attempt = attempt_of(facts, ruling, reply, id=self._desk.ids(), at=self._desk.clock(), outcome=outcome)
        self._desk.store.attempts.add(attempt)
        self._desk.meter.count("smtpfax_policy_decisions_total", outcome=attempt.outcome, status=str(reply.status))
        log.info(
            attempt.outcome,
            id=attempt.id,
            client=self.client,
            **{"from": f"<{self._raw_from.strip('<>')}>"},
            to=f"<{attempt.to}>",
            reply=reply,
            reason=attempt.reason,
        )
