"""What the worker works with, and how what it finds is written down.

In:    a job and what happened to it: events, or a fault that a stage raised.
Out:   the job after it, its events and due notices in one commit (G4); the door and the log are told.
Fails: Temporary, when the store fails: the job's lease runs out, and it is done again.

Rule: raised low, turned into an event in one place: here, by `model.schedule`.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from smtpfax import logs
from smtpfax.model import event as e
from smtpfax.model.abilities import Resends
from smtpfax.model.account import Directory, Faxbox
from smtpfax.model.backend import Backend, Offer
from smtpfax.model.cause import Cause
from smtpfax.model.errors import Fault, Permanent
from smtpfax.model.ids import Clock
from smtpfax.model.job import Job, State, apply
from smtpfax.model.mail import Mail
from smtpfax.model.meter import Meter
from smtpfax.model.notice import Notice, notices_for, waiting_notices
from smtpfax.model.particulars import as_ordered
from smtpfax.model.routing import handed_on
from smtpfax.model.schedule import after_fault
from smtpfax.render.stage import Renderer
from smtpfax.spool import Spool
from smtpfax.store import Store
from smtpfax.verdicts import LocalVerdicts

from .lines import Lines

CALLING = (State.OFFERED, State.ACCEPTED)  # a backend may be calling
ORIGINALS = timedelta(days=5)  # for so long a backend is thought to keep a document: seven days are its least
log = logs.get("queue")


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """The settings of the queue."""

    workers: int
    poll: timedelta
    lease: timedelta
    grace: timedelta  # before a job in doubt is looked for
    accepted_limit: timedelta
    hearing: timedelta  # how long a client may still hear a 554 instead of a notice
    notices: bool
    one_call: bool  # a number is called for one job at a time, whichever backend calls


def _nobody() -> None:
    """Who need not be told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workshop:
    """All that the stages need."""

    habits: Habits
    store: Store
    spool: Spool
    renderer: Renderer
    backends: Mapping[str, Backend]
    directory: Callable[[], Directory]
    verdicts: LocalVerdicts
    clock: Clock
    meter: Meter
    ended: Callable[[], None] = _nobody  # a job has: whoever tells of it may look
    lines: Lines = field(default_factory=Lines)
    looking: Mapping[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))  # by backend

    def faxbox(self, job: Job) -> Faxbox | None:
        """The job's faxbox as its order has it, if it still exists."""
        faxbox = self.directory().faxbox(job.account_id, job.faxbox_id)
        return as_ordered(faxbox, job.particulars) if faxbox else None

    async def content(self, mail: Mail) -> bytes:
        """The whole content, wherever it is kept."""
        if mail.content.name:
            return await self.spool.read(mail.content.name)
        return await self.store.mails.inline(mail.id) or b""

    async def write(
        self, job: Job, *events: e.Event, due: datetime | None = None, keep_lease: bool = False, alone: bool = False
    ) -> Job:
        """The events and the notices that they make due, in one commit; `alone` as `advance` has it."""
        at = self.clock()
        notices = await self._notices(job, events, at)
        moved = await self.store.jobs.advance(
            job, events, at=at, due=due, notices=notices, keep_lease=keep_lease, alone=alone
        )
        if alone and moved.version == job.version:
            return moved
        if job.state in CALLING and moved.state not in CALLING:
            await self._free_line(job, at)
        for event in events:
            _tell(moved, event, at)
            self._count(moved, event, at)
        self.verdicts.tell(moved)
        if moved.state.final:
            self.ended()
        return moved

    async def _free_line(self, job: Job, at: datetime) -> None:
        """The number is not called any more: whoever waits for it has its turn."""
        first = self.lines.first(job.number.e164)
        if first is not None:
            await self.store.jobs.hurry([first], due=at)

    @contextmanager
    def timed(self, backend: Backend, act: str) -> Iterator[None]:
        """How long a backend takes to answer, and whether it does."""
        began, up = self.clock(), 0.0
        try:
            yield
            up = 1.0
        except Permanent:
            up = 1.0  # a clear no is an answer
            raise
        finally:
            seconds = (self.clock() - began).total_seconds()
            self.meter.observe("smtpfax_backend_request_seconds", seconds, backend=backend.name, op=act)
            self.meter.set("smtpfax_backend_up", up, backend=backend.name)

    async def fault(
        self,
        job: Job,
        fault: Fault,
        *,
        transmission: e.Transmission | None = None,
        parts: tuple[e.PartNote, ...] = (),
    ) -> Job:
        """What follows when a stage raised: the next backend, a later try, or the end."""
        at = self.clock()
        log.info("went wrong", id=job.id, cause=fault.cause, status=fault.status, reason=fault.reason)
        event = self._handed_on(job, fault, at) or after_fault(
            job,
            fault,
            at=at,
            transmission=transmission or e.Transmission(),
            parts=parts,
            times=await self._times(job, fault.cause),
        )
        return await self.write(job, event, due=event.due if isinstance(event, e.Deferred) else None)

    async def offer_of(self, job: Job) -> Offer | None:
        """The job as a backend needs to know it; None when its faxbox or its document is gone."""
        faxbox, mail = self.faxbox(job), await self.store.mails.get(job.mail_id)
        if faxbox is None or job.leaving is None:
            return None
        return Offer(
            job_id=job.id,
            try_number=job.tries + 1,
            number=job.number,
            document=job.leaving,
            faxbox=faxbox,
            subject=mail.header.subject if mail else "",
            to_name=job.to_name,
            original=await self._original(job),
            offered=job.offered or self.clock(),
        )

    async def _original(self, job: Job) -> str:
        """The ticket by which the backend may still have the document, if it sends one again."""
        backend = self.backends.get(job.backend)
        if backend is not None and isinstance(backend, Resends) and backend.resends():
            return await self.store.jobs.original(job, job.backend, since=self.clock() - ORIGINALS)
        return ""

    async def _times(self, job: Job, cause: Cause) -> int:
        """How often the job was deferred for this cause."""
        history = await self.store.jobs.history(job.id)
        return sum(isinstance(event, e.Deferred) and event.cause is cause for event, _ in history)

    def _count(self, job: Job, event: e.Event, at: datetime) -> None:
        word = e.kind_of(event)
        self.meter.count("smtpfax_job_events_total", event=word)
        if isinstance(event, e.Sent) or (isinstance(event, (e.Deferred, e.Failed)) and event.counted):
            reason = "" if isinstance(event, e.Sent) else event.cause.value
            self.meter.count("smtpfax_attempts_total", backend=job.backend, result=word, reason=reason)
            pages = event.transmission.pages_sent
            self.meter.count("smtpfax_pages_total", pages, backend=job.backend, result=word)
        if job.state.final:
            self.meter.observe("smtpfax_delivery_seconds", (at - job.created).total_seconds())

    def _handed_on(self, job: Job, fault: Fault, at: datetime) -> e.Deferred | None:
        """The next backend of the list, at once, when this one does not have the fax for a reason of its own."""
        faxbox = self.faxbox(job)
        if faxbox is None or not handed_on(job, fault, faxbox.backends):
            return None
        return e.Deferred(status=fault.status, cause=fault.cause, text=fault.text, due=at)

    async def _notices(self, job: Job, events: Sequence[e.Event], at: datetime) -> tuple[Notice, ...]:
        if not self.habits.notices:
            return ()
        ended = job
        for event in events:
            ended = apply(ended, event, at=at)
        tells = ended.state in (State.SENT, State.FAILED) or any(isinstance(ev, (e.Deferred, e.Held)) for ev in events)
        mail = await self.store.mails.get(job.mail_id) if tells else None
        if mail is None:
            return ()
        faxbox = self.faxbox(job)
        handed_over = any(isinstance(event, e.Sent) and event.unconfirmed for event in events)
        final = notices_for(ended, mail, faxbox, at=at, grace=self.habits.hearing, handed_over=handed_over)
        return final or waiting_notices(ended, events, mail, faxbox, at=at)


def _tell(job: Job, event: e.Event, at: datetime) -> None:
    """One line, in Postfix's habit: to, backend, tries, delay, dsn, status."""
    log.info(
        e.kind_of(event),
        id=job.id,
        to=f"<{job.number}>",
        backend=job.backend,
        tries=job.tries,
        delay=round((at - job.created).total_seconds(), 1),
        dsn=job.status or "",
        state=job.state,
        text=job.text,
    )
