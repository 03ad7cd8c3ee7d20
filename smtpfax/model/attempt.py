"""Attempts: the lines of the SMTP log.

In:    what the door decided about one RCPT, or about a transaction that was refused before one.
Out:   an Attempt record; the store stamps it with its id's order and time at insert.
Fails: never.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from .address import ReversePath
from .mail import Client, Header
from .status import Reply


class Outcome(StrEnum):
    """What became of an attempt at the door."""

    TAKEN = "taken"
    REFUSED = "refused"
    DEFERRED = "deferred"
    ABANDONED = "abandoned"  # the client never finished


def outcome_of(reply: Reply) -> Outcome:
    """2xx taken, 4xx deferred, 5xx refused (RFC 5321 section 4.2.1)."""
    if reply.ok:
        return Outcome.TAKEN
    return Outcome.REFUSED if reply.permanent else Outcome.DEFERRED


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One client, one reverse-path, one forward-path (empty when none was reached), our last reply to it."""

    id: str
    created: datetime
    client: Client
    reverse_path: ReversePath | None
    raw_from: str  # as written, bounded and printable: the parsed one may not exist
    to: str
    outcome: Outcome
    reply: Reply
    reason: str = ""  # for the administrator, when the reply does not say it all
    original_number: str = ""
    translated_number: str = ""
    faxbox_domain: str = ""
    account_id: str = ""
    faxbox_id: str = ""
    faxbox_owner: str = ""
    octets: int = 0
    header: Header = Header()
    mail_id: str = ""
    job_id: str = ""
