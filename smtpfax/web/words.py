"""What people read on the pages: times, sizes, numbers, and words for what happened.

In:    values of the model.
Out:   text.
Fails: never; pure.

Rule: a state, an outcome, a cause has the house's own word; what it means stands beside it in a sentence.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, tzinfo
from types import MappingProxyType

import phonenumbers

from smtpfax.model import event as e
from smtpfax.model.account import Proof
from smtpfax.model.attempt import Outcome
from smtpfax.model.cause import Cause
from smtpfax.model.job import Job, State
from smtpfax.model.notice import NoticeKind

STATES: Mapping[State, str] = MappingProxyType(
    {
        State.QUEUED: "Its pages are about to be made.",
        State.RENDERED: "Its pages are made; no fax service has it yet.",
        State.OFFERED: "It is being handed to the fax service.",
        State.ACCEPTED: "The fax service has it and places the call.",
        State.SENT: "Every page arrived.",
        State.FAILED: "It could not be sent, and will not be tried again.",
        State.CANCELLED: "It was taken back; nothing was sent.",
    }
)
OUTCOMES: Mapping[Outcome, str] = MappingProxyType(
    {
        Outcome.TAKEN: "The mail became a fax of ours.",
        Outcome.REFUSED: "The sender was told no, and why.",
        Outcome.DEFERRED: "The client was told to come again later.",
        Outcome.ABANDONED: "The client left before it was finished.",
    }
)
CAUSES: Mapping[Cause, str] = MappingProxyType(
    {
        Cause.BUSY: "the line was busy",
        Cause.NO_ANSWER: "nobody answered",
        Cause.NOT_A_FAX: "no fax machine answered",
        Cause.PARTIAL: "the call broke off",
        Cause.LINE: "the line failed",
        Cause.NO_ROUTE: "nobody has this number",
        Cause.UNALLOCATED: "the network knows no such number",
        Cause.BACKEND: "the fax service did not answer",
        Cause.REFUSED: "the fax service refused it",
        Cause.DOCUMENT: "the mail could not become pages",
        Cause.CONVERTER: "a converter failed",
        Cause.IN_DOUBT: "it may have been sent",
        Cause.CAP: "over a cap",
        Cause.EXPIRED: "its time was over",
        Cause.OURS: "a fault of ours",
        Cause.UNKNOWN: "no reason was given",
    }
)
PROOFS: Mapping[Proof, str] = MappingProxyType(
    {
        Proof.AUTH: "signed in over SMTP",
        Proof.NETWORK: "from a trusted network",
        Proof.SPF: "SPF names the client",
        Proof.DKIM: "a DKIM signature holds",
        Proof.DMARC: "DMARC is aligned",
    }
)
NOTICES: Mapping[NoticeKind, str] = MappingProxyType(
    {
        NoticeKind.RECEIPT: "Receipt",
        NoticeKind.FAILURE: "Failure notice",
        NoticeKind.DELAY: "Delay notice",
        NoticeKind.QUESTION: "Question about the number",
        NoticeKind.POSTMASTER: "Passed on",
        NoticeKind.WEBHOOK: "Webhook",
    }
)
BECAME = MappingProxyType({"": "waits", "sent": "sent", "given_up": "given up", "withdrawn": "withdrawn"})
_UNITS = ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"))


def number(e164: str) -> str:
    """A number with the blanks that people read it by; what is none stays as it is."""
    try:
        parsed = phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        return e164
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def size(octets: int) -> str:
    """About how large."""
    for unit, word in _UNITS:
        if octets >= unit:
            return f"{octets / unit:.1f} {word}" if octets < 10 * unit else f"{octets // unit} {word}"
    return f"{octets} B"


def count(many: int, one: str, more: str = "") -> str:
    """`1 page`, `2 pages`."""
    return f"{many:,} {one if many == 1 else more or one + 's'}"


def lasting(seconds: float) -> str:
    """How long, in the two largest units that say something."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s" if whole % 60 else f"{whole // 60} min"
    if whole < 86400:
        return f"{whole // 3600} h {whole % 3600 // 60} min" if whole % 3600 >= 60 else f"{whole // 3600} h"
    return f"{whole // 86400} d {whole % 86400 // 3600} h" if whole % 86400 >= 3600 else f"{whole // 86400} d"


def ago(at: datetime, now: datetime) -> str:
    """How long it has been."""
    return lasting(max(timedelta(), now - at).total_seconds())


def clock(at: datetime, now: datetime, zone: tzinfo) -> str:
    """A time as short as it can be told: without the date today, without the year this year."""
    local, today = at.astimezone(zone), now.astimezone(zone)
    if local.date() == today.date():
        return f"{local:%H:%M:%S}"
    return f"{local:%d %b, %H:%M}" if local.year == today.year else f"{local:%d %b %Y, %H:%M}"


def exactly(at: datetime, zone: tzinfo) -> str:
    """All of it, with the zone."""
    return f"{at.astimezone(zone):%A, %d %B %Y, %H:%M:%S %Z}"


def standing(job: Job) -> str:
    """The word on a job's badge: its state, or that it is held."""
    return "held" if job.held is not None and not job.state.final else job.state.value


def sentence(job: Job) -> str:
    """How a job stands: what its last event said, or what its state means."""
    if job.held is not None and not job.state.final:
        return f"{_held(job.text)}." if job.text else "It is held until somebody releases it."
    if job.text and job.state is not State.SENT:
        return f"{job.text[:1].upper()}{job.text[1:]}."
    return STATES[job.state]


_PLAIN: Mapping[type[e.Event], str] = MappingProxyType(
    {
        e.Missed: "The fax service was asked for it and does not have it; it is asked once more.",
        e.Cancelled: "It was cancelled.",
        e.CancelAsked: "Somebody asked to cancel it while the fax service had it.",
        e.Released: "It was released.",
    }
)


def happened(event: e.Event) -> str:
    """An event of a job's history, as a sentence."""
    match event:
        case e.Rendered():
            return f"Its pages were made: {count(event.document.pages, 'page')}, {size(event.document.octets)}."
        case e.Offered():
            return f"Handed to the fax service {event.backend}."
        case e.Accepted():
            return f"The fax service took it, and calls it {event.ticket}."
        case e.Progressed():
            return event.text or f"{count(event.pages_sent, 'page')} went over the line."
        case e.Sent():
            return _sent(event)
        case e.Deferred():
            return f"{_capital(event.text)}; the next try is due later."
        case e.Failed():
            return f"{_capital(event.text)}."
        case e.Held():
            return f"{_held(event.reason)}." if event.reason else "It was held."
    return _PLAIN[type(event)]


def tone(event: e.Event) -> str:
    """Whether it went well, for a dot of a colour; the sentence beside it says it in words."""
    match event:
        case e.Sent():
            return "good"
        case e.Failed():
            return "bad"
        case e.Deferred() | e.Held() | e.CancelAsked():
            return "warn"
    return ""


def _sent(event: e.Sent) -> str:
    if event.unconfirmed:
        return "The fax service took it as sent; the far machine did not confirm it."
    call = event.transmission
    facts = [
        count(call.pages_sent, "page") if call.pages_sent else "",
        lasting(call.seconds) if call.seconds else "",
        f"{call.rate:,} bit/s" if call.rate else "",
        f"far machine {call.station}" if call.station else "",
    ]
    told = ", ".join(fact for fact in facts if fact)
    return f"Sent: {told}." if told else "Sent."


def _held(reason: str) -> str:
    """A reason may say itself what it is a reason for."""
    return _capital(reason) if reason.startswith("held ") else f"Held: {reason}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
