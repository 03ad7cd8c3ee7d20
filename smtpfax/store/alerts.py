"""What the administrator was told of, so that a restart does not tell it again.

In:    alerts.
Out:   the same.
Fails: Temporary.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

from sqlalchemy import delete, select

from smtpfax.model.alert import Alert

from .database import Database
from .schema_pages import alerts
from .sql_dialect import insert_or

_NAMES = tuple(field.name for field in fields(Alert))


class Alerts:
    """All that are not over."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> Sequence[Alert]:
        """The oldest first."""
        query = select(alerts).order_by(alerts.c.since, alerts.c.key)
        return [Alert(**row) for row in await self._database.all(query)]

    async def keep(self, alert: Alert) -> None:
        """As it is now."""
        values = {name: getattr(alert, name) for name in _NAMES}
        added = insert_or(alerts).values(**values)
        over = {name: added.excluded[name] for name in _NAMES if name != "key"}
        await self._database.change(added.on_conflict_do_update(index_elements=["key"], set_=over))

    async def forget(self, key: str) -> None:
        """It is over, and that was told."""
        await self._database.change(delete(alerts).where(alerts.c.key == key))
