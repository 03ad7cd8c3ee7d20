"""A transaction becomes what the store is asked to take.

In:    the client, the reverse-path, the rulings on its recipients, and the content.
Out:   attempts for the log; an Acceptance with the mail, a job for each recipient, and its attempts.
Fails: never; pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from smtpfax.model.accepting import Acceptance
from smtpfax.model.address import ReversePath
from smtpfax.model.attempt import Attempt, Outcome, outcome_of
from smtpfax.model.ids import Ids
from smtpfax.model.job import Job
from smtpfax.model.mail import Client, Header, Mail
from smtpfax.model.notice import Notice, postmaster_notice
from smtpfax.model.status import Reply

from .policy import Ruling


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """One MAIL..DATA: what its attempts have in common."""

    client: Client
    reverse_path: ReversePath | None
    raw_from: str
    octets: int = 0
    header: Header = Header()


def attempt_of(
    transaction: Transaction,
    ruling: Ruling | None,
    reply: Reply,
    *,
    id: str,
    at: datetime,
    outcome: Outcome | None = None,
    mail_id: str = "",
    job_id: str = "",
) -> Attempt:
    """One line of the log; without a ruling, of a transaction that never had a recipient."""
    choice = ruling.choice if ruling else None
    faxbox = choice.faxbox if choice else None
    account = choice.account if choice else None
    original, domain = ruling.shown if ruling else ("", "")
    return Attempt(
        id=id,
        created=at,
        client=transaction.client,
        reverse_path=transaction.reverse_path,
        raw_from=transaction.raw_from,
        to=ruling.to if ruling else "",
        outcome=outcome or outcome_of(reply),
        reply=reply,
        reason=ruling.reason if ruling else "",
        original_number=original,
        translated_number=str(ruling.number) if ruling and ruling.number else "",
        faxbox_domain=domain,
        account_id=account.id if account else "",
        faxbox_id=faxbox.id if faxbox else "",
        faxbox_owner=faxbox.owner if faxbox else "",
        octets=transaction.octets,
        header=transaction.header,
        mail_id=mail_id,
        job_id=job_id,
    )


def acceptance_of(
    transaction: Transaction,
    mail: Mail,
    rulings: Sequence[Ruling],
    *,
    ids: Ids,
    reply: Reply,
    expiry: timedelta,
    postmaster: str,
    decided: bool,
) -> Acceptance:
    """One job per RCPT; a mail to postmaster@ has none, and is passed on. `decided`: nothing can change the reply."""
    jobs: list[Job] = []
    attempts: list[Attempt] = []
    notices: list[Notice] = []
    for ruling in rulings:
        job = _job(mail, ruling, len(jobs) + 1, expiry)
        job_id = job.id if job else ""
        if job is not None:
            jobs.append(job)
        elif not notices:
            notices.append(postmaster_notice(mail, postmaster))
        attempts.append(
            attempt_of(transaction, ruling, reply, id=ids(), at=mail.created, mail_id=mail.id, job_id=job_id)
        )
    told = reply if decided else None
    return Acceptance(mail=mail, jobs=jobs, attempts=attempts, notices=notices, reply=told)


def _job(mail: Mail, ruling: Ruling, place: int, expiry: timedelta) -> Job | None:
    faxbox = ruling.choice.faxbox
    if faxbox is None or ruling.number is None:
        return None
    return Job(
        id=f"{mail.id}-{place}",
        mail_id=mail.id,
        account_id=faxbox.account_id,
        faxbox_id=faxbox.id,
        number=ruling.number,
        to_name=ruling.to_name,
        reverse_path=mail.reverse_path,
        origin=mail.origin,
        created=mail.created,
        due=mail.created,
        expires=mail.created + expiry,
        most_tries=faxbox.tries,
    )
