"""What goes over the wire about competitors, inspectors, and how far conclusions carry."""

from uuid import UUID

from pydantic import Field

from app.checklists.document import Text
from app.insight.schemas import AboutOut, ScopeOut
from app.kit.wire import Out


class SideOut(Out):
    outlets: int
    value: float | None = Field(description="re-normalised over the matched items")


class MatchedItemOut(Out):
    code: str
    text: Text | None
    ours: float
    theirs: float


class MatchedIndicatorOut(Out):
    """Over the items that applied on both sides, with the same weights (D9.7)."""

    code: str = Field(examples=["affinity"])
    title: Text | None
    ours: float
    theirs: float
    items: list[MatchedItemOut]


class TierComparisonOut(Out):
    """Outlets of one tier against competitors' of the same. Basic norms count as items here: competitors have none."""

    tier: str
    ours: SideOut
    theirs: SideOut
    difference: float | None
    indicators: list[MatchedIndicatorOut]


class CompetitorsOut(Out):
    about: AboutOut
    scope: ScopeOut
    compared_in: UUID | None = Field(
        description="the region of the competitors' outlets: of an outlet the nearest that has enough; null: all"
    )
    tiers: list[TierComparisonOut]


class SeverityOut(Out):
    """Points that the inspector gives less than peers would at the same outlets, shrunk towards 0; below 0: more."""

    points: float
    low: float
    high: float


class InspectorAgreementOut(Out):
    """With second, blind markings (D8.1)."""

    visits: int
    pairs: int = Field(description="answers that both gave")
    raw: float = Field(description="share of these that are the same", examples=[0.93])
    kappa: float | None = Field(
        description="beyond chance within each item; null where chance alone would agree", examples=[0.71]
    )


class InspectorOut(Out):
    """Only for supervisors; nothing of it ever reaches an outlet (D10.1)."""

    person_id: UUID
    name: str = Field(examples=["Ivy Chen"])
    visits: int = Field(description="published, as lead, with a number")
    outlets: int
    mean: float | None
    severity: SeverityOut | None = Field(description="null: the visits cannot tell inspectors from outlets")
    on_planned_day: float | None = Field(description="share of the published visits", examples=[0.95])
    handed_in_within_a_day: float | None = Field(description="share of the published visits", examples=[0.98])
    completeness: float | None = Field(description="mean share of the applicable weight that was seen (D3.4)")
    assigned: int = Field(description="visits planned in the period, as lead, that were not called off")
    carried_out: int = Field(description="of these, entered")
    agreement: InspectorAgreementOut | None = Field(description="null: nothing of theirs was marked twice")


class InspectorsOut(Out):
    about: AboutOut
    inspectors: list[InspectorOut] = Field(description="the most severe first")


class ComponentsOut(Out):
    """Variances in squared points."""

    outlet: float
    inspector: float
    residual: float


class VisitsNeededOut(Out):
    """What so many visits per outlet give."""

    visits: int
    half_width: float | None = Field(description="± points; null for a single visit")
    reliability: float | None = Field(description="share of the differences that lies in the outlets")


class ReliabilityOut(Out):
    """How many visits a conclusion needs (generalizability: outlet, inspector, residual variance)."""

    about: AboutOut
    scope: ScopeOut
    visits: int
    outlets: int
    inspectors: int
    components: ComponentsOut | None = Field(description="null: too few visits to tell them apart")
    visits_for_precision: int | None
    visits_for_reliability: int | None
    table: list[VisitsNeededOut]
