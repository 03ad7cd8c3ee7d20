"""The watch: what an administrator wants to be woken for, and is told once.

In:    the fax services, the queue, the disk, the mail relay, looked at every few minutes.
Out:   a mail when a trouble begins and one when it is over; the health of the fax services, for the pages.
Fails: never: what cannot be looked at is logged, and looked at again.

Rule: what was told is kept in the store, so that a restart tells nothing twice. A mail that cannot leave goes with
the next round.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from smtpfax import logs
from smtpfax.model.alert import Alert, Health, Trouble, plan
from smtpfax.model.backend import Backend
from smtpfax.model.errors import Fault, NotLetIn, Permanent, Temporary
from smtpfax.model.ids import Clock
from smtpfax.model.meter import Meter
from smtpfax.notice.alarm import send_alert
from smtpfax.notice.compose import Site
from smtpfax.notice.relay import Relay
from smtpfax.spool import Spool
from smtpfax.store import Store, Whose

PATIENCE = timedelta(minutes=10)  # a fax service or a relay that is away for less is no news
log = logs.get("watch")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What is too much, and who is told."""

    every: timedelta
    queue: timedelta
    free_bytes: int
    recipients: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """How things stand."""

    refused: Mapping[str, str] = field(default_factory=dict)  # fax services that do not let us in, and their words
    away: Mapping[str, str] = field(default_factory=dict)  # those that do not answer
    waiting_since: datetime | None = None
    free_bytes: int | None = None  # None: the disk does not answer
    relay: str = ""  # what is wrong with it


def troubles(seen: Seen, rules: Rules, *, at: datetime) -> Iterator[Trouble]:
    """What of it is wrong."""
    for name, why in seen.refused.items():
        yield Trouble(
            key=f"backend {name}",
            subject=f"fax service {name} refuses our credentials",
            text=f"The fax service {name} does not let us in: {why}. No fax can be sent by it before that is mended.",
        )
    for name, why in seen.away.items():
        yield Trouble(
            key=f"backend {name} away",
            subject=f"fax service {name} does not answer",
            text=f"The fax service {name} cannot be reached: {why}. Its faxes wait.",
            patience=PATIENCE,
        )
    if seen.waiting_since is not None and at - seen.waiting_since > rules.queue:
        yield Trouble(
            key="queue",
            subject="faxes wait for too long",
            text=f"The oldest fax in the queue has waited since {seen.waiting_since:%Y-%m-%d %H:%M} UTC.",
        )
    if seen.free_bytes is None or seen.free_bytes < rules.free_bytes:
        left = "The disk does not answer." if seen.free_bytes is None else f"{seen.free_bytes >> 20} MiB are free."
        yield Trouble(key="disk", subject="little space is left", text=f"{left} Without space mail is deferred.")
    if seen.relay:
        yield Trouble(
            key="relay",
            subject="the mail relay takes no notices",
            text=f"Senders are not told what became of their faxes: {seen.relay}. Their notices wait.",
            patience=PATIENCE,
        )


class Watch:
    """Looks around; `relay` None: nobody is told anything, and the log has to do."""

    def __init__(
        self,
        store: Store,
        spool: Spool,
        rules: Rules,
        *,
        backends: Mapping[str, Backend],
        relay: Relay | None,
        site: Site,
        clock: Clock,
        meter: Meter,
    ) -> None:
        self._store = store
        self._spool = spool
        self._rules = rules
        self._backends = backends
        self._relay = relay
        self._site = site
        self._clock = clock
        self._meter = meter
        self.health: Sequence[Health] = ()

    async def run(self) -> None:
        """For ever."""
        while True:
            try:
                await self.round()
            except Temporary as fault:
                log.error("cannot look", reason=fault.reason)
            except Exception:  # the watch's edge: a bug here must not end the daemon
                log.exception("bug")
            await asyncio.sleep(self._rules.every.total_seconds())

    async def round(self) -> None:
        """Once."""
        seen = await self._look()
        at = self._clock()
        found = plan(await self._store.alerts.all(), troubles(seen, self._rules, at=at), at=at)
        for alert in found.keep:
            await self._store.alerts.keep(alert)
        for key in found.forget:
            await self._store.alerts.forget(key)
        for alert in found.tell:
            await self._tell(alert, at)

    async def _look(self) -> Seen:
        asked = await asyncio.gather(*(self._ask(name, each) for name, each in sorted(self._backends.items())))
        self.health = tuple(health for health, _ in asked)
        return Seen(
            refused={health.name: health.text for health, refused in asked if refused},
            away={health.name: health.text for health, refused in asked if not health.well and not refused},
            waiting_since=await self._store.statistics.waiting_since(Whose(), at=self._clock()),
            free_bytes=self._free(),
            relay=await self._relay.check() if self._relay else "",
        )

    async def _ask(self, name: str, backend: Backend) -> tuple[Health, bool]:
        """Its health, and whether it is our credentials that are at fault."""
        fault: Fault | None = None
        try:
            text = await backend.check()
        except Fault as found:
            fault, text = found, found.reason
        self._meter.set("smtpfax_backend_up", fault is None, backend=name)
        health = Health(name=name, well=fault is None, text=text, at=self._clock())
        return health, isinstance(fault, NotLetIn | Permanent)

    def _free(self) -> int | None:
        try:
            return self._spool.free_bytes()
        except Temporary:
            return None

    async def _tell(self, alert: Alert, at: datetime) -> None:
        over = alert.over(at)
        log.error("over" if over else "alert", key=alert.key, since=alert.since, text=alert.text)
        try:
            if self._relay is not None:
                await send_alert(self._relay, self._site, self._rules.recipients, alert, at=at)
        except Fault as fault:
            log.warning("administrator not told yet", key=alert.key, reason=fault.reason)
            return
        if over:
            await self._store.alerts.forget(alert.key)
        else:
            await self._store.alerts.keep(replace(alert, told=at))
