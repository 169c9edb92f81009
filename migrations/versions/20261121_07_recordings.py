"""Tables of recordings."""

import sqlalchemy as sa
from alembic import op

from app.kit.orm import Json, UTCDateTime

revision = "0007_recordings"
down_revision = "0006_rotation"


def upgrade() -> None:
    op.create_table(
        "play_ledger_heads",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_play_ledger_heads_organisation_id"
        ),
        sa.PrimaryKeyConstraint("organisation_id", name="pk_play_ledger_heads"),
    )
    op.create_table(
        "recordings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("uploader_id", sa.Uuid(), nullable=False),
        sa.Column(
            "medium",
            sa.Enum(
                "video",
                "audio",
                "photo",
                "document",
                name="medium",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("content_type", sa.String(length=100), nullable=False),
        sa.Column("device_kind", sa.String(length=40), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("part_bytes", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "created",
                "uploading",
                "completing",
                "stored",
                "verified",
                "processed",
                "rejected",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("progress", sa.Double(), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("staging_key", sa.String(length=200), nullable=False),
        sa.Column("upload_id", sa.Text(), nullable=True),
        sa.Column("expected_etag", sa.String(length=64), nullable=True),
        sa.Column("sealed_key", sa.String(length=200), nullable=True),
        sa.Column("rejected_code", sa.String(length=40), nullable=True),
        sa.Column("rejected_zh", sa.Text(), nullable=True),
        sa.Column("rejected_en", sa.Text(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("touched_at", UTCDateTime(), nullable=False),
        sa.Column("aborted_at", UTCDateTime(), nullable=True),
        sa.Column("stored_at", UTCDateTime(), nullable=True),
        sa.Column("verified_at", UTCDateTime(), nullable=True),
        sa.Column("settled_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "(state = 'rejected') = (rejected_code IS NOT NULL)", name=op.f("ck_recordings_rejected_why")
        ),
        sa.CheckConstraint(
            "state <> 'uploading' OR upload_id IS NOT NULL", name=op.f("ck_recordings_uploading_where")
        ),
        sa.CheckConstraint("progress >= 0 AND progress <= 1", name=op.f("ck_recordings_progress_is_a_share")),
        sa.CheckConstraint("size_bytes > 0 AND part_bytes > 0", name=op.f("ck_recordings_not_empty")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_recordings_organisation_id"
        ),
        sa.ForeignKeyConstraint(["uploader_id"], ["people.id"], name="fk_recordings_uploader_id"),
        sa.PrimaryKeyConstraint("id", name="pk_recordings"),
        sa.UniqueConstraint("sealed_key", name="uq_recordings_sealed_key"),
        sa.UniqueConstraint("staging_key", name="uq_recordings_staging_key"),
    )
    op.create_index("ix_recordings_state", "recordings", ["state", "touched_at"], unique=False)
    op.create_index("ix_recordings_visit_id", "recordings", ["visit_id", "created_at"], unique=False)
    op.create_table(
        "recording_reports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("report", Json, nullable=True),
        sa.Column("duration_ms", sa.Integer(), nullable=False),
        sa.Column("black", sa.Boolean(), nullable=False),
        sa.Column("silent", sa.Boolean(), nullable=False),
        sa.Column("unusable", sa.Boolean(), nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("duration_ms >= 0", name=op.f("ck_recording_reports_duration")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_recording_reports_organisation_id"
        ),
        sa.ForeignKeyConstraint(
            ["recording_id"], ["recordings.id"], name="fk_recording_reports_recording_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_recording_reports"),
    )
    op.create_index(
        "ix_recording_reports_recording_id", "recording_reports", ["recording_id", "made_at"], unique=False
    )
    op.create_table(
        "renditions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "original",
                "outlet",
                "photo",
                "poster",
                "sprite",
                "cues",
                "peaks",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("profile", Json, nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("content_type", sa.String(length=100), nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.Column("replaced_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_renditions_organisation_id"
        ),
        sa.ForeignKeyConstraint(["recording_id"], ["recordings.id"], name="fk_renditions_recording_id"),
        sa.PrimaryKeyConstraint("id", name="pk_renditions"),
        sa.UniqueConstraint("key", name="uq_renditions_key"),
    )
    op.create_index(
        "uq_renditions_current",
        "renditions",
        ["recording_id", "kind"],
        unique=True,
        sqlite_where=sa.text("replaced_at IS NULL"),
        postgresql_where=sa.text("replaced_at IS NULL"),
    )
    op.create_table(
        "playbacks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("viewer_id", sa.Uuid(), nullable=False),
        sa.Column("rendition_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("opened_at", UTCDateTime(), nullable=False),
        sa.Column("closed_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_playbacks_organisation_id"
        ),
        sa.ForeignKeyConstraint(["rendition_id"], ["renditions.id"], name="fk_playbacks_rendition_id"),
        sa.ForeignKeyConstraint(["viewer_id"], ["people.id"], name="fk_playbacks_viewer_id"),
        sa.PrimaryKeyConstraint("id", name="pk_playbacks"),
    )
    op.create_index("ix_playbacks_rendition_id", "playbacks", ["rendition_id", "opened_at"], unique=False)
    op.create_table(
        "play_ledger",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("playback_id", sa.Uuid(), nullable=False),
        sa.Column("viewer_id", sa.Uuid(), nullable=False),
        sa.Column("rendition_id", sa.Uuid(), nullable=False),
        sa.Column(
            "act",
            sa.Enum(
                "opened",
                "renewed",
                "played",
                name="act",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("from_ms", sa.Integer(), nullable=True),
        sa.Column("to_ms", sa.Integer(), nullable=True),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "(act = 'played') = (from_ms IS NOT NULL AND to_ms IS NOT NULL)",
            name=op.f("ck_play_ledger_played_what"),
        ),
        sa.CheckConstraint("number >= 1", name=op.f("ck_play_ledger_number_counts_from_one")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_play_ledger_organisation_id"
        ),
        sa.ForeignKeyConstraint(["playback_id"], ["playbacks.id"], name="fk_play_ledger_playback_id"),
        sa.ForeignKeyConstraint(["rendition_id"], ["renditions.id"], name="fk_play_ledger_rendition_id"),
        sa.ForeignKeyConstraint(["viewer_id"], ["people.id"], name="fk_play_ledger_viewer_id"),
        sa.PrimaryKeyConstraint("organisation_id", "number", name="pk_play_ledger"),
    )
    op.create_index("ix_play_ledger_rendition_id", "play_ledger", ["rendition_id", "at"], unique=False)


def downgrade() -> None:
    op.drop_table("play_ledger")
    op.drop_table("playbacks")
    op.drop_table("renditions")
    op.drop_table("recording_reports")
    op.drop_table("recordings")
    op.drop_table("play_ledger_heads")
