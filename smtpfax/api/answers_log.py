"""The JSON of the SMTP log: names and types.

In:    nothing.
Out:   the types that `present_log` fills in, and that the OpenAPI is generated from.
Fails: never.

Rule: as in `answers`.
"""

from __future__ import annotations

from typing import NotRequired

from typing_extensions import TypedDict

from .answers import Between, Json


class AttemptRow(Between):
    """A line of the SMTP log; `error` only where something went wrong."""

    id: str
    created: int
    error: NotRequired[str]
    outcome: str
    reply: str
    account_id: str
    faxbox_id: str
    job_id: str
    state: str
    created_at: str | None


class KazoosAttempt(TypedDict):
    """Kazoo's fields of an attempt."""

    original_number: str
    translated_number: str
    faxbox_domain: str
    faxbox_owner_id: str
    faxbox_owner_email: str
    content_type: str
    filename: str
    errors: list[str]
    faxdoc_id: str


class ClientTold(TypedDict):
    """Who connected."""

    address: str
    helo: str
    tls: str
    cipher: str
    user: str


class ProofTold(TypedDict):
    """A proof that was looked for, and the reason of what was found."""

    proof: str
    holds: bool
    reason: str


class OurAttempt(TypedDict):
    """What Kazoo never wrote down of an attempt."""

    mail_id: str
    client: ClientTold
    proofs: list[ProofTold]
    reason: str
    enhanced_status: str
    code: int
    message_id: str
    subject: str
    header_from: str
    octets: int


class PartTold(TypedDict):
    """A part of the mail: with its pages, or with the reason why it was left out."""

    path: str
    name: str
    kind: str
    octets: int
    pages: NotRequired[int]
    reason: NotRequired[str]


class PartsTold(TypedDict):
    """The parts of the mail, and what happened to the job."""

    parts: list[PartTold]
    left_out: list[PartTold]
    history: list[Json]


class AttemptDetail(AttemptRow, KazoosAttempt, OurAttempt, PartsTold):
    """The whole story of an attempt."""
