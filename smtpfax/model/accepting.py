"""What the store is asked to take in one commit, and what it answers.

In:    a mail with a request for each fax it asks for.
Out:   for each, the job that is now ours, or the earlier one it repeats.
Fails: never.

Rule: duplicates are told by (faxbox, reverse-path, number, hash of the whole content); the same mail again gets the
first one's id and its reply, and no second fax. So does a mail with a signature that brought a fax to this number
before, whatever was changed beside what was signed, while the signature counts: who captured it cannot fax it again.
An order that is no mail is told by its own key instead: who orders the same twice, and does not say so, means twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from .attempt import Attempt
from .job import Job
from .mail import Mail
from .notice import Notice
from .status import Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """A DKIM signature that a mail has: the digest that was signed, and until when the signature counts."""

    digest: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """All that one transaction brings. `attempts` name their job; those of duplicates are re-named by the store."""

    mail: Mail
    jobs: Sequence[Job] = ()
    attempts: Sequence[Attempt] = ()
    notices: Sequence[Notice] = ()  # postmaster's, and those of jobs that are not sent by a time
    reply: Reply | None = None  # what the client will be told whatever rendering says; None: the verdict decides
    seals: Sequence[Seal] = ()
    key: str = ""  # of its jobs, in the place of what their content makes


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenJob:
    """What became of one job of an Acceptance; of a duplicate, `mail_id`, `job_id` and `reply` are the first one's."""

    mail_id: str
    job_id: str
    duplicate: bool = False
    reply: Reply | None = None  # what the first one's client was told; None while that is open


def seal_key(job: Job, seal: Seal) -> str:
    """The unique key of a signature for a number: whichever faxbox of the account, whatever reverse-path it came by."""
    seed = "\0".join(("seal", job.account_id, str(job.number), seal.digest))
    return hashlib.sha256(seed.encode()).hexdigest()


def duplicate_key(job: Job, sha256: str) -> str:
    """The unique key of a fax."""
    seed = "\0".join((job.account_id, job.faxbox_id, job.reverse_path.key, str(job.number), sha256))
    return hashlib.sha256(seed.encode()).hexdigest()
