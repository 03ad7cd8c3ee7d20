"""Run by alembic: migrate over the connection that is handed in.

In:    alembic's context, with a connection among its attributes.
Out:   the migrations, within the caller's transaction.
Fails: as alembic does.
"""

from __future__ import annotations

from typing import Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy.types import TypeDecorator

from smtpfax.store.columns import metadata


def render_item(kind: str, item: object, _context: AutogenContext) -> str | Literal[False]:
    """A new migration names the plain type of a column, not ours: it outlives our code."""
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl!r}"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite alters a table by making it anew
    render_item=render_item,
)
context.run_migrations()
