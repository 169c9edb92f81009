"""Thresholds of a programme, and recordings that hold what an earlier one held."""

import sqlalchemy as sa
from alembic import op

from app.kit.orm import Json, UTCDateTime

revision = "0017_likeness"
down_revision = "0016_audit_chain"


def upgrade() -> None:
    op.add_column("recordings", sa.Column("check_rules", Json, nullable=True))
    op.create_index("ix_recordings_sha256", "recordings", ["organisation_id", "sha256"], unique=False)
    op.create_table(
        "recording_fingerprint_keys",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_recording_fingerprint_keys_organisation_id"
        ),
        sa.ForeignKeyConstraint(
            ["recording_id"], ["recordings.id"], name="fk_recording_fingerprint_keys_recording_id"
        ),
        sa.PrimaryKeyConstraint(
            "organisation_id", "key", "recording_id", name="pk_recording_fingerprint_keys"
        ),
    )
    op.create_table(
        "recording_duplicates",
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("earlier_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("is_same_file", sa.Boolean(), nullable=False),
        sa.Column("similarity", sa.Double(), nullable=False),
        sa.Column("start_ms", sa.Integer(), nullable=False),
        sa.Column("end_ms", sa.Integer(), nullable=False),
        sa.Column("earlier_start_ms", sa.Integer(), nullable=False),
        sa.Column("earlier_end_ms", sa.Integer(), nullable=False),
        sa.Column("found_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("recording_id <> earlier_id", name=op.f("ck_recording_duplicates_of_another")),
        sa.CheckConstraint(
            "similarity >= 0 AND similarity <= 1",
            name=op.f("ck_recording_duplicates_similarity_is_a_share"),
        ),
        sa.ForeignKeyConstraint(["earlier_id"], ["recordings.id"], name="fk_recording_duplicates_earlier_id"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_recording_duplicates_organisation_id"
        ),
        sa.ForeignKeyConstraint(
            ["recording_id"], ["recordings.id"], name="fk_recording_duplicates_recording_id"
        ),
        sa.PrimaryKeyConstraint("recording_id", "earlier_id", name="pk_recording_duplicates"),
    )


def downgrade() -> None:
    op.drop_table("recording_duplicates")
    op.drop_table("recording_fingerprint_keys")
    op.drop_index("ix_recordings_sha256", table_name="recordings")
    op.drop_column("recordings", "check_rules")
