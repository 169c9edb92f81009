"""Events, and the inboxes they are told in."""

import sqlalchemy as sa
from alembic import op

from app.kit.orm import Json, TransactionNumber, UTCDateTime

revision = "0015_events"
down_revision = "0014_mutes"


def upgrade() -> None:
    op.create_table(
        "events",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False),
        sa.Column("transaction", sa.BigInteger(), server_default=TransactionNumber(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=True),
        sa.Column("outlet_id", sa.Uuid(), nullable=True),
        sa.Column("data", Json, nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_events_organisation_id"),
        sa.PrimaryKeyConstraint("number", name="pk_events"),
        sa.UniqueConstraint("id", name="uq_events_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_events_feed", "events", ["organisation_id", "transaction", "number"], unique=False)
    op.create_index("ix_events_visit_id", "events", ["visit_id"], unique=False)
    op.create_table(
        "inbox_entries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("read_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name="fk_inbox_entries_event_id"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_inbox_entries_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_inbox_entries"),
        sa.UniqueConstraint("event_id", "person_id", name="uq_inbox_entries_event_id_person_id"),
    )
    op.create_index("ix_inbox_entries_person_id_at", "inbox_entries", ["person_id", "at", "id"], unique=False)


def downgrade() -> None:
    op.drop_table("inbox_entries")
    op.drop_table("events")
