"""Rows become the model's records, and records rows, by the names of their fields.

In:    a row, or a record.
Out:   a record, or the values of a row.
Fails: never, for rows that came from here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

from sqlalchemy import RowMapping

from smtpfax.model.attempt import Attempt
from smtpfax.model.backend import Call, InboundFax
from smtpfax.model.job import Job
from smtpfax.model.letter import Letter
from smtpfax.model.mail import Content, Mail
from smtpfax.model.notice import Notice

Values = dict[str, Any]
More = Mapping[str, Callable[[Any], Any]]


def _names(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


JOB, NOTICE, ATTEMPT = (_names(kind) for kind in (Job, Notice, Attempt))
_CALL, _INBOUND, _LETTER = (_names(kind) for kind in (Call, InboundFax, Letter))
MAIL = tuple(name for name in _names(Mail) if name != "content")

# Columns that no field of the record has; paths compare without regard to case.
JOB_MORE: More = {
    "final": lambda job: job.state.final,
    "document_name": lambda job: job.document.name if job.document else "",
    "headed_name": lambda job: job.headed.name if job.headed else "",
}
MAIL_MORE: More = {
    "sha256": lambda mail: mail.content.sha256,
    "octets": lambda mail: mail.content.octets,
    "content_name": lambda mail: mail.content.name,
}
ATTEMPT_MORE: More = {
    "from_key": lambda each: each.raw_from.lower() if each.reverse_path is None else each.reverse_path.key,
    "to_key": lambda each: each.to.lower(),
}


def _of(record: object, names: tuple[str, ...]) -> Values:
    return {name: getattr(record, name) for name in names}


def _more(record: object, more: More) -> Values:
    return {name: value(record) for name, value in more.items()}


def _in(row: RowMapping, names: tuple[str, ...]) -> Values:
    return {name: row[name] for name in names}


def job_values(job: Job) -> Values:
    """A job, and what its indexes need."""
    return {**_of(job, JOB), **_more(job, JOB_MORE)}


def job_from(row: RowMapping) -> Job:
    """A job."""
    return Job(**_in(row, JOB))


def mail_from(row: RowMapping) -> Mail:
    """A mail; octets kept in the database are fetched by themselves."""
    content = Content(sha256=row["sha256"], octets=row["octets"], name=row["content_name"])
    return Mail(**_in(row, MAIL), content=content)


def attempt_values(attempt: Attempt) -> Values:
    """An attempt, and what its indexes need."""
    return {**_of(attempt, ATTEMPT), **_more(attempt, ATTEMPT_MORE)}


def attempt_from(row: RowMapping) -> Attempt:
    """An attempt."""
    return Attempt(**_in(row, ATTEMPT))


def notice_values(notice: Notice) -> Values:
    """A notice."""
    return _of(notice, NOTICE)


def notice_from(row: RowMapping) -> Notice:
    """A notice."""
    return Notice(**_in(row, NOTICE))


def call_values(call: Call) -> Values:
    """A call of the embedded exchange."""
    return {**_of(call, _CALL), "document_name": call.document.name}


def call_from(row: RowMapping) -> Call:
    """A call."""
    return Call(**_in(row, _CALL))


def inbound_values(fax: InboundFax) -> Values:
    """A received fax."""
    return {**_of(fax, _INBOUND), "document_name": fax.document.name}


def inbound_from(row: RowMapping) -> InboundFax:
    """A received fax."""
    return InboundFax(**_in(row, _INBOUND))


def letter_values(letter: Letter) -> Values:
    """A letter."""
    return _of(letter, _LETTER)


def letter_from(row: RowMapping) -> Letter:
    """A letter."""
    return Letter(**_in(row, _LETTER))
