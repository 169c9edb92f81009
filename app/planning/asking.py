"""What a month asks for: the programme's settings, its overrides, and whether there are people enough (D5.9, D6.1)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.audit.service import JsonValue, record
from app.checklists.models import ChecklistVersion
from app.checklists.queries import document_of
from app.identity.actor import Actor, Role
from app.kit.database import Database
from app.kit.etags import require_version
from app.kit.problems import Forbidden, NotFound, PreconditionRequired
from app.outlets import queries_regions
from app.planning import queries_month as queries
from app.planning import workshop
from app.planning.ledger import Wanted
from app.planning.models import DemandOverride, PlanningSettings
from app.planning.month import Built, build
from app.planning.problems import NoChecklist
from app.planning.queries_supply import PLANNERS
from app.planning.schemas_demand import (
    FeasibilityOut,
    LeftOutOut,
    OverrideIn,
    PlanningRules,
    RegionLoadOut,
    ShortageOut,
)
from app.planning.tasks import Bounds, Task
from app.programmes import queries as programmes
from app.programmes.models import Programme


async def settings_of(session: AsyncSession, actor: Actor, programme_id: UUID) -> tuple[PlanningRules, int]:
    """The settings in force and their version; the defaults are version 0."""
    actor.require(*PLANNERS)
    programme = await programmes.get_programme(session, actor, programme_id)
    row = await queries.find_settings(session, programme.id)
    return rules_of(row), row.version if row else 0


def rules_of(row: PlanningSettings | None) -> PlanningRules:
    return PlanningRules.model_validate(row.rules) if row else PlanningRules()


async def change_settings(
    session: AsyncSession,
    actor: Actor,
    programme_id: UUID,
    *,
    wanted: PlanningRules,
    expected_version: int | None,
    now: datetime,
) -> PlanningSettings:
    """How the months are planned from now on; plans that were made stay as they are. For admins."""
    actor.require(Role.ADMIN)
    programme = await programmes.get_programme(session, actor, programme_id)
    row = await queries.find_settings(session, programme.id)
    before = rules_of(row)
    if row is None:
        row = PlanningSettings(programme_id=programme.id, organisation_id=programme.organisation_id)
        session.add(row)
    elif expected_version is None:
        raise PreconditionRequired("The settings exist: send If-Match with the ETag of the version you edit.")
    else:
        require_version(row, expected_version)
    row.rules, row.changed_at = wanted.model_dump(mode="json"), now
    await session.flush()
    details: dict[str, JsonValue] = {
        "before": before.model_dump(mode="json"),
        "after": wanted.model_dump(mode="json"),
    }
    record(session, actor, "planning.settings_changed", subject_id=programme.id, details=details, now=now)
    return row


async def replace_overrides(
    session: AsyncSession,
    actor: Actor,
    programme_id: UUID,
    *,
    month: str,
    wanted: list[OverrideIn],
    now: datetime,
) -> None:
    """Put `wanted` in the place of the month's overrides at the outlets in the caller's reach (D10.6).

    Raises `NotFound` for an outlet beyond it.
    """
    actor.require(*PLANNERS)
    programme = await programmes.get_programme(session, actor, programme_id)
    reach = await queries.outlets_in_reach(session, actor, now=now)
    if any(one.outlet_id not in reach for one in wanted):
        raise NotFound("There is an outlet among them that is not among those you may see.")
    for row in await queries.overrides_of(session, programme.id, month):
        if row.outlet_id in reach:
            await session.delete(row)
    await session.flush()
    session.add_all(
        DemandOverride(
            programme_id=programme.id,
            month=month,
            outlet_id=one.outlet_id,
            organisation_id=programme.organisation_id,
            visits=one.visits,
            reason=one.reason,
            set_by=actor.person_id,
            set_at=now,
        )
        for one in {one.outlet_id: one for one in wanted}.values()
    )
    details: dict[str, JsonValue] = {"month": month, "outlets": len(wanted)}
    record(session, actor, "planning.demand_overridden", subject_id=programme.id, details=details, now=now)
    await session.flush()


async def may_plan(
    session: AsyncSession, actor: Actor, programme_id: UUID, *, region_id: UUID | None, now: datetime
) -> Programme:
    """The programme, if the actor may plan it for that region; the whole of it is for admins (D10.6)."""
    actor.require(*PLANNERS)
    programme = await programmes.get_programme(session, actor, programme_id)
    if region_id is not None:
        await queries_regions.get_region(session, actor, region_id, now=now)
    elif not actor.has(Role.ADMIN):
        raise Forbidden("Name one of your regions: the whole programme is planned by an admin.")
    return programme


async def checklist_for(
    session: AsyncSession, programme: Programme, settings: PlanningRules
) -> ChecklistVersion:
    """The newest version of the checklist that the programme's visits use. Raises `NoChecklist`."""
    code = settings.checklist_code or next(iter(programme.checklist_codes), None)
    version = code and await queries.find_newest_version(session, programme.organisation_id, code)
    if not version:
        raise NoChecklist(f"There is no published checklist {code!r}." if code else "")
    return version


async def settled_rules(session: AsyncSession, programme: Programme) -> PlanningRules:
    """The settings in force with the mix of purposes filled in from the checklist. Raises `NoChecklist`."""
    settings = rules_of(await queries.find_settings(session, programme.id))
    known = [one.code for one in document_of(await checklist_for(session, programme, settings)).purposes]
    unknown = sorted(settings.purposes.keys() - set(known))
    if unknown:
        raise NoChecklist(f"The checklist has no purpose {unknown[0]!r}: change the mix.", purposes=known)
    purposes = settings.purposes or dict.fromkeys(known, 1)
    return settings.model_copy(update={"purposes": purposes})


async def feasibility(
    database: Database, actor: Actor, programme_id: UUID, *, month: str, region_id: UUID | None, now: datetime
) -> FeasibilityOut:
    """What no plan can do better than, and which outlets have too few people, before anything is planned."""
    async with database.reading() as session:
        programme = await may_plan(session, actor, programme_id, region_id=region_id, now=now)
        settings = await settled_rules(session, programme)
        built = await build(session, Wanted(programme, settings, region_id, month, seed=0), now=now)
    says = await workshop.work(Task(bound=built.instance))
    assert says.bounds is not None
    return _feasibility(built, says.bounds)


def _feasibility(built: Built, bounds: Bounds) -> FeasibilityOut:
    left = [LeftOutOut(outlet_id=one.outlet.id, visits=one.visits, cause=one.cause) for one in built.left_out]
    return FeasibilityOut(
        month=built.instance.month,
        outlets=len(built.instance.outlets),
        inspectors=sum(one.max_days > 0 for one in built.instance.inspectors),
        visits=bounds.visits,
        unserved_at_least=bounds.unserved,
        unserved_by_tier=bounds.unserved_by_tier,
        regions=[
            RegionLoadOut(
                region_id=UUID(one.region) if one.region else None, **one.model_dump(exclude={"region"})
            )
            for one in bounds.regions
        ],
        shortages=[
            ShortageOut.model_validate(
                one.model_dump(exclude={"outlet", "region"})
                | {"outlet_id": UUID(one.outlet), "region_id": UUID(one.region)}
            )
            for one in bounds.shortages
        ],
        left_out=left,
        method=bounds.method,
    )
