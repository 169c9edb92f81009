"""Tables of review."""

import sqlalchemy as sa
from alembic import op

from app.kit.orm import UTCDateTime

revision = "0009_review"
down_revision = "0008_visits"


def upgrade() -> None:
    op.create_table(
        "publications",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("outlet_id", sa.Uuid(), nullable=False),
        sa.Column("alias", sa.String(length=40), nullable=False),
        sa.Column("visited_on", sa.Date(), nullable=False),
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
        sa.Column("published_at", UTCDateTime(), nullable=False),
        sa.Column("published_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id", "outlet_id"],
            ["outlets.organisation_id", "outlets.id"],
            name="fk_publications_organisation_id_outlet_id",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_publications_organisation_id"
        ),
        sa.ForeignKeyConstraint(["published_by"], ["people.id"], name="fk_publications_published_by"),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name="fk_publications_visit_id"),
        sa.PrimaryKeyConstraint("id", name="pk_publications"),
        sa.UniqueConstraint("alias", name="uq_publications_alias"),
        sa.UniqueConstraint("visit_id", name="uq_publications_visit_id"),
    )
    op.create_index(
        "ix_publications_organisation_id_visited_on",
        "publications",
        ["organisation_id", "visited_on", "alias"],
        unique=False,
    )
    op.create_index(
        "ix_publications_outlet_id_visited_on",
        "publications",
        ["outlet_id", "visited_on", "alias"],
        unique=False,
    )
    op.create_table(
        "published_files",
        sa.Column("publication_id", sa.Uuid(), nullable=False),
        sa.Column(
            "medium",
            sa.Enum(
                "recording", "photo", name="medium", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_published_files_counted_from_one")),
        sa.ForeignKeyConstraint(
            ["publication_id"], ["publications.id"], name="fk_published_files_publication_id"
        ),
        sa.ForeignKeyConstraint(["recording_id"], ["recordings.id"], name="fk_published_files_recording_id"),
        sa.PrimaryKeyConstraint("publication_id", "medium", "number", name="pk_published_files"),
        sa.UniqueConstraint(
            "publication_id", "recording_id", name="uq_published_files_publication_id_recording_id"
        ),
    )
    op.create_table(
        "send_backs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("answers_revision_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("sent_by", sa.Uuid(), nullable=False),
        sa.Column("sent_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["answers_revision_id"], ["answers_revisions.id"], name="fk_send_backs_answers_revision_id"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_send_backs_organisation_id"
        ),
        sa.ForeignKeyConstraint(["sent_by"], ["people.id"], name="fk_send_backs_sent_by"),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name="fk_send_backs_visit_id"),
        sa.PrimaryKeyConstraint("id", name="pk_send_backs"),
    )
    op.create_index("ix_send_backs_visit_id", "send_backs", ["visit_id", "sent_at"], unique=False)
    op.create_table(
        "veto_verdicts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("answers_revision_id", sa.Uuid(), nullable=False),
        sa.Column("item_code", sa.String(length=64), nullable=False),
        sa.Column(
            "verdict",
            sa.Enum(
                "confirmed", "rejected", name="verdict", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.Column("decided_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["answers_revision_id"], ["answers_revisions.id"], name="fk_veto_verdicts_answers_revision_id"
        ),
        sa.ForeignKeyConstraint(["decided_by"], ["people.id"], name="fk_veto_verdicts_decided_by"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_veto_verdicts_organisation_id"
        ),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name="fk_veto_verdicts_visit_id"),
        sa.PrimaryKeyConstraint("id", name="pk_veto_verdicts"),
    )
    op.create_index(
        "ix_veto_verdicts_answers_revision_id",
        "veto_verdicts",
        ["answers_revision_id", "item_code"],
        unique=False,
    )
    op.create_index("ix_veto_verdicts_visit_id", "veto_verdicts", ["visit_id"], unique=False)
    op.create_table(
        "approvals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("score_revision_id", sa.Uuid(), nullable=False),
        sa.Column("summary_for_outlet", sa.Text(), nullable=False),
        sa.Column("without_files_because", sa.Text(), nullable=True),
        sa.Column("approved_by", sa.Uuid(), nullable=False),
        sa.Column("approved_at", UTCDateTime(), nullable=False),
        sa.Column("publish_after", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["approved_by"], ["people.id"], name="fk_approvals_approved_by"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_approvals_organisation_id"
        ),
        sa.ForeignKeyConstraint(
            ["score_revision_id"], ["score_revisions.id"], name="fk_approvals_score_revision_id"
        ),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name="fk_approvals_visit_id"),
        sa.PrimaryKeyConstraint("id", name="pk_approvals"),
    )
    op.create_index("ix_approvals_visit_id", "approvals", ["visit_id", "approved_at"], unique=False)
    op.create_table(
        "publication_revisions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("publication_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("score_revision_id", sa.Uuid(), nullable=False),
        sa.Column("summary_for_outlet", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["made_by"], ["people.id"], name="fk_publication_revisions_made_by"),
        sa.ForeignKeyConstraint(
            ["publication_id"], ["publications.id"], name="fk_publication_revisions_publication_id"
        ),
        sa.ForeignKeyConstraint(
            ["score_revision_id"], ["score_revisions.id"], name="fk_publication_revisions_score_revision_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_publication_revisions"),
        sa.UniqueConstraint(
            "publication_id", "number", name="uq_publication_revisions_publication_id_number"
        ),
    )
    op.create_table(
        "send_back_items",
        sa.Column("send_back_id", sa.Uuid(), nullable=False),
        sa.Column("item_code", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["send_back_id"], ["send_backs.id"], name="fk_send_back_items_send_back_id"),
        sa.PrimaryKeyConstraint("send_back_id", "item_code", name="pk_send_back_items"),
    )


def downgrade() -> None:
    op.drop_table("send_back_items")
    op.drop_table("publication_revisions")
    op.drop_table("approvals")
    op.drop_table("veto_verdicts")
    op.drop_table("send_backs")
    op.drop_table("published_files")
    op.drop_table("publications")
