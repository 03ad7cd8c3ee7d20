"""The tables of what stays: accounts, users, faxboxes, tokens, the embedded exchange and the inbox.

In:    nothing.
Out:   SQLAlchemy tables, in the same MetaData as those of `schema`.
Fails: never.

Rule: as in `schema`.
"""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, String, Table
from sqlalchemy import text as sql_text

from .columns import DOCUMENT, lease, metadata, number, text
from .sql_dialect import rows_where
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

# Written out, for a partial index is used only where the statement says the very same.
UNTOLD = sql_text("NOT told")

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
    Column("original", String, nullable=False, default="", index=True),  # in the spool too
    text("media_type"),
    Column("read", Boolean, nullable=False, default=False),
    Column("remote_read", Boolean),
    Column("told", Boolean, nullable=False, default=False),  # whether it was decided whom to tell of it
    Column("mailed", Boolean, nullable=False, default=False),  # whether everybody who was to have it by mail has it
    Index(None, "backend", "ticket", unique=True),
    Index("ix_inbox_untold", "received", "id", **rows_where(UNTOLD)),
    Index(None, "received", "id"),
    Index(None, "account_id", "received", "id"),
    Index(None, "account_id", "faxbox_id", "received", "id"),
)

# Mails about received faxes, one for each address; kept until a relay has them.
letters = Table(
    "letters",
    metadata,
    Column("id", String, primary_key=True),
    Column("fax_id", ForeignKey(inbox.c.id, ondelete="CASCADE"), nullable=False, index=True),
    text("recipient"),
    Column("created", UTCDateTime, nullable=False),
    Column("due", UTCDateTime, nullable=False),
    number("tries"),
    text("became"),  # empty while it waits; then sent or given_up
    Column("ended", UTCDateTime),
    text("reason"),
    *lease(),
    Index(None, "became", "due", "id"),
)

# How far each backend's received faxes were taken: `first` is when we began, `at` until when none is missing.
cursors = Table(
    "cursors",
    metadata,
    Column("backend", String, primary_key=True),
    Column("first", UTCDateTime, nullable=False),
    Column("at", UTCDateTime, nullable=False),
)

# Every received fax that was taken, longer than the fax itself is kept, so that none is taken twice.
arrivals = Table(
    "arrivals",
    metadata,
    Column("backend", String, primary_key=True),
    Column("ticket", String, primary_key=True),
    Column("taken", UTCDateTime, nullable=False, index=True),
)
