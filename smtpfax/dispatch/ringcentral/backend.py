"""The RingCentral backend.

In:    an Offer; tickets; callbacks.
Out:   a fax in RingCentral's queue, its ticket, and how it stands; faxes that came in.
Fails: Temporary, Permanent, InDoubt.

Rule: `offer` lets one request with a document leave. Only after a refusal to send an earlier document again, which
says that nothing was taken, does another one leave: the whole fax.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from smtpfax.dispatch.settings import RingCentralSettings
from smtpfax.egress import Answer, Egress, NoAnswer, NotSent
from smtpfax.egress.message import Body
from smtpfax.model.abilities import Arrival, Fetched, Tended
from smtpfax.model.backend import Broken, Callback, Heard, Limits, Offer, Progress, Sending
from smtpfax.model.document import Document
from smtpfax.model.errors import InDoubt, Temporary
from smtpfax.model.ids import Clock
from smtpfax.model.meter import Meter

from .board import Board
from .callbacks import hear
from .client import Client
from .codes import NO_REASON
from .credential import Credential
from .finding import LISTED, Sought, choose
from .limiter import Group
from .listing import Wanted, messages
from .meaning import cannot_resend, down, refusal
from .memory import Memory
from .message import Message, message_of
from .offering import check_number, file_name, may_resend, most_octets, request, resending
from .reading import record_of
from .reason import reason_of
from .shelf import Shelf
from .states import broken, progress_of
from .subscription import Address, Subscription
from .ticket import read_ticket

# Younger than so many minutes: so many times poll_seconds; older: twenty times. The verdict comes late: the median is
# eleven minutes, and one in ten takes half an hour.
_PACE = ((1, 1), (10, 2), (60, 4))
_PATIENT = 20
_TELLS_WHY = timedelta(hours=1)  # nobody could say why for so long: nobody will


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What the house hands in."""

    egress: Egress
    credential: Credential
    clock: Clock
    path_of: Callable[[str], Path]
    pdf_of: Callable[[Document], Awaitable[bytes]]
    address: Address
    meter: Meter


class RingCentral:
    """A Backend (model), with every ability there is."""

    can_find = True
    offer_again = False
    prints_header = True  # each page gets a header line there; it cannot be switched off

    def __init__(self, name: str, settings: RingCentralSettings, world: World) -> None:
        self.name = name
        self.limits = Limits(
            octets=most_octets(settings), pages=settings.max_pages, mail_octets=settings.max_mail_bytes
        )
        self.home = settings.faxbox
        self.every = timedelta(seconds=settings.inbox_seconds)
        self._settings = settings
        self._world = world
        self._client = Client(
            settings, egress=world.egress, credential=world.credential, clock=world.clock, tally=self._tally
        )
        self._board = Board(self._client, world.clock, every=timedelta(seconds=settings.poll_seconds))
        self._shelf = Shelf(self._client, world.clock)
        self._subscription = Subscription(self._client, world.address, world.clock)
        self._reasons: Memory[Broken] = Memory()
        self._whole_only: Memory[bool] = Memory()  # messages whose document it did not send again
        self._called = False

    def wait(self, key: str) -> timedelta:
        """Its place in the line of the credential."""
        return self._world.credential.limiter.wait(key)

    async def offer(self, offer: Offer) -> str:
        """POST fax: the document of an earlier message where there is one, else the whole fax."""
        check_number(offer)
        original = read_ticket(offer.original) if may_resend(offer, self._settings) else None
        if original is not None and original.message not in self._whole_only:
            answer = await self._post(resending(offer, original), offer)
            if not cannot_resend(answer):
                return self._taken(answer, offer)
            self._whole_only[original.message] = True  # else each try that finds no turn would ask anew
        return self._taken(await self._post(await self._whole(offer), offer), offer)

    async def ask(self, tickets: Sequence[str]) -> Mapping[str, Progress]:
        """All from one reading of the message store; Temporary when it cannot be read."""
        known = {text: ticket for text in tickets if (ticket := read_ticket(text))}
        found = await self._board.of(known.values())
        return {
            text: await self._progress(found[ticket.message])
            for text, ticket in known.items()
            if ticket.message in found
        }

    async def find(self, offer: Offer, *, taken: frozenset[str]) -> str | None:
        """In the message store, by number and time."""
        lasts = timedelta(seconds=self._settings.request_seconds)
        original = read_ticket(offer.original)
        since = min(offer.offered, original.created if original else offer.offered) - LISTED
        until = offer.offered + lasts + LISTED
        listing = await messages(self._client, Wanted(direction="Outbound", since=since, until=until))
        name = file_name(offer, self._settings)
        ticket = choose(listing.messages, Sought(offer=offer, file_name=name, taken=taken, lasts=lasts))
        return str(ticket) if ticket else None

    def resends(self) -> bool:
        """By the setting."""
        return self._settings.resend

    def poll(self, age: timedelta) -> timedelta:
        """Often at first; for hours if need be."""
        factor = next((factor for minutes, factor in _PACE if age < timedelta(minutes=minutes)), _PATIENT)
        return timedelta(seconds=self._settings.poll_seconds * factor)

    def read_callback(self, callback: Callback) -> Heard:
        """An event of the subscription; the next `tend` asks."""
        heard = hear(callback, token=self._world.address.token)
        self._called = self._called or heard.changed
        return heard

    async def tend(self) -> Tended:
        """Keep the subscription; after a callback, see which faxes are over."""
        if self._called and (rests := self._board.rests()):
            return Tended(again=rests)  # what changed may have changed after the reading that was made just now
        called, self._called = self._called, False
        moved = [str(ticket) for ticket in await self._board.moved()] if called else []
        again = await self._subscription.tend() if self._settings.webhook else timedelta(hours=1)
        return Tended(again=again, moved=moved)

    async def check(self) -> str:
        """Sign in, and look at the message store and the subscriptions."""
        now = self._world.clock()
        listing = await messages(self._client, Wanted(direction="Outbound", since=now - timedelta(hours=1)))
        if self._settings.webhook:
            await self._client.get("subscription", group=Group.MEDIUM)
        return f"signed in, {self._client.extension} can be used, {len(listing.messages)} faxes in the last hour"

    async def cancel(self, ticket: str) -> bool:
        """Only while it waits there."""
        known = read_ticket(ticket)
        return known is not None and await self._shelf.cancel(known)

    async def delete(self, ticket: str) -> None:
        """For good."""
        known = read_ticket(ticket)
        if known is not None:
            await self._shelf.delete(known)

    async def fetch(self, ticket: str) -> Fetched:
        """The fax as RingCentral rendered it."""
        known = read_ticket(ticket)
        if known is None:
            raise down(f"{ticket} is no ticket of RingCentral's")
        return await self._shelf.document(known.message, known.attachment)

    async def received(self, *, since: datetime, until: datetime | None = None) -> Sequence[Arrival]:
        """From the message store."""
        return await self._shelf.received(since=since, until=until)

    async def bring(self, arrival: Arrival) -> Fetched:
        """A received fax's document."""
        message, _, attachment = arrival.source.partition("/")
        return await self._shelf.document(int(message), int(attachment))

    async def mark(self, ticket: str, *, read: bool) -> None:
        """Its readStatus."""
        known = read_ticket(ticket)
        if known is not None:
            await self._shelf.mark(known.message, read=read)

    async def close(self) -> None:
        """Every request has closed its own connection."""

    def _tally(self, group: str, code: str) -> None:
        self._world.meter.count("smtpfax_backend_calls_total", backend=self.name, group=group, code=code)

    async def _whole(self, offer: Offer) -> Body:
        """With the document, as PDF or as it is kept."""
        if self._settings.document == "tiff":
            return request(offer, self._settings, self._world.path_of(offer.document.name))
        return request(offer, self._settings, await self._world.pdf_of(offer.document))

    async def _post(self, body: Body, offer: Offer) -> Answer:
        path, seconds = f"{self._client.extension}/fax", self._settings.request_seconds
        try:
            return await self._client.send("POST", path, Group.HEAVY, body=body, key=offer.key, seconds=seconds)
        except NotSent as why:
            raise down(str(why)) from why
        except NoAnswer as why:
            raise InDoubt(str(why)) from why

    def _taken(self, answer: Answer, offer: Offer) -> str:
        message = message_of(record_of(answer) or {}) if answer.ok else None
        if message is None:
            raise refusal(answer, offer, at=self._world.clock())
        ticket = message.ticket(self._world.clock())
        self._board.watch(ticket)
        self._reasons.pop(message.id, None)  # of an earlier try, if it sends under the same id again
        return str(ticket)

    async def _progress(self, message: Message) -> Progress:
        """How it stands; a failure without its reason is not over before the reason is known."""
        said = progress_of(message) or self._reasons.get(message.id)
        if said is not None:
            return said
        try:
            told = broken(await reason_of(self._client, message))
        except Temporary as fault:
            if message.modified is None or self._world.clock() - message.modified < _TELLS_WHY:
                return Sending(text=f"failed, and why is not known yet: {fault.reason}")
            told = broken(NO_REASON)
        self._reasons[message.id] = told
        return told
