"""Sending a fax once more: one that has ended, to the same number or another; one that was received, to somebody.

In:    the fax, and where it goes now; the API and the pages ask.
Out:   the new job, kept before it is told (G1, G2); it names the fax that it was made of.
Fails: Refusal 400 for a number that may not be dialled, 409 for a fax that is under way or is kept no longer, 429 for a
       cap. Temporary, and then nothing is kept.

Rule: the number and the caps are looked at as for any other fax. The document is the same one, so that a fax service
which has it still need not be given it again; only a cover that names somebody else is drawn anew.
"""

from __future__ import annotations

from dataclasses import dataclass

from smtpfax import logs
from smtpfax.model.account import Account, Faxbox
from smtpfax.model.again import Again, Once, again
from smtpfax.model.backend import InboundFax
from smtpfax.model.event import Rendered
from smtpfax.model.job import Job
from smtpfax.model.mail import Origin
from smtpfax.model.number import FaxNumber

from .compose import File
from .deps import Deps
from .envelope import conflict, invalid
from .order_rules import check_number, read_to, reserve
from .ordering import Order, place

_GONE = "its document is kept no longer"
FIELD = "to_number"
log = logs.get("http")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Where a fax goes now, as it was written; without a number it goes where it went."""

    to_number: str = ""
    to_name: str | None = None  # None: as before, where the number is


async def resend(job: Job, wish: Wish, deps: Deps) -> Job:
    """A new job; the first one stays as it is."""
    if not job.state.final:
        raise conflict(f"the fax is {job.state}: it can be sent again when that is over")
    account, faxbox = _sender(job.account_id, job.faxbox_id, deps)
    number = read_to(wish.to_number, account=account, field=FIELD) if wish.to_number.strip() else job.number
    check_number(number, account=account, faxbox=faxbox, deps=deps, field=FIELD)
    made = await _made(job, faxbox, number=number, to_name=_named(job, number, wish), deps=deps)
    give_back = reserve(job.reverse_path, account=account, faxbox=faxbox, deps=deps, at=made.job.created)
    try:
        kept = await deps.store.once.more(made)
    finally:
        give_back()
    if kept is None:
        raise conflict(_GONE)
    log.info("sent again", id=kept.id, first=job.id, to=f"<{kept.number}>")
    deps.wake()
    return kept


async def forward(fax: InboundFax, wish: Wish, deps: Deps) -> Job:
    """What was received, as a fax of the faxbox that received it."""
    account, faxbox = _sender(fax.account_id, fax.faxbox_id, deps)
    if not wish.to_number.strip():
        raise invalid({FIELD: ("required", "say where it is to go")})
    number = read_to(wish.to_number, account=account, field=FIELD)
    check_number(number, account=account, faxbox=faxbox, deps=deps, field=FIELD)
    if not deps.spool.has(fax.document.name):
        raise conflict(_GONE)
    page = File(name=f"fax-{fax.id}.tif", octets=await deps.spool.read(fax.document.name))
    order = Order(
        account=account,
        faxbox=faxbox,
        number=number,
        origin=Origin.HTTP,
        files=(page,),
        subject=f"Fax from {fax.from_number or 'an unknown number'}",
        to_name=wish.to_name or "",
        again_of=fax.id,
    )
    ordered = await place(order, deps)
    log.info("forwarded", id=ordered.job.id, first=fax.id, to=f"<{number}>")
    return ordered.job


def _sender(account_id: str, faxbox_id: str, deps: Deps) -> tuple[Account, Faxbox]:
    directory = deps.directory()
    faxbox = directory.faxbox(account_id, faxbox_id)
    if faxbox is None:
        raise conflict("the faxbox that it belongs to is gone")
    return directory.accounts[account_id], faxbox


def _named(job: Job, number: FaxNumber, wish: Wish) -> str:
    if wish.to_name is not None:
        return wish.to_name
    return job.to_name if number == job.number else ""


async def _made(job: Job, faxbox: Faxbox, *, number: FaxNumber, to_name: str, deps: Deps) -> Again:
    mail = await deps.store.mails.get(job.mail_id)
    if mail is None:
        raise conflict(_GONE)
    history = [event for event, _ in await deps.store.jobs.history(job.id)]
    rendered = next((event for event in reversed(history) if isinstance(event, Rendered)), None)
    now = deps.clock()
    once = Once(mail_id=deps.ids(), number=number, to_name=to_name, at=now, expires=now + deps.expiry)
    return again(job, mail, faxbox, once=once, rendered=rendered)
