"""The way back, built: everything that comes from the fax services by itself.

In:    the workshop, and the settings of mails about received faxes.
Out:   loops that tend backends, take received faxes and tell of them; what the HTTP door asks of these.
Fails: as the rooms do.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from smtpfax import logs
from smtpfax.api.links import Links
from smtpfax.config import Settings
from smtpfax.inbound.taking import PDF, Taker
from smtpfax.model.abilities import Receives
from smtpfax.model.backend import InboundFax
from smtpfax.model.ids import Ids
from smtpfax.worker.postroom import PostRoom
from smtpfax.worker.receiving import Receiver, Receiving, range_of
from smtpfax.worker.rounds import Rounds
from smtpfax.worker.tending import Tender
from smtpfax.worker.workshop import Workshop

from . import translate


class WayBack:
    """One process's."""

    def __init__(self, settings: Settings, shop: Workshop, *, links: Links, ids: Ids, wake: Callable[[], None]) -> None:
        self._shop = shop
        self._tender = Tender(shop.backends, shop.store, clock=shop.clock, wake=wake)
        post = self._room(settings, links)
        self._post = Rounds(post.round, poll=shop.habits.poll, log=logs.get("inbound"))
        self._receiving = Receiving(
            store=shop.store,
            taker=Taker(spool=shop.spool, draw=shop.renderer.received, ids=ids),
            directory=shop.directory,
            clock=shop.clock,
            meter=shop.meter,
            ring=self._post.ring,
        )
        self._receiver = Receiver(shop.backends, self._receiving)

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
            return await self._shop.spool.read(fax.original)
        return await self._shop.renderer.pdf(fax.document)

    def _room(self, settings: Settings, links: Links) -> PostRoom:
        shop = self._shop
        return PostRoom(
            store=shop.store,
            directory=shop.directory,
            pdf_of=self.pdf,
            link_of=links.received_url,
            relay=translate.relay(settings),
            site=translate.site(settings),
            give_up=timedelta(hours=settings.notices.give_up_hours),
            lease=shop.habits.lease,
            owner=settings.hostname,
            clock=shop.clock,
            meter=shop.meter,
            mails=shop.habits.notices,
        )
