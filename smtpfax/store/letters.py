"""Letters that wait for a relay, and what became of those that do not.

In:    letters, committed together with the mark that a fax was told of.
Out:   due letters, each given to one owner for a while.
Fails: Temporary.

Rule: a letter is forgotten by nobody: it is sent, or given up with a reason. It goes with its fax alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, or_, select, update

from smtpfax.model.letter import Letter

from .database import Database, rows
from .records import letter_from, letter_values
from .schema_lasting import letters
from .sql_dialect import insert_or

WAITING, SENT, GIVEN_UP = "", "sent", "given_up"


class Letters:
    """All letters."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def claim(self, owner: str, *, now: datetime, lease: timedelta, limit: int) -> list[Letter]:
        """Due ones, oldest first, for this owner alone until the lease runs out."""
        free = or_(letters.c.lease_until.is_(None), letters.c.lease_until <= now)
        due = (
            select(letters.c.id)
            .where(letters.c.became == WAITING, letters.c.due <= now, free)
            .order_by(letters.c.due, letters.c.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
            .cte("due")
        )
        claim = update(letters).where(letters.c.id.in_(select(due.c.id)))
        claim = claim.values(lease_owner=owner, lease_until=now + lease)
        found = await self._database.writer.do(lambda conn: rows(conn, claim.returning(letters)))
        return sorted(map(letter_from, found), key=lambda letter: (letter.due, letter.id))

    async def free_leases(self) -> int:
        """At start, where one process works: what its earlier life held is free."""
        held = (letters.c.became == WAITING, letters.c.lease_until.is_not(None))
        return await self._database.change(update(letters).where(*held).values(lease_owner="", lease_until=None))

    async def sent(self, letter: Letter) -> bool:
        """A relay has it; whether that was the last one of its fax, and all others were sent as well."""
        await self._end(letter, became=SENT)
        others = select(func.count().label("others")).where(letters.c.fax_id == letter.fax_id)
        row = await self._database.one(others.where(letters.c.became != SENT))
        return row is not None and not row["others"]

    async def retry(self, letter: Letter, *, due: datetime, reason: str) -> None:
        """It did not work, and will be tried again."""
        values = {"due": due, "reason": reason, "tries": letters.c.tries + 1, "lease_owner": "", "lease_until": None}
        await self._database.change(update(letters).where(letters.c.id == letter.id).values(**values))

    async def give_up(self, letter: Letter, reason: str) -> None:
        """It did not work, and will not be tried again."""
        await self._end(letter, became=GIVEN_UP, reason=reason)

    async def of_fax(self, fax_id: str) -> Sequence[tuple[Letter, str]]:
        """A fax's letters with what became of each."""
        query = select(letters).where(letters.c.fax_id == fax_id).order_by(letters.c.id)
        return [(letter_from(row), row["became"]) for row in await self._database.all(query)]

    async def _end(self, letter: Letter, *, became: str, reason: str = "") -> None:
        values = {"became": became, "ended": self._database.clock(), "reason": reason}
        await self._database.change(update(letters).where(letters.c.id == letter.id).values(**values))


def insert_letters(connection: Connection, batch: Sequence[Letter]) -> None:
    """Letters that a commit makes due; one that exists already stays as it is."""
    if batch:
        connection.execute(insert_or(letters).on_conflict_do_nothing(), [letter_values(letter) for letter in batch])
