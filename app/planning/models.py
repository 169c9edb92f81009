"""Who can work when, what a month asks for, and the plans made of both. All of it is secret (D6.6)."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.etags import Versioned
from app.kit.orm import Base, Json, closed_set, id_column
from app.outlets.positions import Datum, Position
from app.visits.rules import Kind


class InspectorProfile(Versioned, Base):
    """What the planner knows of an inspector. Without one nobody is sent anywhere by a plan."""

    __tablename__ = "inspector_profiles"
    __table_args__ = (
        sa.ForeignKeyConstraint(["organisation_id", "region_id"], ["regions.organisation_id", "regions.id"]),
        sa.CheckConstraint("active_until IS NULL OR active_until >= active_from", name="active_span"),
        sa.Index("ix_inspector_profiles_organisation_id", "organisation_id", "person_id"),
    )

    person_id: Mapped[UUID] = mapped_column(sa.ForeignKey("people.id"), primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisations.id"))
    home_latitude: Mapped[float]
    home_longitude: Mapped[float]
    home_datum: Mapped[Datum] = mapped_column(closed_set(Datum, "home_datum"))
    region_id: Mapped[UUID | None]  # serves it and all below; null: everywhere
    reach_minutes: Mapped[int | None]  # longest way from home, one way
    shifts: Mapped[dict[str, Any]] = mapped_column(Json)  # a `Shifts`
    days_per_week: Mapped[int]
    visits_per_day: Mapped[int]
    max_day_minutes: Mapped[int]
    languages: Mapped[list[str]] = mapped_column(Json)
    communities: Mapped[list[str]] = mapped_column(Json)
    certificates: Mapped[list[str]] = mapped_column(Json)
    active_from: Mapped[date]
    active_until: Mapped[date | None]
    changed_at: Mapped[datetime]

    @property
    def home(self) -> Position:
        return Position(self.home_latitude, self.home_longitude, self.home_datum)


class InspectorLeave(Base):
    """Days on which an inspector is away, both ends included."""

    __tablename__ = "inspector_leave"
    __table_args__ = (
        sa.CheckConstraint("ends_on >= starts_on", name="in_order"),
        sa.Index("ix_inspector_leave_person_id", "person_id", "starts_on", "id"),
        sa.Index("ix_inspector_leave_organisation_id", "organisation_id", "ends_on"),
    )

    id: Mapped[UUID] = id_column()
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisations.id"))
    person_id: Mapped[UUID] = mapped_column(sa.ForeignKey("people.id"))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    reason: Mapped[str]
    created_by: Mapped[UUID] = mapped_column(sa.ForeignKey("people.id"))
    created_at: Mapped[datetime]


class PlanningSettings(Versioned, Base):
    """How a programme's months are planned; a programme without a row has the defaults."""

    __tablename__ = "planning_settings"

    programme_id: Mapped[UUID] = mapped_column(sa.ForeignKey("programmes.id"), primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisations.id"))
    rules: Mapped[dict[str, Any]] = mapped_column(Json)  # a `PlanningRules`
    changed_at: Mapped[datetime]


class DemandOverride(Base):
    """How often an outlet is visited in one month, whatever the programme's rules say (D6.1)."""

    __tablename__ = "demand_overrides"
    __table_args__ = (
        sa.ForeignKeyConstraint(["organisation_id", "outlet_id"], ["outlets.organisation_id", "outlets.id"]),
        sa.CheckConstraint("visits BETWEEN 0 AND 31", name="visits"),
    )

    programme_id: Mapped[UUID] = mapped_column(sa.ForeignKey("programmes.id"), primary_key=True)
    month: Mapped[str] = mapped_column(sa.String(7), primary_key=True)
    outlet_id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisations.id"))
    visits: Mapped[int]
    reason: Mapped[str]
    set_by: Mapped[UUID] = mapped_column(sa.ForeignKey("people.id"))
    set_at: Mapped[datetime]


class PlanState(StrEnum):
    WAITING = "waiting"  # for a worker
    SOLVING = "solving"
    DRAFT = "draft"
    FAILED = "failed"
    PUBLISHING = "publishing"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"  # by a repair of it
    DISCARDED = "discarded"


WITH_CONTENT = (PlanState.DRAFT, PlanState.PUBLISHING, PlanState.PUBLISHED, PlanState.SUPERSEDED)


class Plan(Versioned, Base):
    """A month of a programme, for the outlets of a region (null: all). `instance` is what it was made of."""

    __tablename__ = "plans"
    __table_args__ = (
        sa.ForeignKeyConstraint(["organisation_id", "region_id"], ["regions.organisation_id", "regions.id"]),
        sa.CheckConstraint("(seconds IS NULL) <> (iterations IS NULL)", name="one_budget"),
        sa.Index("ix_plans_organisation_id", "organisation_id", "created_at", "id"),
    )

    id: Mapped[UUID] = id_column()
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisations.id"))
    programme_id: Mapped[UUID] = mapped_column(sa.ForeignKey("programmes.id"))
    region_id: Mapped[UUID | None]
    month: Mapped[str] = mapped_column(sa.String(7))
    repairs_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("plans.id"))
    frozen_until: Mapped[date | None]
    seed: Mapped[int] = mapped_column(sa.BigInteger)
    seconds: Mapped[int | None]  # of search
    iterations: Mapped[int | None]
    state: Mapped[PlanState] = mapped_column(closed_set(PlanState, "plan_state"))
    stop_requested: Mapped[bool]
    failure: Mapped[str | None]
    costs: Mapped[dict[str, Any] | None] = mapped_column(Json)
    measures: Mapped[dict[str, Any] | None] = mapped_column(Json)
    created_by: Mapped[UUID] = mapped_column(sa.ForeignKey("people.id"))
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    published_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("people.id"))
    published_at: Mapped[datetime | None]


class PlanProgress(Base):
    """How far the search is; a row of its own, so that telling it makes nobody's edit stale."""

    __tablename__ = "plan_progress"

    plan_id: Mapped[UUID] = mapped_column(sa.ForeignKey("plans.id"), primary_key=True)
    seconds: Mapped[float]
    iterations: Mapped[int] = mapped_column(sa.BigInteger)
    cost: Mapped[float | None]
    unserved: Mapped[int | None]
    told_at: Mapped[datetime]


class PlanInstance(Base):
    """The month a plan was made of, as the document that `plainclothes plan` reads."""

    __tablename__ = "plan_instances"

    plan_id: Mapped[UUID] = mapped_column(sa.ForeignKey("plans.id"), primary_key=True)
    document: Mapped[str]


class PlannedVisit(Base):
    """A visit of a plan. `visit_id` names what it became at publication."""

    __tablename__ = "planned_visits"
    __table_args__ = (sa.Index("ix_planned_visits_visit_id", "visit_id"),)

    plan_id: Mapped[UUID] = mapped_column(sa.ForeignKey("plans.id"), primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(60), primary_key=True)  # outlet#number
    outlet_id: Mapped[UUID] = mapped_column(sa.ForeignKey("outlets.id"))
    number: Mapped[int]
    kind: Mapped[Kind] = mapped_column(closed_set(Kind, "kind"))
    purpose: Mapped[str | None] = mapped_column(sa.String(64))
    inspectors: Mapped[list[str]] = mapped_column(Json)  # ids, the lead first
    backups: Mapped[list[str]] = mapped_column(Json)
    planned_on: Mapped[date]
    arrives_minute: Mapped[int]  # of the outlet's local day
    leaves_minute: Mapped[int]
    pinned: Mapped[bool]
    visit_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("visits.id"))


class UnservedVisit(Base):
    """A visit the month asks for that a plan has not, with the cause and the nearest fix (D6.1)."""

    __tablename__ = "unserved_visits"

    plan_id: Mapped[UUID] = mapped_column(sa.ForeignKey("plans.id"), primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(60), primary_key=True)
    outlet_id: Mapped[UUID] = mapped_column(sa.ForeignKey("outlets.id"))
    number: Mapped[int]
    tier: Mapped[str] = mapped_column(sa.String(64))
    cause: Mapped[str] = mapped_column(sa.String(40))
    says: Mapped[str]
    fix: Mapped[dict[str, Any] | None] = mapped_column(Json)
    sieve: Mapped[dict[str, int]] = mapped_column(Json)  # inspectors left after each rule


class PlanRoute(Base):
    """One inspector's day in a plan, from home to home."""

    __tablename__ = "plan_routes"

    plan_id: Mapped[UUID] = mapped_column(sa.ForeignKey("plans.id"), primary_key=True)
    inspector_id: Mapped[UUID] = mapped_column(sa.ForeignKey("people.id"), primary_key=True)
    route_on: Mapped[date] = mapped_column(primary_key=True)
    leaves_home_minute: Mapped[int]
    returns_home_minute: Mapped[int]
    travel_minutes: Mapped[int]
    stops: Mapped[list[str]] = mapped_column(Json)  # names of visits in order
