"""The stage: a notice that is due becomes a mail that a relay has.

In:    a notice with its job, mail, history and faxbox, and the original content.
Out:   the relay's reply; and when to try again after a failure.
Fails: Temporary, Permanent, as the relay does.

Guarantee (G5): a notice may come twice, never zero times; the worker forgets it only after a reply.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from smtpfax.model.account import Faxbox
from smtpfax.model.cause import Cause
from smtpfax.model.errors import Permanent
from smtpfax.model.job import Job
from smtpfax.model.mail import Mail
from smtpfax.model.notice import Notice, NoticeKind
from smtpfax.model.status import NOTICE_WITHOUT_JOB

from .compose import Site, compose, recipient_of
from .passon import pass_on
from .relay import Relay
from .report import NOTHING_ASKED, Asked
from .words import History, resembled

WITHDRAWN = "not sent: the fax is not waiting any more"
_MINUTES = (1, 5, 15, 30, 60)  # after the first, second … failure; the last one repeats


def again(notice: Notice, *, at: datetime, give_up: timedelta) -> datetime | None:
    """When to try again, for a notice whose `tries` do not count the one that just failed; None: never."""
    due = at + timedelta(minutes=_MINUTES[min(notice.tries, len(_MINUTES) - 1)])
    return due if due <= notice.created + give_up else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Notices:
    """What the worker calls."""

    relay: Relay
    site: Site
    question_url: Callable[[Job], str] | None = None  # where its sender answers whether the number is right

    async def deliver(
        self,
        notice: Notice,
        *,
        job: Job | None,
        mail: Mail,
        history: History,
        faxbox: Faxbox | None,
        original: bytes,
        asked: Asked = NOTHING_ASKED,
    ) -> str:
        """Write it and hand it over. `original`: the content."""
        recipient = str(recipient_of(notice))
        if notice.kind is NoticeKind.POSTMASTER:
            return await self.relay.send(pass_on(original, mail=mail, site=self.site), recipient)
        if job is None:
            raise Permanent(NOTICE_WITHOUT_JOB, cause=Cause.OURS)
        if notice.kind is NoticeKind.DELAY and job.state.final:
            return WITHDRAWN  # the relay was away for long: by now another notice tells how it ended
        if notice.kind is NoticeKind.QUESTION and (job.held is None or not resembled(history)):
            return WITHDRAWN  # answered already
        message = compose(
            notice,
            job=job,
            mail=mail,
            history=history,
            faxbox=faxbox,
            original=original,
            site=self.site,
            asked=asked,
            link=self._link(job, history),
        )
        return await self.relay.send(message.as_bytes(), recipient)

    def _link(self, job: Job, history: History) -> str:
        """Where its sender answers, while the job waits for that."""
        if self.question_url is None or job.held is None or not resembled(history):
            return ""
        return self.question_url(job)
