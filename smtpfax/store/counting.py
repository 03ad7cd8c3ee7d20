"""What mails and first offers add to the counters.

In:    jobs that are taken (faxes), documents that are offered for the first time (pages).
Out:   counts by scope and hour; in the database, within the commit of what is counted.
Fails: what the database says.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import Connection

from smtpfax.model.caps import Counted, hour_of, scopes_of
from smtpfax.model.job import Job

from .schema_counts import usage
from .sql_dialect import insert_or

ONE_FAX = Counted(faxes=1)
Counts = Mapping[tuple[str, datetime], Counted]


def bump(connection: Connection, counts: Counts) -> None:
    """Within the commit of what is counted."""
    if not counts:
        return
    values = [
        {"scope": scope, "hour": hour, "faxes": what.faxes, "pages": what.pages}
        for (scope, hour), what in counts.items()
    ]
    added = insert_or(usage)
    more = {name: usage.c[name] + added.excluded[name] for name in ("faxes", "pages")}
    connection.execute(added.on_conflict_do_update(index_elements=["scope", "hour"], set_=more), values)


def faxes_of(jobs: Iterable[Job]) -> Counts:
    """What jobs that are taken add."""
    counts: dict[tuple[str, datetime], Counted] = {}
    for job in jobs:
        for key in scopes_of_job(job, job.created):
            counts[key] = counts[key] + ONE_FAX if key in counts else ONE_FAX
    return counts


def counts_at(counts: Counts, hour: datetime) -> Counts:
    """The same in another hour."""
    return {(scope, hour): what for (scope, _), what in counts.items()}


def pages_of(job: Job, at: datetime) -> Counts:
    """What a job's first offer adds."""
    pages = job.document.pages if job.document else 0
    return {key: Counted(pages=pages) for key in scopes_of_job(job, at)}


def scopes_of_job(job: Job, at: datetime) -> Iterable[tuple[str, datetime]]:
    """The scopes that count it, with the hour."""
    hour = hour_of(at)
    return [(scope, hour) for scope in scopes_of(job.account_id, job.faxbox_id, job.reverse_path.key)]
