"""Deleting faxes: what goes, here and at the fax services, and what is said to stay.

In:    a fax that is over, or its document alone; the API and the pages ask.
Out:   Deleted: in sentences what is kept, and by whom.
Fails: Refusal 409 with one sentence, while the fax is under way, or somebody is still to be told of it.

Rule: rows go first, files after them, and copies at fax services last: what cannot be deleted there is said.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from smtpfax import logs
from smtpfax.model.abilities import Deletes, Receives
from smtpfax.model.backend import InboundFax
from smtpfax.model.errors import Fault
from smtpfax.model.job import Job
from smtpfax.model.mail import Origin
from smtpfax.store.erasing import Erased

from .deps import Deps
from .envelope import conflict

SECONDS = 20.0  # for all that fax services are asked
_WAITS = "somebody is still to be told of this fax by mail: it can be deleted once that mail has left"
Ticket = tuple[str, str]  # a fax service's name, and its own name for the fax
log = logs.get("http")


@dataclass(frozen=True, slots=True, kw_only=True)
class Deleted:
    """What is kept, and what not even at the fax services."""

    log_line: bool = False  # the line of the SMTP log, without subject and names
    facts: str = ""  # what is still told of the fax
    mail: tuple[str, ...] = ()  # the mail, for these other faxes of it
    pages: bool = False  # which another fax has as well
    copies: tuple[tuple[str, str], ...] = ()  # perhaps, at these fax services, and why
    there: tuple[str, ...] = ()  # fax services that have deleted theirs

    @property
    def kept(self) -> tuple[str, ...]:
        """In words."""
        found = [
            "the line of the SMTP log, without subject and names" * self.log_line,
            self.facts,
            self.mail and f"the mail itself, which {', '.join(self.mail)} came by as well",
            "its pages, which another fax that is kept has as well" * self.pages,
            *(f"perhaps a copy at the fax service {name}, which {why}" for name, why in self.copies),
        ]
        return tuple(sentence for sentence in found if sentence)


async def delete_job(job: Job, deps: Deps) -> Deleted:
    """All of a fax that was sent, or was not."""
    _over(job)
    tickets = await deps.store.jobs.tickets_of(job.id)
    erased = await _gone(await deps.store.erasing.job(job), deps)
    there = await _forgotten(tickets, deps)
    log.info("deleted", id=job.id, files=len(erased.names))
    return replace(_told(erased, there), log_line=job.origin is Origin.SMTP)


async def delete_document(job: Job, deps: Deps) -> Deleted:
    """Its document and content; how it went stays."""
    _over(job)
    erased = await _gone(await deps.store.erasing.document(job), deps)
    there = await _forgotten(await deps.store.jobs.tickets_of(job.id), deps)
    log.info("document deleted", id=job.id, files=len(erased.names))
    return replace(_told(erased, there), facts="how the fax went, with its subject and names")


async def delete_received(fax: InboundFax, deps: Deps) -> Deleted:
    """All of a fax that was received."""
    erased = await _gone(await deps.store.erasing.received(fax), deps)
    log.info("deleted", id=fax.id, files=len(erased.names))
    return _told(erased, await _forgotten(_its_own(fax, deps), deps))


async def delete_received_document(fax: InboundFax, deps: Deps) -> Deleted:
    """Its document, and the file as it came; that it came stays."""
    erased = await _gone(await deps.store.erasing.received_document(fax), deps)
    log.info("document deleted", id=fax.id, files=len(erased.names))
    there = await _forgotten(_its_own(fax, deps), deps)
    return replace(_told(erased, there), facts="when the fax came, and from whom")


async def throw_away(names: Collection[str], deps: Deps) -> None:
    """Files of which the database says that nobody refers to them any more."""
    for name in await deps.store.erasing.unnamed(names):
        await deps.spool.delete(name)


def _over(job: Job) -> None:
    if not job.state.final:
        raise conflict(f"the fax is {job.state}: cancel it first")


async def _gone(erased: Erased, deps: Deps) -> Erased:
    if not erased.done:
        raise conflict(_WAITS)
    for name in erased.names:
        await deps.spool.delete(name)
    return erased


def _its_own(fax: InboundFax, deps: Deps) -> Sequence[Ticket]:
    """At a service that received it; on the embedded exchange the call is its sender's."""
    return [(fax.backend, fax.ticket)] if isinstance(deps.backends.get(fax.backend), Receives) else []


async def _forgotten(tickets: Sequence[Ticket], deps: Deps) -> list[tuple[str, str]]:
    """Each service once: its name, and why it may hold a copy; empty: it holds none."""
    found: dict[str, str] = {}
    try:
        async with asyncio.timeout(SECONDS):
            for name, ticket in tickets:
                why = await _forget(name, ticket, deps)
                found[name] = found.get(name) or why
    except TimeoutError:
        found |= {name: "could not be asked in time" for name, _ in tickets if name not in found}
    return list(found.items())


async def _forget(name: str, ticket: str, deps: Deps) -> str:
    backend = deps.backends.get(name)
    if backend is None:
        return "is not set up any more"
    if not isinstance(backend, Deletes):
        return "has no way to delete one"
    try:
        await backend.delete(ticket)
    except Fault as fault:
        log.warning("not deleted", backend=name, ticket=ticket, reason=fault.reason)
        return "could not be asked to delete it"
    return ""


def _told(erased: Erased, there: Sequence[tuple[str, str]]) -> Deleted:
    return Deleted(
        mail=erased.siblings,
        pages=bool(erased.shared),
        copies=tuple((name, why) for name, why in there if why),
        there=tuple(name for name, why in there if not why),
    )
