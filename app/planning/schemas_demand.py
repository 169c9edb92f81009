"""What goes over the wire about what a month asks for, and whether it can be met."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints

from app.devices.rules import Kind as DeviceKind
from app.kit.wire import Code, Id, In, Out, Reason, Whole
from app.planning.rules import days_of
from app.planning.schemas_supply import Certificates
from app.programmes.schemas import Share
from app.visits.rules import DayPart


def _a_month(text: str) -> str:
    days_of(text)
    return text


Month = Annotated[
    str,
    StringConstraints(pattern=r"^20\d\d-(0[1-9]|1[0-2])$"),
    AfterValidator(_a_month),
    Field(examples=["2026-04"]),
]
Weight = Annotated[float, Field(strict=True, ge=0, le=100_000, allow_inf_nan=False)]
Visits = Annotated[Whole, Field(ge=0, le=31)]


class SoftTerms(In):
    """What a unit of each soft term costs, in minutes of travel (D6.4)."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_serialization_defaults_required=True)

    travel: Weight = 1.0
    fair_load: Weight = Field(60.0, description="times the square of each inspector's used share")
    off_peak: Weight = Field(30.0, description="per visit short of the off-peak share")
    community: Weight = Field(15.0, description="per visit without the preferred community (D2.9)")
    variation: Weight = Field(6.0, description="range of the seeded draw per outlet and day (D6.3)")
    stability: Weight = Field(60.0, description="per visit changed in a repair (D6.5)")


class PlanningRules(In):
    """How the months of one programme are planned; the rest stands in the programme's own rules."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_serialization_defaults_required=True)

    checklist_code: Code | None = Field(None, description="null: the first of the programme's checklists")
    purposes: dict[Code, Annotated[Whole, Field(ge=1, le=1000)]] = Field(
        default_factory=dict,
        max_length=50,
        json_schema_extra={"additionalProperties": False},
        description="the mix of purposes, as shares of their sum; empty: all of the checklist alike (D2.5)",
        examples=[{"new-number": 2, "enquiry": 1}],
    )
    purpose_certificates: dict[Code, Certificates] = Field(
        default_factory=dict,
        max_length=50,
        json_schema_extra={"additionalProperties": False},
        description="what an inspector needs for a purpose (D6.4)",
    )
    overt_share: Share = Field(default="0", validate_default=True, description="of all visits")
    crew_size: Whole = Field(1, ge=1, le=4, description="inspectors who enter together (D6.7)")
    backups: Whole = Field(0, ge=0, le=2, description="named stand-ins per visit")
    devices: dict[DeviceKind, Annotated[Whole, Field(ge=1, le=9)]] = Field(
        default_factory=dict,
        description="recording devices that whoever leads a visit holds (D6.7)",
        examples=[{"recorder": 1}],
    )
    service_minutes: Whole = Field(40, ge=5, le=600, description="a visit's length")
    same_cell_run: Whole = Field(
        3, ge=0, le=12, description="never so many running on one weekday and day part; 0: any"
    )
    off_peak_parts: list[DayPart] = Field(default_factory=list, max_length=3)
    off_peak_share: Share = Field(default="0", validate_default=True)
    weights: SoftTerms = SoftTerms()


class PlanningRulesOut(Out):
    programme_id: UUID
    rules: PlanningRules
    version: int = Field(description="0: nobody has changed the defaults")


class OverrideIn(In):
    outlet_id: Id
    visits: Visits
    reason: Reason = Field(examples=["Reopened after rebuilding: look twice"])


class OverridesIn(In):
    """All overrides of the month; those left out are gone."""

    overrides: Annotated[list[OverrideIn], Field(max_length=50_000)]


class OverrideOut(Out):
    outlet_id: UUID
    visits: int
    reason: str
    set_by: UUID
    set_at: datetime


class LeftOut(StrEnum):
    """Why an outlet cannot be planned at all."""

    NO_POSITION = "no_position"
    NO_RECORDING_POLICY = "no_recording_policy"


class RegionLoadOut(Out):
    region_id: UUID | None
    visits: int
    capacity: int = Field(description="visits that the inspectors of this very region have days for")
    unserved: int = Field(description="of the fewest that any plan must leave")


class ShortageOut(Out):
    """An outlet whose own pool is too small, whatever the rest of the plan does (D5.9)."""

    outlet_id: UUID
    region_id: UUID
    visits: int
    crew: int
    eligible: int = Field(description="may come on some day of this month")
    suitable: int = Field(description="could come, were there no rotation and no leave")
    needed: int = Field(
        description="smallest pool for the same demand every month: 4 for one visit, 13 for 4"
    )
    cause: Literal[
        "people", "language", "certificate", "reach", "brand", "device", "rotation_or_leave", "every_month"
    ]
    brand: str | None = Field(
        None,
        description="the pool of all its outlets is meant, which rotate together (D5.7)",
        examples=["Kashi"],
    )


class LeftOutOut(Out):
    outlet_id: UUID
    visits: int
    cause: LeftOut


class FeasibilityOut(Out):
    month: str
    outlets: int
    inspectors: int
    visits: int
    unserved_at_least: int = Field(description="no plan serves more")
    unserved_by_tier: dict[str, int]
    regions: list[RegionLoadOut]
    shortages: list[ShortageOut]
    left_out: list[LeftOutOut]
    method: str
