"""Plans from the request to the published visits: made by a worker, secret, whole or not at all (D6)."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from app.kit.ids import new_id
from app.outlets.models import Outlet
from app.planning import making, publishing
from app.planning.models import Plan, PlannedVisit, PlanState
from app.programmes.models import Programme
from app.programmes.rules import RotationScope
from app.rotation import service
from app.rotation.models import Exposure
from app.rotation.parts import Part, RotationRule
from app.visits.models import Visit
from app.visits.rules import State
from tests.support.planned import asked, planned, published, shown, visits_of, worked
from tests.support.planning import a_month
from tests.support.recordings import resources_of
from tests.support.visits import Scene
from tests.support.world import Caller, World, assert_problem

# The first solving compiles for half a minute; this does it before a test waits for a worker.
pytestmark = pytest.mark.usefixtures("plan")
THREE_MONTHS = RotationRule(3, RotationScope.OUTLET)


async def by_hand(scene: Scene, plan: dict[str, Any], verb: str, **body: Any) -> Any:
    headers = {"If-Match": f'"{plan["version"]}"'}
    return await scene.sam.post(f"/v1/plans/{plan['id']}/{verb}", json=body, headers=headers)


async def repaired(scene: Scene, plan: dict[str, Any]) -> dict[str, Any]:
    answer = await scene.sam.post(f"/v1/plans/{plan['id']}/repair", json={"iterations": 200})
    assert answer.status_code == 201, answer.text
    await worked(scene.world)
    return await shown(scene, answer.json()["id"])


async def count(world: World, table: type[Visit] | type[Exposure] | type[PlannedVisit]) -> int | None:
    async with world.database.reading() as session:
        return await session.scalar(sa.select(sa.func.count()).select_from(table))


class TestDraft:
    async def test_is_made_in_the_background_and_whole(self, world: World) -> None:
        scene = await a_month(world, outlets=3, people=2)
        waiting = await asked(scene)

        await worked(world)

        plan = await shown(scene, waiting["id"])
        visits = await visits_of(scene, plan["id"])
        routes = (await scene.sam.get(f"/v1/plans/{plan['id']}/routes")).json()["items"]
        assert (waiting["state"], plan["state"]) == ("waiting", "draft")
        assert plan["measures"]["served"] == len(visits) == 3
        assert plan["progress"]["iterations"] > 0
        assert sorted(name for route in routes for name in route["visits"]) == sorted(
            one["visit"] for one in visits
        )
        assert {one["purpose"] for one in visits} == {"enquiry"}
        assert (await count(world, Visit), await count(world, Exposure)) == (0, 0)

    async def test_is_the_same_for_the_same_seed(self, world: World) -> None:
        """D6.5."""
        scene = await a_month(world, outlets=4, people=2)

        first, second = await planned(scene), await planned(scene)

        difference = await scene.sam.get(
            f"/v1/plans/{first['id']}/difference", params={"other_id": second["id"]}
        )
        assert difference.json()["changed"] == []
        assert len(difference.json()["measures"]) == 2

    async def test_tells_every_unserved_visit_with_cause_and_fix(self, world: World) -> None:
        """D6.1."""
        scene = await a_month(world, outlets=1, people=1)
        headers = {
            "json": {"overrides": [{"outlet_id": str(scene.outlet.id), "visits": 2, "reason": "twice"}]}
        }
        path = f"/v1/planning/programmes/{scene.programme.id}/demand/2026-04"
        assert (await scene.sam.put(path, **headers)).status_code == 204

        plan = await planned(scene)

        (unserved,) = (await scene.sam.get(f"/v1/plans/{plan['id']}/unserved")).json()["items"]
        assert unserved["cause"]
        assert unserved["fix"]["says"]
        assert plan["measures"]["served"] == 1

    async def test_that_cannot_be_made_says_why(self, world: World) -> None:
        scene = await a_month(world, outlets=1, people=0)

        plan = await planned(scene)

        assert plan["state"] == "failed"
        assert "No inspector" in plan["failure"]

    async def test_made_twice_by_a_restarted_worker_is_made_once(self, world: World) -> None:
        scene = await a_month(world, outlets=2, people=2)
        plan = await planned(scene)

        await making.make(resources_of(world), (await the_plan(world)).id)

        assert await shown(scene, plan["id"]) == plan
        assert await count(world, PlannedVisit) == 2

    async def test_interrupted_half_way_leaves_nothing_and_begins_anew(self, world: World) -> None:
        scene = await a_month(world, outlets=2, people=2)
        plan = await asked(scene)
        async with world.database.writing() as session:
            await session.execute(sa.update(Plan).values(state=PlanState.SOLVING))
        assert await visits_of(scene, plan["id"]) == []

        await worked(world)

        assert (await shown(scene, plan["id"]))["state"] == "draft"

    async def test_ends_early_when_it_is_stopped(self, world: World) -> None:
        scene = await a_month(world, outlets=2, people=2)
        plan = await asked(scene, iterations=None, seconds=600)
        assert (await scene.sam.post(f"/v1/plans/{plan['id']}/stop")).json()["stop_requested"]

        await worked(world)

        made = await shown(scene, plan["id"])
        assert (made["state"], made["measures"]["served"]) == ("draft", 2)

    async def test_discarded_is_never_made(self, world: World) -> None:
        scene = await a_month(world, outlets=1, people=1)
        plan = await asked(scene)

        assert (await by_hand(scene, plan, "discard")).status_code == 200
        await worked(world)

        assert (await shown(scene, plan["id"]))["state"] == "discarded"
        assert_problem(
            await by_hand(scene, await shown(scene, plan["id"]), "publish"), 409, "wrong-plan-state"
        )


class TestSecrecy:
    async def test_nobody_but_the_regions_planners_sees_a_plan(self, world: World) -> None:
        """D6.6, D10.1."""
        scene = await a_month(world, outlets=1, people=1)
        plan = await planned(scene)
        sue = await world.newcomer("sue", *scene.sam.actor.roles)
        for part in ("", "/visits", "/unserved", "/routes", f"/difference?other_id={plan['id']}"):
            for name in ("ivy", "mona", "rita", "otto"):
                caller = await world.person(name)
                assert_problem(await caller.get(f"/v1/plans/{plan['id']}{part}"), 403, "forbidden")
            for caller in (sue, await world.person("bob")):
                assert_problem(await caller.get(f"/v1/plans/{plan['id']}{part}"), 404, "not-found")
        assert (await sue.get("/v1/plans")).json()["items"] == []

    async def test_an_inspector_sees_own_stops_only_some_days_ahead(self, world: World) -> None:
        """D6.6."""
        scene = await a_month(world, outlets=2, people=1)
        plan = await published(scene, await planned(scene))
        (ann,) = team(world)
        first, last = (one["on"] for one in await visits_of(scene, plan["id"]))

        async def stops(who: Caller) -> list[str]:
            answer = await who.get("/v1/planning/inspectors/me/stops")
            return [stop["on"] for stop in answer.json()]

        assert await stops(ann) == []
        world.clock.advance(days=(date.fromisoformat(first) - date(2026, 3, 2)).days - 7)
        assert await stops(ann) == ([first, last] if first == last else [first])
        world.clock.advance(days=30)
        assert await stops(ann) == [first, last]
        assert await stops(scene.ivy) == []


class TestByHand:
    async def test_moves_a_visit_within_the_rules(self, world: World) -> None:
        scene = await a_month(world, outlets=2, people=2)
        plan = await planned(scene)
        visit = (await visits_of(scene, plan["id"]))[0]
        other = next(one for one in team(world) if str(one.id) not in visit["inspectors"])

        moved = await by_hand(
            scene, plan, "move", visit=visit["visit"], inspectors=[str(other.id)], on="2026-04-15"
        )

        assert moved.status_code == 200, moved.text
        now = {one["visit"]: one for one in await visits_of(scene, plan["id"])}[visit["visit"]]
        assert (now["inspectors"], now["on"]) == ([str(other.id)], "2026-04-15")
        routes = await scene.sam.get(f"/v1/plans/{plan['id']}/routes", params={"on": "2026-04-15"})
        assert visit["visit"] in [name for route in routes.json()["items"] for name in route["visits"]]
        assert_problem(await by_hand(scene, plan, "move", visit=visit["visit"]), 412, "stale")

    async def test_names_every_rule_a_move_breaks(self, world: World) -> None:
        """D6.4, D5.8."""
        scene = await a_month(world, outlets=1, people=2)
        first, second = team(world)
        await scene.arranged(first, on="2026-03-20")
        plan = await planned(scene)
        (visit,) = await visits_of(scene, plan["id"])
        assert visit["inspectors"] == [str(second.id)]

        wish = {"visit": visit["visit"], "inspectors": [str(first.id)], "on": "2026-04-18"}
        refused = assert_problem(await by_hand(scene, plan, "move", **wish), 409, "plan-rules-broken")

        assert {one["rule"] for one in refused["broken"]} == {"rotation", "unavailable"}
        question = {"visit": visit["visit"], "inspector_id": str(first.id), "on": "2026-04-18"}
        told = (await scene.sam.post(f"/v1/plans/{plan['id']}/why-not", json=question)).json()
        assert {one["rule"] for one in told["broken"]} == {"rotation", "unavailable"}

    async def test_does_not_move_what_is_pinned(self, world: World) -> None:
        """D6.5."""
        scene = await a_month(world, outlets=1, people=1)
        plan = await planned(scene)
        (visit,) = await visits_of(scene, plan["id"])

        pinned = (await by_hand(scene, plan, "pin", visit=visit["visit"], pinned=True)).json()

        wish = {"visit": visit["visit"], "on": "2026-04-15"}
        assert_problem(await by_hand(scene, pinned, "move", **wish), 409, "wrong-plan-state")
        free = (await by_hand(scene, pinned, "pin", visit=visit["visit"], pinned=False)).json()
        assert (await by_hand(scene, free, "move", **wish)).status_code == 200

    async def test_swaps_two_crews(self, world: World) -> None:
        scene = await a_month(world, outlets=2, people=2)
        plan = await planned(scene)
        first, second = await visits_of(scene, plan["id"])
        one, other = (str(person.id) for person in team(world))
        for visit, person, day in ((first, one, "2026-04-14"), (second, other, "2026-04-15")):
            moved = await by_hand(scene, plan, "move", visit=visit["visit"], inspectors=[person], on=day)
            plan = moved.json()

        swapped = await by_hand(scene, plan, "swap", first=first["visit"], second=second["visit"])

        assert swapped.status_code == 200, swapped.text
        crews = {visit["visit"]: visit["inspectors"] for visit in await visits_of(scene, plan["id"])}
        assert crews == {first["visit"]: [other], second["visit"]: [one]}

    async def test_refuses_what_the_plan_does_not_have(self, world: World) -> None:
        scene = await a_month(world, outlets=1, people=1)
        plan = await planned(scene)
        nothing = f"{new_id()}#1"

        assert_problem(await by_hand(scene, plan, "move", visit=nothing), 409, "unknown-planned-visit")
        assert_problem(
            await by_hand(scene, plan, "pin", visit=nothing, pinned=True), 409, "unknown-planned-visit"
        )
        assert_problem(
            await by_hand(scene, plan, "swap", first=nothing, second=nothing), 409, "unknown-planned-visit"
        )


class TestPublication:
    async def test_arranges_every_visit_and_reserves_every_date(self, world: World) -> None:
        """D5.5, D6.8."""
        scene = await a_month(world, outlets=3, people=2)

        plan = await published(scene, await planned(scene))

        visits = await visits_of(scene, plan["id"])
        assert (plan["state"], plan["failure"]) == ("published", None)
        assert await count(world, Visit) == await count(world, Exposure) == len(visits) == 3
        made = await scene.sam.get(f"/v1/visits/{visits[0]['visit_id']}")
        assert made.json()["planned_on"] == visits[0]["on"]
        assert [one["person_id"] for one in made.json()["crew"]] == visits[0]["inspectors"]

    async def test_that_lost_a_race_is_planned_again_and_never_half_published(self, world: World) -> None:
        """D5.5."""
        scene = await a_month(world, outlets=2, people=2)
        plan = await planned(scene)
        taken = (await visits_of(scene, plan["id"]))[0]
        await reserve_elsewhere(scene, taken)

        done = await published(scene, plan)

        now = {one["visit"]: one for one in await visits_of(scene, plan["id"])}
        assert done["state"] == "published"
        assert len(now) == 2
        assert now[taken["visit"]]["inspectors"] != taken["inspectors"]
        assert await count(world, Visit) == 2

    async def test_says_which_visits_nobody_is_left_for(self, world: World) -> None:
        """D6.1."""
        scene = await a_month(world, outlets=2, people=1)
        plan = await planned(scene)
        taken = (await visits_of(scene, plan["id"]))[0]
        await reserve_elsewhere(scene, taken)

        done = await published(scene, plan)

        (unserved,) = (await scene.sam.get(f"/v1/plans/{plan['id']}/unserved")).json()["items"]
        assert (done["state"], unserved["visit"], unserved["cause"]) == (
            "published",
            taken["visit"],
            "rotation",
        )
        assert await count(world, Visit) == 1

    async def test_arranges_nothing_in_the_past(self, world: World) -> None:
        scene = await a_month(world, outlets=2, people=1)
        plan = await planned(scene)
        world.clock.advance(days=70)

        done = await published(scene, plan)

        unserved = (await scene.sam.get(f"/v1/plans/{plan['id']}/unserved")).json()["items"]
        assert (done["state"], [one["cause"] for one in unserved]) == ("published", ["too_late"] * 2)
        assert await count(world, Visit) == 0

    async def test_that_cannot_be_is_a_draft_again_and_says_why(self, world: World) -> None:
        scene = await a_month(world, outlets=1, people=1)
        plan = await planned(scene)
        async with world.database.writing() as session:
            await session.execute(sa.update(Programme).values(checklist_codes=["nothing"]))

        done = await published(scene, plan)

        assert done["state"] == "draft"
        assert "nothing" in done["failure"]
        assert await count(world, Visit) == 0

    async def test_told_twice_to_a_restarted_worker_is_done_once(self, world: World) -> None:
        scene = await a_month(world, outlets=2, people=2)
        plan = await published(scene, await planned(scene))

        await publishing.publish(resources_of(world), (await the_plan(world)).id)

        assert await shown(scene, plan["id"]) == plan
        assert await count(world, Visit) == 2


class TestRepair:
    async def test_after_leave_changes_the_visits_of_that_person_alone(self, world: World) -> None:
        """D6.5."""
        scene = await a_month(world, outlets=4, people=3)
        plan = await published(scene, await planned(scene))
        visits = await visits_of(scene, plan["id"])
        sick = visits[0]["inspectors"][0]
        leave = {"starts_on": "2026-04-01", "ends_on": "2026-04-30", "reason": "Ill for the month"}
        answer = await scene.sam.post(f"/v1/planning/inspectors/{sick}/leave", json=leave)
        assert answer.status_code == 201

        draft = await repaired(scene, plan)

        changed = (
            await scene.sam.get(f"/v1/plans/{plan['id']}/difference", params={"other_id": draft["id"]})
        ).json()["changed"]
        assert {one["visit"] for one in changed} == {
            one["visit"] for one in visits if sick in one["inspectors"]
        }
        done = await published(scene, draft)
        assert (done["state"], (await shown(scene, plan["id"]))["state"]) == ("published", "superseded")
        now = {one["visit"]: one for one in await visits_of(scene, draft["id"])}
        kept = [one for one in visits if sick not in one["inspectors"]]
        assert [now[one["visit"]]["visit_id"] for one in kept] == [one["visit_id"] for one in kept]
        async with world.database.reading() as session:
            states = await session.scalars(sa.select(Visit.state))
            assert sorted(states) == ["cancelled"] * (4 - len(kept)) + ["reserved"] * 4

    async def test_keeps_confirmed_and_pinned_visits(self, world: World) -> None:
        """D6.5."""
        scene = await a_month(world, outlets=2, people=2)
        plan = await planned(scene)
        visits = await visits_of(scene, plan["id"])
        plan = (await by_hand(scene, plan, "pin", visit=visits[0]["visit"], pinned=True)).json()

        draft = await repaired(scene, plan)

        before = {one["visit"]: one for one in visits}[visits[0]["visit"]]
        after = {one["visit"]: one for one in await visits_of(scene, draft["id"])}[visits[0]["visit"]]
        assert [after[key] for key in ("inspectors", "on", "arrive")] == [
            before[key] for key in ("inspectors", "on", "arrive")
        ]

    async def test_gives_a_declined_visit_to_somebody_else(self, world: World) -> None:
        scene = await a_month(world, outlets=1, people=2)
        plan = await published(scene, await planned(scene))
        (visit,) = await visits_of(scene, plan["id"])
        async with world.database.writing() as session:
            made = await session.get_one(Visit, (await the_visit(world)).id)
            made.state = State.DECLINED
            await session.execute(
                sa.update(Exposure).values(
                    counts=False,
                    released_at=world.clock.now,
                    guard_from=None,
                    guard_until=None,
                )
            )

        draft = await repaired(scene, plan)

        (after,) = await visits_of(scene, draft["id"])
        assert after["inspectors"] != visit["inspectors"]


async def reserve_elsewhere(scene: Scene, visit: dict[str, Any]) -> None:
    """Another programme sends the same person to the same outlet a little earlier."""
    async with scene.world.database.writing() as session:
        outlet = await session.get_one(Outlet, UUID(visit["outlet_id"]))
        part = Part(UUID(visit["inspectors"][0]), outlet, new_id(), THREE_MONTHS)
        await service.reserve(session, part, on=date(2026, 3, 20), covert=True, now=scene.world.clock.now)


def team(world: World) -> list[Caller]:
    return [one for name, one in world.callers.items() if name.startswith("inspector-")]


async def the_plan(world: World) -> Plan:
    async with world.database.reading() as session:
        return (await session.scalars(sa.select(Plan))).one()


async def the_visit(world: World) -> Visit:
    async with world.database.reading() as session:
        return (await session.scalars(sa.select(Visit))).one()
