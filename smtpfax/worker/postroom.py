"""Received faxes are told of: whom to, decided once, and each told until a relay has the mail.

In:    faxes of which nobody was told, and letters that are due.
Out:   letters at the relay; the fax marked as mailed when everybody has it.
Fails: never in the loop: a fault is logged, and the letter goes again later (G5).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from smtpfax import logs
from smtpfax.model.account import Directory, Faxbox, InboundMail
from smtpfax.model.backend import InboundFax
from smtpfax.model.errors import Fault, Permanent
from smtpfax.model.ids import Clock
from smtpfax.model.letter import Letter, letters_for
from smtpfax.model.meter import Meter
from smtpfax.notice.compose import Site
from smtpfax.notice.received import compose_received, recipient_of
from smtpfax.notice.relay import Relay
from smtpfax.store import Store

MOST_ATTACHED = 20 << 20  # octets of a PDF; a larger one is a link, for few relays would take it
_AT_ONCE = 4
_MINUTES = (1, 5, 15, 30, 60)  # after the first, second … failure; the last one repeats
log = logs.get("inbound")


@dataclass(frozen=True, slots=True, kw_only=True)
class PostRoom:
    """All that it needs; `mails` False: nobody is told anything, by the administrator's wish."""

    store: Store
    directory: Callable[[], Directory]
    pdf_of: Callable[[InboundFax], Awaitable[bytes]]
    link_of: Callable[[InboundFax], str]
    relay: Relay
    site: Site
    give_up: timedelta
    lease: timedelta
    owner: str
    clock: Clock
    meter: Meter
    mails: bool = True

    async def round(self) -> bool:
        """Once; whether there may be more."""
        untold = await self.store.inbox.untold(limit=50)
        for fax in untold:
            letters = letters_for(fax, self._faxbox(fax), at=self.clock()) if self.mails else ()
            await self.store.inbox.tell(fax.id, letters)
        due = await self.store.letters.claim(self.owner, now=self.clock(), lease=self.lease, limit=_AT_ONCE)
        await asyncio.gather(*map(self._send, due))
        return bool(untold or due)

    async def _send(self, letter: Letter) -> None:
        fax = await self.store.inbox.get(letter.fax_id)
        if fax is None:
            return  # it went, and its letters with it
        faxbox = self._faxbox(fax)
        try:
            pdf = await self._attached(fax, faxbox)
            message = compose_received(
                letter, fax, faxbox, site=self.site, pdf=pdf, link=self.link_of(fax) if pdf is None else ""
            )
            reply = await self.relay.send(message.as_bytes(), recipient_of(letter))
        except Fault as fault:
            await self._later(letter, fault)
            return
        last = await self.store.letters.sent(letter)
        if last and pdf is not None:
            await self.store.inbox.mailed(fax.id)
        log.info("told", id=letter.id, to=f"<{letter.recipient}>", reply=reply)
        self.meter.count("smtpfax_notices_total", kind="received", result="sent")

    async def _attached(self, fax: InboundFax, faxbox: Faxbox | None) -> bytes | None:
        """The PDF, where it goes into the mail."""
        if faxbox is not None and faxbox.inbound_mail is InboundMail.LINK:
            return None
        pdf = await self.pdf_of(fax)
        return pdf if len(pdf) <= MOST_ATTACHED else None

    async def _later(self, letter: Letter, fault: Fault) -> None:
        due = again(letter, at=self.clock(), give_up=self.give_up)
        if isinstance(fault, Permanent) or due is None:
            # Loudly: the fax is in the inbox, and nobody is told of it but the administrator who reads this.
            log.error("given up", id=letter.id, to=f"<{letter.recipient}>", reason=fault.reason)
            await self.store.letters.give_up(letter, fault.reason)
            self.meter.count("smtpfax_notices_total", kind="received", result="given_up")
            return
        log.warning("deferred", id=letter.id, to=f"<{letter.recipient}>", until=due, reason=fault.reason)
        await self.store.letters.retry(letter, due=due, reason=fault.reason)
        self.meter.count("smtpfax_notices_total", kind="received", result="deferred")

    def _faxbox(self, fax: InboundFax) -> Faxbox | None:
        return self.directory().faxbox(fax.account_id, fax.faxbox_id)


def again(letter: Letter, *, at: datetime, give_up: timedelta) -> datetime | None:
    """When to try again, for a letter whose `tries` do not count the one that just failed; None: never."""
    due = at + timedelta(minutes=_MINUTES[min(letter.tries, len(_MINUTES) - 1)])
    return due if due <= letter.created + give_up else None
