"""Single messages: their documents fetched, marked as read, deleted, taken back.

In:    a ticket, or the source of an Arrival (`message/attachment`).
Out:   the document; nothing else.
Fails: Temporary; Permanent for a document that is not there any more.

Rule: reading a document does not mark it as read; that is a request of its own. A fax is taken back only while it is
queued and not drawn yet: from then on a call may be under way, and nobody could say that it will not be sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from smtpfax.egress import Answer, Json
from smtpfax.model import status as say
from smtpfax.model.abilities import Arrival, Fetched
from smtpfax.model.cause import Cause
from smtpfax.model.errors import Permanent, Temporary
from smtpfax.model.ids import Clock

from .client import Client
from .limiter import Group
from .listing import Wanted, messages
from .meaning import STILL_RENDERING, down, trouble
from .message import Message, message_of
from .reading import error_of, is_gone, record_of
from .ticket import Ticket

_QUEUED = "Queued"


class Shelf:
    """One extension's messages."""

    def __init__(self, client: Client, clock: Clock) -> None:
        self._client = client
        self._clock = clock

    async def received(self, *, since: datetime, until: datetime | None) -> Sequence[Arrival]:
        """Faxes that came in."""
        listing = await messages(self._client, Wanted(direction="Inbound", since=since, until=until))
        arrivals = [_arrival(message, self._clock()) for message in listing.messages if message.alive]
        return sorted(arrivals, key=lambda arrival: (arrival.received, arrival.ticket))

    async def document(self, message: int, attachment: int) -> Fetched:
        """As it was rendered, PDF or TIFF by the extension's preference."""
        path = f"{self._path(message)}/content/{attachment or message}"
        answer = await self._client.ask("GET", path, Group.MEDIUM, host="media")
        if answer.ok:
            return Fetched(media_type=answer.headers.get("content-type", "").partition(";")[0], octets=answer.body)
        raise self._no_document(answer)

    async def mark(self, message: int, *, read: bool) -> None:
        """Read or Unread."""
        body = Json({"readStatus": "Read" if read else "Unread"})
        answer = await self._client.ask("PUT", self._path(message), Group.MEDIUM, body=body)
        if not (answer.ok or is_gone(answer)):
            raise trouble(answer, at=self._clock())

    async def delete(self, ticket: Ticket, *, purge: bool = True) -> None:
        """An id is always named: without one, everything would go."""
        path = self._path(ticket.message) + ("?purge=true" if purge else "")
        answer = await self._client.ask("DELETE", path, Group.MEDIUM)
        if not (answer.ok or is_gone(answer)):
            raise trouble(answer, at=self._clock())

    async def cancel(self, ticket: Ticket) -> bool:
        """Delete it while it waits; afterwards it must still be one that was never sent."""
        if not _waits(await self._look(ticket)):
            return False
        await self.delete(ticket, purge=False)
        after = await self._look(ticket)
        return after is None or (_waits(after) and not after.alive)

    async def _look(self, ticket: Ticket) -> Message | None:
        answer = await self._client.ask("GET", self._path(ticket.message), Group.LIGHT)
        if is_gone(answer):
            return None
        if not answer.ok:
            raise trouble(answer, at=self._clock())
        return message_of(record_of(answer) or {})

    def _path(self, message: int) -> str:
        return f"{self._client.extension}/message-store/{message}"

    def _no_document(self, answer: Answer) -> Temporary | Permanent:
        said = error_of(answer)
        if said is not None and said.code == STILL_RENDERING:
            return down("the fax is still being rendered")
        if is_gone(answer):
            why = f"RingCentral: {answer.status} {said or ''}"
            return Permanent(say.DOCUMENT_GONE, cause=Cause.REFUSED, reason=why)
        return trouble(answer, at=self._clock())


def _waits(message: Message | None) -> bool:
    return message is not None and message.status == _QUEUED and not message.pages


def _arrival(message: Message, now: datetime) -> Arrival:
    return Arrival(
        ticket=str(Ticket(message=message.id, created=message.created or now)),
        received=message.created or now,
        from_number=message.from_number,
        from_name=message.from_name,
        to_number=message.to_number,
        source=f"{message.id}/{message.attachment}",
        pages=message.pages,
        read=message.read,
    )
