"""received faxes, numbers that rest, lines that are taken"""

import sqlalchemy as sa
from alembic import op


revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_CALLING = sa.text("state IN ('offered', 'accepted')")
_UNTOLD = sa.text("NOT told")


def upgrade() -> None:
    """Forward."""
    op.create_index(
        "ix_jobs_on_the_line", "jobs", ["number"], sqlite_where=_CALLING, postgresql_where=_CALLING
    )
    op.create_table(
        "resting",
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_resting")),
    )
    op.create_index(op.f("ix_resting_last"), "resting", ["last"])
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.add_column(sa.Column("original", sa.String(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("media_type", sa.String(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("remote_read", sa.Boolean(), nullable=True))
        # What is there already was told to nobody, and is not to be told of now.
        batch_op.add_column(sa.Column("told", sa.Boolean(), nullable=False, server_default=sa.true()))
        batch_op.add_column(sa.Column("mailed", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        for name in ("original", "media_type", "told", "mailed"):
            batch_op.alter_column(name, server_default=None)
    op.create_index(op.f("ix_inbox_original"), "inbox", ["original"])
    op.create_index("ix_inbox_untold", "inbox", ["received", "id"], sqlite_where=_UNTOLD, postgresql_where=_UNTOLD)
    op.create_table(
        "letters",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("fax_id", sa.String(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("became", sa.String(), nullable=False),
        sa.Column("ended", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("lease_owner", sa.String(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["fax_id"], ["inbox.id"], name=op.f("fk_letters_fax_id_inbox"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letters")),
    )
    op.create_index(op.f("ix_letters_fax_id"), "letters", ["fax_id"])
    op.create_index(op.f("ix_letters_became_due_id"), "letters", ["became", "due", "id"])
    op.create_table(
        "cursors",
        sa.Column("backend", sa.String(), nullable=False),
        sa.Column("first", sa.DateTime(timezone=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("backend", name=op.f("pk_cursors")),
    )
    op.create_table(
        "arrivals",
        sa.Column("backend", sa.String(), nullable=False),
        sa.Column("ticket", sa.String(), nullable=False),
        sa.Column("taken", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("backend", "ticket", name=op.f("pk_arrivals")),
    )
    op.create_index(op.f("ix_arrivals_taken"), "arrivals", ["taken"])


def downgrade() -> None:
    """Back."""
    for table in ("arrivals", "cursors", "letters", "resting"):
        op.drop_table(table)
    op.drop_index("ix_inbox_untold", table_name="inbox")
    op.drop_index(op.f("ix_inbox_original"), table_name="inbox")
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        for name in ("mailed", "told", "remote_read", "media_type", "original"):
            batch_op.drop_column(name)
    op.drop_index("ix_jobs_on_the_line", table_name="jobs")
