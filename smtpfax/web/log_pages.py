"""The SMTP log: what came to the door, and what became of it.

In:    filters; an attempt's id.
Out:   the list, and the whole story of one attempt.
Fails: Refusal 404 for an attempt that is not there, or is another's.

Rule: the list is looked at while it grows: an open page asks again, and is answered only when something changed.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from aiohttp import web
from markupsafe import Markup

from smtpfax.api.envelope import invalid, not_found
from smtpfax.api.present_log import parts_of
from smtpfax.model.attempt import Outcome
from smtpfax.model.event import Event, PartNote
from smtpfax.model.job import Job, State
from smtpfax.model.mail import Mail
from smtpfax.store import AttemptFilter, AttemptRow, Page
from smtpfax.store.notices import NoticeRow

from .lists import PAGE_SIZE, Slice, address, read_list
from .story import Line, dialogue
from .templates import render
from .viewer import Scope
from .visit import Visit

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The filters, as the form shows them again."""

    faxbox: str
    outcome: str
    state: str
    sender: str
    to: str
    text: str
    since: str
    until: str

    @property
    def any(self) -> bool:
        """Something is filtered."""
        return any(getattr(self, name) for name in self.__slots__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """The rows as they are shown, and where they are asked for again; empty: they do not change by themselves."""

    part: Markup
    live: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """An attempt, and everything that belongs to it."""

    row: AttemptRow
    lines: tuple[Line, ...]
    job: Job | None = None
    mail: Mail | None = None
    history: tuple[tuple[Event, datetime], ...] = ()
    parts: tuple[PartNote, ...] = ()
    notices: tuple[NoticeRow, ...] = ()


async def log_list(visit: Visit) -> web.StreamResponse:
    """GET /log."""
    asked = _asked(visit)
    rows, until = await _rows(visit, asked)
    part = render("log_rows.html", visit, rows=rows, until=until, asked=asked)
    digest = hashlib.sha256(part.encode()).hexdigest()[:16]
    if visit.partial and visit.query("digest") == digest:
        return web.Response(status=204)
    live = address(visit, live="1", digest=digest)
    shown = Shown(part=Markup(part), live=live if rows.newest and until is None else "")  # noqa: S704  a template's
    if visit.partial:
        return visit.page("log_part.html", shown=shown)
    boxes = visit.viewer.boxes(visit.directory)
    return visit.page("log.html", shown=shown, asked=asked, boxes=boxes, outcomes=Outcome, states=State)


async def attempt(visit: Visit) -> web.StreamResponse:
    """GET /log/{id}."""
    row = await visit.desk.deps.store.attempts.get(visit.id())
    if row is None:
        raise not_found(visit.id())
    visit.own(row.attempt.account_id, row.attempt.faxbox_id)
    return visit.page("attempt.html", story=await _story(visit, row))


async def _story(visit: Visit, row: AttemptRow) -> Story:
    store, attempt = visit.desk.deps.store, row.attempt
    job = await store.jobs.get(attempt.job_id) if attempt.job_id else None
    history = tuple(await store.jobs.history(job.id)) if job else ()
    return Story(
        row=row,
        lines=dialogue(attempt),
        job=job,
        mail=await store.mails.get(attempt.mail_id) if attempt.mail_id else None,
        history=history,
        parts=parts_of(history),
        notices=tuple(await store.notices.of_job(job.id)) if job else (),
    )


async def _rows(visit: Visit, asked: Asked) -> tuple[Slice[AttemptRow], datetime | None]:
    """The rows; and how far back a text was looked for, when that is not all of the log."""
    store, wanted = visit.desk.deps.store, _filter(visit, asked)
    if asked.text:
        return await _search(visit, asked, wanted)

    async def fetch(scope: Scope, after: str) -> Page[AttemptRow]:
        return await store.attempts.page(_within(wanted, scope), limit=PAGE_SIZE, after=after)

    scopes = visit.viewer.scopes(visit.directory, visit.chosen())
    rows = await read_list(visit, scopes, fetch, key=lambda row: (row.attempt.created, row.attempt.id))
    return rows, None


async def _search(visit: Visit, asked: Asked, wanted: AttemptFilter) -> tuple[Slice[AttemptRow], datetime | None]:
    scopes = visit.viewer.scopes(visit.directory, visit.chosen())
    if not scopes:
        return Slice(rows=()), None
    boxes = tuple(scope.faxbox_id for scope in scopes if scope.faxbox_id) if len(scopes) > 1 else ()
    scope = Scope(account_id=scopes[0].account_id) if boxes else scopes[0]
    after = visit.query("after")
    try:
        found = await visit.desk.deps.store.search(
            _within(wanted, scope), asked.text, faxbox_ids=boxes, limit=PAGE_SIZE, after=after
        )
    except ValueError:
        raise invalid({"after": ("invalid", "is no address that a list of ours gave")}) from None
    older = address(visit, after=found.page.after) if found.page.after else ""
    return Slice(rows=found.page.rows, older=older, newest=not after), found.until


def _asked(visit: Visit) -> Asked:
    return Asked(
        faxbox=visit.query("faxbox"),
        outcome=visit.query("outcome"),
        state=visit.query("state"),
        sender=visit.query("from"),
        to=visit.query("to"),
        text=visit.query("text"),
        since=visit.query("since"),
        until=visit.query("until"),
    )


def _filter(visit: Visit, asked: Asked) -> AttemptFilter:
    """What cannot be is not filtered by: the form shows it, and nothing comes of it."""
    until = visit.moment(asked.until)
    return AttemptFilter(
        outcome=Outcome(asked.outcome) if asked.outcome in list(Outcome) else None,
        state=State(asked.state) if asked.state in list(State) else None,
        from_=asked.sender or None,
        to=asked.to or None,
        created_from=visit.moment(asked.since),
        created_to=until + DAY if until and len(asked.until) == len("2026-01-31") else until,
    )


def _within(wanted: AttemptFilter, scope: Scope) -> AttemptFilter:
    return replace(wanted, account_id=scope.account_id, faxbox_id=scope.faxbox_id)
