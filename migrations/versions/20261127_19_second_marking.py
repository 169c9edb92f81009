"""Second markings, blindfolds, reminders, and when a review is due."""

from datetime import timedelta

import sqlalchemy as sa
from alembic import op

from app.kit.orm import Json, UTCDateTime

revision = "0019_second_marking"
down_revision = "0018_webhooks"

DEFAULT_REVIEW_HOURS = 48


def upgrade() -> None:
    op.create_table(
        "visit_blindfolds",
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("put_on_at", UTCDateTime(), nullable=False),
        sa.Column("taken_off_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_visit_blindfolds_person_id"),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name="fk_visit_blindfolds_visit_id"),
        sa.PrimaryKeyConstraint("visit_id", "person_id", name="pk_visit_blindfolds"),
    )
    op.create_index("ix_visit_blindfolds_person_id", "visit_blindfolds", ["person_id", "taken_off_at"])
    op.create_table(
        "review_reminders",
        sa.Column("answers_revision_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "due_soon", "escalated", name="kind", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["answers_revision_id"], ["answers_revisions.id"], name="fk_review_reminders_answers_revision_id"
        ),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name="fk_review_reminders_visit_id"),
        sa.PrimaryKeyConstraint("answers_revision_id", "kind", name="pk_review_reminders"),
    )
    op.create_index("ix_review_reminders_visit_id", "review_reminders", ["visit_id"])
    _create_tasks()
    _create_markings()
    op.add_column("visits", sa.Column("review_due_at", UTCDateTime(), nullable=True))
    op.add_column("visits", sa.Column("drawn_for_second_marking", sa.Boolean(), nullable=True))
    _set_due_times()


def _create_tasks() -> None:
    op.create_table(
        "marking_tasks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("marker_id", sa.Uuid(), nullable=False),
        sa.Column("assigned_by", sa.Uuid(), nullable=True),
        sa.Column("assigned_at", UTCDateTime(), nullable=False),
        sa.Column("called_off_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["assigned_by"], ["people.id"], name="fk_marking_tasks_assigned_by"),
        sa.ForeignKeyConstraint(["marker_id"], ["people.id"], name="fk_marking_tasks_marker_id"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_marking_tasks_organisation_id"
        ),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name="fk_marking_tasks_visit_id"),
        sa.PrimaryKeyConstraint("id", name="pk_marking_tasks"),
    )
    op.create_index("ix_marking_tasks_marker_id", "marking_tasks", ["marker_id", "assigned_at", "id"])
    op.create_index(
        "uq_marking_tasks_one_at_a_time",
        "marking_tasks",
        ["visit_id"],
        unique=True,
        sqlite_where=sa.text("called_off_at IS NULL"),
        postgresql_where=sa.text("called_off_at IS NULL"),
    )
    op.create_table(
        "marking_drafts",
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("item_code", sa.String(length=64), nullable=False),
        sa.Column("content", Json, nullable=False),
        sa.Column("saved_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["marking_tasks.id"], name="fk_marking_drafts_task_id"),
        sa.PrimaryKeyConstraint("task_id", "item_code", name="pk_marking_drafts"),
    )
    op.create_table(
        "marking_excuses",
        sa.Column("answers_revision_id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.Column("decided_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["answers_revision_id"], ["answers_revisions.id"], name="fk_marking_excuses_answers_revision_id"
        ),
        sa.ForeignKeyConstraint(["decided_by"], ["people.id"], name="fk_marking_excuses_decided_by"),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name="fk_marking_excuses_visit_id"),
        sa.PrimaryKeyConstraint("answers_revision_id", name="pk_marking_excuses"),
    )
    op.create_index("ix_marking_excuses_visit_id", "marking_excuses", ["visit_id"])


def _create_markings() -> None:
    op.create_table(
        "second_markings",
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("marker_id", sa.Uuid(), nullable=False),
        sa.Column("submitted_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["marker_id"], ["people.id"], name="fk_second_markings_marker_id"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_second_markings_organisation_id"
        ),
        sa.ForeignKeyConstraint(["task_id"], ["marking_tasks.id"], name="fk_second_markings_task_id"),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name="fk_second_markings_visit_id"),
        sa.PrimaryKeyConstraint("task_id", name="pk_second_markings"),
        sa.UniqueConstraint("visit_id", name="uq_second_markings_visit_id"),
    )
    op.create_index("ix_second_markings_marker_id", "second_markings", ["marker_id"])
    op.create_table(
        "second_marks",
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("item_code", sa.String(length=64), nullable=False),
        sa.Column("content", Json, nullable=False),
        sa.Column("category", sa.String(length=64), nullable=True),
        sa.Column("fraction_micro", sa.Integer(), nullable=True),
        sa.Column("inspector_id", sa.Uuid(), nullable=True),
        sa.Column("inspector_category", sa.String(length=64), nullable=True),
        sa.Column("inspector_fraction_micro", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["inspector_id"], ["people.id"], name="fk_second_marks_inspector_id"),
        sa.ForeignKeyConstraint(["task_id"], ["second_markings.task_id"], name="fk_second_marks_task_id"),
        sa.PrimaryKeyConstraint("task_id", "item_code", name="pk_second_marks"),
    )
    op.create_index("ix_second_marks_inspector_id", "second_marks", ["inspector_id"])
    op.create_index("ix_second_marks_item_code", "second_marks", ["item_code"])


def _set_due_times() -> None:
    """For what waits for its review already. It was not drawn, and is not drawn later: its score may have been seen."""
    visits = sa.table(
        "visits",
        sa.column("id", sa.Uuid()),
        sa.column("terms", Json),
        sa.column("submitted_at", UTCDateTime()),
        sa.column("review_due_at", UTCDateTime()),
        sa.column("drawn_for_second_marking", sa.Boolean()),
    )
    connection = op.get_bind()
    waiting = sa.select(visits.c.id, visits.c.terms, visits.c.submitted_at).where(
        visits.c.submitted_at.is_not(None)
    )
    for row in connection.execute(waiting).all():
        hours = row.terms.get("rules", {}).get("review_due_hours", DEFAULT_REVIEW_HOURS)
        values = {
            "review_due_at": row.submitted_at + timedelta(hours=hours),
            "drawn_for_second_marking": False,
        }
        connection.execute(sa.update(visits).where(visits.c.id == row.id).values(values))


def downgrade() -> None:
    op.drop_column("visits", "drawn_for_second_marking")
    op.drop_column("visits", "review_due_at")
    for table in (
        "second_marks",
        "second_markings",
        "marking_excuses",
        "marking_drafts",
        "marking_tasks",
        "review_reminders",
        "visit_blindfolds",
    ):
        op.drop_table(table)
