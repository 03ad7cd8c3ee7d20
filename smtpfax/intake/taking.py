"""A transaction becomes what the store is asked to take.

In:    the client, the reverse-path, the rulings on its recipients, and the content.
Out:   attempts for the log; an Acceptance with the mail, a job for each recipient, and its attempts.
Fails: never; pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from smtpfax.model.accepting import Acceptance, Seal
from smtpfax.model.address import ReversePath
from smtpfax.model.attempt import Attempt, Outcome, outcome_of
from smtpfax.model.ids import Ids
from smtpfax.model.job import Job
from smtpfax.model.mail import NO_HEADER, Client, Header, Mail
from smtpfax.model.notice import Notice, late_notices, postmaster_notice
from smtpfax.model.number import FaxNumber
from smtpfax.model.status import Reply
from smtpfax.model.wishes import NO_WISHES, Wishes

from .parameters import NOTHING_OF_MAIL, NOTHING_OF_RCPT, MailAsks
from .policy import Ruling


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """One MAIL..DATA: what its attempts have in common."""

    client: Client
    reverse_path: ReversePath | None
    raw_from: str
    octets: int = 0
    header: Header = NO_HEADER
    asks: MailAsks = NOTHING_OF_MAIL
    seals: Sequence[Seal] = ()


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
    tells: bool,
) -> Acceptance:
    """One job per RCPT; a mail to postmaster@ has none, and is passed on. `decided`: nothing can change the reply.

    `tells`: there is a relay for notices.
    """
    jobs: list[Job] = []
    attempts: list[Attempt] = []
    notices: list[Notice] = []
    for ruling in rulings:
        job = _job(mail, ruling, transaction.asks, place=len(jobs) + 1, expiry=expiry)
        job_id = job.id if job else ""
        if job is not None:
            jobs.append(job)
        elif not notices:
            notices.append(postmaster_notice(mail, postmaster))
        attempts.append(
            attempt_of(transaction, ruling, reply, id=ids(), at=mail.created, mail_id=mail.id, job_id=job_id)
        )
    if any(job.wishes is not None for job in jobs):
        jobs = _joined(jobs)
    if tells:
        notices += _late(transaction.asks, mail, jobs, rulings)
    told = reply if decided else None
    return Acceptance(mail=mail, jobs=jobs, attempts=attempts, notices=notices, reply=told, seals=transaction.seals)


def _joined(jobs: Sequence[Job]) -> list[Job]:
    """Equal recipients will share one job: it has the wishes of all of them."""
    wishes: dict[tuple[str, str, FaxNumber], Wishes] = {}
    for job in jobs:
        mine, place = job.wishes or NO_WISHES, _place(job)
        wishes[place] = wishes[place].joined(mine) if place in wishes else mine
    return [replace(job, wishes=wishes[_place(job)]) for job in jobs]


def _place(job: Job) -> tuple[str, str, FaxNumber]:
    return job.account_id, job.faxbox_id, job.number


def _late(asks: MailAsks, mail: Mail, jobs: Sequence[Job], rulings: Sequence[Ruling]) -> list[Notice]:
    """Kept from the start, and sent only if the fax is not on its way by then (RFC 2852, by-mode N)."""
    deadline = asks.tell_at
    if deadline is None:
        return []
    boxes = [ruling.choice.faxbox for ruling in rulings if ruling.number is not None]
    both = zip(jobs, boxes, strict=True)
    return [notice for job, box in both for notice in late_notices(job, mail, box, deadline=deadline)]


def _job(mail: Mail, ruling: Ruling, asks: MailAsks, *, place: int, expiry: timedelta) -> Job | None:
    faxbox = ruling.choice.faxbox
    if faxbox is None or ruling.number is None:
        return None
    wishes = _wishes(asks, ruling)
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
        expires=(asks.scheduled or mail.created) + expiry,
        most_tries=faxbox.tries,
        scheduled=asks.scheduled,
        deadline=asks.deadline,
        wishes=wishes,
    )


def _wishes(asks: MailAsks, ruling: Ruling) -> Wishes | None:
    if asks is NOTHING_OF_MAIL and ruling.asks is NOTHING_OF_RCPT:
        return None
    wishes = replace(asks.wishes, notify=ruling.asks.notify, original=ruling.asks.original)
    return None if wishes == NO_WISHES else wishes
