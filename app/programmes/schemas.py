"""What goes over the wire about programmes, and the rules a programme is run by."""

from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Self, TypeVar
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, WithJsonSchema, model_validator

from app.kit.clock import WEEK, Weekday
from app.kit.wire import Code, Date, Id, In, Line, Out, Prose, Whole
from app.programmes.rules import Ownership, PolicyScope, RecordingMode, RotationScope, visits_due
from app.programmes.schemas_checks import CheckRules

OneCode = TypeVar("OneCode", bound=str)
Jurisdiction = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,6}){0,2}$"),
    Field(description="ISO 3166 country, then parts of it", examples=["CN-44"]),
]


def _to_millionths(share: Decimal) -> Decimal:
    """Kept as it was written, unless that is longer."""
    rounded = round(share, 6)
    return share if rounded == share else rounded


Share = Annotated[
    Decimal,
    Field(ge=0, le=1, allow_inf_nan=False),
    AfterValidator(_to_millionths),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": r"^(0(\.[0-9]{1,20})?|1(\.0{1,20})?)$"},
                {"type": "number", "minimum": 0, "maximum": 1},
            ],
            "description": "from 0 to 1, kept to six places",
        },
        mode="validation",
    ),
]
LONGEST_DAYS = 3660  # ten years: beyond it a number of days is a slip of the keyboard


LONGEST_HOLD_DAYS = 7  # a report that waits for company goes out alone after a week


def _unique(codes: list[OneCode]) -> list[OneCode]:
    if len(set(codes)) != len(codes):
        raise ValueError("must not name the same one twice")
    return codes


def whole(lowest: int, highest: int, default: int, description: str) -> int:
    """A whole number as a field."""
    value: int = Field(default, ge=lowest, le=highest, description=description)
    return value


class _Rules(In):
    """Defaults are given on the way out too, so that every reader sees the rule in force."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_serialization_defaults_required=True)


class VideoMinutes(_Rules):
    """Least minutes of recording by ownership (D7.1)."""

    own: Whole = whole(0, 600, 15, "at the organisation's own outlets")
    agency: Whole = whole(0, 600, 8, "at agencies' outlets")
    competitor: Whole = whole(
        0, 600, 0, "at competitors' outlets, where by default nothing is recorded (D10.5)"
    )

    def at(self, ownership: Ownership) -> int:
        return {
            Ownership.OWN: self.own,
            Ownership.AGENCY: self.agency,
            Ownership.COMPETITOR: self.competitor,
        }[ownership]


class VisitQuotas(_Rules):
    """Visits per outlet and calendar month (D6.1)."""

    base: Whole = whole(0, 31, 1, "everywhere")
    high_traffic: Whole = whole(0, 31, 4, "at least, at outlets with heavy traffic")
    by_tier: dict[Code, Annotated[Whole, Field(ge=0, le=31)]] = Field(
        default_factory=dict,
        max_length=50,
        json_schema_extra={"additionalProperties": False},
        description="instead of the base, by tier",
        examples=[{"flagship": 2}],
    )

    def due(self, *, tier: str, is_busy: bool) -> int:
        return visits_due(
            base=self.base, high_traffic=self.high_traffic, by_tier=self.by_tier, tier=tier, is_busy=is_busy
        )


class Retention(_Rules):
    """How long each class of data is kept (D10.4)."""

    raw_recording_days: Whole = whole(1, LONGEST_DAYS, 90, "raw recordings, after the final decision")
    rendition_days: Whole = whole(1, LONGEST_DAYS, 365, "outlet renditions, after publication")
    ledger_days: Whole = whole(
        1,
        2 * LONGEST_DAYS,
        1095,
        "playback ledger and proofs of deletion, at least: neither is ever shortened",
    )
    unfinished_upload_days: Whole = whole(
        1, LONGEST_DAYS, 14, "what is in the store of files that never came whole, after the final decision"
    )
    field_trace_days: Whole = whole(
        1, LONGEST_DAYS, 90, "positions of check-ins and draft answers, after the final decision"
    )
    case_file_days: Whole = whole(
        1, LONGEST_DAYS, 365, "attachments of appeals and proofs of actions, after the end of their case"
    )
    bulletin_days: Whole = whole(
        1, LONGEST_DAYS, 1095, "files of bulletins and reports, after they were ready"
    )


class PublicationRules(_Rules):
    """When batches go out by themselves: at an hour that says nothing of when a visit was made or approved (D8.3)."""

    weekdays: Annotated[list[Weekday], Field(min_length=1, max_length=7), AfterValidator(_unique)] = Field(
        default_factory=lambda: list(WEEK), description="days on which a batch goes out, at the outlet"
    )
    hour: Whole = whole(0, 23, 9, "the hour of the day at which it does, at the outlet")
    minimum_batch: Whole = whole(
        1, 1000, 1, "reports of the programme that go out together at least; fewer wait, for a week at most"
    )

    @property
    def longest_wait_days(self) -> int:
        """How long a report may wait for its batch."""
        numbers = sorted(WEEK.index(day) for day in self.weekdays)
        gaps = [later - earlier for earlier, later in pairwise([*numbers, numbers[0] + 7])]
        return max(gaps) + (LONGEST_HOLD_DAYS if self.minimum_batch > 1 else 0)


class RenditionRules(_Rules):
    """How the outlet's rendition of a recording is made (D10.2): of visits made from now on."""

    mute_sound: Annotated[bool, Field(strict=True)] = Field(
        False, description="no sound at all: nobody can be known by their voice"
    )
    blur_faces: Annotated[bool, Field(strict=True)] = Field(
        False,
        description="hide faces that are found; best effort, so a person confirms before anybody else sees it",
    )
    pitch_semitones: Whole = whole(
        -12, 12, 0, "move voices; a courtesy, for it can be undone: mute what must not be known"
    )
    stream_from_minutes: Whole = whole(
        0, 1440, 10, "films and sound of this length and more are also cut for HLS, for seeking on bad lines"
    )
    shorter_side: Whole = whole(
        240, 1080, 720, "pixels at most, of films that have to be encoded; what browsers play is copied"
    )


Named = Annotated[list[Code], Field(max_length=500, examples=[["no-smoking"]]), AfterValidator(_unique)]


class RectificationRules(_Rules):
    """Which items below the target open an action by themselves (D8.5); by hand anybody in charge may open one."""

    automatic: Annotated[bool, Field(strict=True)] = Field(True, description="false: by hand only")
    items: Named | None = Field(None, description="only these; null: all")
    indicators: Named | None = Field(None, description="only items of these; null: of all")
    vetoes_always: Annotated[bool, Field(strict=True)] = Field(
        True, description="a breached basic norm opens one, whatever else is chosen"
    )


class BulletinRules(_Rules):
    """Which editions are written by the clock, of the network and of every region with published visits."""

    weekly: Annotated[bool, Field(strict=True)] = Field(True, description="the bulletin of each week")
    monthly: Annotated[bool, Field(strict=True)] = Field(True, description="the report of each month")
    after_days: Whole = whole(
        0, 28, 3, "days from the end of the week or month, for review and publication take their time"
    )


class ProgrammeRules(_Rules):
    """Everything in which one programme may differ from another, with the defaults of the trade."""

    rotation_months: Whole = whole(1, 24, 3, "months an inspector stays away from an outlet (D5.1)")
    rotation_scope: RotationScope = Field(RotationScope.OUTLET, description="stay away from what (D5.7)")
    covert_bar_months: Annotated[Whole, Field(ge=1, le=120)] | None = Field(
        None, description="bar from covert visits after being known at an outlet; null: for good (D5.6)"
    )
    completeness_threshold: Share = Field(Decimal("0.60"), description="below it there is no number (D3.4)")
    ranking_minimum_n: Whole = whole(1, 1000, 5, "no ranking of anything with fewer visits (D3.7)")
    weight_by_traffic: Annotated[bool, Field(strict=True)] = Field(
        False, description="weight outlets by traffic in the mean of a region, tier or network (D3.7)"
    )
    minimum_video_minutes: VideoMinutes = VideoMinutes()
    minimum_photos: Whole = whole(0, 200, 4, "photos of a visit (D7.1)")
    minimum_questions: Whole = whole(0, 50, 2, "questions asked of the staff (D7.1)")
    summary_minimum_characters: Whole = whole(0, 4000, 80, "length of the summary (D7.1)")
    check_out_distance_m: Whole = whole(10, 5000, 300, "farthest check-out from the outlet (D7.2)")
    recording_coverage: Share = Field(Decimal("0.90"), description="recorded share of entry to exit (D7.3)")
    live_score: Annotated[bool, Field(strict=True)] = Field(
        True, description="inspectors see the score while they answer; off where it would sway them"
    )
    review_due_hours: Whole = whole(1, 720, 48, "time to review a submitted visit (D8.1)")
    double_marking_share: Share = Field(Decimal("0.30"), description="visits marked twice, blind (D8.1)")
    publication_delay_hours: Whole = whole(
        0,
        720,
        24,
        "from approval to publication, so that the day of a visit cannot be guessed from it (D8.3)",
    )
    publication: PublicationRules = PublicationRules()
    appeal_window_days: Whole = whole(0, 90, 7, "in which a published visit may be disputed (D8.4)")
    appeal_decision_days: Whole = whole(1, 180, 15, "in which the panel decides (D8.4)")
    rectification_days: Whole = whole(1, 365, 15, "to put a failed item right, before the re-check (D8.5)")
    rectification_target: Share = Field(
        Decimal("0.60"), description="an item that earns less opens an action (D8.5)"
    )
    rectification: RectificationRules = Field(default_factory=RectificationRules)
    visits: VisitQuotas = VisitQuotas()
    minimum_gap_days: Whole = whole(0, 31, 5, "between any two visits of one outlet (D6.3)")
    plan_visible_days: Whole = whole(1, 60, 7, "how far ahead inspectors see their visits (D6.6)")
    retention: Retention = Retention()
    rendition: RenditionRules = RenditionRules()
    bulletins: BulletinRules = BulletinRules()
    checks: CheckRules = CheckRules()

    @model_validator(mode="after")
    def _keep_what_an_appeal_needs(self) -> Self:
        published = -(-self.publication_delay_hours // 24) + self.publication.longest_wait_days
        needed = published + self.appeal_window_days + self.appeal_decision_days
        for name in ("raw_recording_days", "rendition_days", "ledger_days"):
            kept: int = getattr(self.retention, name)
            if kept < needed:
                raise ValueError(
                    f"retention.{name} is {kept}: publication, appeal window and decision take {needed} days (D10.4)"
                )
        return self


class ProgrammeEdit(In):
    name: Line = Field(examples=["Hall inspection 2027"])
    starts_on: Date
    ends_on: Date | None = Field(None, description="the last day; null: until further notice")
    checklist_codes: Annotated[list[Code], Field(max_length=50), AfterValidator(_unique)] = Field(
        default_factory=list, description="checklists that its visits use", examples=[["telecom-hall"]]
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.ends_on is not None and self.ends_on < self.starts_on:
            raise ValueError("ends_on must not be before starts_on")
        return self


class ProgrammeIn(ProgrammeEdit):
    id: Id | None = Field(None, description="made by the client, so that a retry makes no second programme")
    rules: ProgrammeRules = ProgrammeRules()


class ProgrammeOut(Out):
    id: UUID
    name: str
    starts_on: date
    ends_on: date | None
    checklist_codes: list[str]
    rules: ProgrammeRules
    version: int
    created_at: datetime
    changed_at: datetime


class PolicyIn(In):
    jurisdiction: Jurisdiction
    scope: PolicyScope = Field(description="whose outlets it speaks of; `any` never includes competitors")
    mode: RecordingMode
    legal_basis: Prose = Field("", examples=["PIPL art. 13(1)(2): internal inspection by contract"])
    notice: Prose = Field(
        "", examples=["Staff are told in writing each year that recorded visits take place"]
    )
    assessment_ref: Line | None = Field(None, examples=["PIA-2026-014"])

    @model_validator(mode="after")
    def _on_some_ground(self) -> Self:
        grounds = self.legal_basis and self.notice and self.assessment_ref
        if self.mode is not RecordingMode.NONE and not grounds:
            raise ValueError("to record needs legal_basis, notice and assessment_ref (D10.5)")
        return self


class PoliciesIn(In):
    policies: Annotated[list[PolicyIn], Field(max_length=500)]

    @model_validator(mode="after")
    def _one_answer_each(self) -> Self:
        said = [(policy.jurisdiction, policy.scope) for policy in self.policies]
        if len(set(said)) != len(said):
            raise ValueError("two policies for the same jurisdiction and scope")
        return self


class PolicyOut(Out):
    jurisdiction: str
    scope: PolicyScope
    mode: RecordingMode
    legal_basis: str
    notice: str
    assessment_ref: str


class PoliciesOut(Out):
    policies: list[PolicyOut]
    version: int
