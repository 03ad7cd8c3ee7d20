"""Notices that are due go to the relay, until it has them.

In:    a notice that this worker holds.
Out:   the mail at the relay, the notice marked.
Fails: whatever is not a Fault goes to the loop's edge; the lease runs out, and the notice goes again (G5).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from smtpfax import logs
from smtpfax.model.errors import Fault, Permanent
from smtpfax.model.job import Job
from smtpfax.model.notice import Notice
from smtpfax.model.wishes import NO_WISHES, Returned
from smtpfax.notice.report import NOTHING_ASKED, Asked
from smtpfax.notice.stage import Notices, again

from .workshop import Workshop

log = logs.get("notice")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailroom:
    """The way notices leave."""

    shop: Workshop
    notices: Notices
    give_up: timedelta

    async def send(self, notice: Notice) -> None:
        """One notice."""
        shop = self.shop
        mail = await shop.store.mails.get(notice.mail_id)
        if mail is None:
            await shop.store.notices.give_up(notice.id, "its mail is gone")
            return
        job = await shop.store.jobs.get(notice.job_id) if notice.job_id else None
        try:
            reply = await self.notices.deliver(
                notice,
                job=job,
                mail=mail,
                history=await shop.store.jobs.history(job.id) if job else (),
                faxbox=shop.faxbox(job) if job else None,
                original=await shop.content(mail),
                asked=await self._asked(job),
            )
        except Fault as fault:
            await self._later(notice, fault)
        else:
            await shop.store.notices.sent(notice.id)
            log.info("sent", id=notice.id, to=f"<{notice.recipient}>", reply=reply)
            shop.meter.count("smtpfax_notices_total", kind=notice.kind, result="sent")

    async def _asked(self, job: Job | None) -> Asked:
        """What the envelope said; without ORCPT the forward-path that the sender wrote (RFC 3464 section 2.3.1)."""
        if job is None:
            return NOTHING_ASKED
        wishes = job.wishes or NO_WISHES
        original = wishes.original
        if not original:
            attempts = await self.shop.store.attempts.of_job(job.id)
            original = f"rfc822;{attempts[0].attempt.to}" if attempts else ""
        full = wishes.returned is Returned.FULL
        return Asked(envelope_id=wishes.envelope_id, original_recipient=original, full=full)

    async def _later(self, notice: Notice, fault: Fault) -> None:
        due = again(notice, at=self.shop.clock(), give_up=self.give_up)
        refused = isinstance(fault, Permanent)
        if refused or due is None:
            # Loudly: nobody will be told but the administrator who reads this.
            log.error("given up", id=notice.id, to=f"<{notice.recipient}>", reason=fault.reason)
            await self.shop.store.notices.give_up(notice.id, fault.reason)
            self.shop.meter.count("smtpfax_notices_total", kind=notice.kind, result="given_up")
            return
        log.warning("deferred", id=notice.id, to=f"<{notice.recipient}>", until=due, reason=fault.reason)
        await self.shop.store.notices.retry(notice.id, due=due, reason=fault.reason)
        self.shop.meter.count("smtpfax_notices_total", kind=notice.kind, result="deferred")
