"""A visit and everything that happened in it. Foreign keys carry the organisation where a foreign row could slip in."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.kit import guards
from app.kit.etags import Versioned
from app.kit.orm import Base, Json, closed_set, id_column
from app.programmes.rules import RecordingMode
from app.visits.declared import Medium
from app.visits.rules import CrewRole, DayPart, Kind, State


class Visit(Versioned, Base):
    """One inspection of one outlet on one date. `terms` is the programme's rules as they were when it was made."""

    __tablename__ = "visits"
    __table_args__ = (
        sa.ForeignKeyConstraint(["organisation_id", "outlet_id"], ["outlets.organisation_id", "outlets.id"]),
        sa.Index("ix_visits_organisation_id_planned_on", "organisation_id", "planned_on", "id"),
        sa.Index("ix_visits_outlet_id_planned_on", "outlet_id", "planned_on"),
        sa.Index("ix_visits_state", "organisation_id", "state", "submitted_at"),
        sa.CheckConstraint("left_at IS NULL OR entered_at IS NOT NULL", name="left_after_entering"),
    )

    id: Mapped[UUID] = id_column()
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisations.id"))
    programme_id: Mapped[UUID] = mapped_column(sa.ForeignKey("programmes.id"))
    outlet_id: Mapped[UUID]
    checklist_version_id: Mapped[UUID] = mapped_column(sa.ForeignKey("checklist_versions.id"))
    planned_on: Mapped[date]
    visible_from: Mapped[date]  # inspectors see it from then on (D6.6)
    day_part: Mapped[DayPart] = mapped_column(closed_set(DayPart, "day_part"))
    kind: Mapped[Kind] = mapped_column(closed_set(Kind, "kind"))
    purpose: Mapped[str | None] = mapped_column(sa.String(64))
    scenario: Mapped[str]
    state: Mapped[State] = mapped_column(closed_set(State, "state"))
    recording_mode: Mapped[RecordingMode] = mapped_column(closed_set(RecordingMode, "recording_mode"))
    terms: Mapped[dict[str, Any]] = mapped_column(Json)  # a `Terms`
    summary: Mapped[str]
    questions_asked: Mapped[int]
    entered_at: Mapped[datetime | None]
    entered_on: Mapped[date | None]  # the outlet's local date (D5.3)
    left_at: Mapped[datetime | None]
    submitted_at: Mapped[datetime | None]
    review_due_at: Mapped[datetime | None]  # counted from the latest submission (D8.1)
    drawn_for_second_marking: Mapped[bool | None]  # at the first submission, before there was a score (D8.1)
    breaks_rotation: Mapped[bool]
    created_by: Mapped[UUID] = mapped_column(sa.ForeignKey("people.id"))
    created_at: Mapped[datetime]


class CrewMember(Base):
    """A person's part in a visit (D6.7). A backup counts only once activated (D5.6)."""

    __tablename__ = "visit_crew"
    __table_args__ = (
        sa.Index("ix_visit_crew_person_id", "person_id", "visit_id"),
        sa.Index(
            "uq_visit_crew_one_lead",
            "visit_id",
            unique=True,
            sqlite_where=sa.text("role = 'lead'"),
            postgresql_where=sa.text("role = 'lead'"),
        ),
    )

    visit_id: Mapped[UUID] = mapped_column(sa.ForeignKey("visits.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(sa.ForeignKey("people.id"), primary_key=True)
    role: Mapped[CrewRole] = mapped_column(closed_set(CrewRole, "crew_role"))
    activated_at: Mapped[datetime | None]
    entered_at: Mapped[datetime | None]


class Blindfold(Base):
    """Somebody judges a visit for themselves, and may not see what was found in it before they have (D8.1)."""

    __tablename__ = "visit_blindfolds"
    __table_args__ = (sa.Index("ix_visit_blindfolds_person_id", "person_id", "taken_off_at"),)

    visit_id: Mapped[UUID] = mapped_column(sa.ForeignKey("visits.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(sa.ForeignKey("people.id"), primary_key=True)
    put_on_at: Mapped[datetime]
    taken_off_at: Mapped[datetime | None]


class VisitTransition(Base):
    """Every change of state with who, when and why (D6.8)."""

    __tablename__ = "visit_transitions"
    __table_args__ = (sa.Index("ix_visit_transitions_visit_id", "visit_id", "at", "id"),)

    id: Mapped[UUID] = id_column()
    visit_id: Mapped[UUID] = mapped_column(sa.ForeignKey("visits.id"))
    from_state: Mapped[State | None] = mapped_column(closed_set(State, "from_state"))
    to_state: Mapped[State] = mapped_column(closed_set(State, "to_state"))
    actor_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("people.id"))
    reason: Mapped[str]
    at: Mapped[datetime]


class CheckIn(Base):
    """A phone's word on where and when somebody went in or out (D7.6)."""

    __tablename__ = "check_ins"
    __table_args__ = (sa.Index("ix_check_ins_visit_id", "visit_id", "device_at"),)

    id: Mapped[UUID] = id_column()
    visit_id: Mapped[UUID] = mapped_column(sa.ForeignKey("visits.id"))
    person_id: Mapped[UUID] = mapped_column(sa.ForeignKey("people.id"))
    going_in: Mapped[bool]
    device_at: Mapped[datetime]
    received_at: Mapped[datetime]
    clock_offset_ms: Mapped[int | None] = mapped_column(sa.BigInteger)
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    accuracy_m: Mapped[float | None]
    is_mocked: Mapped[bool]
    no_position_because: Mapped[str | None]
    distance_m: Mapped[float | None]
    flags: Mapped[list[str]] = mapped_column(Json)


class DraftAnswer(Base):
    """The answer to one item as it stands on the phones, the latest by device time."""

    __tablename__ = "draft_answers"

    visit_id: Mapped[UUID] = mapped_column(sa.ForeignKey("visits.id"), primary_key=True)
    item_code: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    content: Mapped[dict[str, Any]] = mapped_column(Json)  # an answer on the wire
    answered_by: Mapped[UUID] = mapped_column(sa.ForeignKey("people.id"))
    device_at: Mapped[datetime]
    received_at: Mapped[datetime]
    clock_offset_ms: Mapped[int | None] = mapped_column(sa.BigInteger)


class AnswersRevision(Base):
    """All answers of a visit as submitted; corrections make a new one (D8.2)."""

    __tablename__ = "answers_revisions"
    __table_args__ = (sa.UniqueConstraint("visit_id", "number"),)

    id: Mapped[UUID] = id_column()
    visit_id: Mapped[UUID] = mapped_column(sa.ForeignKey("visits.id"))
    number: Mapped[int]
    made_by: Mapped[UUID] = mapped_column(sa.ForeignKey("people.id"))
    made_at: Mapped[datetime]
    reason: Mapped[str]


class Answer(Base):
    """One answer of a revision."""

    __tablename__ = "answers"
    __table_args__ = (sa.Index("ix_answers_item_code", "item_code"),)

    revision_id: Mapped[UUID] = mapped_column(sa.ForeignKey("answers_revisions.id"), primary_key=True)
    item_code: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    content: Mapped[dict[str, Any]] = mapped_column(Json)
    answered_by: Mapped[UUID] = mapped_column(sa.ForeignKey("people.id"))
    device_at: Mapped[datetime]
    received_at: Mapped[datetime]
    clock_offset_ms: Mapped[int | None] = mapped_column(sa.BigInteger)


class ManifestEntry(Base):
    """A file the inspector declares: what must arrive, and what the device knew of it (D7.3)."""

    __tablename__ = "manifest_entries"
    __table_args__ = (
        sa.Index("ix_manifest_entries_visit_id", "visit_id"),
        sa.CheckConstraint("size_bytes > 0", name="not_empty"),
        sa.CheckConstraint("duration_ms >= 0", name="duration"),
    )

    recording_id: Mapped[UUID] = mapped_column(
        primary_key=True
    )  # made by the phone; the upload brings the same
    visit_id: Mapped[UUID] = mapped_column(sa.ForeignKey("visits.id"))
    medium: Mapped[Medium] = mapped_column(closed_set(Medium, "medium"))
    device_kind: Mapped[str] = mapped_column(sa.String(40))
    device_label: Mapped[str] = mapped_column(sa.String(200))
    started_at: Mapped[datetime | None]  # the device's own clock
    clock_offset_ms: Mapped[int] = mapped_column(sa.BigInteger)
    duration_ms: Mapped[int]
    size_bytes: Mapped[int] = mapped_column(sa.BigInteger)
    sha256: Mapped[str] = mapped_column(sa.String(64))
    quality: Mapped[str] = mapped_column(sa.String(20))
    gaps: Mapped[list[dict[str, Any]]] = mapped_column(
        Json, default=list, server_default="[]"
    )  # the recorder's own, each an `Interruption`
    markers_ms: Mapped[list[int]] = mapped_column(Json, default=list, server_default="[]")  # taps
    declared_by: Mapped[UUID] = mapped_column(sa.ForeignKey("people.id"))
    declared_at: Mapped[datetime]


class Excuse(Base):
    """A declared file that will not come, by whose decision and why: it leaves the list of missing evidence."""

    __tablename__ = "evidence_excuses"

    recording_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("manifest_entries.recording_id"), primary_key=True
    )
    decided_by: Mapped[UUID] = mapped_column(sa.ForeignKey("people.id"))
    decided_at: Mapped[datetime]
    reason: Mapped[str]


class Escalation(Base):
    """A declared file was not there when it was due: told once, in the audit trail and on the list."""

    __tablename__ = "evidence_escalations"

    recording_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("manifest_entries.recording_id"), primary_key=True
    )
    at: Mapped[datetime]


class ScoreRevision(Base):
    """A score that names everything it was made of (D3.5). Totals are exact millionths of a point."""

    __tablename__ = "score_revisions"
    __table_args__ = (
        sa.UniqueConstraint("visit_id", "number"),
        sa.CheckConstraint("total_micro BETWEEN 0 AND 100000000", name="total_in_bounds"),
    )

    id: Mapped[UUID] = id_column()
    visit_id: Mapped[UUID] = mapped_column(sa.ForeignKey("visits.id"))
    number: Mapped[int]
    answers_revision_id: Mapped[UUID] = mapped_column(sa.ForeignKey("answers_revisions.id"))
    checklist_version_id: Mapped[UUID] = mapped_column(sa.ForeignKey("checklist_versions.id"))
    weight_profile: Mapped[str | None] = mapped_column(sa.String(64))
    engine_version: Mapped[str] = mapped_column(sa.String(20))
    status: Mapped[str] = mapped_column(sa.String(40))
    total_micro: Mapped[int | None]
    total_without_vetoes_micro: Mapped[int | None]
    completeness_micro: Mapped[int | None]
    marks: Mapped[dict[str, str]] = mapped_column(
        Json
    )  # the reviewer's, for texts and photos with a weight (D3.3)
    explanation: Mapped[dict[str, Any]] = mapped_column(Json)
    difference: Mapped[dict[str, Any] | None] = mapped_column(Json)  # to the revision before
    reason: Mapped[str]
    made_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("people.id"))
    made_at: Mapped[datetime]


for _table in (
    "visit_transitions",
    "answers_revisions",
    "answers",
    "score_revisions",
    "evidence_excuses",
    "evidence_escalations",
):
    guards.append_only(_table)
