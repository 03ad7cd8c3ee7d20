"""The end of DATA: proofs that the content brings, the last looks, and the mail becomes ours.

In:    a transaction whose content has arrived.
Out:   the reply: at once, or later, or awaited.
Fails: Temporary, when the mail could not be kept: it is told to the log by then, and the client keeps the mail.

Rule: the commit is not the connection's: a client that vanishes meanwhile leaves no half of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from typing import Any

from smtpfax.model import status as say
from smtpfax.model.attempt import outcome_of
from smtpfax.model.bounds import too_large
from smtpfax.model.errors import Temporary
from smtpfax.model.status import Reply

from .arrival import Arrival
from .desk import Desk
from .keeping import Kept, blank_of, decide, decided, keep, keep_small
from .later import Later
from .proofs.gather import late_reply
from .taking import Transaction
from .transaction import Open

MOST_RECEIVED = 50  # RFC 5321 section 6.3: a mail that went through so many servers goes round in circles
Start = Callable[[Coroutine[Any, Any, Any]], asyncio.Task[Any]]  # work that its connection does not end


class Ending:
    """One mail's."""

    __slots__ = ("_arrival", "_desk", "_facts", "_start", "_transaction", "unheard")

    def __init__(self, desk: Desk, transaction: Open, arrival: Arrival, start: Start) -> None:
        self._desk = desk
        self._transaction = transaction
        self._arrival = arrival
        self._start = start
        self._facts = transaction.facts()
        self.unheard: list[str] = []  # jobs whose failure the client hears from the reply

    async def unproven(self) -> Reply | None:
        """What is wrong with the proofs that the content brings; before anything is taken."""
        transaction = self._transaction
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
        self._facts = replace(self._facts, client=transaction.client)
        return late_reply(found)

    def refusal(self) -> Reply | None:
        """What can be said of the mail now that all of it is here."""
        if self._facts.header.received > MOST_RECEIVED:
            return say.LOOP.reply()
        boxes = [ruling.choice.faxbox for ruling in self._transaction.rulings]
        if all(box is not None and too_large(box, self._facts.octets, self._desk.limits) for box in boxes):
            return say.TOO_LARGE_FOR_FAXBOX.reply(address=self._transaction.rulings[0].to)
        return None

    def keep(self) -> Later | Awaitable[Reply]:
        """Make it ours; without a task, where the content is in hand and no verdict is waited for."""
        if self._arrival.small and self._desk.manners.verdict_seconds <= 0:
            return self._keep_small()
        return asyncio.shield(self._start(self._keep()))

    def _keep_small(self) -> Later:
        later, transaction = Later(), self._transaction

        def then(outcome: Kept | BaseException) -> None:
            if isinstance(outcome, BaseException):
                self._not_kept(outcome)
                later.give(outcome)
                return
            reply = decided(self._desk, outcome)
            later.give(self._start(self._decide(outcome)) if reply is None else self._counted(reply))

        content, sender = self._arrival.in_hand(), transaction.sender
        try:
            blank = None
            if transaction.plain:
                blank = blank_of(self._desk, self._facts, transaction.precedents, sender=sender)
            rulings, facts = transaction.rulings, self._known
            keep_small(self._desk, facts, content, sender=sender, rulings=rulings, blank=blank, then=then)
        except BaseException as error:
            self._not_kept(error)
            raise
        return later

    async def _keep(self) -> Reply:
        transaction = self._transaction
        try:
            kept = await keep(
                self._desk, self._known, self._arrival, sender=transaction.sender, rulings=transaction.rulings
            )
        except BaseException as error:
            self._not_kept(error)
            raise
        return await self._decide(kept)

    async def _decide(self, kept: Kept) -> Reply:
        reply = await decide(self._desk, kept)
        if reply.permanent:
            self.unheard = [job.job_id for job in kept.deciding]
        return self._counted(reply)

    def _counted(self, reply: Reply) -> Reply:
        meter = self._desk.meter
        meter.count("smtpfax_smtp_received_messages_total", result=outcome_of(reply))
        meter.count("smtpfax_smtp_received_bytes_total", self._facts.octets)
        return reply

    def _not_kept(self, error: BaseException) -> None:
        reply = (error.sentence if isinstance(error, Temporary) else say.OUR_FAULT).reply()
        self._transaction.tell(self._desk, reply)
        work = self._arrival.discard()
        if work is not None:
            self._start(work)

    @property
    def _known(self) -> Transaction:
        witness = self._transaction.witness
        return self._facts if witness is None else replace(self._facts, seals=self._desk.gatherer.seals(witness))
