"""fewer trees for each mail"""

import sqlalchemy as sa
from alembic import op


revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# Table, columns, and the rows that are in the index from now on; before, all were.
Columns = tuple[str, ...]
PARTIAL: tuple[tuple[str, Columns, str], ...] = (
    ("mails", ("content_name",), "content_name <> ''"),
    ("jobs", ("kept", "account_id", "faxbox_id", "ended"), "ended IS NOT NULL"),
    ("jobs", ("ended",), "ended IS NOT NULL"),
    ("jobs", ("document_name",), "document_name <> ''"),
    ("jobs", ("headed_name",), "headed_name <> ''"),
    ("attempts", ("outcome", "created", "id"), "outcome <> 'taken'"),
    ("attempts", ("account_id", "outcome", "created", "id"), "outcome <> 'taken'"),
)
GONE: tuple[tuple[str, Columns], ...] = (
    ("attempts", ("account_id", "from_key", "created", "id")),
    ("attempts", ("account_id", "to_key", "created", "id")),
)
WITHOUT_ROWID = ("contents", "segments", "claims", "usage")


def upgrade() -> None:
    """Forward."""
    for table, columns, rows in PARTIAL:
        op.drop_index(_name(table, columns), table_name=table)
        where = sa.text(rows)
        op.create_index(_name(table, columns), table, list(columns), sqlite_where=where, postgresql_where=where)
    for table, columns in GONE:
        op.drop_index(_name(table, columns), table_name=table)
    _make_anew(with_rowid=False)


def downgrade() -> None:
    """Back."""
    _make_anew(with_rowid=True)
    for table, columns in GONE:
        op.create_index(_name(table, columns), table, list(columns))
    for table, columns, _ in PARTIAL:
        op.drop_index(_name(table, columns), table_name=table)
        op.create_index(_name(table, columns), table, list(columns))


def _name(table: str, columns: tuple[str, ...]) -> str:
    return op.f(f"ix_{table}_{'_'.join(columns)}")


def _make_anew(*, with_rowid: bool) -> None:
    for table in WITHOUT_ROWID:
        with op.batch_alter_table(table, recreate="always", table_kwargs={"sqlite_with_rowid": with_rowid}):
            pass
