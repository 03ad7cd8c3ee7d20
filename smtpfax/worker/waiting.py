"""Why a job that is rendered may have to wait: a cap on pages, or a number that may be a slip.

In:    a job with its document, its faxbox, and what was counted.
Out:   the fault that says what bars it; the hold that is a question to its sender.
Fails: Temporary, as the store does; Permanent for a document that no waiting makes room for.

Rule: a later try of a job that was offered before is not counted again, and waits for no cap. A number is asked back
only where somebody can be asked.
"""

from __future__ import annotations

from smtpfax.model import event as e
from smtpfax.model import status as say
from smtpfax.model.account import Faxbox
from smtpfax.model.bounds import bounds_of
from smtpfax.model.caps import Over, over_cap
from smtpfax.model.cause import Cause
from smtpfax.model.errors import Fault, Permanent, Temporary
from smtpfax.model.job import Job
from smtpfax.model.mail import Mail
from smtpfax.model.nearmiss import meant_instead, neighbours
from smtpfax.model.notice import question_notices

from .workshop import Workshop


def check_caps(shop: Workshop, job: Job, faxbox: Faxbox, pages: int) -> None:
    """A document with more pages than a cap has at all is refused while the client still waits."""
    over = _over(shop, job, faxbox, pages)
    if over is not None and over.until is None:
        raise _fault(shop, over, pages)


def barred(shop: Workshop, job: Job, faxbox: Faxbox | None) -> Fault | None:
    """What keeps it from being offered now: until there is room, or for good."""
    pages = job.document.pages if job.document else 0
    over = _over(shop, job, faxbox, pages) if faxbox and job.offered is None else None
    return _fault(shop, over, pages) if over else None


async def question(shop: Workshop, job: Job, mail: Mail, faxbox: Faxbox) -> tuple[e.Held, ...]:
    """The hold until the sender has said that the number is right; none, where there is nothing to ask."""
    if not faxbox.first_time_guard or not shop.habits.notices:
        return ()
    number = job.number.e164
    sent = await shop.store.faxed.counts(job.account_id, job.faxbox_id, {number, *neighbours(number)})
    meant = meant_instead(number, sent)
    if not meant or not question_notices(job, mail, faxbox, at=shop.clock()):
        return ()
    return (e.Held(reason=say.IS_IT_RIGHT.fill(number=number, meant=meant), resembles=meant),)


def _over(shop: Workshop, job: Job, faxbox: Faxbox, pages: int) -> Over | None:
    account = shop.directory().accounts.get(job.account_id)
    bounds = bounds_of(account, faxbox, job.reverse_path) if account else ()
    return over_cap(bounds, shop.store.usage.now(), at=shop.clock(), pages=pages)


def _fault(shop: Workshop, over: Over, pages: int) -> Fault:
    if over.until is None:
        return Permanent(say.PAGES_BEYOND_CAP, cause=Cause.CAP, pages=pages, whose=over.whose, cap=over.cap)
    wait = over.until - shop.clock()
    return Temporary(say.PAGES_OVER_CAP, cause=Cause.CAP, after=wait, whose=over.whose, cap=over.cap, until=over.when)
