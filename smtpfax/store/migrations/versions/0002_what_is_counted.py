"""what is counted, keys of our own, and for whom a job is"""

import sqlalchemy as sa
from alembic import op


revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "usage",
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("faxes", sa.BigInteger(), nullable=False),
        sa.Column("pages", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "hour", name=op.f("pk_usage")),
    )
    op.create_index(op.f("ix_usage_hour"), "usage", ["hour"])
    op.create_table(
        "faxed",
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("faxbox_id", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("sent", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "faxbox_id", "number", name=op.f("pk_faxed")),
    )
    op.create_index(op.f("ix_faxed_last"), "faxed", ["last"])
    op.create_table(
        "keys",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_keys")),
    )
    with op.batch_alter_table("jobs", schema=None) as batch_op:
        batch_op.add_column(sa.Column("to_name", sa.String(), nullable=False, server_default=""))
    _count_what_was_sent()


def _count_what_was_sent() -> None:
    """From the jobs that are still kept. A number's sub-address stands after a slash."""
    moment = sa.DateTime(timezone=True)
    jobs = sa.table("jobs", *map(sa.column, ("account_id", "faxbox_id", "number", "state")), sa.column("ended", moment))
    faxed = sa.table("faxed", *map(sa.column, ("account_id", "faxbox_id", "number", "sent")), sa.column("last", moment))
    sent: dict[tuple[str, str, str], tuple[int, object]] = {}
    for account_id, faxbox_id, number, ended in op.get_bind().execute(
        sa.select(jobs.c.account_id, jobs.c.faxbox_id, jobs.c.number, jobs.c.ended)
        .where(jobs.c.state == "sent", jobs.c.ended.is_not(None))
        .order_by(jobs.c.ended)
    ):
        key = account_id, faxbox_id, number.partition("/")[0]
        sent[key] = sent.get(key, (0, None))[0] + 1, ended
    rows = [
        {"account_id": account_id, "faxbox_id": faxbox_id, "number": number, "sent": count, "last": last}
        for (account_id, faxbox_id, number), (count, last) in sent.items()
    ]
    if rows:
        op.bulk_insert(faxed, rows)


def downgrade() -> None:
    """Back."""
    with op.batch_alter_table("jobs", schema=None) as batch_op:
        batch_op.drop_column("to_name")
    op.drop_table("keys")
    op.drop_index(op.f("ix_faxed_last"), table_name="faxed")
    op.drop_table("faxed")
    op.drop_index(op.f("ix_usage_hour"), table_name="usage")
    op.drop_table("usage")
