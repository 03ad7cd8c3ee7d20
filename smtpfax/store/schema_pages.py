"""The tables of the administrator's pages: who is signed in, what is about to be sent, what was told.

In:    nothing.
Out:   SQLAlchemy tables, in the same MetaData as those of `schema`.
Fails: never.

Rule: as in `schema`.
"""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, String, Table

from smtpfax.model.number import FaxNumber

from .columns import DOCUMENT, HEADER, metadata, number, text
from .types import AsText, UTCDateTime

sessions = Table(
    "sessions",
    metadata,
    Column("id", String, primary_key=True),  # SHA-256 of what the browser holds
    Column("email", String, nullable=False, default="", index=True),  # empty: signed in with a token
    Column("token_hash", String, nullable=False, default="", index=True),
    text("timezone"),
    text("address"),
    Column("created", UTCDateTime, nullable=False),
    Column("seen", UTCDateTime, nullable=False),
    Column("expires", UTCDateTime, nullable=False, index=True),
)

drafts = Table(
    "drafts",
    metadata,
    Column("id", String, primary_key=True),  # the mail's, once it is one
    text("owner"),
    text("account_id"),
    text("faxbox_id"),
    Column("number", AsText(FaxNumber.parse), nullable=False),
    text("to_name"),
    Column("scheduled", UTCDateTime),
    Column("header", HEADER, nullable=False),
    text("sha256"),
    number("octets"),
    Column("content_name", String, nullable=False, index=True),
    Column("document", DOCUMENT, nullable=False),
    Column("document_name", String, nullable=False, index=True),
    Column("parts", JSON, nullable=False),
    text("warning"),
    Column("sent", Boolean, nullable=False, default=False),
    Column("created", UTCDateTime, nullable=False, index=True),
)

alerts = Table(
    "alerts",
    metadata,
    Column("key", String, primary_key=True),
    text("subject"),
    text("text"),
    Column("since", UTCDateTime, nullable=False),
    Column("seen", UTCDateTime, nullable=False),
    Column("due", UTCDateTime, nullable=False),
    Column("told", UTCDateTime),
)
