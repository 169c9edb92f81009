"""Rectangles that are hidden, and faces that a person confirmed to be."""

import sqlalchemy as sa
from alembic import op

from app.kit import guards
from app.kit.orm import Json, UTCDateTime

revision = "0025_blurs"
down_revision = "0024_retention"


def upgrade() -> None:
    op.add_column("mute_revisions", sa.Column("blur", Json, server_default="[]", nullable=False))
    op.add_column(
        "mute_revisions", sa.Column("blur_faces", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column("renditions", sa.Column("hidden", Json, nullable=True))
    op.create_table(
        "faces_confirmed",
        sa.Column("rendition_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("confirmed_by", sa.Uuid(), nullable=False),
        sa.Column("confirmed_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["confirmed_by"], ["people.id"], name="fk_faces_confirmed_confirmed_by"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_faces_confirmed_organisation_id"
        ),
        sa.ForeignKeyConstraint(["rendition_id"], ["renditions.id"], name="fk_faces_confirmed_rendition_id"),
        sa.PrimaryKeyConstraint("rendition_id", name="pk_faces_confirmed"),
    )


def downgrade() -> None:
    guards.lift(op.get_bind())
    op.drop_table("faces_confirmed")
    op.drop_column("renditions", "hidden")
    op.drop_column("mute_revisions", "blur_faces")
    op.drop_column("mute_revisions", "blur")
