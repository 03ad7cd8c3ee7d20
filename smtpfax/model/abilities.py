"""What a backend may be able to do beyond the contract that every one keeps.

In:    a backend, asked by `isinstance` for one of these.
Out:   how long the next offer has to wait; calls taken back, documents forgotten and fetched, faxes received, and
       what it must do from time to time.
Fails: Temporary, Permanent.

Rule: what a backend has not is not asked of it; nothing that a fax needs on its way out depends on any of these.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A document as a backend has it."""

    media_type: str
    octets: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A fax that a backend has received; `ticket` is its name for it, `source` what it needs to bring the document."""

    ticket: str
    received: datetime
    from_number: str
    from_name: str
    to_number: str
    source: str
    pages: int = 0
    read: bool | None = None  # None: it keeps no such mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Tended:
    """When to be tended again, and the tickets whose calls have moved on."""

    again: timedelta
    moved: Sequence[str] = ()


@runtime_checkable
class Paces(Protocol):
    """Takes only so many offers in a time."""

    def wait(self, key: str) -> timedelta:
        """How long the offer of this key has to wait for its turn; none: its turn is now, and is kept for it."""


@runtime_checkable
class Resends(Protocol):
    """Sends a document again that it has already."""

    def resends(self) -> bool:
        """Whether it is to."""


@runtime_checkable
class Cancels(Protocol):
    """Gives a fax back before it is called."""

    async def cancel(self, ticket: str) -> bool:
        """Whether it will surely not be sent any more."""


@runtime_checkable
class Deletes(Protocol):
    """Forgets a fax."""

    async def delete(self, ticket: str) -> None:
        """For good; one that is not there is deleted already."""


@runtime_checkable
class Fetches(Protocol):
    """Shows a fax as it was sent."""

    async def fetch(self, ticket: str) -> Fetched:
        """The document as it was rendered there."""


@runtime_checkable
class Tends(Protocol):
    """Has something to do from time to time, and when it was called back."""

    async def tend(self) -> Tended:
        """Do it."""


@runtime_checkable
class Receives(Protocol):
    """Receives faxes."""

    name: str
    home: str  # account/faxbox for faxes to numbers that no faxbox has; empty: the one faxbox that uses this backend
    every: timedelta  # how often to look

    async def received(self, *, since: datetime, until: datetime | None = None) -> Sequence[Arrival]:
        """All that came in this time, oldest first."""

    async def bring(self, arrival: Arrival) -> Fetched:
        """Its document. Permanent: it has none any more."""

    async def mark(self, ticket: str, *, read: bool) -> None:
        """Set its mark there; one that keeps none does nothing."""
