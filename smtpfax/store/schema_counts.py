"""The tables of what is counted, and of our own secrets.

In:    nothing.
Out:   SQLAlchemy tables, in the same MetaData as those of `schema`.
Fails: never.

Rule: as in `schema`.
"""

from __future__ import annotations

from sqlalchemy import Column, LargeBinary, String, Table

from .columns import metadata, number
from .types import UTCDateTime

usage = Table(
    "usage",
    metadata,
    Column("scope", String, primary_key=True),
    Column("hour", UTCDateTime, primary_key=True, index=True),
    number("faxes"),
    number("pages"),
    sqlite_with_rowid=False,
)

# The numbers that each faxbox sent faxes to, longer than the jobs are kept.
faxed = Table(
    "faxed",
    metadata,
    Column("account_id", String, primary_key=True),
    Column("faxbox_id", String, primary_key=True),
    Column("number", String, primary_key=True),
    number("sent"),
    Column("last", UTCDateTime, nullable=False, index=True),
)

# Numbers at which the last tries found nobody (model.resting).
resting = Table(
    "resting",
    metadata,
    Column("number", String, primary_key=True),
    number("tries"),
    Column("last", UTCDateTime, nullable=False, index=True),
)

keys = Table("keys", metadata, Column("name", String, primary_key=True), Column("key", LargeBinary, nullable=False))

# Pictures that may be logos: in how many mails of a reverse-path each was.
pictures = Table(
    "pictures",
    metadata,
    Column("reverse_path", String, primary_key=True),
    Column("sha256", String, primary_key=True),
    number("mails"),
    Column("last", UTCDateTime, nullable=False, index=True),
)
