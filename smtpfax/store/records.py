"""Rows become the model's records, and records rows, by the names of their fields.

In:    a row, or a record.
Out:   a record, or the values of a row.
Fails: never, for rows that came from here.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from sqlalchemy import RowMapping

from smtpfax.model.attempt import Attempt
from smtpfax.model.backend import Call, InboundFax
from smtpfax.model.job import Job
from smtpfax.model.mail import Content, Mail
from smtpfax.model.notice import Notice

Values = dict[str, Any]


def _names(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


_JOB, _NOTICE, _ATTEMPT, _CALL, _INBOUND = (_names(kind) for kind in (Job, Notice, Attempt, Call, InboundFax))
_MAIL = tuple(name for name in _names(Mail) if name != "content")


def _of(record: object, names: tuple[str, ...]) -> Values:
    return {name: getattr(record, name) for name in names}


def _in(row: RowMapping, names: tuple[str, ...]) -> Values:
    return {name: row[name] for name in names}


def job_values(job: Job) -> Values:
    """A job, and what its indexes need."""
    names = {
        "document_name": job.document.name if job.document else "",
        "headed_name": job.headed.name if job.headed else "",
    }
    return {**_of(job, _JOB), "final": job.state.final, **names}


def job_from(row: RowMapping) -> Job:
    """A job."""
    return Job(**_in(row, _JOB))


def mail_values(mail: Mail) -> Values:
    """A mail without its content's octets."""
    content = mail.content
    return {**_of(mail, _MAIL), "sha256": content.sha256, "octets": content.octets, "content_name": content.name}


def mail_from(row: RowMapping) -> Mail:
    """A mail; octets kept in the database are fetched by themselves."""
    content = Content(sha256=row["sha256"], octets=row["octets"], name=row["content_name"])
    return Mail(**_in(row, _MAIL), content=content)


def attempt_values(attempt: Attempt) -> Values:
    """An attempt, and what its indexes need: paths compare without regard to case."""
    from_key = attempt.raw_from.lower() if attempt.reverse_path is None else attempt.reverse_path.key
    return {**_of(attempt, _ATTEMPT), "from_key": from_key, "to_key": attempt.to.lower()}


def attempt_from(row: RowMapping) -> Attempt:
    """An attempt."""
    return Attempt(**_in(row, _ATTEMPT))


def notice_values(notice: Notice) -> Values:
    """A notice."""
    return _of(notice, _NOTICE)


def notice_from(row: RowMapping) -> Notice:
    """A notice."""
    return Notice(**_in(row, _NOTICE))


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
