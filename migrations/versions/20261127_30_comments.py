"""Comments at a second of a published recording, and their retractions."""

import sqlalchemy as sa
from alembic import op

from app.kit.orm import UTCDateTime

revision = "0030_comments"
down_revision = "0029_recorder"


def upgrade() -> None:
    op.create_table(
        "recording_comments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("publication_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at_ms", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column(
            "side",
            sa.Enum("outlet", "desk", name="side", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("at_ms >= 0", name="at_a_second"),
        sa.ForeignKeyConstraint(["author_id"], ["people.id"], name="fk_recording_comments_author_id"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_recording_comments_organisation_id"
        ),
        sa.ForeignKeyConstraint(
            ["publication_id"], ["publications.id"], name="fk_recording_comments_publication_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_recording_comments"),
    )
    op.create_index(
        "ix_recording_comments_publication_id",
        "recording_comments",
        ["publication_id", "number", "at_ms", "id"],
    )
    op.create_table(
        "comment_retractions",
        sa.Column("comment_id", sa.Uuid(), nullable=False),
        sa.Column("retracted_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["recording_comments.id"], name="fk_comment_retractions_comment_id"
        ),
        sa.PrimaryKeyConstraint("comment_id", name="pk_comment_retractions"),
    )


def downgrade() -> None:
    op.drop_table("comment_retractions")
    op.drop_table("recording_comments")
