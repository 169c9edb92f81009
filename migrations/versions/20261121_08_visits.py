"""Tables of visits."""

import sqlalchemy as sa
from alembic import op

from app.kit.orm import Json, UTCDateTime

revision = "0008_visits"
down_revision = "0007_recordings"


def upgrade() -> None:
    op.create_table(
        "visits",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("outlet_id", sa.Uuid(), nullable=False),
        sa.Column("checklist_version_id", sa.Uuid(), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=False),
        sa.Column("visible_from", sa.Date(), nullable=False),
        sa.Column(
            "day_part",
            sa.Enum(
                "morning",
                "afternoon",
                "evening",
                name="day_part",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "kind",
            sa.Enum("covert", "overt", name="kind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("purpose", sa.String(length=64), nullable=True),
        sa.Column("scenario", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "proposed",
                "reserved",
                "accepted",
                "entered",
                "left",
                "submitted",
                "in_review",
                "approved",
                "published",
                "appealed",
                "final",
                "cancelled",
                "expired",
                "declined",
                "aborted",
                "void",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "recording_mode",
            sa.Enum(
                "none",
                "audio",
                "video",
                name="recording_mode",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("terms", Json, nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("questions_asked", sa.Integer(), nullable=False),
        sa.Column("entered_at", UTCDateTime(), nullable=True),
        sa.Column("entered_on", sa.Date(), nullable=True),
        sa.Column("left_at", UTCDateTime(), nullable=True),
        sa.Column("submitted_at", UTCDateTime(), nullable=True),
        sa.Column("breaks_rotation", sa.Boolean(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "left_at IS NULL OR entered_at IS NOT NULL", name=op.f("ck_visits_left_after_entering")
        ),
        sa.ForeignKeyConstraint(
            ["checklist_version_id"], ["checklist_versions.id"], name="fk_visits_checklist_version_id"
        ),
        sa.ForeignKeyConstraint(["created_by"], ["people.id"], name="fk_visits_created_by"),
        sa.ForeignKeyConstraint(
            ["organisation_id", "outlet_id"],
            ["outlets.organisation_id", "outlets.id"],
            name="fk_visits_organisation_id_outlet_id",
        ),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_visits_organisation_id"),
        sa.ForeignKeyConstraint(["programme_id"], ["programmes.id"], name="fk_visits_programme_id"),
        sa.PrimaryKeyConstraint("id", name="pk_visits"),
    )
    op.create_index(
        "ix_visits_organisation_id_planned_on",
        "visits",
        ["organisation_id", "planned_on", "id"],
        unique=False,
    )
    op.create_index("ix_visits_outlet_id_planned_on", "visits", ["outlet_id", "planned_on"], unique=False)
    op.create_index("ix_visits_state", "visits", ["organisation_id", "state", "submitted_at"], unique=False)
    op.create_table(
        "answers_revisions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["made_by"], ["people.id"], name="fk_answers_revisions_made_by"),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name="fk_answers_revisions_visit_id"),
        sa.PrimaryKeyConstraint("id", name="pk_answers_revisions"),
        sa.UniqueConstraint("visit_id", "number", name="uq_answers_revisions_visit_id_number"),
    )
    op.create_table(
        "check_ins",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("going_in", sa.Boolean(), nullable=False),
        sa.Column("device_at", UTCDateTime(), nullable=False),
        sa.Column("received_at", UTCDateTime(), nullable=False),
        sa.Column("clock_offset_ms", sa.BigInteger(), nullable=True),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("accuracy_m", sa.Double(), nullable=True),
        sa.Column("is_mocked", sa.Boolean(), nullable=False),
        sa.Column("no_position_because", sa.Text(), nullable=True),
        sa.Column("distance_m", sa.Double(), nullable=True),
        sa.Column("flags", Json, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_check_ins_person_id"),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name="fk_check_ins_visit_id"),
        sa.PrimaryKeyConstraint("id", name="pk_check_ins"),
    )
    op.create_index("ix_check_ins_visit_id", "check_ins", ["visit_id", "device_at"], unique=False)
    op.create_table(
        "draft_answers",
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("item_code", sa.String(length=64), nullable=False),
        sa.Column("content", Json, nullable=False),
        sa.Column("answered_by", sa.Uuid(), nullable=False),
        sa.Column("device_at", UTCDateTime(), nullable=False),
        sa.Column("received_at", UTCDateTime(), nullable=False),
        sa.Column("clock_offset_ms", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["answered_by"], ["people.id"], name="fk_draft_answers_answered_by"),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name="fk_draft_answers_visit_id"),
        sa.PrimaryKeyConstraint("visit_id", "item_code", name="pk_draft_answers"),
    )
    op.create_table(
        "manifest_entries",
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column(
            "medium",
            sa.Enum(
                "video", "audio", "photo", name="medium", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("device_kind", sa.String(length=40), nullable=False),
        sa.Column("device_label", sa.String(length=200), nullable=False),
        sa.Column("started_at", UTCDateTime(), nullable=True),
        sa.Column("clock_offset_ms", sa.BigInteger(), nullable=False),
        sa.Column("duration_ms", sa.Integer(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("quality", sa.String(length=20), nullable=False),
        sa.Column("declared_by", sa.Uuid(), nullable=False),
        sa.Column("declared_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("duration_ms >= 0", name=op.f("ck_manifest_entries_duration")),
        sa.CheckConstraint("size_bytes > 0", name=op.f("ck_manifest_entries_not_empty")),
        sa.ForeignKeyConstraint(["declared_by"], ["people.id"], name="fk_manifest_entries_declared_by"),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name="fk_manifest_entries_visit_id"),
        sa.PrimaryKeyConstraint("recording_id", name="pk_manifest_entries"),
    )
    op.create_index("ix_manifest_entries_visit_id", "manifest_entries", ["visit_id"], unique=False)
    op.create_table(
        "visit_crew",
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "lead",
                "companion",
                "backup",
                name="crew_role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("activated_at", UTCDateTime(), nullable=True),
        sa.Column("entered_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_visit_crew_person_id"),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name="fk_visit_crew_visit_id"),
        sa.PrimaryKeyConstraint("visit_id", "person_id", name="pk_visit_crew"),
    )
    op.create_index("ix_visit_crew_person_id", "visit_crew", ["person_id", "visit_id"], unique=False)
    op.create_index(
        "uq_visit_crew_one_lead",
        "visit_crew",
        ["visit_id"],
        unique=True,
        sqlite_where=sa.text("role = 'lead'"),
        postgresql_where=sa.text("role = 'lead'"),
    )
    op.create_table(
        "visit_transitions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column(
            "from_state",
            sa.Enum(
                "proposed",
                "reserved",
                "accepted",
                "entered",
                "left",
                "submitted",
                "in_review",
                "approved",
                "published",
                "appealed",
                "final",
                "cancelled",
                "expired",
                "declined",
                "aborted",
                "void",
                name="from_state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "to_state",
            sa.Enum(
                "proposed",
                "reserved",
                "accepted",
                "entered",
                "left",
                "submitted",
                "in_review",
                "approved",
                "published",
                "appealed",
                "final",
                "cancelled",
                "expired",
                "declined",
                "aborted",
                "void",
                name="to_state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["people.id"], name="fk_visit_transitions_actor_id"),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name="fk_visit_transitions_visit_id"),
        sa.PrimaryKeyConstraint("id", name="pk_visit_transitions"),
    )
    op.create_index(
        "ix_visit_transitions_visit_id", "visit_transitions", ["visit_id", "at", "id"], unique=False
    )
    op.create_table(
        "answers",
        sa.Column("revision_id", sa.Uuid(), nullable=False),
        sa.Column("item_code", sa.String(length=64), nullable=False),
        sa.Column("content", Json, nullable=False),
        sa.Column("answered_by", sa.Uuid(), nullable=False),
        sa.Column("device_at", UTCDateTime(), nullable=False),
        sa.Column("received_at", UTCDateTime(), nullable=False),
        sa.Column("clock_offset_ms", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["answered_by"], ["people.id"], name="fk_answers_answered_by"),
        sa.ForeignKeyConstraint(["revision_id"], ["answers_revisions.id"], name="fk_answers_revision_id"),
        sa.PrimaryKeyConstraint("revision_id", "item_code", name="pk_answers"),
    )
    op.create_index("ix_answers_item_code", "answers", ["item_code"], unique=False)
    op.create_table(
        "score_revisions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("answers_revision_id", sa.Uuid(), nullable=False),
        sa.Column("checklist_version_id", sa.Uuid(), nullable=False),
        sa.Column("weight_profile", sa.String(length=64), nullable=True),
        sa.Column("engine_version", sa.String(length=20), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("total_micro", sa.Integer(), nullable=True),
        sa.Column("total_without_vetoes_micro", sa.Integer(), nullable=True),
        sa.Column("completeness_micro", sa.Integer(), nullable=True),
        sa.Column("marks", Json, nullable=False),
        sa.Column("explanation", Json, nullable=False),
        sa.Column("difference", Json, nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "total_micro BETWEEN 0 AND 100000000", name=op.f("ck_score_revisions_total_in_bounds")
        ),
        sa.ForeignKeyConstraint(
            ["answers_revision_id"], ["answers_revisions.id"], name="fk_score_revisions_answers_revision_id"
        ),
        sa.ForeignKeyConstraint(
            ["checklist_version_id"],
            ["checklist_versions.id"],
            name="fk_score_revisions_checklist_version_id",
        ),
        sa.ForeignKeyConstraint(["made_by"], ["people.id"], name="fk_score_revisions_made_by"),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name="fk_score_revisions_visit_id"),
        sa.PrimaryKeyConstraint("id", name="pk_score_revisions"),
        sa.UniqueConstraint("visit_id", "number", name="uq_score_revisions_visit_id_number"),
    )


def downgrade() -> None:
    op.drop_table("score_revisions")
    op.drop_table("answers")
    op.drop_table("visit_transitions")
    op.drop_table("visit_crew")
    op.drop_table("manifest_entries")
    op.drop_table("draft_answers")
    op.drop_table("check_ins")
    op.drop_table("answers_revisions")
    op.drop_table("visits")
