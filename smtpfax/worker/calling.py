"""Webhooks that are due go to their programs, until these have them.

In:    webhooks, committed with the end of their jobs (G4).
Out:   calls, a few at a time; each marked with what became of it.
Fails: never in the loop: a fault is logged, and the call goes again later (G5).

Rule: a loop of its own, and places of its own: a program that answers slowly holds up other programs alone, never a
fax or a mail.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from smtpfax import logs
from smtpfax.model.account import Directory
from smtpfax.model.errors import Fault, Permanent, Temporary
from smtpfax.model.ids import Clock
from smtpfax.model.job import Job
from smtpfax.model.meter import Meter
from smtpfax.model.notice import Notice
from smtpfax.model.particulars import ordered_webhook
from smtpfax.model.webhook import Webhook
from smtpfax.notice.webhook import Webhooks, again
from smtpfax.store import Store

AT_ONCE = 8
log = logs.get("webhook")


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRoom:
    """All that it needs; `record` is a job as the API tells it."""

    store: Store
    webhooks: Webhooks
    directory: Callable[[], Directory]
    record: Callable[[Job], Awaitable[Mapping[str, Any]]]
    give_up: timedelta
    lease: timedelta
    owner: str
    clock: Clock
    meter: Meter

    async def round(self) -> bool:
        """Once; whether there may be more."""
        claim = self.store.notices.claim
        due = await claim(self.owner, now=self.clock(), lease=self.lease, limit=AT_ONCE, webhooks=True)
        await asyncio.gather(*map(self._call, due))
        return bool(due)

    async def _call(self, notice: Notice) -> None:
        job = await self.store.jobs.get(notice.job_id)
        record = await self.record(job) if job else {}
        try:
            answer = await self.webhooks.deliver(notice, webhook=self._webhook(job), record=record, at=self.clock())
        except Fault as fault:
            await self._later(notice, fault)
        else:
            await self.store.notices.sent(notice.id)
            log.info("called", id=notice.id, host=_host(notice), answer=answer)
            self._count("sent")

    def _webhook(self, job: Job | None) -> Webhook | None:
        """The order's own stands before its faxbox's."""
        faxbox = self.directory().faxbox(job.account_id, job.faxbox_id) if job else None
        return (ordered_webhook(job.particulars) if job else None) or (faxbox.webhook if faxbox else None)

    async def _later(self, notice: Notice, fault: Fault) -> None:
        after = fault.after if isinstance(fault, Temporary) else None
        due = again(notice, at=self.clock(), give_up=self.give_up, after=after)
        if isinstance(fault, Permanent) or due is None:
            log.error("given up", id=notice.id, host=_host(notice), reason=fault.reason)
            await self.store.notices.give_up(notice.id, fault.text)
            self._count("given_up")
            return
        log.warning("deferred", id=notice.id, host=_host(notice), until=due, reason=fault.reason)
        await self.store.notices.retry(notice.id, due=due, reason=fault.text)
        self._count("deferred")

    def _count(self, result: str) -> None:
        self.meter.count("smtpfax_notices_total", kind="webhook", result=result)


def _host(notice: Notice) -> str:
    """For the log: the rest of an address may be a secret."""
    return urlsplit(notice.recipient).hostname or ""
