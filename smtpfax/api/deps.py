"""What the HTTP doors are handed by `app.py`.

In:    objects made once.
Out:   Deps, which every handler finds in its application.
Fails: never.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from aiohttp import web

from smtpfax.egress import Strangers
from smtpfax.model.abilities import Receives
from smtpfax.model.account import Directory
from smtpfax.model.backend import Backend, InboundFax
from smtpfax.model.document import Document
from smtpfax.model.ids import Clock, Ids
from smtpfax.spool import Spool
from smtpfax.store import Store

from .limiter import NO_LIMIT, Limiter
from .links import Links
from .meter import Metrics
from .turns import Turns


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """Something that must be well before we are ready; `run` answers an empty text, or what is wrong."""

    name: str
    run: Callable[[], Awaitable[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deps:
    """All that a handler may use; sizes in octets."""

    store: Store
    spool: Spool
    directory: Callable[[], Directory]
    reload: Callable[[], Awaitable[None]]  # accounts have changed
    wake: Callable[[], None]  # there is work
    called: Callable[[str], None]  # a backend of this name said that something changed
    clock: Clock
    ids: Ids
    pdf_of: Callable[[Document], Awaitable[bytes]]
    fax_pdf: Callable[[InboundFax], Awaitable[bytes]]
    receive: Callable[[Receives, datetime, datetime], Awaitable[tuple[Sequence[InboundFax], int]]]  # taken, and left
    metrics: Metrics
    links: Links
    strangers: Strangers  # asks for documents that an order names by their address
    version: str
    public_url: str
    backends: Mapping[str, Backend] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)  # of backends: embedded, kazoo
    readiness: Sequence[Check] = ()
    page_size: int = 50
    max_page_size: int = 1000
    max_body: int = 36_700_160
    inline_octets: int = 262_144  # a larger content is a file of the spool
    duplicate_hours: float = 48
    expiry: timedelta = timedelta(hours=24)
    most_hold: timedelta = timedelta(days=30)  # so far ahead a fax may be scheduled
    fetch_seconds: float = 30
    body_seconds: float = 600  # for a body to arrive: who hangs gives his turn back
    turns: Turns = field(default_factory=Turns)
    limiter: Limiter = NO_LIMIT  # of requests with a token
    origins: frozenset[str] = frozenset()  # whose scripts may ask


DEPS = web.AppKey("deps", Deps)
