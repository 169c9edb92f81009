"""Editions of the weekly bulletin and the monthly report, and their files."""

import sqlalchemy as sa
from alembic import op

from app.kit.orm import UTCDateTime

revision = "0027_bulletins"
down_revision = "0026_spans"


def upgrade() -> None:
    _bulletins()
    _files()


def downgrade() -> None:
    op.drop_table("bulletin_files")
    op.drop_table("bulletins")


def _bulletins() -> None:
    op.create_table(
        "bulletins",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("covert", "overt", name="kind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column(
            "cadence",
            sa.Enum(
                "weekly", "monthly", name="cadence", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column(
            "scope",
            sa.Enum(
                "network",
                "region",
                "outlet",
                name="scope",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("region_id", sa.Uuid(), nullable=True),
        sa.Column("outlet_id", sa.Uuid(), nullable=True),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("follows_id", sa.Uuid(), nullable=True),
        sa.Column("requested_by", sa.Uuid(), nullable=True),
        sa.Column("requested_at", UTCDateTime(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("as_of", UTCDateTime(), nullable=True),
        sa.Column("content_sha256", sa.String(length=64), nullable=True),
        sa.Column("score_revisions", sa.Integer(), nullable=True),
        sa.Column("ready_at", UTCDateTime(), nullable=True),
        sa.Column("failed_at", UTCDateTime(), nullable=True),
        sa.Column("failed_because", sa.Text(), nullable=True),
        sa.Column("deleted_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "subject_id = COALESCE(region_id, outlet_id, organisation_id) AND (scope = 'region') = (region_id IS NOT NULL) AND (scope = 'outlet') = (outlet_id IS NOT NULL)",
            name=op.f("ck_bulletins_of_one_subject"),
        ),
        sa.CheckConstraint(
            "(as_of IS NULL) = (content_sha256 IS NULL) AND (as_of IS NULL) = (score_revisions IS NULL)",
            name=op.f("ck_bulletins_pinned_at_once"),
        ),
        sa.CheckConstraint(
            "(failed_at IS NULL) = (failed_because IS NULL)", name=op.f("ck_bulletins_failed_why")
        ),
        sa.CheckConstraint(
            "deleted_at IS NULL OR ready_at IS NOT NULL", name=op.f("ck_bulletins_deleted_when_ready")
        ),
        sa.CheckConstraint(
            "edition >= 1 AND (edition > 1 OR follows_id IS NULL)", name=op.f("ck_bulletins_counted")
        ),
        sa.CheckConstraint("last_on > first_on", name=op.f("ck_bulletins_some_days")),
        sa.CheckConstraint(
            "ready_at IS NULL OR (as_of IS NOT NULL AND failed_at IS NULL)", name=op.f("ck_bulletins_one_end")
        ),
        sa.ForeignKeyConstraint(["follows_id"], ["bulletins.id"], name="fk_bulletins_follows_id"),
        sa.ForeignKeyConstraint(
            ["organisation_id", "outlet_id"],
            ["outlets.organisation_id", "outlets.id"],
            name="fk_bulletins_organisation_id_outlet_id",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "region_id"],
            ["regions.organisation_id", "regions.id"],
            name="fk_bulletins_organisation_id_region_id",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_bulletins_organisation_id"
        ),
        sa.ForeignKeyConstraint(["programme_id"], ["programmes.id"], name="fk_bulletins_programme_id"),
        sa.ForeignKeyConstraint(["requested_by"], ["people.id"], name="fk_bulletins_requested_by"),
        sa.PrimaryKeyConstraint("id", name="pk_bulletins"),
        sa.UniqueConstraint("key", name="uq_bulletins_key"),
        sa.UniqueConstraint(
            "programme_id",
            "kind",
            "cadence",
            "subject_id",
            "first_on",
            "edition",
            name="uq_bulletins_edition",
        ),
    )
    op.create_index(
        "ix_bulletins_organisation_id_requested_at", "bulletins", ["organisation_id", "requested_at", "id"]
    )
    op.create_index("ix_bulletins_programme_id_ready_at", "bulletins", ["programme_id", "ready_at"])
    op.create_index(
        "uq_bulletins_one_in_the_making",
        "bulletins",
        ["programme_id", "kind", "cadence", "subject_id", "first_on"],
        unique=True,
        sqlite_where=sa.text("ready_at IS NULL AND failed_at IS NULL"),
        postgresql_where=sa.text("ready_at IS NULL AND failed_at IS NULL"),
    )


def _files() -> None:
    op.create_table(
        "bulletin_files",
        sa.Column("bulletin_id", sa.Uuid(), nullable=False),
        sa.Column(
            "language",
            sa.Enum("zh", "en", name="language", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column(
            "format",
            sa.Enum("pdf", "xlsx", name="file_format", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("drawn_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("size_bytes > 0", name=op.f("ck_bulletin_files_some_bytes")),
        sa.ForeignKeyConstraint(["bulletin_id"], ["bulletins.id"], name="fk_bulletin_files_bulletin_id"),
        sa.PrimaryKeyConstraint("bulletin_id", "language", "format", name="pk_bulletin_files"),
    )
