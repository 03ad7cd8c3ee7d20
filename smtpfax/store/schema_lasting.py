"""The tables of what stays: accounts, users, faxboxes, tokens, the embedded exchange and the inbox.

In:    nothing.
Out:   SQLAlchemy tables, in the same MetaData as those of `schema`.
Fails: never.

Rule: as in `schema`.
"""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, String, Table

from .columns import DOCUMENT, metadata, number, text
from .types import UTCDateTime

revisions = Table("revisions", metadata, Column("name", String, primary_key=True), number("revision"))

accounts = Table(
    "accounts",
    metadata,
    Column("id", String, primary_key=True),
    Column("data", JSON, nullable=False),
    text("made_by"),
)

users = Table(
    "users",
    metadata,
    Column("id", String, primary_key=True),  # the e-mail address, lower-cased
    Column("account_id", ForeignKey(accounts.c.id, ondelete="CASCADE"), nullable=False, index=True),
    Column("data", JSON, nullable=False),
    text("made_by"),
    text("password_hash"),
)

faxboxes = Table(
    "faxboxes",
    metadata,
    Column("account_id", ForeignKey(accounts.c.id, ondelete="CASCADE"), primary_key=True),
    Column("id", String, primary_key=True),
    Column("data", JSON, nullable=False),
    text("made_by"),
)

tokens = Table(
    "tokens",
    metadata,
    Column("id", String, primary_key=True),
    text("name"),
    Column("account_id", String, nullable=False, default="", index=True),  # empty: the administrator's
    Column("scopes", JSON, nullable=False),
    Column("hash", String, nullable=False, unique=True),
    Column("created", UTCDateTime, nullable=False),
    Column("expires", UTCDateTime),
    Column("last_used", UTCDateTime),
)

calls = Table(
    "calls",
    metadata,
    Column("key", String, primary_key=True),
    text("number"),
    text("caller"),
    text("caller_name"),
    Column("document", DOCUMENT, nullable=False),
    Column("document_name", String, nullable=False, index=True),
    Column("placed", UTCDateTime, nullable=False),
    Column("ends", UTCDateTime, nullable=False),
    text("plan"),
    Column("settled", Boolean, nullable=False, default=False),
    Index(None, "settled", "ends"),
)

inbox = Table(
    "inbox",
    metadata,
    Column("id", String, primary_key=True),
    text("account_id"),
    text("faxbox_id"),
    text("from_number"),
    text("from_name"),
    text("to_number"),
    Column("document", DOCUMENT, nullable=False),
    Column("document_name", String, nullable=False, index=True),
    Column("received", UTCDateTime, nullable=False),
    text("backend"),
    text("ticket"),
    Column("read", Boolean, nullable=False, default=False),
    Index(None, "backend", "ticket", unique=True),
    Index(None, "received", "id"),
    Index(None, "account_id", "received", "id"),
    Index(None, "account_id", "faxbox_id", "received", "id"),
)
