"""contents in the journal"""

import sqlalchemy as sa
from alembic import op


revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    with op.batch_alter_table("contents", schema=None) as batch_op:
        batch_op.alter_column("content", existing_type=sa.LargeBinary(), nullable=True)
        batch_op.add_column(sa.Column("segment", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("start", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("octets", sa.BigInteger(), nullable=True))
        batch_op.create_index(batch_op.f("ix_contents_segment"), ["segment"])
    op.create_table(
        "segments",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("reached", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_segments")),
    )


def downgrade() -> None:
    """Back; contents that stand in the journal are not brought over."""
    op.drop_table("segments")
    with op.batch_alter_table("contents", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contents_segment"))
        batch_op.drop_column("octets")
        batch_op.drop_column("start")
        batch_op.drop_column("segment")
