"""What parameters of MAIL and RCPT ask for: notices, and the time of sending.

In:    a command's ESMTP parameters by upper-cased name; the time, and how long a fax may be held.
Out:   MailAsks and RcptAsks.
Fails: BadCommand, with a reply that names the parameter and says what is wrong with it.

Rule: read strictly (RFC 3461 section 4, RFC 4865, RFC 2852): a wish that is half understood is worse than a refusal.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from smtpfax.model.status import BAD_PARAMETER, DEADLINE_TOO_SOON
from smtpfax.model.wishes import NEVER, NO_WISHES, Notify, Returned, Wishes

from .command import BadCommand

LEAST_BY = 60  # seconds: the least time in which a fax can be rendered, dialled and sent
_OF_MAIL = frozenset({"RET", "ENVID", "HOLDFOR", "HOLDUNTIL", "BY"})
_OF_RCPT = frozenset({"NOTIFY", "ORCPT"})
_MOST_ENVID = 100  # RFC 3461 section 4.4
_MOST_ORCPT = 500  # RFC 3461 section 4.2
_XTEXT = re.compile(r"(?:[\x21-\x2a\x2c-\x3c\x3e-\x7e]|\+[0-9A-F]{2})+")  # RFC 3461 section 4
_HEX = re.compile(r"\+([0-9A-F]{2})")
_PRINTABLE = re.compile(r"[\x20-\x7e]+")
_ORCPT = re.compile(r"([A-Za-z0-9\-]{1,60});(.+)")
# RFC 6533 section 3: a character beyond ASCII is written by its code point, so that the parameter stays ASCII.
_UTF8_XTEXT = re.compile(r"(?:[\x21-\x2a\x2c-\x3c\x3e-\x5b\x5d-\x7e]|\\x\{[0-9A-F]{2,6}\})+")
_SECONDS = re.compile(r"[1-9][0-9]{0,8}")  # RFC 4865 section 3
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+\-]\d\d:\d\d)", re.ASCII | re.IGNORECASE)
_BY = re.compile(r"([+\-]?[0-9]{1,9});([NR])(T?)", re.IGNORECASE)  # RFC 2852 section 4


@dataclass(frozen=True, slots=True, kw_only=True)
class MailAsks:
    """What MAIL asks for. After `deadline` it is not sent; at `tell_at` the sender hears that it is not sent yet."""

    wishes: Wishes = NO_WISHES
    scheduled: datetime | None = None
    deadline: datetime | None = None
    tell_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RcptAsks:
    """What RCPT asks for."""

    notify: frozenset[Notify] | None = None
    original: str = ""


NOTHING_OF_MAIL = MailAsks()
NOTHING_OF_RCPT = RcptAsks()


def of_mail(parameters: Mapping[str, str], *, at: datetime, most_hold: timedelta) -> MailAsks:
    """RET, ENVID, HOLDFOR or HOLDUNTIL, and BY; others are passed over."""
    if _OF_MAIL.isdisjoint(parameters):
        return NOTHING_OF_MAIL
    scheduled = _scheduled(parameters, at, most_hold)
    seconds, returns, trace = _by(parameters)
    deadline = at + timedelta(seconds=seconds) if returns else None
    if deadline and scheduled and deadline <= scheduled:
        raise _bad("BY", "the time is over before the fax may be sent")
    wishes = Wishes(envelope_id=_envelope_id(parameters), returned=_returned(parameters), trace=trace)
    # Of a time that is over already whoever brings the mail has told (RFC 2852 section 4.1.4.2).
    tell_at = at + timedelta(seconds=seconds) if seconds > 0 and not returns else None
    return MailAsks(wishes=wishes, scheduled=scheduled, deadline=deadline, tell_at=tell_at)


def of_rcpt(parameters: Mapping[str, str]) -> RcptAsks:
    """NOTIFY and ORCPT; others are passed over."""
    if _OF_RCPT.isdisjoint(parameters):
        return NOTHING_OF_RCPT
    return RcptAsks(notify=_notify(parameters), original=_original(parameters))


def _notify(parameters: Mapping[str, str]) -> frozenset[Notify] | None:
    said = parameters.get("NOTIFY")
    if said is None:
        return None
    if said.upper() == "NEVER":
        return NEVER
    try:
        return frozenset(Notify(word) for word in said.lower().split(","))
    except ValueError:
        raise _bad("NOTIFY", "NEVER, or some of SUCCESS,FAILURE,DELAY") from None


def _original(parameters: Mapping[str, str]) -> str:
    said = parameters.get("ORCPT")
    if said is None:
        return ""
    match = _ORCPT.fullmatch(said)
    if match is None or len(said) > _MOST_ORCPT:
        raise _bad("ORCPT", f"an address type, a semicolon and an address, {_MOST_ORCPT} characters at most")
    kind, address = match.groups()
    if kind.lower() == "utf-8" and _UTF8_XTEXT.fullmatch(address):
        return f"{kind};{address}"
    return f"{kind};{_decoded('ORCPT', address)}"


def _envelope_id(parameters: Mapping[str, str]) -> str:
    said = parameters.get("ENVID")
    if said is None:
        return ""
    if len(said) > _MOST_ENVID:
        raise _bad("ENVID", f"{_MOST_ENVID} characters at most")
    return _decoded("ENVID", said)


def _returned(parameters: Mapping[str, str]) -> Returned | None:
    said = parameters.get("RET")
    try:
        return None if said is None else Returned(said.lower())
    except ValueError:
        raise _bad("RET", "FULL or HDRS") from None


def _scheduled(parameters: Mapping[str, str], at: datetime, most: timedelta) -> datetime | None:
    """When it may be sent (RFC 4865 section 3)."""
    said_for, said_until = parameters.get("HOLDFOR"), parameters.get("HOLDUNTIL")
    if said_for is None and said_until is None:
        return None
    if said_for is not None and said_until is not None:
        raise _bad("HOLDUNTIL", "not together with HOLDFOR")
    name = "HOLDUNTIL" if said_for is None else "HOLDFOR"
    until = _moment(said_until) if said_until is not None else _after(said_for or "", at)
    if not at < until <= at + most:
        raise _bad(name, f"a time to come, within {most // timedelta(seconds=1)} seconds from now")
    return until


def _after(said: str, at: datetime) -> datetime:
    if _SECONDS.fullmatch(said) is None:
        raise _bad("HOLDFOR", "a number of seconds")
    return at + timedelta(seconds=int(said))


def _moment(said: str) -> datetime:
    try:
        if _MOMENT.fullmatch(said) is None:
            raise ValueError
        return datetime.fromisoformat(said.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise _bad("HOLDUNTIL", "a time such as 2026-03-01T09:00:00Z") from None


def _by(parameters: Mapping[str, str]) -> tuple[int, bool, bool]:
    """Seconds, whether it is to be returned then, and whether its way is to be told (RFC 2852 section 4)."""
    said = parameters.get("BY")
    if said is None:
        return 0, False, False
    match = _BY.fullmatch(said)
    if match is None:
        raise _bad("BY", "seconds, a semicolon, R or N, and perhaps T")
    seconds, returns = int(match[1]), match[2].upper() == "R"
    if returns and seconds <= 0:
        raise _bad("BY", "with R, a time to come")
    if returns and seconds < LEAST_BY:
        raise BadCommand(DEADLINE_TOO_SOON.reply(least=LEAST_BY))
    return seconds, returns, bool(match[3])


def _decoded(name: str, xtext: str) -> str:
    """What xtext stands for, which has to be printable: it goes into a header field (RFC 3464 section 2.2.1)."""
    text = _HEX.sub(lambda match: chr(int(match[1], 16)), xtext) if _XTEXT.fullmatch(xtext) else ""
    if _PRINTABLE.fullmatch(text) is None:
        raise _bad(name, "xtext of printable characters (RFC 3461 section 4)")
    return text


def _bad(name: str, why: str) -> BadCommand:
    return BadCommand(BAD_PARAMETER.reply(parameter=name, why=why))
