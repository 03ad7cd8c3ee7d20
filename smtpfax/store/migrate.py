"""The schema, brought up to this program's.

In:    an engine.
Out:   a database with the tables of `schema`.
Fails: ConfigError, when the database was made by a newer program; Temporary.

Rule: all of it in one transaction: a power cut leaves the old schema or the new one.
"""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncEngine

from smtpfax.model.errors import ConfigError

from .faults import faults_are_ours


async def upgrade(engine: AsyncEngine) -> str:
    """Bring the schema up to date; return its revision. Several that start at once wait for each other."""
    with faults_are_ours():
        async with engine.begin() as connection:
            return await connection.run_sync(_upgrade)


async def current(engine: AsyncEngine) -> str | None:
    """The revision that the database has; None for an empty one."""
    with faults_are_ours():
        async with engine.connect() as connection:
            return await connection.run_sync(_current)


def head() -> str:
    """The revision that this program is made for."""
    return ScriptDirectory.from_config(settings(None)).get_current_head() or ""


def settings(connection: Connection | None) -> Config:
    """Alembic's settings; there is no ini file."""
    config = Config()
    config.set_main_option("script_location", "smtpfax.store:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _upgrade(connection: Connection) -> str:
    here = _current(connection)
    known = {script.revision for script in ScriptDirectory.from_config(settings(None)).walk_revisions()}
    if here is not None and here not in known:
        raise ConfigError(f"store.url: the database is of a newer smtpfax (revision {here}); this one knows {head()}")
    command.upgrade(settings(connection), "head")
    return head()
