"""A try in doubt, looked for in the message store.

In:    an Offer, the messages of its time, and the tickets that other jobs hold.
Out:   its ticket, or None.
Fails: never; reading the messages may.

Rule: there is no key of ours in a message, so it is told by number and time, among messages that no other job holds;
pages are not compared, for they are 0 while the message is queued. Where it shows the name of our file, that decides,
however far their clock is from ours: a name of ours that is another try's is another try. What was sent again keeps
the name of the first time, and then the nearest name is taken: of this job, else of this mail.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from smtpfax.model.backend import Offer

from .message import Message
from .ticket import Ticket, read_ticket

EARLIER = timedelta(minutes=2)  # their clock may be behind ours
LATER = timedelta(minutes=5)
LISTED = timedelta(hours=1)  # how far two clocks may be apart, for a message that has our name
_APART = timedelta(seconds=30)  # far less than the pause before a further try
_OURS = re.compile(r"([0-9a-z]{2,40}-)(\d{1,4}\.)\d{1,3}\.(?:pdf|tiff)")  # the mail, the job, the try


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """The try that is looked for; `lasts`: how long its request may have been under way."""

    offer: Offer
    file_name: str
    taken: frozenset[str]
    lasts: timedelta


def choose(messages: Iterable[Message], sought: Sought) -> Ticket | None:
    """The message that is ours: by name, else the first one that is like it."""
    taken = {ticket.message for ticket in map(read_ticket, sought.taken) if ticket}
    free = [message for message in messages if message.id not in taken and message.to == _digits(sought)]
    named = [message for message in free if sought.file_name in message.file_names]
    again = bool(sought.offer.original)
    ours = named or [message for message in free if _in_time(message, sought) and (again or not _anothers(message))]
    found = min(ours, key=lambda message: (_far(message, sought), _made(message, sought), message.id), default=None)
    return found.ticket(sought.offer.offered) if found else _resent(messages, sought)


def _anothers(message: Message) -> bool:
    """It names a file as we do, for another try."""
    return any(map(_OURS.fullmatch, message.file_names))


def _far(message: Message, sought: Sought) -> int:
    """How far the nearest of its names is from ours; no name of ours at all is nearer than another mail's."""
    names = [found for name in message.file_names if (found := _OURS.fullmatch(name))]
    job = sought.offer.job_id
    if any(f"{found[1]}{found[2]}" == f"{job}." for found in names):
        return 0
    return 1 if any(job.startswith(found[1]) for found in names) else 3 if names else 2


def _made(message: Message, sought: Sought) -> datetime:
    return message.created or sought.offer.offered


def _in_time(message: Message, sought: Sought) -> bool:
    offered, created = sought.offer.offered, message.created
    return created is not None and offered - EARLIER <= created <= offered + sought.lasts + LATER


def _resent(messages: Iterable[Message], sought: Sought) -> Ticket | None:
    """An earlier try of this job that was to be sent again may have kept its message: then it was changed since."""
    original = read_ticket(sought.offer.original)
    since = sought.offer.offered - _APART
    for message in messages:
        same = original is not None and message.id == original.message and message.to == _digits(sought)
        if same and message.modified and message.modified >= since:
            return message.ticket(sought.offer.offered)
    return None


def _digits(sought: Sought) -> str:
    return sought.offer.number.e164.lstrip("+")
