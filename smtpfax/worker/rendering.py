"""queued: the parts of a mail become the document of a job.

In:    a job that this worker holds, its mail and its faxbox.
Out:   Rendered, written by the workshop, or what follows a fault.
Fails: as the stages do.

Rule: whatever keeps a fax from leaving is found here, while its client may still wait: limits of the fax services,
caps, and pages that nobody could read.
"""

from __future__ import annotations

from zoneinfo import ZoneInfo

from smtpfax import logs
from smtpfax.model import status as say
from smtpfax.model.account import Faxbox, Reading
from smtpfax.model.cause import Cause
from smtpfax.model.document import Document
from smtpfax.model.errors import Fault, Permanent
from smtpfax.model.job import Job
from smtpfax.model.legibility import judge
from smtpfax.model.mail import Mail
from smtpfax.render.covering import CoverFacts
from smtpfax.render.stage import Made

from .waiting import check_caps, question
from .workshop import Workshop

log = logs.get("render")


async def render(shop: Workshop, job: Job) -> None:
    """One job."""
    faxbox, mail = shop.faxbox(job), await shop.store.mails.get(job.mail_id)
    if faxbox is None or mail is None:
        await shop.fault(job, Permanent(say.BACKEND_REFUSED, cause=Cause.REFUSED, why="the faxbox is gone"))
        return
    began = shop.clock()
    try:
        made = await made_of(shop, job, mail, faxbox)
    except Fault as fault:
        shop.meter.count("smtpfax_render_failures_total", cause=fault.cause)
        await shop.fault(job, fault, parts=getattr(fault, "parts", ()))
        return
    shop.meter.observe("smtpfax_render_seconds", (shop.clock() - began).total_seconds())
    await shop.write(job, made.rendered, *await question(shop, job, mail, faxbox))
    if made.pictures and job.id == f"{job.mail_id}-1":  # once a mail, however many its recipients are
        await shop.store.pictures.add(mail.reverse_path.key, made.pictures)


async def made_of(shop: Workshop, job: Job, mail: Mail, faxbox: Faxbox) -> Made:
    """The job's document, if nothing keeps it from leaving."""
    made = await shop.renderer.render(
        await shop.content(mail),
        sha256=mail.content.sha256,
        faxbox=faxbox,
        cover=cover_facts(job, mail, faxbox),
        seen=await shop.store.pictures.seen(mail.reverse_path.key),
    )
    check_limits(made.rendered.document, faxbox, shop)
    check_legibility(job, made.rendered.document, faxbox)
    check_caps(shop, job, faxbox, made.rendered.document.pages)
    return made


def cover_facts(job: Job, mail: Mail, faxbox: Faxbox) -> CoverFacts:
    """What stands on the job's cover, if it gets one; the time is that of the mail, so that it never changes."""
    return CoverFacts(
        header=faxbox.header,
        to_name=job.to_name,
        to_number=job.number.e164,
        from_name=mail.header.from_ or faxbox.caller_name,
        from_number=faxbox.number,
        subject=mail.header.subject,
        note=faxbox.cover_note,
        at=mail.created.astimezone(ZoneInfo(faxbox.timezone)),
        look=faxbox.cover_look,
    )


def check_limits(document: Document, faxbox: Faxbox, shop: Workshop) -> None:
    """A document that no backend of the faxbox takes is refused."""
    bounds = [shop.backends[name].limits for name in faxbox.backends if name in shop.backends]
    if bounds and all(document.pages > bound.pages for bound in bounds):
        raise Permanent(say.TOO_MANY_PAGES, cause=Cause.DOCUMENT, limit=max(bound.pages for bound in bounds))
    if bounds and all(document.octets > bound.octets for bound in bounds):
        raise Permanent(say.DOCUMENT_TOO_LARGE, cause=Cause.DOCUMENT)


def check_legibility(job: Job, document: Document, faxbox: Faxbox) -> None:
    """Pages that nobody could read are refused where the faxbox says so; else the log and the receipt warn."""
    hard = judge(document.legibility) if document.legibility and faxbox.legibility is not Reading.OFF else None
    if hard is None:
        return
    if faxbox.legibility is Reading.REFUSE:
        raise Permanent(say.UNREADABLE, cause=Cause.DOCUMENT, why=hard)
    log.warning("hard to read", id=job.id, why=hard)
