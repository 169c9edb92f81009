"""Inspectors who can be planned, and a month that asks for them."""

from datetime import date
from typing import Any

from app.identity.actor import Role
from app.outlets.positions import Datum
from app.planning.models import InspectorProfile
from app.planning.schemas_supply import Shift, Shifts
from tests.support.places import an_outlet
from tests.support.visits import Scene, a_scene
from tests.support.world import Caller, World

NINE_TO_SIX = Shift(starts="09:00", ends="18:00")
WORKING_WEEK = Shifts(mon=NINE_TO_SIX, tue=NINE_TO_SIX, wed=NINE_TO_SIX, thu=NINE_TO_SIX, fri=NINE_TO_SIX)


async def a_profile(world: World, person: Caller, **fields: Any) -> InspectorProfile:
    """Lives in Guangzhou, works Monday to Friday from nine to six and asks for nothing special."""
    wanted = {
        "home_latitude": 23.12,
        "home_longitude": 113.25,
        "home_datum": Datum.WGS84,
        "shifts": WORKING_WEEK.model_dump(mode="json"),
        "days_per_week": 5,
        "visits_per_day": 4,
        "max_day_minutes": 540,
        "languages": [],
        "communities": [],
        "certificates": [],
        "active_from": date(2026, 1, 1),
        "changed_at": world.clock.now,
        **fields,
    }
    profile = InspectorProfile(person_id=person.id, organisation_id=person.actor.organisation_id, **wanted)
    await world.add(profile)
    return profile


async def a_team(world: World, count: int, **fields: Any) -> list[Caller]:
    people = [await world.newcomer(f"inspector-{number}", Role.INSPECTOR) for number in range(count)]
    for person in people:
        await a_profile(world, person, **fields)
    return people


async def a_month(world: World, *, outlets: int = 3, people: int = 2, **rules: Any) -> Scene:
    """sam's region with some halls, the first being the scene's own, and a team. Now is Monday, 2 March 2026."""
    scene = await a_scene(world, **rules)
    for number in range(1, outlets):
        await an_outlet(
            world, f"gz-{number + 1}", region=scene.region, latitude=23.13 + number / 100, longitude=113.27
        )
    scene.programme.checklist_codes = ["short-hall"]
    async with world.database.writing() as session:
        (await session.merge(scene.programme)).checklist_codes = ["short-hall"]
    await a_team(world, people)
    return scene
