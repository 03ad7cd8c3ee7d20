"""What one step of a job writes: its row, its events, its notices, and what they bring with them.

In:    a job as somebody saw it, and the events that followed.
Out:   the job as it then stands.
Fails: IllegalEvent, when an event does not fit the very job it was made for: a bug.

Rule: the row is written only where the version is the one the events were folded on (compare-and-set).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, String, and_, delete, insert, or_, select, type_coerce, update

from smtpfax.model.errors import IllegalEvent
from smtpfax.model.event import Accepted, Event, Offered, kind_of, to_json
from smtpfax.model.job import Job, State, fold
from smtpfax.model.mail import Origin
from smtpfax.model.notice import Notice, webhook_notices
from smtpfax.model.particulars import ordered_webhook
from smtpfax.model.records import webhook_from

from .counting import bump, pages_of
from .database import rows
from .faxed import count_sent
from .notices import insert_notices
from .records import job_from, job_values
from .resting import count_tries
from .schema import ON_THE_LINE, attempts, claims, events, jobs, mails, tickets
from .schema_lasting import faxboxes
from .sql_dialect import insert_or

log = logging.getLogger(__name__)
_dialled = type_coerce(jobs.c.number, String)


@dataclass(frozen=True, slots=True, kw_only=True)
class Advance:
    """A step of a job."""

    job: Job  # as the caller saw it
    events: Sequence[Event]
    at: datetime
    due: datetime | None
    notices: Sequence[Notice]
    clear_lease: bool
    alone: bool = False  # offered only when no other job may be calling the same number

    @property
    def offers_first(self) -> bool:
        """Its pages are counted now; later tries cost the caps nothing."""
        return self.job.offered is None and any(isinstance(event, Offered) for event in self.events)


def advance(connection: Connection, step: Advance) -> Job:
    """Within a transaction: write the step, and return the job as it then stands."""
    found = rows(connection, select(jobs).where(jobs.c.id == step.job.id).with_for_update())
    if not found:
        raise IllegalEvent(f"there is no job {step.job.id}")
    before = job_from(found[0])
    after = decide(step, before)
    if after is None or (step.alone and calling(connection, before)):
        return before
    lease = {"lease_owner": "", "lease_until": None} if step.clear_lease else {}
    unmoved = (jobs.c.id == before.id, jobs.c.version == before.version)
    connection.execute(update(jobs).where(*unmoved).values(**job_values(after), **lease))
    _insert_events(connection, step, before)
    insert_notices(connection, (*step.notices, *_calls(connection, after, step.at)))
    if after.state is not before.state:
        connection.execute(update(attempts).where(attempts.c.job_id == after.id).values(state=after.state))
    if step.offers_first:
        bump(connection, pages_of(after, step.at))
    if after.state is State.SENT:
        count_sent(connection, after, step.at)
    if after.state.final:
        _release_key(connection, after)
    count_tries(connection, after.number.e164, step.events, step.at)
    return after


def _calls(connection: Connection, job: Job, at: datetime) -> tuple[Notice, ...]:
    """Whom the end of the job calls; whichever door ended it."""
    if not job.state.final:
        return ()
    webhook = ordered_webhook(job.particulars)
    if webhook is None:
        mine = faxboxes.c.account_id == job.account_id, faxboxes.c.id == job.faxbox_id
        found = rows(connection, select(faxboxes.c.data).where(*mine))
        webhook = webhook_from(found[0]["data"]) if found else None
    return webhook_notices(job, webhook, at=at)


def calling(connection: Connection, job: Job) -> bool:
    """Whether a backend may be calling the job's number for another job, to whatever sub-address."""
    first, last = f"{job.number.e164}/", f"{job.number.e164}0"  # all that begins with the number and a slash
    same = or_(_dialled == job.number.e164, and_(_dialled >= first, _dialled < last))
    return bool(rows(connection, select(jobs.c.id).where(ON_THE_LINE, same, jobs.c.id != job.id).limit(1)))


def decide(step: Advance, before: Job) -> Job | None:
    """The job after the step; None when the job moved since it was seen, and the step no longer fits."""
    moved = before.version != step.job.version
    kinds = " ".join(kind_of(event) for event in step.events)
    # An offer (and a mere change of the due time) is decided on the whole job as it was seen: held, cancelled or not.
    if moved and (not step.events or any(isinstance(event, Offered) for event in step.events)):
        log.warning("%s: came late and was dropped: %s", before.id, kinds)
        return None
    try:
        after = fold(before, ((event, step.at) for event in step.events))
    except IllegalEvent as error:
        if not moved:
            raise
        log.warning("%s: came late and was dropped: %s (%s)", before.id, kinds, error)
        return None
    return after if step.due is None or after.state.final else replace(after, due=step.due)


def _insert_events(connection: Connection, step: Advance, before: Job) -> None:
    """The history; and the tickets that backends gave, also those of tries that are over."""
    backend = before.backend
    for version, event in enumerate(step.events, before.version + 1):
        row = {"job_id": before.id, "version": version, "at": step.at, "kind": kind_of(event), "data": to_json(event)}
        connection.execute(insert(events), row)
        match event:
            case Offered():
                backend = event.backend
            case Accepted():
                given = {"backend": backend, "ticket": event.ticket, "job_id": before.id, "given": step.at}
                connection.execute(insert_or(tickets).on_conflict_do_nothing(), given)


def _release_key(connection: Connection, job: Job) -> None:
    """A mail's job that failed after its 250, or was cancelled, may be sent again; a 554 stays a 554."""
    if job.state is State.SENT or job.origin is not Origin.SMTP:  # an order's key names it whatever becomes of it
        return
    # With a document, its 250 is said or about to be.
    if job.state is State.FAILED and job.document is None:
        told = rows(connection, select(mails.c.reply).where(mails.c.id == job.mail_id))
        if not told or told[0]["reply"] is None or not told[0]["reply"].ok:
            return
    connection.execute(delete(claims).where(claims.c.job_id == job.id))
