"""The moment at which a mail becomes ours, and what its client is told.

In:    a transaction whose content has arrived.
Out:   mail, content, attempts and jobs in one commit; then the verdict, within its budget.
Fails: Temporary, when they could not be kept: the client keeps the mail.

Guarantee G1: 250 only after the content and its rows survive a power cut.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from smtpfax import logs
from smtpfax.model.accepting import BLANK, EPOCH, Acceptance, Filled, TakenJob
from smtpfax.model.address import ReversePath
from smtpfax.model.mail import NO_HEADER, Content, Mail, Origin
from smtpfax.model.status import Reply
from smtpfax.model.verdict import taken

from .arrival import Arrival
from .desk import Desk
from .policy import Ruling
from .precedents import Blank, Precedent
from .room import nothing_reserved, reserve
from .taking import Transaction, acceptance_of

log = logs.get("smtpd")


@dataclass(frozen=True, slots=True)
class Kept:
    """A mail that is ours, with what became of each of its recipients."""

    mail_id: str
    jobs: Sequence[TakenJob]
    attempt_ids: Sequence[str]

    @property
    def deciding(self) -> Sequence[TakenJob]:
        """Recipients that are new decide the reply alone; of a mere repetition, the first one's do."""
        return [job for job in self.jobs if not job.duplicate] or self.jobs

    @property
    def repeated(self) -> bool:
        """Whether it brought nothing new."""
        return bool(self.jobs) and all(job.duplicate for job in self.jobs)


async def keep(
    desk: Desk, transaction: Transaction, arrival: Arrival, *, sender: ReversePath, rulings: Sequence[Ruling]
) -> Kept:
    """Make it ours, in one commit, if there is still room under the caps."""
    release = reserve(desk, sender, rulings)
    try:
        mail_id = desk.ids()
        content = await arrival.keep(mail_id)
        acceptance = _acceptance(desk, transaction, mail_id, content, sender=sender, rulings=rulings)
        jobs = await desk.store.accept(acceptance, duplicate_hours=desk.manners.duplicate_hours)
    finally:
        release()
    kept = _kept(acceptance, jobs)
    _tell(desk, kept, transaction, str(transaction.client))
    if kept.repeated and content.name:
        await desk.spool.delete(content.name)
    return kept


def keep_small(
    desk: Desk,
    transaction: Transaction,
    content: Content,
    *,
    sender: ReversePath,
    rulings: Sequence[Ruling],
    blank: Blank | None,
    then: Callable[[Kept | BaseException], None],
) -> None:
    """The same for a content in hand, with nobody who awaits it; raised is only what was wrong before the commit.

    `blank`: what mails like it have in common.
    """
    release = nothing_reserved if blank is not None and not blank.capped else reserve(desk, sender, rulings)
    mail_id, brought = desk.ids(), None
    if blank is None:
        brought = _acceptance(desk, transaction, mail_id, content, sender=sender, rulings=rulings)
        attempt_ids, shown = [attempt.id for attempt in brought.attempts], str(transaction.client)
    else:
        attempt_ids, shown = [desk.ids() for _ in rulings], blank.shown

    def told(outcome: Sequence[TakenJob] | BaseException) -> None:
        release()
        if isinstance(outcome, BaseException):
            then(outcome)
        else:
            kept = Kept(mail_id, outcome, attempt_ids)
            _tell(desk, kept, transaction, shown)
            then(kept)

    if brought is None and blank is not None:
        filled = Filled(blank.form, mail_id, desk.clock(), content, transaction.header, attempt_ids)
        desk.store.bring(filled, duplicate_hours=desk.manners.duplicate_hours, told=told)
    elif brought is not None:
        desk.store.bring(brought, duplicate_hours=desk.manners.duplicate_hours, told=told)


def blank_of(desk: Desk, transaction: Transaction, precedents: Sequence[Precedent], *, sender: ReversePath) -> Blank:
    """What mails of this client, from this reverse-path to these recipients have in common; made once."""
    client, others = transaction.client, tuple(precedents[1:])
    key = transaction.raw_from, client.helo, client.tls, client.cipher, *(str(id(other)) for other in others)
    known = precedents[0].blanks.get(key)
    if known is not None:
        return known
    bare = replace(transaction, header=NO_HEADER, octets=0)
    rulings = [precedent.ruling for precedent in precedents]
    nothing, capped = Content(sha256="", octets=0), any(precedent.capped for precedent in precedents)
    form = _acceptance(desk, bare, BLANK, nothing, sender=sender, rulings=rulings, at=EPOCH)
    return precedents[0].keep(key, Blank(form, str(client), capped, others))


def _acceptance(
    desk: Desk,
    transaction: Transaction,
    mail_id: str,
    content: Content,
    *,
    sender: ReversePath,
    rulings: Sequence[Ruling],
    at: datetime | None = None,
) -> Acceptance:
    manners = desk.manners
    mail = Mail(
        id=mail_id,
        created=at or desk.clock(),
        origin=Origin.SMTP,
        client=transaction.client,
        reverse_path=sender,
        content=content,
        header=transaction.header,
    )
    return acceptance_of(
        transaction,
        mail,
        rulings,
        ids=desk.ids,
        reply=taken(mail_id),
        expiry=manners.expiry,
        postmaster=manners.postmaster,
        decided=manners.verdict_seconds <= 0,
        tells=manners.tells,
    )


def _kept(acceptance: Acceptance, jobs: Sequence[TakenJob]) -> Kept:
    return Kept(acceptance.mail.id, jobs, [attempt.id for attempt in acceptance.attempts])


def decided(desk: Desk, kept: Kept) -> Reply | None:
    """What the client hears where no verdict is waited for; None, where that is to be kept first: `decide`."""
    if desk.manners.verdict_seconds > 0:
        return None
    reply = (kept.repeated and kept.deciding[0].reply) or taken(kept.deciding[0].mail_id if kept.jobs else kept.mail_id)
    return None if reply.permanent else reply


async def decide(desk: Desk, kept: Kept) -> Reply:
    """What the client hears; kept as its reply before it is said, unless the store knows it already.

    A 250 needs no row of its own where rendering gave it: the job has its document by then.
    """
    mail_id = kept.deciding[0].mail_id if kept.deciding else kept.mail_id
    verdict = await _reply(desk, kept, mail_id)
    reply = verdict or taken(mail_id)
    over_budget = verdict is None and desk.manners.verdict_seconds > 0
    if kept.deciding and (reply.permanent or over_budget):
        await desk.store.mails.set_reply(mail_id, reply, attempt_ids=kept.attempt_ids)
    return reply


async def _reply(desk: Desk, kept: Kept, mail_id: str) -> Reply | None:
    """The verdict, or None when its budget is over; the same mail again gets the first one's reply."""
    told = kept.deciding[0].reply if kept.repeated else None
    if told is not None or not kept.deciding:
        return told
    job_ids = list(dict.fromkeys(job.job_id for job in kept.deciding))
    return await desk.verdicts.wait(mail_id, job_ids, seconds=desk.manners.verdict_seconds)


def _tell(desk: Desk, kept: Kept, facts: Transaction, shown: str) -> None:
    desk.wake()
    client = facts.client
    secured = {"tls": client.tls, "user": client.user} if client.tls or client.user else {}
    log.info(
        "taken",
        id=kept.mail_id,
        client=shown,
        **{key: value for key, value in secured.items() if value},
        **{"from": f"<{facts.reverse_path}>"},
        size=facts.octets,
        nrcpt=len(kept.jobs),
        message_id=facts.header.message_id,
    )
    for job in kept.jobs:
        if job.duplicate:
            log.info("duplicate", id=kept.mail_id, first=job.job_id)
