"""What the tables are made of: one MetaData, and the kinds of column.

In:    a column's name.
Out:   columns with defaults, so that a row never holds a NULL that means nothing.
Fails: never.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, MetaData, String

from smtpfax.model.event import document_from_json, document_json

from .codecs import (
    client_from,
    client_json,
    header_from,
    header_json,
    particulars_from,
    particulars_json,
    reply_from,
    reply_json,
    wishes_from,
    wishes_json,
)
from .types import AsJson, UTCDateTime

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)
CLIENT = AsJson(client_from, client_json)
HEADER = AsJson(header_from, header_json)
REPLY = AsJson(reply_from, reply_json)
DOCUMENT = AsJson(document_from_json, document_json)
WISHES = AsJson(wishes_from, wishes_json)
PARTICULARS = AsJson(particulars_from, particulars_json)


def text(name: str) -> Column[str]:
    """Text, empty by default."""
    return Column(name, String, nullable=False, default="")


def number(name: str) -> Column[int]:
    """A whole number, 0 by default."""
    return Column(name, BigInteger, nullable=False, default=0)


def lease() -> tuple[Column[str], Column[object]]:
    """Who works on the row, and until when nobody else may."""
    return text("lease_owner"), Column("lease_until", UTCDateTime)
