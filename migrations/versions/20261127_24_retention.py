"""Legal holds, tombstones, and on recordings when what was kept of them was erased."""

import sqlalchemy as sa
from alembic import op

from app.kit.orm import Json, UTCDateTime

revision = "0024_retention"
down_revision = "0023_insight"


def upgrade() -> None:
    op.add_column("recordings", sa.Column("original_erased_at", UTCDateTime(), nullable=True))
    op.add_column("recordings", sa.Column("renditions_erased_at", UTCDateTime(), nullable=True))
    _holds()
    _tombstones()
    _tombstone_indexes()


def _holds() -> None:
    op.create_table(
        "legal_holds",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=True),
        sa.Column("outlet_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("until", UTCDateTime(), nullable=True),
        sa.Column("placed_by", sa.Uuid(), nullable=False),
        sa.Column("placed_at", UTCDateTime(), nullable=False),
        sa.Column("lifted_by", sa.Uuid(), nullable=True),
        sa.Column("lifted_at", UTCDateTime(), nullable=True),
        sa.Column("lifted_because", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(CASE WHEN visit_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN outlet_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN person_id IS NULL THEN 0 ELSE 1 END) = 1",
            name=op.f("ck_legal_holds_one_subject"),
        ),
        sa.CheckConstraint("until IS NULL OR until > placed_at", name=op.f("ck_legal_holds_some_time")),
        sa.CheckConstraint(
            "(lifted_at IS NULL) = (lifted_by IS NULL) AND (lifted_at IS NULL) = (lifted_because IS NULL)",
            name=op.f("ck_legal_holds_lifted_by_somebody"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_legal_holds_organisation_id"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "outlet_id"],
            ["outlets.organisation_id", "outlets.id"],
            name="fk_legal_holds_organisation_id_outlet_id",
        ),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name="fk_legal_holds_visit_id"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_legal_holds_person_id"),
        sa.ForeignKeyConstraint(["placed_by"], ["people.id"], name="fk_legal_holds_placed_by"),
        sa.ForeignKeyConstraint(["lifted_by"], ["people.id"], name="fk_legal_holds_lifted_by"),
        sa.PrimaryKeyConstraint("id", name="pk_legal_holds"),
    )
    op.create_index(
        "ix_legal_holds_organisation_id_placed_at", "legal_holds", ["organisation_id", "placed_at", "id"]
    )


def _tombstones() -> None:
    op.create_table(
        "tombstones",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("recording_id", sa.Uuid(), nullable=True),
        sa.Column(
            "retention_class",
            sa.Enum(
                "raw_recording",
                "rendition",
                "unfinished_upload",
                "field_trace",
                name="retention_class",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "start_event",
            sa.Enum(
                "final_decision",
                "publication",
                name="start_event",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("started_at", UTCDateTime(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("files", Json, nullable=False),
        sa.Column("decided_at", UTCDateTime(), nullable=False),
        sa.Column("deleted_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint("days >= 1", name=op.f("ck_tombstones_some_days")),
        sa.CheckConstraint("decided_at >= started_at", name=op.f("ck_tombstones_after_its_start")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_tombstones_organisation_id"
        ),
        sa.ForeignKeyConstraint(["programme_id"], ["programmes.id"], name="fk_tombstones_programme_id"),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name="fk_tombstones_visit_id"),
        sa.ForeignKeyConstraint(["recording_id"], ["recordings.id"], name="fk_tombstones_recording_id"),
        sa.PrimaryKeyConstraint("id", name="pk_tombstones"),
    )


def _tombstone_indexes() -> None:
    for name, columns, where in (
        ("uq_tombstones_recording_id", ["recording_id", "retention_class"], "recording_id IS NOT NULL"),
        ("uq_tombstones_visit_id", ["visit_id", "retention_class"], "recording_id IS NULL"),
    ):
        op.create_index(
            name,
            "tombstones",
            columns,
            unique=True,
            sqlite_where=sa.text(where),
            postgresql_where=sa.text(where),
        )
    op.create_index(
        "ix_tombstones_organisation_id_decided_at", "tombstones", ["organisation_id", "decided_at", "id"]
    )
    op.create_index("ix_tombstones_visit_id", "tombstones", ["visit_id"])
    op.create_index(
        "ix_tombstones_undone",
        "tombstones",
        ["decided_at"],
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("tombstones")
    op.drop_table("legal_holds")
    for column in ("renditions_erased_at", "original_erased_at"):
        op.drop_column("recordings", column)
