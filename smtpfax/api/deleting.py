"""Deleting faxes: what goes, here and at the fax services, and what is said to stay.

In:    a fax that is over, or its document alone; the API and the pages ask.
Out:   Deleted: in sentences what is kept, and by whom.
Fails: Refusal 409 with one sentence, while the fax is under way, or somebody is still to be told of it.

Rule: rows go first, files after them, and copies at fax services last: what cannot be deleted there is said.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

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
LOG_LINE = "the line of the SMTP log, without subject and names"
_WAITS = "somebody is still to be told of this fax by mail: it can be deleted once that mail has left"
_SHARED = "its pages, which another fax that is kept has as well"
Ticket = tuple[str, str]  # a fax service's name, and its own name for the fax
log = logs.get("http")


@dataclass(frozen=True, slots=True, kw_only=True)
class Deleted:
    """What is kept, in words; at which fax services a copy was deleted."""

    kept: tuple[str, ...] = ()
    there: tuple[str, ...] = ()

    @property
    def elsewhere(self) -> bool:
        """Whether somebody else may hold a copy."""
        return any("copy" in sentence for sentence in self.kept)


async def delete_job(job: Job, deps: Deps) -> Deleted:
    """All of a fax that was sent, or was not."""
    _over(job)
    tickets = await deps.store.jobs.tickets_of(job.id)
    erased = await _gone(await deps.store.erasing.job(job), deps)
    there = await _forgotten(tickets, deps)
    line = [LOG_LINE] if job.origin is Origin.SMTP else []
    log.info("deleted", id=job.id, files=len(erased.names))
    return _told(there, [*line, *_others(erased)])


async def delete_document(job: Job, deps: Deps) -> Deleted:
    """Its document and content; how it went stays."""
    _over(job)
    erased = await _gone(await deps.store.erasing.document(job), deps)
    there = await _forgotten(await deps.store.jobs.tickets_of(job.id), deps)
    log.info("document deleted", id=job.id, files=len(erased.names))
    return _told(there, ["how the fax went, with its subject and names", *_others(erased)])


async def delete_received(fax: InboundFax, deps: Deps) -> Deleted:
    """All of a fax that was received."""
    erased = await _gone(await deps.store.erasing.received(fax), deps)
    log.info("deleted", id=fax.id, files=len(erased.names))
    return _told(await _forgotten(_its_own(fax, deps), deps), _others(erased))


async def delete_received_document(fax: InboundFax, deps: Deps) -> Deleted:
    """Its document, and the file as it came; that it came stays."""
    erased = await _gone(await deps.store.erasing.received_document(fax), deps)
    log.info("document deleted", id=fax.id, files=len(erased.names))
    there = await _forgotten(_its_own(fax, deps), deps)
    return _told(there, ["when the fax came, and from whom", *_others(erased)])


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


def _others(erased: Erased) -> list[str]:
    siblings = f"the mail itself, which {', '.join(erased.siblings)} came by as well"
    return [siblings] * bool(erased.siblings) + [_SHARED] * bool(erased.shared)


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


def _told(there: Iterable[tuple[str, str]], kept: Sequence[str]) -> Deleted:
    copies = [f"perhaps a copy at the fax service {name}, which {why}" for name, why in there if why]
    return Deleted(kept=(*kept, *copies), there=tuple(name for name, why in there if not why))
