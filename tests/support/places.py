"""Makers of regions, outlets, duties and programmes, written straight into the database.

south = await a_region(world, "south")
hall = await an_outlet(world, "gz-1", region=south)
await in_charge(world, sam, region=south)
"""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.kit.ids import new_id
from app.outlets.models import (
    AuditorGrant,
    Outlet,
    OutletDuty,
    Region,
    RegionAncestor,
    RegionDuty,
    Tier,
)
from app.outlets.positions import Datum
from app.outlets.rules import LoadBand, Stage
from app.programmes.models import Programme, RecordingPolicy
from app.programmes.rules import Ownership, PolicyScope, RecordingMode
from app.programmes.schemas import ProgrammeRules
from tests.support.world import Caller, World


async def a_tier(world: World, code: str, *, rank: int = 1, organisation: str = "northwind") -> None:
    """Made unless it is there."""
    home = await world.organisation(organisation)
    async with world.database.writing() as session:
        known = sa.select(Tier.id).where(Tier.organisation_id == home.id, Tier.code == code)
        if await session.scalar(known) is None:
            session.add(
                Tier(id=new_id(), organisation_id=home.id, code=code, name_en=code.title(), rank=rank)
            )


async def a_region(
    world: World, code: str, *, parent: Region | None = None, organisation: str = "northwind", **fields: Any
) -> Region:
    home = await world.organisation(organisation)
    wanted = {
        "name_en": code.title(),
        "central_city": False,
        "jurisdiction": "CN-44",
        "time_zone": "Asia/Shanghai",
        **fields,
    }
    region = Region(
        id=new_id(), organisation_id=home.id, parent_id=parent.id if parent else None, code=code, **wanted
    )
    above: list[UUID] = [region.id]
    if parent is not None:
        async with world.database.reading() as session:
            above += await session.scalars(
                sa.select(RegionAncestor.ancestor_id).where(RegionAncestor.region_id == parent.id)
            )
    await world.add(region, *(RegionAncestor(region_id=region.id, ancestor_id=one) for one in above))
    return region


async def an_outlet(
    world: World, code: str, *, region: Region, tier: str = "flagship", **fields: Any
) -> Outlet:
    """An own hall in Guangzhou that never asks for anything special."""
    slug = next(slug for slug, home in world.organisations.items() if home.id == region.organisation_id)
    await a_tier(world, tier, organisation=slug)
    wanted = {
        "name_en": code.title(),
        "ownership": Ownership.OWN,
        "stage": Stage.EARLY,
        "load_band": LoadBand.LOW,
        "latitude": 23.1291,
        "longitude": 113.2644,
        "datum": Datum.WGS84,
        "time_zone": region.time_zone,
        "high_traffic": False,
        "required_languages": [],
        "active": True,
        "created_at": world.clock.now,
        **fields,
    }
    outlet = Outlet(
        id=new_id(),
        organisation_id=region.organisation_id,
        region_id=region.id,
        code=code,
        tier=tier,
        **wanted,
    )
    await world.add(outlet)
    return outlet


async def in_charge(
    world: World, person: Caller, *, region: Region | None = None, outlet: Outlet | None = None
) -> None:
    """Gives a supervisor or reviewer a region, or a manager an outlet."""
    home = person.actor.organisation_id
    common = {"organisation_id": home, "person_id": person.id, "created_at": world.clock.now}
    if region is not None:
        await world.add(RegionDuty(region_id=region.id, **common))
    if outlet is not None:
        await world.add(OutletDuty(outlet_id=outlet.id, **common))


async def a_grant(
    world: World,
    auditor: Caller,
    *,
    region: Region | None = None,
    outlet: Outlet | None = None,
    days: float = 30,
) -> AuditorGrant:
    given = AuditorGrant(
        id=new_id(),
        organisation_id=auditor.actor.organisation_id,
        person_id=auditor.id,
        region_id=region.id if region else None,
        outlet_id=outlet.id if outlet else None,
        purpose="Yearly audit",
        valid_until=world.clock.now + timedelta(days=days),
        created_at=world.clock.now,
    )
    await world.add(given)
    return given


async def a_programme(
    world: World,
    *,
    organisation: str = "northwind",
    name: str = "Hall inspection",
    mode: RecordingMode | None = RecordingMode.VIDEO,
    **rules: Any,
) -> Programme:
    """Running since 2026, recording as `mode` says in all of China; `None`: nobody has decided (D10.5).

    No visit is drawn to be marked twice unless `double_marking_share` says so: tests leave nothing to chance.
    """
    home = await world.organisation(organisation)
    rules = {"double_marking_share": "0", **rules}
    programme = Programme(
        id=new_id(),
        organisation_id=home.id,
        name=name,
        starts_on=date(2026, 1, 1),
        ends_on=None,
        checklist_codes=["telecom-hall"],
        rules=ProgrammeRules.model_validate(rules).model_dump(mode="json"),
        created_at=world.clock.now,
        changed_at=world.clock.now,
    )
    policy = RecordingPolicy(
        id=new_id(),
        organisation_id=home.id,
        programme_id=programme.id,
        jurisdiction="CN",
        scope=PolicyScope.ANY,
        mode=mode or RecordingMode.NONE,
        legal_basis="PIPL art. 13(1)(2)",
        notice="Staff are told in writing each year",
        assessment_ref="PIA-2026-014",
    )
    await world.add(programme, *([policy] if mode is not None else []))
    return programme
