"""One connection's conversation, without its wire: commands go in, replies come out.

In:    commands as the protocol read them, content as it arrives; the last place that says MAIL and RCPT.
Out:   replies, at once or later, and attempts in the log; mails are handed to `ending`.
Fails: Temporary, which the protocol answers with 451 (G6); the transaction is forgotten by then.

Rule: a transaction leaves nothing behind: RSET, EHLO, a refusal and the end of DATA all begin a fresh one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import replace

from smtpfax.model import status as say
from smtpfax.model.attempt import Outcome
from smtpfax.model.errors import Temporary
from smtpfax.model.mail import Client, ProofFound
from smtpfax.model.status import Reply

from .arrival import Arrival
from .desk import Desk
from .ending import Ending, Start
from .inflow import Inflow
from .later import Later
from .noting import note
from .pace import Pace
from .parameters import NOTHING_OF_MAIL
from .policy import Ruling, Sender, admit, capped, fax_domain, on_mail, on_rcpt, plainly
from .precedents import Precedent
from .proofs.dkim import Witness
from .taking import Transaction
from .tls import Facts
from .transaction import Open


class Session:
    """The state of one connection."""

    def __init__(self, desk: Desk, client: Client, start: Start) -> None:
        self.client = client
        self._desk = desk
        self._start = start
        self._open: Open | None = None
        # A client, the proofs found for it, and the client with them.
        self._proven: tuple[Client, tuple[ProofFound, ...], Client] = client, (), client
        self._ending: Ending | None = None

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
            transaction.tell(self._desk, None, Outcome.ABANDONED)
            self._discard(transaction)

    def mail(self, argument: str) -> Reply:
        """MAIL FROM."""
        if not self.client.helo:
            return say.BAD_SEQUENCE.reply(want="EHLO")
        if self._open is not None:
            return say.BAD_SEQUENCE.reply(want="RSET")
        raw_from = argument[len("FROM:") :][:320].strip()
        sender = self._sender(argument)
        if sender.path is None:
            facts = Transaction(client=self.client, reverse_path=None, raw_from=raw_from, octets=sender.octets)
            note(self._desk, facts, None, sender.reply)
        else:
            self._open = Open(sender.path, raw_from, sender.octets, self.client, sender.asks)
        return sender.reply

    def _sender(self, argument: str) -> Sender:
        desk = self._desk
        known = desk.precedents.sender(argument)
        if known is not None and known.octets <= desk.manners.max_octets and desk.has_space(known.octets):
            return known
        sender = on_mail(argument, desk.rules, has_space=desk.has_space)
        if sender.path is not None and sender.asks is NOTHING_OF_MAIL:
            desk.precedents.keep_sender(argument, sender)
        return sender

    def rcpt(self, argument: str) -> Reply | Awaitable[Reply]:
        """RCPT TO; only where DNS must be asked, the answer is awaited."""
        transaction = self._open
        if transaction is None:
            return say.BAD_SEQUENCE.reply(want="MAIL")
        desk, client, sender, directory = self._desk, self.client, transaction.sender, self._desk.directory()
        book = desk.precedents.book(client, directory, desk.manners.trust)
        precedent = book.rulings.get((argument, sender))
        if precedent is None:
            domain = fax_domain(argument, directory)
            found = desk.gatherer.at_once(client, sender, directory=directory, domain=domain) if domain else ()
            if found is None:
                return self._rcpt_later(transaction, argument, domain)
            ruling = self._on_rcpt(transaction, argument, found)
            precedent = Precedent(found, ruling, capped(ruling, sender))
            desk.precedents.keep(book, argument, sender, precedent)
        return self._as_before(transaction, precedent)

    def _as_before(self, transaction: Open, precedent: Precedent) -> Reply:
        """Ruled by a precedent: looked at is only what changes from mail to mail."""
        ruling, store = precedent.ruling, self._desk.store
        alone = not (precedent.capped or transaction.rulings)
        if alone and plainly(ruling, octets=transaction.octets, resting=store.resting.now(), limits=self._desk.limits):
            transaction.client = self._with(precedent.found)
            transaction.rulings.append(ruling)
            reply = ruling.reply
        else:
            reply = self._ruled(transaction, precedent.found, ruling)
        if reply is ruling.reply and reply.ok:
            transaction.precedents.append(precedent)
        return reply

    async def _rcpt_later(self, transaction: Open, argument: str, domain: str) -> Reply:
        """DNS that does not answer defers this recipient alone."""
        desk, sender = self._desk, transaction.sender
        try:
            found = await desk.gatherer.early(self.client, sender, directory=desk.directory(), domain=domain)
        except Temporary as fault:
            ruling = Ruling(reply=fault.sentence.reply(), to=argument[:320], reason=fault.reason)
            return self._ruled(transaction, transaction.client.proofs, ruling)
        return self._ruled(transaction, found, self._on_rcpt(transaction, argument, found))

    def _on_rcpt(self, transaction: Open, argument: str, found: tuple[ProofFound, ...]) -> Ruling:
        desk, sender = self._desk, transaction.sender
        client, pending = self._with(found), desk.gatherer.pending(self.client, sender)
        return on_rcpt(argument, directory=desk.directory(), client=client, sender=sender, pending=pending)

    def _ruled(self, transaction: Open, found: tuple[ProofFound, ...], ruling: Ruling) -> Reply:
        desk, sender, octets = self._desk, transaction.sender, transaction.octets
        transaction.client = self._with(found)
        ruling = admit(ruling, sender=sender, octets=octets, before=transaction.rulings, rules=desk.rules)
        if ruling.reply.ok:
            transaction.rulings.append(ruling)
        else:
            note(desk, transaction.facts(), ruling, ruling.reply)
        return ruling.reply

    def _with(self, found: tuple[ProofFound, ...]) -> Client:
        """The client with its proofs; for those of a precedent, which are the same each time, made once."""
        client, same, proven = self._proven
        if client is not self.client or same is not found:
            proven = replace(self.client, proofs=found)
            self._proven = self.client, found, proven
        return proven

    def data(self) -> Inflow | Reply:
        """DATA: where the content goes, or why it must not come."""
        transaction, desk = self._open, self._desk
        if transaction is None:
            return say.BAD_SEQUENCE.reply(want="MAIL")
        if not transaction.rulings:
            return say.NO_RECIPIENT.reply()
        manners = desk.manners
        transaction.arrival = Arrival(
            desk.spool, desk.load, desk.turns, inline=manners.inline_octets, most=manners.max_arriving
        )
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
            transaction.tell(self._desk, reply)
            self._discard(transaction)

    def finish(self) -> Reply | Later | Awaitable[Reply | None]:
        """The final dot: the mail becomes ours, or the client hears why not."""
        transaction = self._open
        if transaction is None or transaction.arrival is None:
            return say.BAD_SEQUENCE.reply(want="DATA")
        self._ending = Ending(self._desk, transaction, transaction.arrival, self._start)
        if transaction.awaited:
            return self._finish_proven(self._ending)
        return self._finish(self._ending, None)

    async def _finish_proven(self, ending: Ending) -> Reply | None:
        answer = self._finish(ending, await ending.unproven())
        return answer if isinstance(answer, Reply) else await answer

    def _finish(self, ending: Ending, unproven: Reply | None) -> Reply | Later | Awaitable[Reply | None]:
        refusal = unproven or ending.refusal()
        if refusal is not None:
            self.refuse(refusal)
            return refusal
        self._open = None
        return ending.keep()

    def heard(self) -> Awaitable[None] | None:
        """The reply reached a client that is still there: its failure needs no notice any more."""
        ending, self._ending = self._ending, None
        return self._desk.store.notices.withdraw(ending.unheard) if ending and ending.unheard else None

    def _discard(self, transaction: Open) -> None:
        work = transaction.arrival.discard() if transaction.arrival else None
        if work is not None:
            self._start(work)
