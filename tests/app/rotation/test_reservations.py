"""The rotation rule held by the service and by the database itself, on both databases."""

import asyncio
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from app.kit.ids import new_id
from app.outlets.models import Outlet
from app.outlets.rules import Succession
from app.programmes.rules import RotationScope
from app.rotation import service
from app.rotation.models import CovertBar, Exposure, ExposureKind
from app.rotation.parts import Part, RotationRule
from app.rotation.problems import CovertBarred, NotAnInspector, RotationConflict
from tests.app.rotation.test_rules import VECTORS
from tests.support.places import an_outlet
from tests.support.visits import Scene, a_scene
from tests.support.world import World, assert_problem

THREE_MONTHS = RotationRule(3, RotationScope.OUTLET)


def part(scene: Scene, *, outlet: Outlet | None = None, rule: RotationRule = THREE_MONTHS) -> Part:
    return Part(scene.ivy.id, outlet or scene.outlet, new_id(), rule)


async def reserve(world: World, wanted: Part, on: date, *, covert: bool = True) -> None:
    async with world.database.writing() as session:
        await service.reserve(session, wanted, on=on, covert=covert, now=world.clock.now)


async def enter(world: World, wanted: Part, on: date, *, overt: bool = False) -> bool:
    async with world.database.writing() as session:
        return await service.enter(session, wanted, on=on, overt=overt, bar_until=None, now=world.clock.now)


async def release(world: World, wanted: Part) -> None:
    async with world.database.writing() as session:
        await service.release(session, wanted, because="cancelled", now=world.clock.now)


class TestReserve:
    @pytest.mark.parametrize(("visit", "blocked", "allowed"), VECTORS)
    async def test_holds_the_vectors(self, world: World, visit: str, blocked: str, allowed: str) -> None:
        """D5.1, D5.5: the last blocked day is refused, the first allowed one is not."""
        scene = await a_scene(world)
        await reserve(world, part(scene), date.fromisoformat(visit))

        with pytest.raises(RotationConflict) as refused:
            await reserve(world, part(scene), date.fromisoformat(blocked))
        await reserve(world, part(scene), date.fromisoformat(allowed))

        assert refused.value.members == {
            "blocking_date": visit,
            "last_blocked_date": blocked,
            "first_allowed_on": allowed,
        }

    async def test_looks_at_later_reservations_too(self, world: World) -> None:
        """D5.4."""
        scene = await a_scene(world)
        await reserve(world, part(scene), date(2026, 6, 1))

        with pytest.raises(RotationConflict) as refused:
            await reserve(world, part(scene), date(2026, 3, 1))
        await reserve(world, part(scene), date(2026, 2, 28))

        assert refused.value.members["first_allowed_on"] == "2026-09-02"

    async def test_refuses_the_same_day_twice(self, world: World) -> None:
        """D5.2."""
        scene = await a_scene(world)
        await reserve(world, part(scene), date(2026, 3, 1))

        with pytest.raises(RotationConflict):
            await reserve(world, part(scene), date(2026, 3, 1))

    async def test_is_about_one_person_at_one_outlet(self, world: World) -> None:
        scene = await a_scene(world)
        other = await an_outlet(world, "gz-2", region=scene.region)
        await reserve(world, part(scene), date(2026, 3, 1))

        await reserve(world, part(scene, outlet=other), date(2026, 3, 1))
        await reserve(world, Part(scene.ian.id, scene.outlet, new_id(), THREE_MONTHS), date(2026, 3, 1))

    async def test_by_brand_is_about_all_its_outlets(self, world: World) -> None:
        """D5.7."""
        scene = await a_scene(world)
        rule = RotationRule(3, RotationScope.BRAND)
        one = await an_outlet(world, "gz-2", region=scene.region, brand="Eastern")
        other = await an_outlet(world, "gz-3", region=scene.region, brand="Eastern")
        await reserve(world, part(scene, outlet=one, rule=rule), date(2026, 3, 1))

        with pytest.raises(RotationConflict):
            await reserve(world, part(scene, outlet=other, rule=rule), date(2026, 4, 1))

    async def test_counts_what_other_programmes_reserved_under_the_other_scope(self, world: World) -> None:
        """D5.1, D5.7: one outlet and one inspector, whichever programme sends whom."""
        scene = await a_scene(world)
        by_brand = RotationRule(3, RotationScope.BRAND)
        one = await an_outlet(world, "gz-2", region=scene.region, brand="Eastern")
        other = await an_outlet(world, "gz-3", region=scene.region, brand="Eastern")
        await reserve(world, part(scene, outlet=one, rule=by_brand), date(2026, 3, 1))

        with pytest.raises(RotationConflict):
            await reserve(world, part(scene, outlet=one), date(2026, 4, 1))
        await reserve(world, part(scene, outlet=other), date(2026, 7, 1))
        with pytest.raises(RotationConflict) as refused:
            await reserve(world, part(scene, outlet=one, rule=by_brand), date(2026, 10, 1))

        assert refused.value.members["blocking_date"] == "2026-07-01"

    async def test_is_for_active_inspectors(self, world: World) -> None:
        scene = await a_scene(world)
        bob = await world.person("bob")

        for nobody in (scene.sam.id, bob.id, new_id()):
            with pytest.raises(NotAnInspector):
                await reserve(world, Part(nobody, scene.outlet, new_id(), THREE_MONTHS), date(2026, 3, 1))


class TestRace:
    async def test_of_twenty_at_once_exactly_one_wins(self, world: World) -> None:
        """D5.5: under concurrent writers too; each wants another day inside the interval."""
        scene = await a_scene(world)

        async def attempt(shift: int) -> str:
            try:
                await reserve(world, part(scene), date(2026, 3, 1) + timedelta(days=shift))
            except RotationConflict:
                return "refused"
            return "won"

        outcomes = await asyncio.gather(*(attempt(shift) for shift in range(20)))

        assert sorted(outcomes) == ["refused"] * 19 + ["won"]
        assert await _overlaps(world) == 0

    async def test_through_http_too(self, world: World) -> None:
        scene = await a_scene(world)

        answers = await asyncio.gather(
            *(scene.ask_for(scene.ivy, on=f"2026-03-{day:02d}") for day in range(1, 21))
        )

        assert sorted(answer.status_code for answer in answers) == [201] + [409] * 19
        for answer in answers:
            if answer.status_code == 409:
                assert_problem(answer, 409, "rotation-conflict")
        assert await _overlaps(world) == 0


class TestDatabase:
    async def test_refuses_what_the_service_never_asked_it(self, world: World) -> None:
        """D5.5: the database itself."""
        scene = await a_scene(world)
        await reserve(world, part(scene), date(2026, 3, 1))

        with pytest.raises(IntegrityError, match="ex_exposures_rotation"):
            await world.add(_row(scene, date(2026, 6, 1), date(2026, 9, 1)))

    async def test_refuses_an_update_into_the_interval(self, world: World) -> None:
        scene = await a_scene(world)
        await reserve(world, part(scene), date(2026, 3, 1))
        later = _row(scene, date(2026, 6, 2), date(2026, 9, 2))
        await world.add(later)

        with pytest.raises(IntegrityError, match="ex_exposures_rotation"):
            async with world.database.writing() as session:
                await session.execute(
                    sa.update(Exposure).where(Exposure.id == later.id).values(guard_from=date(2026, 5, 31))
                )


class TestExposure:
    """The table of D5.6."""

    async def test_released_is_free_at_once(self, world: World) -> None:
        scene = await a_scene(world)
        first = part(scene)
        await reserve(world, first, date(2026, 3, 1))
        await release(world, first)

        await reserve(world, part(scene), date(2026, 3, 2))

    async def test_entered_is_never_released(self, world: World) -> None:
        scene = await a_scene(world)
        first = part(scene)
        await reserve(world, first, date(2026, 3, 1))
        await enter(world, first, date(2026, 3, 1))
        await release(world, first)

        with pytest.raises(RotationConflict):
            await reserve(world, part(scene), date(2026, 5, 1))

    async def test_counts_on_the_entry_date_not_the_planned_one(self, world: World) -> None:
        scene = await a_scene(world)
        first = part(scene)
        await reserve(world, first, date(2026, 3, 1))
        assert await enter(world, first, date(2026, 3, 5))

        with pytest.raises(RotationConflict):
            await reserve(world, part(scene), date(2026, 6, 5))
        await reserve(world, part(scene), date(2026, 6, 6))

    async def test_an_entry_that_breaks_the_rule_is_kept_and_told(self, world: World) -> None:
        """A fact is a fact; the union of what both visits block is blocked afterwards."""
        scene = await a_scene(world)
        early, late = part(scene), part(scene)
        await reserve(world, early, date(2026, 1, 10))
        await reserve(world, late, date(2026, 4, 11))
        assert await enter(world, early, date(2026, 1, 10))

        assert not await enter(world, late, date(2026, 4, 10))

        with pytest.raises(RotationConflict):
            await reserve(world, part(scene), date(2026, 7, 10))
        await reserve(world, part(scene), date(2026, 7, 11))
        assert await _overlaps(world) == 0

    async def test_an_overt_entry_bars_from_covert_visits(self, world: World) -> None:
        scene = await a_scene(world)
        await enter(world, part(scene), date(2026, 3, 1), overt=True)

        with pytest.raises(CovertBarred):
            await reserve(world, part(scene), date(2026, 6, 2))
        await reserve(world, part(scene), date(2026, 6, 2), covert=False)
        async with world.database.reading() as session:
            assert await session.scalar(sa.select(sa.func.count()).select_from(CovertBar)) == 1

    async def test_history_follows_an_outlet_that_moved(self, world: World) -> None:
        scene = await a_scene(world)
        await enter(world, part(scene), date(2026, 3, 1))
        new = await an_outlet(world, "gz-9", region=scene.region)
        async with world.database.writing() as session:
            await session.execute(
                sa.update(Outlet)
                .where(Outlet.id == scene.outlet.id)
                .values(successor_id=new.id, succession=next(iter(Succession)), active=False)
            )

        with pytest.raises(RotationConflict) as refused:
            await reserve(world, part(scene, outlet=new), date(2026, 5, 1))
        await reserve(world, part(scene, outlet=new), date(2026, 6, 2))

        assert refused.value.members["blocking_date"] == "2026-03-01"


class TestWaiver:
    async def test_lets_one_visit_through_and_no_other(self, world: World) -> None:
        """D5.7: explicit data; everything else stays refused, by the database too."""
        scene = await a_scene(world)
        await enter(world, part(scene), date(2026, 3, 1))
        await _waive(scene, "2026-05-01")

        with pytest.raises(RotationConflict):
            await reserve(world, part(scene), date(2026, 5, 2))
        await reserve(world, part(scene), date(2026, 5, 1))

        for day in (date(2026, 4, 30), date(2026, 5, 1), date(2026, 8, 1)):
            with pytest.raises(RotationConflict):
                await reserve(world, part(scene), day)
        await reserve(world, part(scene), date(2026, 8, 2))
        assert await _overlaps(world) == 0

    async def test_that_was_used_and_released_leaves_no_hole(self, world: World) -> None:
        scene = await a_scene(world)
        await enter(world, part(scene), date(2026, 3, 1))
        await _waive(scene, "2026-05-01")
        waived = part(scene)
        await reserve(world, waived, date(2026, 5, 1))
        await release(world, waived)

        with pytest.raises(RotationConflict):
            await reserve(world, part(scene), date(2026, 6, 1))
        await reserve(world, part(scene), date(2026, 6, 2))

    async def test_is_refused_where_none_is_needed(self, world: World) -> None:
        scene = await a_scene(world)

        answer = await scene.sam.post("/v1/rotation/waivers", json=_waiver(scene, "2026-05-01"))

        assert_problem(answer, 409, "waiver-useless")

    async def test_is_for_supervisors(self, world: World) -> None:
        scene = await a_scene(world)
        for name in ("ivy", "rita", "mona", "otto"):
            caller = await world.person(name)
            answer = await caller.post("/v1/rotation/waivers", json=_waiver(scene, "2026-05-01"))
            assert_problem(answer, 403, "forbidden")


class TestWhyNot:
    async def test_names_the_blocking_date_and_the_first_allowed_one(self, world: World) -> None:
        """D5.8."""
        scene = await a_scene(world)
        await enter(world, part(scene), date(2025, 11, 30))

        answer = await scene.sam.get("/v1/rotation/eligibility", params=_question(scene, "2026-02-28"))

        document = answer.json()
        assert (document["allowed"], document["first_allowed_on"]) == (False, "2026-03-01")
        assert document["reasons"][0] == {
            "rule": "rotation",
            "blocking_date": "2025-11-30",
            "last_blocked_date": "2026-02-28",
            "explanation": "The visit on 2025-11-30 blocks this inspector here until 2026-02-28.",
        }

    async def test_may_be_asked_by_the_inspector_about_herself_only(self, world: World) -> None:
        scene = await a_scene(world)
        await enter(world, part(scene), date(2026, 3, 1))
        own = _question(scene, "2026-05-01")

        assert (await scene.ivy.get("/v1/rotation/eligibility", params=own)).json()["allowed"] is False
        others = {**own, "inspector_id": str(scene.ian.id)}
        assert_problem(await scene.ivy.get("/v1/rotation/eligibility", params=others), 403, "forbidden")
        # ian was never here: the outlet is not there for him
        mine = {**own, "inspector_id": str(scene.ian.id)}
        assert_problem(await scene.ian.get("/v1/rotation/eligibility", params=mine), 404, "not-found")

    async def test_tells_a_manager_nothing(self, world: World) -> None:
        """D10.1."""
        scene = await a_scene(world)
        mona = await world.person("mona")

        assert_problem(
            await mona.get("/v1/rotation/eligibility", params=_question(scene, "2026-05-01")),
            403,
            "forbidden",
        )
        assert_problem(await mona.get("/v1/rotation/exposures"), 403, "forbidden")
        assert_problem(await mona.get("/v1/rotation/waivers"), 403, "forbidden")


def _row(scene: Scene, on: date, until: date) -> Exposure:
    return Exposure(
        id=new_id(),
        organisation_id=scene.outlet.organisation_id,
        inspector_id=scene.ivy.id,
        outlet_id=scene.outlet.id,
        place=str(scene.outlet.id),
        kind=ExposureKind.PLANNED,
        visited_on=on,
        blocked_until=until,
        guard_from=on,
        guard_until=until,
        counts=True,
        created_at=scene.world.clock.now,
    )


def _waiver(scene: Scene, on: str) -> dict[str, str]:
    return {
        "programme_id": str(scene.programme.id),
        "inspector_id": str(scene.ivy.id),
        "outlet_id": str(scene.outlet.id),
        "visit_on": on,
        "reason": "Nobody else speaks Dai.",
    }


async def _waive(scene: Scene, on: str) -> None:
    answer = await scene.sam.post("/v1/rotation/waivers", json=_waiver(scene, on))
    assert answer.status_code == 201, answer.text


def _question(scene: Scene, on: str) -> dict[str, str]:
    return {
        "programme_id": str(scene.programme.id),
        "inspector_id": str(scene.ivy.id),
        "outlet_id": str(scene.outlet.id),
        "on": on,
    }


async def _overlaps(world: World) -> int:
    """Pairs of guarded ranges that overlap, by an independent look at the table."""
    async with world.database.reading() as session:
        rows = (await session.scalars(sa.select(Exposure).where(Exposure.guard_from.is_not(None)))).all()
    return sum(
        one.inspector_id == other.inspector_id
        and one.place == other.place
        and one.guard_from <= other.guard_until
        and other.guard_from <= one.guard_until
        for index, one in enumerate(rows)
        for other in rows[index + 1 :]
        if one.guard_from and one.guard_until and other.guard_from and other.guard_until
    )
