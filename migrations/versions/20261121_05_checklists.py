"""Tables of checklists."""

import sqlalchemy as sa
from alembic import op

from app.kit.orm import Json, UTCDateTime

revision = "0005_checklists"
down_revision = "0004_outlets"


def upgrade() -> None:
    op.create_table(
        "checklist_versions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("document", Json, nullable=False),
        sa.Column("published_by", sa.Uuid(), nullable=False),
        sa.Column("published_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_checklist_versions_number_counts_from_one")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_checklist_versions_organisation_id"
        ),
        sa.ForeignKeyConstraint(["published_by"], ["people.id"], name="fk_checklist_versions_published_by"),
        sa.PrimaryKeyConstraint("id", name="pk_checklist_versions"),
        sa.UniqueConstraint(
            "organisation_id", "code", "number", name="uq_checklist_versions_organisation_id_code_number"
        ),
    )


def downgrade() -> None:
    op.drop_table("checklist_versions")
