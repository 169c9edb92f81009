"""What goes over the wire about visits."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from app.checklists.document import Code as ItemCode
from app.checklists.document import Document
from app.kit.wire import Date, Id, In, Instant, Line, Out, Prose, Reason, Whole
from app.programmes.rules import RecordingMode
from app.visits import marking
from app.visits.declared import Basis, Medium, Quality
from app.visits.interruptions import MOST_GAPS, MOST_MARKERS
from app.visits.rules import CrewRole, DayPart, Kind, State
from app.visits.schemas_recorder import FileMoment, RecorderGapIn

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
# sixty years: a recorder whose battery was out begins at 1970
Offset = Annotated[Whole, Field(ge=-2 * 10**12, le=2 * 10**12)]


class CrewIn(In):
    person_id: Id
    role: CrewRole = CrewRole.LEAD


def _one_lead(crew: list[CrewIn]) -> list[CrewIn]:
    if crew and sum(member.role is CrewRole.LEAD for member in crew) != 1:
        raise ValueError("a crew has exactly one lead")
    if len({member.person_id for member in crew}) != len(crew):
        raise ValueError("nobody is in a crew twice")
    return crew


Crew = Annotated[list[CrewIn], Field(max_length=10), AfterValidator(_one_lead)]


class VisitIn(In):
    id: Id | None = Field(None, description="made by the client (D11)")
    programme_id: Id
    outlet_id: Id
    checklist_version_id: Id
    planned_on: Date = Field(description="a date at the outlet (D5.3)", examples=["2026-03-05"])
    day_part: DayPart
    kind: Kind = Kind.COVERT
    purpose: ItemCode | None = Field(
        None, description="one of the checklist's purposes", examples=["new-number"]
    )
    scenario: Prose = Field("", examples=["Ask for a family plan; do not sign."])
    crew: Crew = Field(default_factory=list, description="empty: the visit is proposed, nobody is reserved")


class CrewChangeIn(In):
    crew: Annotated[list[CrewIn], Field(min_length=1, max_length=10), AfterValidator(_one_lead)]


class RescheduleIn(In):
    planned_on: Date
    day_part: DayPart
    reason: Reason


class ReasonIn(In):
    reason: Reason = Field(examples=["The inspector is ill."])


class RecognisedIn(ReasonIn):
    person_id: Id


class CrewOut(Out):
    person_id: UUID
    role: CrewRole
    activated_at: datetime | None
    entered_at: datetime | None


class OutletBrief(Out):
    id: UUID
    code: str
    name_zh: str | None
    name_en: str | None
    address: str | None
    latitude: float | None
    longitude: float | None
    datum: str | None
    time_zone: str


class VisitOut(Out):
    id: UUID
    outlet: OutletBrief
    programme_id: UUID
    checklist_version_id: UUID
    planned_on: date
    day_part: DayPart
    kind: Kind
    purpose: str | None
    scenario: str
    state: State
    recording_mode: RecordingMode
    crew: list[CrewOut]
    entered_at: datetime | None
    left_at: datetime | None
    submitted_at: datetime | None
    summary: str
    questions_asked: int
    breaks_rotation: bool
    version: int
    next_states: list[State]


class TransitionOut(Out):
    from_state: State | None
    to_state: State
    actor_id: UUID | None
    reason: str
    at: datetime


class GateDemands(Out):
    recording: Medium | None
    recording_minutes: float
    coverage: float
    photos: int
    questions: int
    summary_characters: int
    check_out_distance_m: float


class BriefOut(Out):
    """Everything an inspector needs, also without a network."""

    visit: VisitOut
    checklist: Document
    veto_items: list[str] = Field(description="read these first (D4)")
    required_items: list[str]
    demands: GateDemands
    weight_profile: str | None = Field(
        description="of the checklist, for this outlet; null: it has none that fits"
    )
    completeness_threshold: Decimal = Field(
        description="below it there is no number (D3.4)", examples=["0.6"]
    )
    live_score: bool = Field(description="whether the inspector may see the score while answering")
    offline_until: datetime = Field(description="after it, fetch the brief again before relying on it")


class PositionIn(In):
    latitude: Annotated[float, Field(ge=-90, le=90)]
    longitude: Annotated[float, Field(ge=-180, le=180)]
    accuracy_m: Annotated[float, Field(ge=0, le=1_000_000)]
    is_mocked: bool = False


class CheckInIn(In):
    id: Id = Field(description="made by the phone, so that a retry is no second check-in")
    device_at: Instant
    clock_offset_ms: Offset | None = Field(None, description="server minus device, as last measured")
    position: PositionIn | None = Field(
        None, examples=[{"latitude": 23.1291, "longitude": 113.2644, "accuracy_m": 12.0, "is_mocked": False}]
    )
    no_position_because: Reason | None = None

    @model_validator(mode="after")
    def _position_or_reason(self) -> "CheckInIn":
        if (self.position is None) == (self.no_position_because is None):
            raise ValueError("give either a position or the reason why there is none")
        return self


class CheckInOut(Out):
    id: UUID
    person_id: UUID
    going_in: bool
    device_at: datetime
    received_at: datetime
    clock_offset_ms: int | None
    distance_m: float | None
    flags: list[str]


class ManifestFileIn(In):
    """A file as the device knows it."""

    recording_id: Id
    medium: Medium
    device_kind: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,39}$")] = Field(
        examples=["phone", "recorder"]
    )
    device_label: Line = Field(examples=["Recorder 7"])
    started_at: Instant | None = Field(description="by the device's own clock")
    clock_offset_ms: Offset = Field(description="phone clock minus this device's clock")
    duration_ms: Annotated[Whole, Field(ge=0, le=86_400_000)]
    size_bytes: Annotated[Whole, Field(gt=0, le=2**40)]
    sha256: Sha256
    quality: Quality = Field(description="what the device's own check says")
    gaps: Annotated[list[RecorderGapIn], Field(max_length=MOST_GAPS)] = Field(
        default_factory=list, description="in which the recorder was interrupted; none is taken back"
    )
    markers_ms: Annotated[list[FileMoment], Field(max_length=MOST_MARKERS)] = Field(
        default_factory=list, description="moments that were marked by a tap; none is taken back"
    )


class LeaveIn(In):
    check_out: CheckInIn
    files: Annotated[list[ManifestFileIn], Field(max_length=500)]


class MissingOut(Out):
    item: str
    why: marking.Why


class ProgressOut(Out):
    required: list[str]
    missing: list[MissingOut]
    vetoes_without_evidence: list[str]


class FindingOut(Out):
    basis: Basis = Field(description="whether samples or the whole file gave it away")
    kind: str = Field(examples=["covered"])
    severity: str = Field(examples=["failed"])
    zh: str
    en: str


class ScoreOut(Out):
    """A score with all that explains it (D3.6); numbers are exact decimals as text."""

    id: UUID
    number: int
    status: str
    total: Decimal | None = Field(examples=["66.666667"])
    total_without_vetoes: Decimal | None = Field(examples=["76.666667"])
    completeness: Decimal | None
    weight_profile: str | None
    engine_version: str
    explanation: dict[str, Any]
    difference: dict[str, Any] | None
    reason: str
    made_at: datetime
