"""A received fax becomes a record of ours, with a document of ours.

In:    an Arrival, the faxbox that it is for, and the backend that has it.
Out:   an InboundFax, to be written; its document, and what came where that is a PDF, durable in the spool by then.
Fails: Temporary, to be tried again; Permanent, when the backend has it no longer.

Rule: what came is kept as it came, and drawn again within the sandbox. What cannot be drawn, however often, is not
lost: its pages say so, and what came is kept beside them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from smtpfax.model import status as say
from smtpfax.model.abilities import Arrival, Receives
from smtpfax.model.account import Faxbox
from smtpfax.model.backend import InboundFax
from smtpfax.model.cause import Cause
from smtpfax.model.document import Document
from smtpfax.model.errors import Permanent, Temporary
from smtpfax.model.ids import Ids
from smtpfax.spool import Spool

PDF, TIFF = "application/pdf", "image/tiff"
MOST_CRASHES = 2  # of converters over one fax; then it is kept without being drawn
_SUFFIX = {PDF: "pdf", TIFF: "tif"}
_HEAD = 1024  # ISO 32000-1 implementation note 13: readers look for %PDF- in so many octets

Draw = Callable[[str, bytes, Faxbox], Awaitable[Document]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Taker:
    """`draw` makes a document of a file, by its name and octets: Temporary, Permanent."""

    spool: Spool
    draw: Draw
    ids: Ids

    async def take(self, arrival: Arrival, faxbox: Faxbox, backend: Receives, *, crashes: int) -> InboundFax:
        """One fax."""
        fetched = await backend.bring(arrival)
        kind = kind_of(fetched.octets)
        if kind is None:
            raise Temporary(say.NOT_A_FAX_FILE, cause=Cause.BACKEND, reason=f"{fetched.media_type} is no fax")
        digest = hashlib.sha256(fetched.octets).hexdigest()[:40]
        drawn = await self._drawn(f"fax.{_SUFFIX[kind]}", fetched.octets, faxbox, crashes=crashes)
        document = drawn or await self.draw("fax.txt", words(arrival, backend.name).encode(), faxbox)
        original = ""
        if kind == PDF or drawn is None:
            original = f"in-{digest}.{_SUFFIX[kind]}"
            await self.spool.put(original, fetched.octets)
        return InboundFax(
            id=self.ids(),
            account_id=faxbox.account_id,
            faxbox_id=faxbox.id,
            from_number=arrival.from_number,
            from_name=arrival.from_name,
            to_number=arrival.to_number or faxbox.number,
            document=document,
            received=arrival.received,
            backend=backend.name,
            ticket=arrival.ticket,
            original=original,
            media_type=kind if original else "",
            read=bool(arrival.read),
            remote_read=arrival.read,
        )

    async def _drawn(self, name: str, octets: bytes, faxbox: Faxbox, *, crashes: int) -> Document | None:
        """The document, or None for what cannot be drawn: damaged, encrypted, or the end of every converter."""
        if crashes >= MOST_CRASHES:
            return None
        try:
            return await self.draw(name, octets, faxbox)
        except Permanent:
            return None


def kind_of(octets: bytes) -> str | None:
    """By its first octets; what a backend says of it is not asked."""
    if b"%PDF-" in octets[:_HEAD]:
        return PDF
    return TIFF if octets[:4] in (b"II*\0", b"MM\0*") else None


def words(arrival: Arrival, backend: str) -> str:
    """What stands on the page of a fax that cannot be drawn."""
    pages = f" with {arrival.pages} pages" if arrival.pages else ""
    return (
        f"A fax{pages} from {arrival.from_number or 'an unknown number'} came in by {backend}\n"
        f"on {arrival.received:%Y-%m-%d} at {arrival.received:%H:%M} UTC.\n\n"
        "Its document is damaged, and cannot be shown as pages.\n"
        "It is kept as it came, beside this page.\n"
    )
