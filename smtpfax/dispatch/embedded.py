"""The embedded backend: a fax exchange on this host.

In:    an Offer; its key is the call's name and our ticket.
Out:   a fax in the inbox of the faxbox that has the number, or the outcome that the table rehearses, or `no route`.
Fails: Temporary, when the exchange is rehearsed to be down or its durable ground fails; InDoubt, when it lies.

Guarantee: a key is one call, however often it is offered. Record and document of what a call brought are one commit
with its end (`Exchange.settle`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from smtpfax.model import status as say
from smtpfax.model.account import Directory, Faxbox
from smtpfax.model.backend import (
    Broken,
    Call,
    Callback,
    Done,
    Exchange,
    Heard,
    InboundFax,
    Limits,
    Offer,
    Progress,
    Sending,
)
from smtpfax.model.cause import Cause
from smtpfax.model.errors import InDoubt, Permanent, Temporary
from smtpfax.model.ids import Clock, Ids

from . import rehearsal
from .rehearsal import ANSWER, NO_ROUTE, Plan
from .settings import EmbeddedSettings

_SOON = timedelta(milliseconds=50)  # a call without pace is over at once
_LATER = timedelta(seconds=1)


class Embedded:
    """A Backend (model)."""

    can_find = True
    offer_again = False
    prints_header = False  # what is sent is what arrives

    def __init__(
        self,
        name: str,
        settings: EmbeddedSettings,
        *,
        exchange: Exchange,
        directory: Callable[[], Directory],
        clock: Clock,
        ids: Ids,
    ) -> None:
        self.name = name
        self.limits = Limits(octets=settings.max_bytes, pages=settings.max_pages, mail_octets=settings.max_mail_bytes)
        self._table = rehearsal.read_table(name, settings.numbers)
        self._per_page = settings.seconds_per_page
        self._exchange = exchange
        self._directory = directory
        self._clock = clock
        self._ids = ids

    async def offer(self, offer: Offer) -> str:
        """Place the call."""
        plan = self._plan(offer)
        if plan.word == "down":
            raise Temporary(say.BACKEND_DOWN, cause=Cause.BACKEND, reason=f"{self.name} is rehearsed to be down")
        call = await self._exchange.place(self._call(offer, plan))
        if plan.word == "lying":
            raise InDoubt(f"{self.name} is rehearsed to lose its answer")
        return call.key

    async def ask(self, tickets: Sequence[str]) -> Mapping[str, Progress]:
        """How the calls go; one that is over is settled before it is told."""
        return {call.key: await self._progress(call) for call in await self._exchange.calls(tickets)}

    async def find(self, offer: Offer, *, taken: frozenset[str]) -> str | None:
        """The exchange knows calls by our own key."""
        if offer.key in taken or not await self._exchange.calls([offer.key]):
            return None
        return offer.key

    def poll(self, age: timedelta) -> timedelta:
        """At once, then every second: the exchange is next door."""
        return _SOON if age < _LATER else _LATER

    def read_callback(self, callback: Callback) -> Heard:
        """It makes none."""
        raise Permanent(say.NO_CALLBACK, cause=Cause.REFUSED)

    async def check(self) -> str:
        """Nothing to sign in to."""
        return f"the embedded exchange, {len(self._table)} numbers rehearsed"

    async def close(self) -> None:
        """Holds nothing open."""

    async def delete(self, ticket: str) -> None:
        """The call's record; the fax that it brought is whose faxbox received it."""
        await self._exchange.forget(ticket)

    def _plan(self, offer: Offer) -> Plan:
        number = offer.number.e164
        if number in self._table:
            return self._table[number].on_try(offer.try_number)
        return ANSWER if self._directory().of_number(number) else NO_ROUTE

    def _call(self, offer: Offer, plan: Plan) -> Call:
        placed = self._clock()
        lasts = rehearsal.seconds(plan, pages=offer.document.pages, per_page=self._per_page)
        return Call(
            key=offer.key,
            number=offer.number.e164,
            caller=offer.faxbox.number,
            caller_name=offer.faxbox.caller_name,
            document=offer.document,
            placed=placed,
            ends=placed + timedelta(seconds=lasts),
            plan=str(plan),
        )

    async def _progress(self, call: Call) -> Progress:
        now = self._clock()
        if now < call.ends:
            return Sending(pages_sent=rehearsal.pages_by(call, now))
        said = rehearsal.outcome(call)
        if call.settled:
            return said
        box = self._directory().of_number(call.number) if isinstance(said, Done) else None
        if isinstance(said, Done) and box is None and call.number not in self._table:
            return Broken(cause=Cause.NO_ROUTE, text="the faxbox went away during the call")
        await self._exchange.settle(call.key, self._received(call, box, now) if box else None)
        return said

    def _received(self, call: Call, box: Faxbox, at: datetime) -> InboundFax:
        return InboundFax(
            id=self._ids(),
            account_id=box.account_id,
            faxbox_id=box.id,
            from_number=call.caller,
            from_name=call.caller_name,
            to_number=call.number,
            document=call.document,  # the spool counts who refers to it
            received=at,
            backend=self.name,
            ticket=call.key,
        )
