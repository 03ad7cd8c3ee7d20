"""A fax that is looked at before it goes: what the worker would make of it.

In:    a mail and a job that are not kept yet; the mail's content is in the spool.
Out:   the document, as it would be offered, and the warning that its receipt would have.
Fails: Permanent, with the sentence that the job would fail with; Temporary.

Rule: the same code as for a job that is kept, so that what is shown is what goes.
"""

from __future__ import annotations

from dataclasses import replace

from smtpfax.model import status as say
from smtpfax.model.account import Faxbox, Reading
from smtpfax.model.cause import Cause
from smtpfax.model.document import Document
from smtpfax.model.errors import Permanent
from smtpfax.model.job import Job
from smtpfax.model.legibility import judge
from smtpfax.model.mail import Mail
from smtpfax.model.preview import Previewed
from smtpfax.model.routing import backend_for

from .offering import headed_of
from .rendering import made_of
from .workshop import Workshop


async def preview(shop: Workshop, mail: Mail, job: Job) -> Previewed:
    """Render it, and keep nothing but the document."""
    faxbox = shop.faxbox(job)
    if faxbox is None:
        raise Permanent(say.BACKEND_REFUSED, cause=Cause.REFUSED, why="the faxbox is gone")
    rendered = (await made_of(shop, job, mail, faxbox)).rendered
    found = rendered.document.legibility if faxbox.legibility is not Reading.OFF else None
    return Previewed(
        document=await _as_it_leaves(shop, replace(job, document=rendered.document), faxbox) or rendered.document,
        parts=rendered.parts,
        warning=(found and judge(found)) or "",
    )


async def _as_it_leaves(shop: Workshop, job: Job, faxbox: Faxbox) -> Document | None:
    """With the header line that a try made now would have."""
    backend = shop.backends.get(backend_for(job, faxbox.backends) or "")
    return await headed_of(shop, job, faxbox, backend) if backend else None
