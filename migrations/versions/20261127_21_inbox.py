"""What of an inbox is mailed, and what was handed to whom that syncs."""

import sqlalchemy as sa
from alembic import op

from app.kit.orm import Json, UTCDateTime

revision = "0021_inbox"
down_revision = "0020_playing"


def upgrade() -> None:
    op.add_column("inbox_entries", sa.Column("mail_decided_at", UTCDateTime(), nullable=True))
    op.create_index(
        "ix_inbox_entries_to_mail",
        "inbox_entries",
        ["at", "id"],
        unique=False,
        sqlite_where=sa.text("mail_decided_at IS NULL"),
        postgresql_where=sa.text("mail_decided_at IS NULL"),
    )
    op.create_table(
        "mail_preferences",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kinds", Json, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_mail_preferences_person_id"),
        sa.PrimaryKeyConstraint("person_id", name="pk_mail_preferences"),
    )
    op.create_table(
        "sync_replicas",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("begun_at", UTCDateTime(), nullable=False),
        sa.Column("asked_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_sync_replicas_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_sync_replicas"),
    )
    op.create_index("ix_sync_replicas_asked_at", "sync_replicas", ["asked_at"], unique=False)
    op.create_index("ix_sync_replicas_person_id", "sync_replicas", ["person_id"], unique=False)
    op.create_table(
        "sync_holdings",
        sa.Column("replica_id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("given_in", sa.Integer(), nullable=False),
        sa.Column("gone_in", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["replica_id"], ["sync_replicas.id"], name="fk_sync_holdings_replica_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name="fk_sync_holdings_visit_id"),
        sa.PrimaryKeyConstraint("replica_id", "visit_id", name="pk_sync_holdings"),
    )


def downgrade() -> None:
    op.drop_table("sync_holdings")
    op.drop_table("sync_replicas")
    op.drop_table("mail_preferences")
    op.drop_index("ix_inbox_entries_to_mail", table_name="inbox_entries")
    op.drop_column("inbox_entries", "mail_decided_at")
