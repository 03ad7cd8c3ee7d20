"""the first tables"""

import sqlalchemy as sa
from alembic import op


revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "accounts",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
    )
    op.create_table(
        "attempts",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("reverse_path", sa.String(), nullable=True),
        sa.Column("raw_from", sa.String(), nullable=False),
        sa.Column("to", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("reply", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("original_number", sa.String(), nullable=False),
        sa.Column("translated_number", sa.String(), nullable=False),
        sa.Column("faxbox_domain", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("faxbox_id", sa.String(), nullable=False),
        sa.Column("faxbox_owner", sa.String(), nullable=False),
        sa.Column("octets", sa.BigInteger(), nullable=False),
        sa.Column("header", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("mail_id", sa.String(), nullable=False),
        sa.Column("job_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=True),
        sa.Column("from_key", sa.String(), nullable=False),
        sa.Column("to_key", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempts")),
    )
    with op.batch_alter_table("attempts", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_attempts_account_id_created_id"), ["account_id", "created", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_attempts_account_id_faxbox_id_created_id"),
            ["account_id", "faxbox_id", "created", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_attempts_account_id_from_key_created_id"),
            ["account_id", "from_key", "created", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_attempts_account_id_outcome_created_id"),
            ["account_id", "outcome", "created", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_attempts_account_id_state_created_id"),
            ["account_id", "state", "created", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_attempts_account_id_to_key_created_id"),
            ["account_id", "to_key", "created", "id"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_attempts_created_id"), ["created", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_attempts_from_key_created_id"), ["from_key", "created", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_attempts_job_id"), ["job_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_attempts_outcome_created_id"), ["outcome", "created", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_attempts_state_created_id"), ["state", "created", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_attempts_to_key_created_id"), ["to_key", "created", "id"], unique=False)

    op.create_table(
        "calls",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("caller", sa.String(), nullable=False),
        sa.Column("caller_name", sa.String(), nullable=False),
        sa.Column("document", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("document_name", sa.String(), nullable=False),
        sa.Column("placed", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends", sa.DateTime(timezone=True), nullable=False),
        sa.Column("plan", sa.String(), nullable=False),
        sa.Column("settled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_calls")),
    )
    with op.batch_alter_table("calls", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_calls_document_name"), ["document_name"], unique=False)
        batch_op.create_index(batch_op.f("ix_calls_settled_ends"), ["settled", "ends"], unique=False)

    op.create_table(
        "claims",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("mail_id", sa.String(), nullable=False),
        sa.Column("job_id", sa.String(), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_claims")),
    )
    with op.batch_alter_table("claims", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_claims_expires"), ["expires"], unique=False)
        batch_op.create_index(batch_op.f("ix_claims_job_id"), ["job_id"], unique=False)

    op.create_table(
        "inbox",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("faxbox_id", sa.String(), nullable=False),
        sa.Column("from_number", sa.String(), nullable=False),
        sa.Column("from_name", sa.String(), nullable=False),
        sa.Column("to_number", sa.String(), nullable=False),
        sa.Column("document", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("document_name", sa.String(), nullable=False),
        sa.Column("received", sa.DateTime(timezone=True), nullable=False),
        sa.Column("backend", sa.String(), nullable=False),
        sa.Column("ticket", sa.String(), nullable=False),
        sa.Column("read", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox")),
    )
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_inbox_account_id_faxbox_id_received_id"),
            ["account_id", "faxbox_id", "received", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_inbox_account_id_received_id"), ["account_id", "received", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_inbox_backend_ticket"), ["backend", "ticket"], unique=True)
        batch_op.create_index(batch_op.f("ix_inbox_document_name"), ["document_name"], unique=False)
        batch_op.create_index(batch_op.f("ix_inbox_received_id"), ["received", "id"], unique=False)

    op.create_table(
        "mails",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("client", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("reverse_path", sa.String(), nullable=False),
        sa.Column("header", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("octets", sa.BigInteger(), nullable=False),
        sa.Column("content_name", sa.String(), nullable=False),
        sa.Column("reply", sa.JSON(none_as_null=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mails")),
    )
    with op.batch_alter_table("mails", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mails_content_name"), ["content_name"], unique=False)
        batch_op.create_index(batch_op.f("ix_mails_created"), ["created"], unique=False)

    op.create_table(
        "revisions",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_revisions")),
    )
    op.create_table(
        "tokens",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tokens")),
        sa.UniqueConstraint("hash", name=op.f("uq_tokens_hash")),
    )
    with op.batch_alter_table("tokens", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tokens_account_id"), ["account_id"], unique=False)

    op.create_table(
        "contents",
        sa.Column("mail_id", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["mail_id"], ["mails.id"], name=op.f("fk_contents_mail_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("mail_id", name=op.f("pk_contents")),
    )
    op.create_table(
        "faxboxes",
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_faxboxes_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", "id", name=op.f("pk_faxboxes")),
    )
    op.create_table(
        "jobs",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("mail_id", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("faxbox_id", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("reverse_path", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.Column("most_tries", sa.BigInteger(), nullable=False),
        sa.Column("again_of", sa.String(), nullable=False),
        sa.Column("scheduled", sa.DateTime(timezone=True), nullable=True),
        sa.Column("particulars", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("crashes", sa.BigInteger(), nullable=False),
        sa.Column("looks", sa.BigInteger(), nullable=False),
        sa.Column("held", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_asked", sa.Boolean(), nullable=False),
        sa.Column("document", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("backend", sa.String(), nullable=False),
        sa.Column("ticket", sa.String(), nullable=False),
        sa.Column("offered", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pages_sent", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(), nullable=True),
        sa.Column("cause", sa.String(), nullable=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("ended", sa.DateTime(timezone=True), nullable=True),
        sa.Column("final", sa.Boolean(), nullable=False),
        sa.Column("kept", sa.Boolean(), nullable=False),
        sa.Column("document_name", sa.String(), nullable=False),
        sa.Column("lease_owner", sa.String(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["mail_id"], ["mails.id"], name=op.f("fk_jobs_mail_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
    )
    with op.batch_alter_table("jobs", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_jobs_account_id_faxbox_id_final_created_id"),
            ["account_id", "faxbox_id", "final", "created", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_jobs_account_id_final_created_id"), ["account_id", "final", "created", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_jobs_document_name"), ["document_name"], unique=False)
        batch_op.create_index(batch_op.f("ix_jobs_ended"), ["ended"], unique=False)
        batch_op.create_index(batch_op.f("ix_jobs_final_created_id"), ["final", "created", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_jobs_final_due_id"), ["final", "due", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_jobs_kept_account_id_faxbox_id_ended"),
            ["kept", "account_id", "faxbox_id", "ended"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_jobs_mail_id"), ["mail_id"], unique=False)

    op.create_table(
        "notices",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("mail_id", sa.String(), nullable=False),
        sa.Column("job_id", sa.String(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("became", sa.String(), nullable=False),
        sa.Column("ended", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("lease_owner", sa.String(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["mail_id"], ["mails.id"], name=op.f("fk_notices_mail_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
    )
    with op.batch_alter_table("notices", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_notices_became_due_id"), ["became", "due", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_notices_job_id"), ["job_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_notices_mail_id"), ["mail_id"], unique=False)

    op.create_table(
        "users",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_users_account_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
    )
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_users_account_id"), ["account_id"], unique=False)

    op.create_table(
        "events",
        sa.Column("job_id", sa.String(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_events_job_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("job_id", "version", name=op.f("pk_events")),
    )
    op.create_table(
        "tickets",
        sa.Column("backend", sa.String(), nullable=False),
        sa.Column("ticket", sa.String(), nullable=False),
        sa.Column("job_id", sa.String(), nullable=False),
        sa.Column("given", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_tickets_job_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("backend", "ticket", name=op.f("pk_tickets")),
    )
    with op.batch_alter_table("tickets", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tickets_backend_given"), ["backend", "given"], unique=False)
        batch_op.create_index(batch_op.f("ix_tickets_job_id"), ["job_id"], unique=False)


def downgrade() -> None:
    """Back."""
    with op.batch_alter_table("tickets", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_tickets_job_id"))
        batch_op.drop_index(batch_op.f("ix_tickets_backend_given"))

    op.drop_table("tickets")
    op.drop_table("events")
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_users_account_id"))

    op.drop_table("users")
    with op.batch_alter_table("notices", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_notices_mail_id"))
        batch_op.drop_index(batch_op.f("ix_notices_job_id"))
        batch_op.drop_index(batch_op.f("ix_notices_became_due_id"))

    op.drop_table("notices")
    with op.batch_alter_table("jobs", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_jobs_mail_id"))
        batch_op.drop_index(batch_op.f("ix_jobs_kept_account_id_faxbox_id_ended"))
        batch_op.drop_index(batch_op.f("ix_jobs_final_due_id"))
        batch_op.drop_index(batch_op.f("ix_jobs_final_created_id"))
        batch_op.drop_index(batch_op.f("ix_jobs_ended"))
        batch_op.drop_index(batch_op.f("ix_jobs_document_name"))
        batch_op.drop_index(batch_op.f("ix_jobs_account_id_final_created_id"))
        batch_op.drop_index(batch_op.f("ix_jobs_account_id_faxbox_id_final_created_id"))

    op.drop_table("jobs")
    op.drop_table("faxboxes")
    op.drop_table("contents")
    with op.batch_alter_table("tokens", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_tokens_account_id"))

    op.drop_table("tokens")
    op.drop_table("revisions")
    with op.batch_alter_table("mails", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_mails_created"))
        batch_op.drop_index(batch_op.f("ix_mails_content_name"))

    op.drop_table("mails")
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_inbox_received_id"))
        batch_op.drop_index(batch_op.f("ix_inbox_document_name"))
        batch_op.drop_index(batch_op.f("ix_inbox_backend_ticket"))
        batch_op.drop_index(batch_op.f("ix_inbox_account_id_received_id"))
        batch_op.drop_index(batch_op.f("ix_inbox_account_id_faxbox_id_received_id"))

    op.drop_table("inbox")
    with op.batch_alter_table("claims", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_claims_job_id"))
        batch_op.drop_index(batch_op.f("ix_claims_expires"))

    op.drop_table("claims")
    with op.batch_alter_table("calls", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_calls_settled_ends"))
        batch_op.drop_index(batch_op.f("ix_calls_document_name"))

    op.drop_table("calls")
    with op.batch_alter_table("attempts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_attempts_to_key_created_id"))
        batch_op.drop_index(batch_op.f("ix_attempts_state_created_id"))
        batch_op.drop_index(batch_op.f("ix_attempts_outcome_created_id"))
        batch_op.drop_index(batch_op.f("ix_attempts_job_id"))
        batch_op.drop_index(batch_op.f("ix_attempts_from_key_created_id"))
        batch_op.drop_index(batch_op.f("ix_attempts_created_id"))
        batch_op.drop_index(batch_op.f("ix_attempts_account_id_to_key_created_id"))
        batch_op.drop_index(batch_op.f("ix_attempts_account_id_state_created_id"))
        batch_op.drop_index(batch_op.f("ix_attempts_account_id_outcome_created_id"))
        batch_op.drop_index(batch_op.f("ix_attempts_account_id_from_key_created_id"))
        batch_op.drop_index(batch_op.f("ix_attempts_account_id_faxbox_id_created_id"))
        batch_op.drop_index(batch_op.f("ix_attempts_account_id_created_id"))

    op.drop_table("attempts")
    op.drop_table("accounts")
