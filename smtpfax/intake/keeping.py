"""The moment at which a mail becomes ours, and what its client is told.

In:    a transaction whose content has arrived.
Out:   mail, content, attempts and jobs in one commit; then the verdict, within its budget.
Fails: Temporary, when they could not be kept: the client keeps the mail.

Guarantee G1: 250 only after the content and its rows survive a power cut.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from smtpfax import logs
from smtpfax.model.accepting import TakenJob
from smtpfax.model.address import ReversePath
from smtpfax.model.mail import Mail, Origin
from smtpfax.model.status import Reply
from smtpfax.model.verdict import taken

from .arrival import Arrival
from .desk import Desk
from .policy import Ruling
from .room import room
from .taking import Transaction, acceptance_of

log = logs.get("smtpd")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A mail that is ours, with what became of each of its recipients."""

    mail: Mail
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
    with room(desk, sender, rulings):
        return await _keep(desk, transaction, arrival, sender=sender, rulings=rulings)


async def _keep(
    desk: Desk, transaction: Transaction, arrival: Arrival, *, sender: ReversePath, rulings: Sequence[Ruling]
) -> Kept:
    manners, mail_id = desk.manners, desk.ids()
    mail = Mail(
        id=mail_id,
        created=desk.clock(),
        origin=Origin.SMTP,
        client=transaction.client,
        reverse_path=sender,
        content=await arrival.keep(mail_id),
        header=transaction.header,
    )
    acceptance = acceptance_of(
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
    jobs = await desk.store.accept(acceptance, duplicate_hours=manners.duplicate_hours)
    kept = Kept(mail=mail, jobs=jobs, attempt_ids=[attempt.id for attempt in acceptance.attempts])
    _tell(kept)
    desk.wake()
    if kept.repeated and mail.content.name:
        await desk.spool.delete(mail.content.name)
    return kept


async def decide(desk: Desk, kept: Kept) -> Reply:
    """What the client hears; kept as its reply before it is said, unless the store knows it already.

    A 250 needs no row of its own where rendering gave it: the job has its document by then.
    """
    mail_id = kept.deciding[0].mail_id if kept.deciding else kept.mail.id
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


def _tell(kept: Kept) -> None:
    mail = kept.mail
    secured = {"tls": mail.client.tls, "user": mail.client.user}
    log.info(
        "taken",
        id=mail.id,
        client=mail.client,
        **{key: value for key, value in secured.items() if value},
        **{"from": f"<{mail.reverse_path}>"},
        size=mail.content.octets,
        nrcpt=len(kept.jobs),
        message_id=mail.header.message_id,
    )
    for job in kept.jobs:
        if job.duplicate:
            log.info("duplicate", id=mail.id, first=job.job_id)
