"""documents as they left"""

import sqlalchemy as sa
from alembic import op


revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    with op.batch_alter_table("jobs", schema=None) as batch_op:
        batch_op.add_column(sa.Column("headed", sa.JSON(none_as_null=True), nullable=True))
        batch_op.add_column(sa.Column("headed_name", sa.String(), nullable=False, server_default=""))
        batch_op.create_index(batch_op.f("ix_jobs_headed_name"), ["headed_name"])


def downgrade() -> None:
    """Back."""
    with op.batch_alter_table("jobs", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_jobs_headed_name"))
        batch_op.drop_column("headed_name")
        batch_op.drop_column("headed")
