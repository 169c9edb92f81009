"""Actions and what became of them (D8.5)."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.cases import rules_actions
from app.kit import guards
from app.kit.etags import Versioned
from app.kit.orm import Base, Json, closed_set, id_column

NOT_CLOSED = "closed_at IS NULL"


class Action(Versioned, Base):
    """Something an outlet puts right: one item of one checklist, from a report until a later one shows it (D8.5)."""

    __tablename__ = "actions"
    __table_args__ = (
        sa.ForeignKeyConstraint(["organisation_id", "outlet_id"], ["outlets.organisation_id", "outlets.id"]),
        sa.Index(
            "uq_actions_one_open",
            "outlet_id",
            "checklist_code",
            "item_code",
            unique=True,
            sqlite_where=sa.text(NOT_CLOSED),
            postgresql_where=sa.text(NOT_CLOSED),
        ),
        sa.Index("ix_actions_organisation_id_due_at", "organisation_id", "due_at", "id"),
        sa.Index("ix_actions_outlet_id", "outlet_id", "due_at", "id"),
        sa.Index("ix_actions_publication_id", "publication_id", "item_code"),
        sa.CheckConstraint(
            "(state IN ('verified', 'cancelled')) = (closed_at IS NOT NULL)", name="closed_when_done"
        ),
        sa.CheckConstraint("(state = 'verified') = (verified_in IS NOT NULL)", name="verified_by_a_report"),
        sa.CheckConstraint("at_ms IS NULL OR recording_number IS NOT NULL", name="moment_of_a_recording"),
        sa.CheckConstraint("target_micro BETWEEN 0 AND 1000000", name="target_is_a_share"),
        sa.CheckConstraint("times_failed >= 0", name="failures"),
    )

    id: Mapped[UUID] = id_column()
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisations.id"))
    outlet_id: Mapped[UUID]
    checklist_code: Mapped[str] = mapped_column(sa.String(64))
    item_code: Mapped[str] = mapped_column(sa.String(64))
    item_text: Mapped[dict[str, Any]] = mapped_column(Json)  # a `Text`, as it was asked
    publication_id: Mapped[UUID] = mapped_column(sa.ForeignKey("publications.id"))
    origin: Mapped[rules_actions.Origin] = mapped_column(closed_set(rules_actions.Origin, "origin"))
    state: Mapped[rules_actions.State] = mapped_column(closed_set(rules_actions.State, "action_state"))
    reason: Mapped[str]
    recording_number: Mapped[int | None]  # of the report
    at_ms: Mapped[int | None]
    target_micro: Mapped[int]
    owner_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("people.id"))
    opened_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("people.id"))
    opened_at: Mapped[datetime]
    due_on: Mapped[date]  # at the outlet (D5.3)
    due_at: Mapped[datetime]  # the end of that day, not included
    days: Mapped[int]  # given again when it is opened again
    proof_on: Mapped[date | None]
    reopened_at: Mapped[datetime | None]  # proofs from before count no more
    times_failed: Mapped[int]
    failed_in: Mapped[UUID | None] = mapped_column(sa.ForeignKey("publications.id"))
    verified_in: Mapped[UUID | None] = mapped_column(sa.ForeignKey("publications.id"))
    closed_at: Mapped[datetime | None]
    closed_because: Mapped[str | None]
    escalated_at: Mapped[datetime | None]  # since it was last due


class ActionStep(Base):
    """What happened to an action, in order."""

    __tablename__ = "action_steps"
    __table_args__ = (sa.Index("ix_action_steps_action_id", "action_id", "at", "id"),)

    id: Mapped[UUID] = id_column()
    action_id: Mapped[UUID] = mapped_column(sa.ForeignKey("actions.id"))
    kind: Mapped[rules_actions.StepKind] = mapped_column(closed_set(rules_actions.StepKind, "action_step"))
    state: Mapped[rules_actions.State] = mapped_column(closed_set(rules_actions.State, "action_state"))
    actor_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("people.id"))
    publication_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("publications.id"))
    note: Mapped[str]
    at: Mapped[datetime]


guards.append_only("action_steps")
