"""pictures seen before"""

import sqlalchemy as sa
from alembic import op


revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "pictures",
        sa.Column("reverse_path", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("mails", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("reverse_path", "sha256", name=op.f("pk_pictures")),
    )
    op.create_index(op.f("ix_pictures_last"), "pictures", ["last"])


def downgrade() -> None:
    """Back."""
    op.drop_index(op.f("ix_pictures_last"), table_name="pictures")
    op.drop_table("pictures")
