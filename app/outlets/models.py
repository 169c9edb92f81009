"""Outlets, the regions they lie in, and who is responsible where.

Foreign keys between these tables carry the organisation along: no row can point into another one's data (D10.6).
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.etags import Versioned
from app.kit.orm import Base, Json, closed_set, id_column
from app.outlets.positions import Datum, Position
from app.outlets.rules import LoadBand, Stage, Succession
from app.programmes.rules import Ownership

NAMED = "name_zh IS NOT NULL OR name_en IS NOT NULL"


class Tier(Base):
    """One of an organisation's own list; rank 1 goes first (D6.2)."""

    __tablename__ = "tiers"
    __table_args__ = (
        sa.UniqueConstraint("organisation_id", "code"),
        sa.CheckConstraint(NAMED, name="named"),
    )

    id: Mapped[UUID] = id_column()
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisations.id"))
    code: Mapped[str] = mapped_column(sa.String(64))
    name_zh: Mapped[str | None] = mapped_column(sa.String(200))
    name_en: Mapped[str | None] = mapped_column(sa.String(200))
    rank: Mapped[int]


class Region(Versioned, Base):
    """A node of the organisation's tree of places."""

    __tablename__ = "regions"
    __table_args__ = (
        sa.UniqueConstraint("organisation_id", "code"),
        sa.UniqueConstraint("organisation_id", "id"),
        sa.ForeignKeyConstraint(["organisation_id", "parent_id"], ["regions.organisation_id", "regions.id"]),
        sa.CheckConstraint(NAMED, name="named"),
        sa.Index("ix_regions_parent_id", "parent_id"),
    )

    id: Mapped[UUID] = id_column()
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisations.id"))
    parent_id: Mapped[UUID | None]
    code: Mapped[str] = mapped_column(sa.String(64))
    name_zh: Mapped[str | None] = mapped_column(sa.String(200))
    name_en: Mapped[str | None] = mapped_column(sa.String(200))
    central_city: Mapped[bool]
    jurisdiction: Mapped[str] = mapped_column(sa.String(20))
    time_zone: Mapped[str] = mapped_column(sa.String(64))


class RegionAncestor(Base):
    """Every pair of a region and one above it, itself included: a subtree is one look-up by equality."""

    __tablename__ = "region_ancestors"
    __table_args__ = (sa.Index("ix_region_ancestors_ancestor_id_region_id", "ancestor_id", "region_id"),)

    region_id: Mapped[UUID] = mapped_column(sa.ForeignKey("regions.id"), primary_key=True)
    ancestor_id: Mapped[UUID] = mapped_column(sa.ForeignKey("regions.id"), primary_key=True)


class Outlet(Versioned, Base):
    """A place that is inspected."""

    __tablename__ = "outlets"
    __table_args__ = (
        sa.UniqueConstraint("organisation_id", "code"),
        sa.UniqueConstraint("organisation_id", "id"),
        sa.ForeignKeyConstraint(["organisation_id", "region_id"], ["regions.organisation_id", "regions.id"]),
        sa.ForeignKeyConstraint(["organisation_id", "tier"], ["tiers.organisation_id", "tiers.code"]),
        sa.ForeignKeyConstraint(
            ["organisation_id", "successor_id"], ["outlets.organisation_id", "outlets.id"]
        ),
        sa.CheckConstraint(NAMED, name="named"),
        sa.CheckConstraint(
            "(latitude IS NULL) = (longitude IS NULL) AND (latitude IS NULL) = (datum IS NULL)",
            name="position",
        ),
        sa.CheckConstraint("(successor_id IS NULL) = (succession IS NULL)", name="succession_why"),
        sa.CheckConstraint("successor_id IS NULL OR NOT active", name="succeeded_is_inactive"),
        sa.Index("ix_outlets_region_id", "region_id"),
        sa.Index("ix_outlets_successor_id", "successor_id"),
    )

    id: Mapped[UUID] = id_column()
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisations.id"))
    code: Mapped[str] = mapped_column(sa.String(64))
    name_zh: Mapped[str | None] = mapped_column(sa.String(200))
    name_en: Mapped[str | None] = mapped_column(sa.String(200))
    ownership: Mapped[Ownership] = mapped_column(closed_set(Ownership, "ownership"))
    brand: Mapped[str | None] = mapped_column(sa.String(200))
    tier: Mapped[str] = mapped_column(sa.String(64))
    stage: Mapped[Stage] = mapped_column(closed_set(Stage, "stage"))
    load_band: Mapped[LoadBand] = mapped_column(closed_set(LoadBand, "load_band"))
    region_id: Mapped[UUID]
    address: Mapped[str | None] = mapped_column(sa.Text())
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    datum: Mapped[Datum | None] = mapped_column(closed_set(Datum, "datum"))
    time_zone: Mapped[str] = mapped_column(sa.String(64))
    opening_hours: Mapped[dict[str, Any] | None] = mapped_column(Json)  # an `OpeningHours`; null: unknown
    traffic_per_day: Mapped[int | None]
    high_traffic: Mapped[bool]
    required_languages: Mapped[list[str]] = mapped_column(Json)  # hard (D6.4)
    community: Mapped[str | None] = mapped_column(sa.String(200))  # soft (D2.9)
    active: Mapped[bool]
    successor_id: Mapped[UUID | None]
    succession: Mapped[Succession | None] = mapped_column(closed_set(Succession, "succession"))
    created_at: Mapped[datetime]

    @property
    def position(self) -> Position | None:
        if self.latitude is None or self.longitude is None or self.datum is None:
            return None
        return Position(self.latitude, self.longitude, self.datum)


class OutletClosure(Base):
    """Days on which an outlet is shut, both ends included."""

    __tablename__ = "outlet_closures"
    __table_args__ = (
        sa.UniqueConstraint("outlet_id", "starts_on", "ends_on"),
        sa.ForeignKeyConstraint(["organisation_id", "outlet_id"], ["outlets.organisation_id", "outlets.id"]),
        sa.CheckConstraint("ends_on >= starts_on", name="in_order"),
    )

    id: Mapped[UUID] = id_column()
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisations.id"))
    outlet_id: Mapped[UUID]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    reason: Mapped[str] = mapped_column(sa.String(200))


class RegionDuty(Base):
    """A supervisor or reviewer is responsible for a region and everything below it."""

    __tablename__ = "region_duties"
    __table_args__ = (
        sa.ForeignKeyConstraint(["organisation_id", "region_id"], ["regions.organisation_id", "regions.id"]),
        sa.Index("ix_region_duties_region_id", "region_id"),
    )

    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisations.id"))
    person_id: Mapped[UUID] = mapped_column(sa.ForeignKey("people.id"), primary_key=True)
    region_id: Mapped[UUID] = mapped_column(primary_key=True)
    created_at: Mapped[datetime]


class OutletDuty(Base):
    """A manager is responsible for an outlet."""

    __tablename__ = "outlet_duties"
    __table_args__ = (
        sa.ForeignKeyConstraint(["organisation_id", "outlet_id"], ["outlets.organisation_id", "outlets.id"]),
        sa.Index("ix_outlet_duties_outlet_id", "outlet_id"),
    )

    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisations.id"))
    person_id: Mapped[UUID] = mapped_column(sa.ForeignKey("people.id"), primary_key=True)
    outlet_id: Mapped[UUID] = mapped_column(primary_key=True)
    created_at: Mapped[datetime]


class AuditorGrant(Base):
    """What an auditor may look into, why, and until when: a region, an outlet, or (neither) everything."""

    __tablename__ = "auditor_grants"
    __table_args__ = (
        sa.ForeignKeyConstraint(["organisation_id", "region_id"], ["regions.organisation_id", "regions.id"]),
        sa.ForeignKeyConstraint(["organisation_id", "outlet_id"], ["outlets.organisation_id", "outlets.id"]),
        sa.CheckConstraint("region_id IS NULL OR outlet_id IS NULL", name="one_scope"),
        sa.Index("ix_auditor_grants_person_id", "person_id"),
        sa.Index("ix_auditor_grants_organisation_id", "organisation_id"),
    )

    id: Mapped[UUID] = id_column()
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisations.id"))
    person_id: Mapped[UUID] = mapped_column(sa.ForeignKey("people.id"))
    region_id: Mapped[UUID | None]
    outlet_id: Mapped[UUID | None]
    purpose: Mapped[str] = mapped_column(sa.String(1000))
    valid_until: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
