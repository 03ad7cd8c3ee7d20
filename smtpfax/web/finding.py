"""The record that an address names, if it is the viewer's to see.

In:    a visit whose path has an id.
Out:   the job, the received fax, the draft.
Fails: Refusal 404 for one that is not there, or is another's: which of them is not told.
"""

from __future__ import annotations

from smtpfax.api.envelope import not_found
from smtpfax.model.account import Faxbox
from smtpfax.model.backend import InboundFax
from smtpfax.model.job import Job
from smtpfax.store import Draft

from .visit import Visit


async def job_of(visit: Visit) -> Job:
    """A fax that goes out, or did."""
    job = await visit.desk.deps.store.jobs.get(visit.id())
    if job is None:
        raise not_found(visit.id())
    visit.own(job.account_id, job.faxbox_id)
    return job


async def fax_of(visit: Visit) -> InboundFax:
    """A fax that was received."""
    fax = await visit.desk.deps.store.inbox.get(visit.id())
    if fax is None:
        raise not_found(visit.id())
    visit.own(fax.account_id, fax.faxbox_id)
    return fax


async def draft_of(visit: Visit) -> Draft:
    """A fax that is looked at before it goes: whoever made it sees it, and nobody else."""
    draft = await visit.desk.deps.store.drafts.get(visit.id(), owner=visit.viewer.key)
    if draft is None:
        raise not_found(visit.id())
    visit.own(draft.account_id, draft.faxbox_id)
    return draft


def faxbox_of(visit: Visit) -> Faxbox:
    """A faxbox, by its account and its id."""
    box = visit.box(visit.id("account"), visit.id())
    if box is None:
        raise not_found(visit.id())
    visit.own(box.account_id, box.id)
    return box
