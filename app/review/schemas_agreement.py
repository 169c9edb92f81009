"""What goes over the wire about how far people see the same (D8.1)."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.kit.wire import Date, Id, Out
from app.review.rules_agreement import Window


class AgreementFilter(BaseModel):
    """Which visits that were marked twice are looked at."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    programme_id: Id | None = None
    visited_from: Date | None = None
    visited_until: Date | None = Field(None, description="the last day, included")


class DriftFilter(AgreementFilter):
    window: Window = Window.MONTH


class ItemAgreementOut(Out):
    item: str
    n: int = Field(description="pairs: visits at which both saw it")
    unpaired: int = Field(description="visits at which one of them did not see it, or said nothing")
    raw: Decimal | None = Field(description="share of pairs that are the same", examples=["0.89"])
    kappa: Decimal | None = Field(
        description="Cohen's κ over all answers; null when agreement by chance is certain",
        examples=["0.676471"],
    )
    weighted_kappa: Decimal | None = Field(
        description="κ over what the answers earn, near misses counting less", examples=["0.75"]
    )


class AgreementOut(Out):
    """Inspectors' first answers against blind second markings."""

    visits: int
    items: list[ItemAgreementOut]


class DriftValue(Out):
    """Above zero: milder than second markers, as a mean share of an item. The interval covers it 95 times of 100."""

    mean: float = Field(examples=[0.031])
    low: float | None = Field(examples=[0.004])
    high: float | None = Field(examples=[0.058])
    n: int = Field(description="visits")


class DriftWindowOut(DriftValue):
    begins_on: date


class InspectorDriftOut(Out):
    inspector_id: UUID
    name: str
    overall: DriftValue
    windows: list[DriftWindowOut] = Field(description="oldest first")


class DriftOut(Out):
    window: Window
    inspectors: list[InspectorDriftOut] = Field(description="those furthest from zero first")
