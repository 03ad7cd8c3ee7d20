"""Accounts, users and faxboxes, as the keys that somebody set, and who set them.

In:    changes: records to put and records to remove; or how they follow from what there is.
Out:   the Directory of all of them, with a revision that grows with each change.
Fails: BadDirectory (and KeyError, ValueError for a record of the wrong shape), and then nothing is changed;
       IntegrityError becomes BadDirectory: a user or a faxbox of an account that does not exist; Temporary.

Rule: what is committed is a Directory that stands as a whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, delete, select, update
from sqlalchemy.exc import IntegrityError

from smtpfax.model.account import BadDirectory, Directory
from smtpfax.model.records import account_from, faxbox_from

from .cursor import Page, read_cursor, write_cursor
from .database import Database, rows
from .schema_lasting import accounts, faxboxes, revisions, users
from .schema_pages import sessions
from .sql_dialect import insert_or

_REVISION = "directory"
_NO_MOMENT = datetime.fromtimestamp(0, UTC)  # faxboxes have none; their cursor is one of ours all the same
T = TypeVar("T")


class Kind(StrEnum):
    """What a record is of."""

    ACCOUNT = "account"
    USER = "user"
    FAXBOX = "faxbox"


_TABLES = {Kind.ACCOUNT: accounts, Kind.USER: users, Kind.FAXBOX: faxboxes}


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """The keys that were set of an account, a user (its id is the e-mail address, lower-cased) or a faxbox."""

    kind: Kind
    account_id: str
    id: str
    data: Mapping[str, Any] = field(default_factory=dict)
    made_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What is to become of records: those put are made or replaced whole; an account takes what is in it along."""

    put: Sequence[Record] = ()
    remove: Sequence[Record] = ()

    @property
    def empty(self) -> bool:
        """Nothing would change."""
        return not self.put and not self.remove


class Decision(Protocol):
    """Changes, and whatever whoever decided has to say of them."""

    @property
    def changes(self) -> Changes:
        """What is to become of records."""


D = TypeVar("D", bound=Decision)


class Accounts:
    """Who may fax, as it is kept."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def load(self) -> tuple[int, Directory]:
        """The revision, and all of it as a Directory."""
        revision, found = await self._database.read(lambda connection: (_revision(connection), _records(connection)))
        return revision, directory(found)

    async def revision(self) -> int:
        """Whether it changed since it was loaded."""
        return await self._database.read(_revision)

    async def records(self) -> list[Record]:
        """All of it as it was set."""
        return await self._database.read(_records)

    async def faxboxes(self, account_id: str, *, limit: int, after: str = "") -> Page[Record]:
        """A page of the faxboxes of an account, by their ids; one that comes or goes moves no other."""
        mine, last = faxboxes.c.account_id == account_id, read_cursor(after)[1] if after else ""
        query = select(faxboxes).where(mine, faxboxes.c.id > last).order_by(faxboxes.c.id).limit(limit + 1)
        found = await self._database.all(query)
        shown = tuple(_record(Kind.FAXBOX, row) for row in found[:limit])
        return Page(rows=shown, after=write_cursor(_NO_MOMENT, shown[-1].id) if len(found) > limit else "")

    async def faxbox(self, account_id: str, faxbox_id: str) -> Record | None:
        """One faxbox as it was set."""
        wanted = Record(kind=Kind.FAXBOX, account_id=account_id, id=faxbox_id)
        row = await self._database.one(select(faxboxes).where(_is(wanted)))
        return _record(Kind.FAXBOX, row) if row else None

    async def write(self, changes: Changes) -> int:
        """Make the changes in one commit, if the whole stands after them; return the new revision."""
        return await self._commit(lambda connection: _write(connection, changes))

    async def decide(self, how: Callable[[Sequence[Record]], D]) -> D:
        """Make what follows from the records in the same commit that read them; `how` is pure, and may raise."""

        def work(connection: Connection) -> D:
            decision = how(_records(connection))
            if not decision.changes.empty:
                _write(connection, decision.changes)
            return decision

        return await self._commit(work)

    async def _commit(self, work: Callable[[Connection], T]) -> T:
        try:
            return await self._database.writer.do(work)
        except IntegrityError as error:
            raise BadDirectory("a user or a faxbox belongs to no account") from error

    async def set_password(self, email: str, password_hash: str) -> bool:
        """Keep a user's password hash, and sign the user out everywhere; False when there is no such user."""
        kept = update(users).where(users.c.id == email.lower()).values(password_hash=password_hash)

        def work(connection: Connection) -> bool:
            connection.execute(delete(sessions).where(sessions.c.email == email.lower()))
            return connection.execute(kept).rowcount > 0

        return await self._database.writer.do(work)

    async def password_hash(self, email: str) -> str | None:
        """A user's password hash; None for a stranger or a user without one."""
        row = await self._database.one(select(users.c.password_hash).where(users.c.id == email.lower()))
        return row["password_hash"] or None if row else None


def directory(records: Iterable[Record]) -> Directory:
    """The records as one whole, with the defaults filled in."""
    everything = list(records)
    of_kind = {kind: [record for record in everything if record.kind is kind] for kind in Kind}
    known = {
        record.id: account_from(
            {**record.data, "id": record.id},
            [user.data for user in of_kind[Kind.USER] if user.account_id == record.id],
        )
        for record in of_kind[Kind.ACCOUNT]
    }
    boxes = (faxbox_from({**box.data, "id": box.id}, known[box.account_id]) for box in of_kind[Kind.FAXBOX])
    return Directory.of(known.values(), boxes)


def _records(connection: Connection) -> list[Record]:
    found = []
    for kind, table in _TABLES.items():
        for row in rows(connection, select(table).order_by(table.c.id)):
            found.append(_record(kind, row))
    return found


def _record(kind: Kind, row: RowMapping) -> Record:
    account_id = row["id"] if kind is Kind.ACCOUNT else row["account_id"]
    return Record(kind=kind, account_id=account_id, id=row["id"], data=row["data"], made_by=row["made_by"])


def _write(connection: Connection, changes: Changes) -> int:
    for record in changes.remove:
        connection.execute(delete(_TABLES[record.kind]).where(_is(record)))
    for record in sorted(changes.put, key=lambda record: record.kind is not Kind.ACCOUNT):
        _put(connection, record)
    directory(_records(connection))
    return _next_revision(connection)


def _put(connection: Connection, record: Record) -> None:
    """Insert, or set data and maker; a user's password stays."""
    values: dict[str, Any] = {"id": record.id, "data": dict(record.data), "made_by": record.made_by}
    keys = ["id"]
    if record.kind is not Kind.ACCOUNT:
        values["account_id"] = record.account_id
    if record.kind is Kind.FAXBOX:
        keys = ["account_id", "id"]
    insert = insert_or(_TABLES[record.kind]).values(**values)
    over = {name: insert.excluded[name] for name in values if name not in keys}
    connection.execute(insert.on_conflict_do_update(index_elements=keys, set_=over))


def _is(record: Record) -> ColumnElement[bool]:
    table = _TABLES[record.kind]
    if record.kind is Kind.FAXBOX:
        return and_(table.c.id == record.id, table.c.account_id == record.account_id)
    return table.c.id == record.id


def _revision(connection: Connection) -> int:
    found = rows(connection, select(revisions.c.revision).where(revisions.c.name == _REVISION))
    return found[0]["revision"] if found else 0


def _next_revision(connection: Connection) -> int:
    insert = insert_or(revisions).values(name=_REVISION, revision=1)
    bump = insert.on_conflict_do_update(index_elements=["name"], set_={"revision": revisions.c.revision + 1})
    return int(rows(connection, bump.returning(revisions.c.revision))[0]["revision"])
