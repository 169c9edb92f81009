"""Marks of what is to be muted, and the rules by which an outlet's rendition is made."""

import sqlalchemy as sa
from alembic import op

from app.kit import guards
from app.kit.orm import Json, UTCDateTime

revision = "0014_mutes"
down_revision = "0013_missing_evidence"


def upgrade() -> None:
    op.create_table(
        "mute_revisions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("mute", Json, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_mute_revisions_number_counts_from_one")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_mute_revisions_organisation_id"
        ),
        sa.ForeignKeyConstraint(["recording_id"], ["recordings.id"], name="fk_mute_revisions_recording_id"),
        sa.ForeignKeyConstraint(["made_by"], ["people.id"], name="fk_mute_revisions_made_by"),
        sa.PrimaryKeyConstraint("id", name="pk_mute_revisions"),
        sa.UniqueConstraint("recording_id", "number", name="uq_mute_revisions_recording_id_number"),
    )
    op.add_column("recordings", sa.Column("rendition_rules", Json, nullable=True))
    op.add_column("renditions", sa.Column("mute_number", sa.Integer(), server_default="0", nullable=False))


def downgrade() -> None:
    guards.lift(op.get_bind())
    op.drop_column("renditions", "mute_number")
    op.drop_column("recordings", "rendition_rules")
    op.drop_table("mute_revisions")
