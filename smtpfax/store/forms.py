"""Forms: the rows of a mail that differs from earlier ones in nothing but what is its own.

In:    a filled form.
Out:   a Filling, for a fraction of the work that the whole Acceptance would be.
Fails: never.

Rule: a form's rows are made once, and copied by whoever puts a mail's into the database.
"""

from __future__ import annotations

from datetime import datetime
from itertools import count

from smtpfax.journal.brought import Filling, Form
from smtpfax.journal.packing import moment
from smtpfax.model.accepting import BLANK, EPOCH, Acceptance, Filled, duplicate_seed

from .codecs import HEADER, header_values
from .counting import Counts, counts_at, faxes_of, scopes_of_job
from .taking import ATTEMPTS, JOBS, MAILS, bind_reply

MOST_FORMS = 500
_NUMBERS = count(1)


class Known:
    """A form, and what its faxes add to the counters."""

    def __init__(self, acceptance: Acceptance) -> None:
        jobs, attempts = acceptance.jobs, acceptance.attempts
        self.acceptance = acceptance  # whose id is its own while it is here
        self.ends = [job.id.removeprefix(BLANK) for job in jobs]
        self.form = Form(
            next(_NUMBERS),
            MAILS.row(acceptance.mail),
            [
                (JOBS.row(job), end, (job.expires - EPOCH).total_seconds())
                for job, end in zip(jobs, self.ends, strict=True)
            ],
            [(ATTEMPTS.row(attempt), attempt.job_id.removeprefix(BLANK)) for attempt in attempts],
            [duplicate_seed(job) for job in jobs],
            [[scope for scope, _ in scopes_of_job(job, EPOCH)] for job in jobs],
            BLANK,
            bind_reply(attempts[0].reply),
            acceptance.reply is not None,
            HEADER,
        )
        self._hour: tuple[datetime, Counts] | None = None

    def counts_in(self, hour: datetime) -> Counts:
        """What each mail of it adds, the same for all of an hour; beside those to equal recipients."""
        if self._hour is None or self._hour[0] != hour:
            self._hour = hour, counts_at(faxes_of(self.acceptance.jobs), hour)
        return self._hour[1]


_KNOWN: dict[int, Known] = {}


def form_of(acceptance: Acceptance) -> Known:
    """Made once."""
    known = _KNOWN.get(id(acceptance))
    if known is None:
        if len(_KNOWN) >= MOST_FORMS:
            _KNOWN.clear()
        known = _KNOWN[id(acceptance)] = Known(acceptance)
    return known


def filling_of(filled: Filled, known: Known, expires: datetime) -> Filling:
    """What is this mail's own."""
    content = filled.content
    return Filling(
        known.form,
        filled.id,
        moment(filled.created) or "",
        moment(expires) or "",
        content.sha256,
        content.octets,
        content.name,
        header_values(filled.header),
        filled.attempt_ids,
        content.inline,
    )
