"""The way back, built: everything that comes from the fax services by itself.

In:    the house's store, spool, renderer and backends, and the settings of its mails.
Out:   loops that tend backends, take received faxes and tell of them; what the HTTP door asks of these.
Fails: as the rooms do.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from smtpfax.api.links import Links
from smtpfax.api.meter import Metrics
from smtpfax.config import Settings
from smtpfax.inbound.taking import PDF, Taker
from smtpfax.model.abilities import Receives
from smtpfax.model.account import Directory
from smtpfax.model.backend import Backend, InboundFax
from smtpfax.model.ids import Clock, Ids
from smtpfax.render.stage import Renderer
from smtpfax.spool import Spool
from smtpfax.store import Store
from smtpfax.worker.postroom import Post, PostRoom
from smtpfax.worker.receiving import Receiver, Receiving, range_of
from smtpfax.worker.tending import Tender

from . import translate


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """What it stands on."""

    settings: Settings
    store: Store
    spool: Spool
    renderer: Renderer
    backends: Mapping[str, Backend]
    directory: Callable[[], Directory]
    links: Links
    metrics: Metrics
    clock: Clock
    ids: Ids
    wake: Callable[[], None]


class WayBack:
    """One process's."""

    def __init__(self, ways: Ways) -> None:
        self._ways = ways
        self._tender = Tender(ways.backends, ways.store, clock=ways.clock, wake=ways.wake)
        self._post = Post(self._room(), poll=timedelta(seconds=ways.settings.queue.poll_seconds))
        taker = Taker(spool=ways.spool, draw=ways.renderer.received, ids=ways.ids)
        self._receiving = Receiving(
            store=ways.store,
            taker=taker,
            directory=ways.directory,
            clock=ways.clock,
            meter=ways.metrics,
            ring=self._post.ring,
        )
        self._receiver = Receiver(ways.backends, self._receiving)

    async def run(self) -> None:
        """For ever."""
        async with asyncio.TaskGroup() as group:
            for loop in (self._tender.run(), self._receiver.run(), self._post.run()):
                group.create_task(loop)

    def called(self, name: str) -> None:
        """A backend of this name said that something changed, or somebody here changed a mark."""
        self._tender.called(name)
        self._receiver.called(name)

    async def receive(self, backend: Receives, since: datetime, until: datetime) -> tuple[Sequence[InboundFax], int]:
        """What it received in this time, and was not taken before; how many could not be taken just now."""
        took = await self._receiving.fetch(backend, range_of(since, until))
        return took.faxes, len(took.left)

    async def pdf(self, fax: InboundFax) -> bytes:
        """A received fax as people like it: the very PDF that came, or one of ours."""
        if fax.original and fax.media_type == PDF:
            return await self._ways.spool.read(fax.original)
        return await self._ways.renderer.pdf(fax.document)

    def _room(self) -> PostRoom:
        ways, settings = self._ways, self._ways.settings
        return PostRoom(
            store=ways.store,
            directory=ways.directory,
            pdf_of=self.pdf,
            link_of=ways.links.received_url,
            relay=translate.relay(settings),
            site=translate.site(settings),
            give_up=timedelta(hours=settings.notices.give_up_hours),
            lease=timedelta(seconds=settings.queue.lease_seconds),
            owner=settings.hostname,
            clock=ways.clock,
            meter=ways.metrics,
            mails=settings.notices.enabled,
        )
