"""The schema, brought up to this program's.

In:    an engine.
Out:   a database with the tables of `schema`.
Fails: ConfigError, when the database was made by a newer program; Temporary.

Rule: all of it in one transaction: a power cut leaves the old schema or the new one. An empty database gets the tables
as they are now, one of an older program is migrated; a test compares what comes of the two. Alembic is loaded by
migrations alone, so that a daemon does without the ten megabytes that it comes to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Column, Connection, MetaData, PrimaryKeyConstraint, String, Table, insert, inspect, select
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.schema import CreateTable

from smtpfax.model.errors import ConfigError

from . import schema, schema_counts, schema_lasting, schema_pages
from .columns import metadata
from .faults import faults_are_ours

if TYPE_CHECKING:
    from alembic.config import Config

NEWEST = "0009"  # of the migrations; a test looks there
TABLES = (schema, schema_counts, schema_lasting, schema_pages)  # their tables stand in `metadata` once they are loaded
# Alembic's own, in which it keeps the revision.
_versions = Table(
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)


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


def settings(connection: Connection | None) -> Config:
    """Alembic's settings; there is no ini file."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "smtpfax.store:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _current(connection: Connection) -> str | None:
    if not inspect(connection).has_table(_versions.name):
        return None
    return connection.scalar(select(_versions.c.version_num))


def _upgrade(connection: Connection) -> str:
    here = _current(connection)
    if here is None:
        _make(connection)
    elif here != NEWEST:
        _migrate(connection, here)
    return NEWEST


def _make(connection: Connection) -> None:
    for table in metadata.sorted_tables:
        connection.execute(CreateTable(table))
        # By name, as the first migration has them: of two that seem as good, SQLite takes the one that was made later.
        for index in sorted(table.indexes, key=lambda each: str(each.name)):
            index.create(connection)
    _versions.create(connection, checkfirst=False)
    connection.execute(insert(_versions).values(version_num=NEWEST))


def _migrate(connection: Connection, here: str) -> None:
    from alembic import command
    from alembic.script import ScriptDirectory

    known = {script.revision for script in ScriptDirectory.from_config(settings(connection)).walk_revisions()}
    if here not in known:
        raise ConfigError(f"store.url: the database is of a newer smtpfax (revision {here}); this one knows {NEWEST}")
    command.upgrade(settings(connection), "head")
