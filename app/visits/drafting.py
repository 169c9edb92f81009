"""What a new visit is made of, and whether the outlet, the checklist and the law allow it. No database."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.checklists.document import Document
from app.checklists.models import ChecklistVersion
from app.identity.actor import Actor
from app.kit.clock import WEEK
from app.kit.ids import new_id
from app.outlets.models import Outlet, OutletClosure
from app.outlets.schemas import OpeningHours
from app.programmes.models import Programme
from app.programmes.rules import Policy, RecordingMode, applicable_policy
from app.programmes.schemas import ProgrammeRules
from app.visits.models import Visit
from app.visits.problems import ChecklistUnfit, NoRecordingPolicy, OutletUnavailable
from app.visits.rules import HOURS, DayPart, State
from app.visits.schemas import VisitIn
from app.visits.terms import draw_up


@dataclass(frozen=True, slots=True)
class Mandate:
    """On whose behalf visits are made: a programme with its rules and policies, and the checklist they follow."""

    programme: Programme
    rules: ProgrammeRules
    policies: Sequence[Policy]
    version: ChecklistVersion
    document: Document


@dataclass(frozen=True, slots=True)
class Site:
    """An outlet as a visit finds it. `jurisdiction` says whose law holds there (D10.5)."""

    outlet: Outlet
    closures: Sequence[OutletClosure]
    jurisdiction: str


def draft(actor: Actor, body: VisitIn, mandate: Mandate, site: Site, *, now: datetime) -> Visit:
    """The visit as it is before anybody is reserved for it.

    Raises `OutletUnavailable`, `ChecklistUnfit`, `NoRecordingPolicy` (D10.5).
    """
    require_available(site, body.planned_on, body.day_part)
    _require_purpose(mandate.document, body.purpose)
    outlet = site.outlet
    terms = draw_up(outlet, mandate.rules)
    return Visit(
        id=body.id or new_id(),
        organisation_id=actor.organisation_id,
        programme_id=mandate.programme.id,
        outlet_id=outlet.id,
        checklist_version_id=mandate.version.id,
        planned_on=body.planned_on,
        visible_from=body.planned_on - timedelta(days=terms.rules.plan_visible_days),
        day_part=body.day_part,
        kind=body.kind,
        purpose=body.purpose,
        scenario=body.scenario,
        state=State.PROPOSED,
        recording_mode=_recording_mode(mandate, site),
        terms=terms.model_dump(mode="json"),
        summary="",
        questions_asked=0,
        breaks_rotation=False,
        created_by=actor.person_id,
        created_at=now,
    )


def require_available(site: Site, on: date, day_part: DayPart) -> None:
    """Raises `OutletUnavailable` where nobody would be let in: not active, shut for days, or not open at that hour."""
    outlet = site.outlet
    if not outlet.active:
        raise OutletUnavailable(
            "The outlet is not active; if it moved or was merged, plan for its successor."
        )
    for closure in site.closures:
        if closure.starts_on <= on <= closure.ends_on:
            raise OutletUnavailable(
                f"The outlet is shut from {closure.starts_on} to {closure.ends_on}: {closure.reason}",
                closed_from=closure.starts_on.isoformat(),
                closed_until=closure.ends_on.isoformat(),
            )
    if outlet.opening_hours is None:
        return
    begins, ends = HOURS[day_part]
    day = OpeningHours.model_validate(outlet.opening_hours).to_hours()[WEEK[on.weekday()]]
    if not any(interval.opens < ends * 60 and begins * 60 < interval.closes for interval in day):
        raise OutletUnavailable(
            f"The outlet is not open on the {day_part} of that weekday.",
            opening_hours=[str(interval) for interval in day],
        )


def _require_purpose(document: Document, purpose: str | None) -> None:
    known = [known.code for known in document.purposes]
    if purpose is None and not known:
        return
    if purpose not in known:
        raise ChecklistUnfit("Name one of the checklist's visit purposes.", purposes=known)


def _recording_mode(mandate: Mandate, site: Site) -> RecordingMode:
    jurisdiction, ownership = site.jurisdiction, site.outlet.ownership
    policy = applicable_policy(mandate.policies, jurisdiction=jurisdiction, ownership=ownership)
    if policy is None:
        raise NoRecordingPolicy(
            f"State a recording policy for {jurisdiction} and {ownership} outlets first.",
            jurisdiction=jurisdiction,
        )
    return policy.mode
