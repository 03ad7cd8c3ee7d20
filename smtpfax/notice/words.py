"""The part of a notice that people read.

In:    a job with its mail, history and faxbox.
Out:   Said: the subject's words, and the text: what happened, what to do, then the facts.
Fails: never.

Rule: whatever a stranger wrote (a file name, a subject, the far machine's name) stands on one line of its own, and
is bounded.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from smtpfax.model.account import Faxbox, Reading
from smtpfax.model.cause import Cause
from smtpfax.model.event import Deferred, Event, Failed, Held, PartNote, Rendered, Sent, Transmission
from smtpfax.model.job import Job
from smtpfax.model.legibility import judge
from smtpfax.model.mail import Mail
from smtpfax.model.notice import NoticeKind

from .advice import DELAYED, FAILED, HANDED_OVER, HELD, QUESTION, QUESTION_WITHOUT_LINK, SENT, Advice
from .wire import plain

MOST_SUBJECT = 200
_MOST_NAME = 100
_MOST_PARTS = 50
_MOST_TRIES = 10
_WIDTH = 76

History = Sequence[tuple[Event, datetime]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """The subject and the text of a notice."""

    subject: str
    text: str


def said(kind: NoticeKind, *, job: Job, mail: Mail, history: History, faxbox: Faxbox | None, link: str = "") -> Said:
    """All the words of a notice about a job; `link` is where a question is answered."""
    zone = zone_of(faxbox)
    advice = _advice(kind, job, history, link)
    names = {
        "number": number_of(job),
        "until": time_in(job.until, zone),
        "due": time_in(job.due, zone),
        "meant": resembled(history),
    }
    theirs = plain(mail.header.subject, MOST_SUBJECT)
    result = advice.result.format(**names)
    blocks = [
        textwrap.fill(advice.sentence.format(**names), _WIDTH),
        textwrap.fill(advice.todo.format(**names), _WIDTH),
        link,
        "\n".join(_facts(kind, job=job, subject=theirs, history=history, faxbox=faxbox)),
        "\n".join(_calls(kind, history, zone)),
        "\n".join(_parts(kind, history)),
    ]
    text = "\n\n".join(block for block in blocks if block)
    return Said(subject=f"{result}: {theirs}" if theirs else result, text=text + "\n")


def number_of(job: Job) -> str:
    """The number as people read it."""
    sub = job.number.sub_address
    return f"{job.number.e164} (sub-address {sub})" if sub else job.number.e164


def confirmed(history: History) -> bool:
    """Whether the far machine confirmed the fax; a history that does not say so does not confirm it."""
    return any(isinstance(event, Sent) and not event.unconfirmed for event, _ in history)


def resembled(history: History) -> str:
    """The number that the sender may have meant, when the job's last hold is a question."""
    holds = [event for event, _ in history if isinstance(event, Held)]
    return holds[-1].resembles if holds else ""


def transmission_of(history: History) -> Transmission:
    """The last call."""
    calls = [event.transmission for event, _ in history if isinstance(event, Sent | Deferred | Failed)]
    return calls[-1] if calls else Transmission()


def _advice(kind: NoticeKind, job: Job, history: History, link: str) -> Advice:
    if kind is NoticeKind.RECEIPT:
        return SENT if confirmed(history) else HANDED_OVER
    if kind is NoticeKind.FAILURE:
        return FAILED[job.cause or Cause.UNKNOWN]
    if job.held is None:
        return DELAYED[job.cause]
    if resembled(history):
        return QUESTION if link else QUESTION_WITHOUT_LINK
    return HELD


def _facts(kind: NoticeKind, *, job: Job, subject: str, history: History, faxbox: Faxbox | None) -> Iterable[str]:
    last, zone = transmission_of(history), zone_of(faxbox)
    if kind is not NoticeKind.RECEIPT and job.text:
        yield from fact("Reason", job.text)
    yield from fact("Fax number", number_of(job))
    yield from fact("To", job.to_name)
    yield from fact("From", job.particulars.from_name if job.particulars else "")
    yield from fact("Subject", subject)
    yield from fact("Pages", _pages(kind, job, last))
    yield from fact("Warning", _warning(job, faxbox))
    yield from fact("Tries", _tries(kind, job))
    yield from fact("Time", time_in(job.ended, zone) if job.ended else "")
    yield from fact("Far machine", last.station)
    yield from fact("Seconds", f"{last.seconds:.0f}" if last.seconds else "")
    yield from fact("Faxbox", faxbox.name if faxbox else "")
    yield from fact("Job", job.id)


def _warning(job: Job, faxbox: Faxbox | None) -> str:
    """What the far side may not be able to read."""
    found = job.document.legibility if job.document else None
    if found is None or (faxbox is not None and faxbox.legibility is Reading.OFF):
        return ""
    return judge(found) or ""


def fact(label: str, value: str) -> Iterable[str]:
    """A line of the facts, or none."""
    if value:
        yield from textwrap.wrap(
            plain(value, 2 * MOST_SUBJECT),
            _WIDTH,
            initial_indent=f"{label + ':':<13}",
            subsequent_indent=" " * 13,
            break_on_hyphens=False,
        )


def _pages(kind: NoticeKind, job: Job, last: Transmission) -> str:
    if job.document is None:
        return ""
    every = job.document.pages
    if kind is NoticeKind.RECEIPT or not job.tries:
        return str(every)
    return f"{last.pages_sent} of {every}"


def _tries(kind: NoticeKind, job: Job) -> str:
    if kind is NoticeKind.RECEIPT:
        return str(job.tries)
    return f"{job.tries} of {max(job.tries, job.most_tries)}" if job.tries else ""


def _calls(kind: NoticeKind, history: History, zone: tzinfo) -> Iterable[str]:
    """Each try and how it ended, for what was not sent at once."""
    ends = [(event, at) for event, at in history if isinstance(event, Deferred | Failed) and event.counted]
    if kind is NoticeKind.RECEIPT or len(ends) < 2:
        return
    yield "The tries:"
    for event, at in ends[-_MOST_TRIES:]:
        yield f"  {time_in(at, zone)}: {plain(event.text, MOST_SUBJECT)}"


def _parts(kind: NoticeKind, history: History) -> Iterable[str]:
    parts: tuple[PartNote, ...] = ()
    for event, _ in history:
        if isinstance(event, Rendered | Failed) and event.parts:
            parts = event.parts
    title = "Faxed:" if kind is NoticeKind.RECEIPT else "In the fax:"
    yield from _list(title, [f"{_name(part)}, {page_count(part.pages)}" for part in parts if not part.left_out])
    left = [f"{_name(part)}, because {plain(part.left_out, MOST_SUBJECT)}" for part in parts if part.left_out]
    yield from _list("Left out:", left)


def _list(title: str, lines: Sequence[str]) -> Iterable[str]:
    if lines:
        yield title
        yield from (f"  {line}" for line in lines[:_MOST_PARTS])
    if len(lines) > _MOST_PARTS:
        yield f"  and {len(lines) - _MOST_PARTS} more"


def _name(part: PartNote) -> str:
    if part.name:
        return plain(part.name, _MOST_NAME)
    return "the mail's text" if part.kind.startswith("text/") else f"a part without a name ({plain(part.kind, 50)})"


def page_count(pages: int) -> str:
    """Pages in words."""
    return "1 page" if pages == 1 else f"{pages} pages"


def zone_of(faxbox: Faxbox | None) -> tzinfo:
    """Where the faxbox's people are."""
    try:
        return ZoneInfo(faxbox.timezone) if faxbox else UTC
    except (ZoneInfoNotFoundError, ValueError, OSError):  # a name that this machine does not know, or a folder's
        return UTC


def time_in(at: datetime, zone: tzinfo) -> str:
    """A moment as people there write it."""
    local = at.astimezone(zone)
    return f"{local.day} {local:%B %Y, %H:%M %Z}"
