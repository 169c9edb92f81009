"""Programmes and their recording policies."""

import sqlalchemy as sa
from alembic import op

from app.kit.orm import Json, UTCDateTime

revision = "0003_programmes"
down_revision = "0002_audit"


def upgrade() -> None:
    op.create_table(
        "programmes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("checklist_codes", Json, nullable=False),
        sa.Column("rules", Json, nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("changed_at", UTCDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_programmes"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_programmes_organisation_id"
        ),
        sa.UniqueConstraint("organisation_id", "name", name="uq_programmes_organisation_id_name"),
        sa.CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name=op.f("ck_programmes_time_span")),
    )
    op.create_table(
        "recording_policies",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("jurisdiction", sa.String(20), nullable=False),
        sa.Column("scope", sa.String(40), nullable=False),
        sa.Column("mode", sa.String(40), nullable=False),
        sa.Column("legal_basis", sa.Text(), nullable=False),
        sa.Column("notice", sa.Text(), nullable=False),
        sa.Column("assessment_ref", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_recording_policies"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_recording_policies_organisation_id"
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programmes.id"], name="fk_recording_policies_programme_id"
        ),
        sa.UniqueConstraint(
            "programme_id",
            "jurisdiction",
            "scope",
            name="uq_recording_policies_programme_id_jurisdiction_scope",
        ),
        sa.CheckConstraint(
            "scope IN ('own', 'agency', 'competitor', 'any')", name=op.f("ck_recording_policies_scope")
        ),
        sa.CheckConstraint("mode IN ('none', 'audio', 'video')", name=op.f("ck_recording_policies_mode")),
    )


def downgrade() -> None:
    op.drop_table("recording_policies")
    op.drop_table("programmes")
