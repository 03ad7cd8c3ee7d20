"""The tables of what passes through: mails, jobs, attempts, notices.

In:    nothing.
Out:   SQLAlchemy tables; the migrations make them, a test compares the two.
Fails: never.

Rule: a column has the name of the model's field it keeps. What lists offer as a filter has an index that ends in
(created, id), so that a page costs the same at row ten million as at row ten; whom a mail is from or to names its
account well enough, and most mails are taken. Each index is paid for by every mail that comes: so one is partial where
rows that are new, or as they should be, are not looked for.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Table,
    literal_column,
)
from sqlalchemy import text as sql_text

from smtpfax.model.attempt import Outcome
from smtpfax.model.cause import Cause
from smtpfax.model.job import State
from smtpfax.model.mail import Origin
from smtpfax.model.notice import NoticeKind
from smtpfax.model.number import FaxNumber
from smtpfax.model.status import Status

from .codecs import path_from
from .columns import CLIENT, DOCUMENT, HEADER, PARTICULARS, REPLY, WISHES, lease, metadata, number, text
from .sql_dialect import rows_where
from .types import AsText, UTCDateTime

# Written out, for a partial index is used only where the statement says the very same; and without a type, for of a
# Boolean SQLAlchemy would say `... = 1` to SQLite.
ON_THE_LINE = sql_text("state IN ('offered', 'accepted')")  # a backend may be calling
NOT_TAKEN: ColumnElement[bool] = literal_column("outcome <> 'taken'")
HAS_ENDED: ColumnElement[bool] = literal_column("ended IS NOT NULL")
CONTENT_NAMED: ColumnElement[bool] = literal_column("content_name <> ''")
DOCUMENT_NAMED: ColumnElement[bool] = literal_column("document_name <> ''")
HEADED_NAMED: ColumnElement[bool] = literal_column("headed_name <> ''")


def where(*what: str | ColumnElement[bool]) -> Index:
    """An index of the rows of which the condition, which comes last, is true."""
    columns, condition = [name for name in what if isinstance(name, str)], what[-1]
    return Index(None, *columns, **rows_where(condition))


mails = Table(
    "mails",
    metadata,
    Column("id", String, primary_key=True),
    Column("created", UTCDateTime, nullable=False, index=True),
    Column("origin", AsText(Origin), nullable=False),
    Column("client", CLIENT, nullable=False),
    Column("reverse_path", AsText(path_from), nullable=False),
    Column("header", HEADER, nullable=False),
    text("sha256"),
    number("octets"),
    text("content_name"),  # in the spool; empty when it is in `contents`, or no longer kept
    Column("reply", REPLY),  # what the client was told after DATA
    where("content_name", CONTENT_NAMED),
)

# Small contents that are kept: where they stand in the journal. Those of older versions are here themselves.
contents = Table(
    "contents",
    metadata,
    Column("mail_id", ForeignKey(mails.c.id, ondelete="CASCADE"), primary_key=True),
    Column("content", LargeBinary),
    Column("segment", String, index=True),
    Column("start", BigInteger),
    Column("octets", BigInteger),
    sqlite_with_rowid=False,
)

# How far of each segment of the journal the database has come.
segments = Table(
    "segments",
    metadata,
    Column("name", String, primary_key=True),
    Column("reached", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", String, primary_key=True),
    Column("mail_id", ForeignKey(mails.c.id), nullable=False, index=True),
    text("account_id"),
    text("faxbox_id"),
    Column("number", AsText(FaxNumber.parse), nullable=False),
    Column("reverse_path", AsText(path_from), nullable=False),
    Column("origin", AsText(Origin), nullable=False),
    Column("created", UTCDateTime, nullable=False),
    Column("due", UTCDateTime, nullable=False),
    Column("expires", UTCDateTime, nullable=False),
    number("most_tries"),
    text("to_name"),
    text("again_of"),
    Column("scheduled", UTCDateTime),
    Column("deadline", UTCDateTime),
    Column("wishes", WISHES),
    Column("particulars", PARTICULARS),
    Column("state", AsText(State), nullable=False),
    number("version"),
    number("tries"),
    number("crashes"),
    number("looks"),
    Column("held", UTCDateTime),
    Column("cancel_asked", Boolean, nullable=False, default=False),
    Column("document", DOCUMENT),
    Column("headed", DOCUMENT),
    text("backend"),
    text("ticket"),
    Column("offered", UTCDateTime),
    number("pages_sent"),
    Column("status", AsText(Status.parse)),
    Column("cause", AsText(Cause)),
    text("text"),
    Column("ended", UTCDateTime),
    Column("final", Boolean, nullable=False, default=False),
    Column("kept", Boolean, nullable=False, default=True),  # whether content and document still are
    text("document_name"),  # in the spool, while kept
    text("headed_name"),
    *lease(),
    Index(None, "final", "due", "id"),
    Index(None, "final", "created", "id"),
    Index(None, "account_id", "final", "created", "id"),
    Index(None, "account_id", "faxbox_id", "final", "created", "id"),
    where("kept", "account_id", "faxbox_id", "ended", HAS_ENDED),
    where("ended", HAS_ENDED),
    where("document_name", DOCUMENT_NAMED),
    where("headed_name", HEADED_NAMED),
    Index("ix_jobs_on_the_line", "number", **rows_where(ON_THE_LINE)),
)

events = Table(
    "events",
    metadata,
    Column("job_id", ForeignKey(jobs.c.id, ondelete="CASCADE"), primary_key=True),
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("at", UTCDateTime, nullable=False),
    text("kind"),
    Column("data", JSON, nullable=False),
)

# Every ticket that a backend ever gave, also those of earlier tries: none of them answers for a try in doubt.
tickets = Table(
    "tickets",
    metadata,
    Column("backend", String, primary_key=True),
    Column("ticket", String, primary_key=True),
    Column("job_id", ForeignKey(jobs.c.id, ondelete="CASCADE"), nullable=False, index=True),
    Column("given", UTCDateTime, nullable=False),
    Index(None, "backend", "given"),
)

claims = Table(
    "claims",
    metadata,
    Column("key", String, primary_key=True),
    Column("mail_id", String, nullable=False),
    Column("job_id", String, nullable=False, index=True),
    Column("expires", UTCDateTime, nullable=False, index=True),
    sqlite_with_rowid=False,
)

attempts = Table(
    "attempts",
    metadata,
    Column("id", String, primary_key=True),
    Column("created", UTCDateTime, nullable=False),
    Column("client", CLIENT, nullable=False),
    Column("reverse_path", AsText(path_from)),
    text("raw_from"),
    text("to"),
    Column("outcome", AsText(Outcome), nullable=False),
    Column("reply", REPLY, nullable=False),
    text("reason"),
    text("original_number"),
    text("translated_number"),
    text("faxbox_domain"),
    text("account_id"),
    text("faxbox_id"),
    text("faxbox_owner"),
    number("octets"),
    Column("header", HEADER, nullable=False),
    text("mail_id"),
    text("job_id"),
    Column("state", AsText(State)),  # the job's; it outlives the job's row
    text("from_key"),
    text("to_key"),
    Index(None, "job_id"),
    Index(None, "created", "id"),
    *(Index(None, column, "created", "id") for column in ("state", "from_key", "to_key")),
    where("outcome", "created", "id", NOT_TAKEN),
    Index(None, "account_id", "created", "id"),
    *(Index(None, "account_id", column, "created", "id") for column in ("faxbox_id", "state")),
    where("account_id", "outcome", "created", "id", NOT_TAKEN),
)

notices = Table(
    "notices",
    metadata,
    Column("id", String, primary_key=True),
    Column("kind", AsText(NoticeKind), nullable=False),
    Column("mail_id", ForeignKey(mails.c.id, ondelete="CASCADE"), nullable=False, index=True),
    Column("job_id", String, nullable=False, index=True),
    text("recipient"),
    Column("created", UTCDateTime, nullable=False),
    Column("due", UTCDateTime, nullable=False),
    number("tries"),
    text("became"),  # empty while it waits; then sent, given_up or withdrawn
    Column("ended", UTCDateTime),
    text("reason"),
    *lease(),
    Index(None, "became", "due", "id"),
)
