"""What a fax service is to us.

In:    an Offer: the document, the number and who we are; later the ticket that the backend gave for it.
Out:   a ticket, and Progress: Sending, Done or Broken.
Fails: Temporary (nothing was taken), Permanent (never will be), InDoubt (the request had left, no answer came).

Rule: `offer` is called once for a try, after `offered` is committed; a backend never tries again by itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from .account import Faxbox
from .cause import Cause
from .document import Document
from .event import Transmission
from .number import FaxNumber


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the backend takes at most: octets of one document as it leaves, and pages.

    `mail_octets` bounds the mail itself, where an administrator wants that; 0 leaves it to the door's own bound.
    """

    octets: int
    pages: int
    mail_octets: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One try of one job, as the backend needs to know it."""

    job_id: str
    try_number: int  # 1 for the first
    number: FaxNumber
    document: Document
    faxbox: Faxbox
    subject: str = ""
    to_name: str = ""  # for whom it is, where the address said so
    original: str = ""  # the ticket of a fax of this very document that the backend may still hold
    offered: datetime

    @property
    def key(self) -> str:
        """Our own name for this try, for backends that can carry or be asked for one."""
        return offer_key(self.job_id, self.try_number)


def offer_key(job_id: str, try_number: int) -> str:
    """Our own name for a try."""
    return f"{job_id}.{try_number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """Not over yet."""

    pages_sent: int = 0
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """Sent; `unconfirmed` when the backend can only say that it took it."""

    transmission: Transmission = Transmission()
    unconfirmed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """The call, or what stands for it, failed; `placed` is whether there was a call."""

    cause: Cause
    text: str = ""  # the backend's own words, for the log
    transmission: Transmission = Transmission()


Progress = Sending | Done | Broken


@dataclass(frozen=True, slots=True, kw_only=True)
class Callback:
    """An HTTP request that a backend made to us, unchecked."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """What a checked callback says: a ticket's progress; with no progress it only says "ask now"."""

    ticket: str
    progress: Progress | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What a callback came to: the tickets that it names, or that something changed; and headers to answer with."""

    called: Sequence[Called] = ()
    changed: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)


class Backend(Protocol):
    """A fax service. All of it may be called concurrently."""

    name: str
    limits: Limits
    can_find: bool  # whether `find` is an answer; else the setting `offer_again` decides
    offer_again: bool
    prints_header: bool  # whether it prints a header line on each page (47 CFR 68.318(d)); else ours is there

    async def offer(self, offer: Offer) -> str:
        """Hand the document over, once, and return the ticket. Temporary, Permanent, InDoubt."""

    async def ask(self, tickets: Sequence[str]) -> Mapping[str, Progress]:
        """How the calls go; a ticket that the backend does not know is left out. Temporary."""

    async def find(self, offer: Offer, *, taken: frozenset[str]) -> str | None:
        """The ticket of a try in doubt, or None; never one of `taken`, which other jobs hold. Temporary."""

    def poll(self, age: timedelta) -> timedelta:
        """How long to wait before `ask`, for a call accepted so long ago."""

    def read_callback(self, callback: Callback) -> Heard:
        """What the backend tells by itself. Permanent when it is not from it."""

    async def check(self) -> str:
        """Sign in and say in words what was found. Temporary, Permanent."""

    async def close(self) -> None:
        """Let go of connections."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call of the embedded exchange, durable from the moment it is taken; `key` is the offer's."""

    key: str
    number: str  # E.164, as dialled
    caller: str
    caller_name: str
    document: Document
    placed: datetime
    ends: datetime
    plan: str  # how it will go: "answer", or a rehearsal's word
    settled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundFax:
    """A fax that was received for a faxbox."""

    id: str
    account_id: str
    faxbox_id: str
    from_number: str
    from_name: str
    to_number: str
    document: Document
    received: datetime
    backend: str
    ticket: str
    original: str = ""  # what came, in the spool, where it is not the document itself
    media_type: str = ""  # of that
    read: bool = False
    remote_read: bool | None = None  # the backend's own mark, as it was last told or set; None: it keeps none


class Exchange(Protocol):
    """The durable ground of the embedded backend: what a telephone exchange would remember."""

    async def place(self, call: Call) -> Call:
        """Keep the call, once per key: the same key again returns the one that is kept."""

    async def calls(self, keys: Sequence[str]) -> Sequence[Call]:
        """Those that are kept, by key."""

    async def settle(self, key: str, received: InboundFax | None) -> bool:
        """The call is over: mark it and keep what was received, in one commit; False when it was settled before."""

    async def forget(self, key: str) -> None:
        """A call that is over; what it brought is whose faxbox received it."""

    async def under_way(self, numbers: Sequence[str]) -> Sequence[Call]:
        """Calls to these numbers that are not over, oldest first."""
