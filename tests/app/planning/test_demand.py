"""What a month asks for, and whether it can be met, told before anything is planned (D5.9, D6.1)."""

from typing import Any

import httpx2
import pytest

from tests.support.places import an_outlet
from tests.support.planning import a_month
from tests.support.visits import Scene
from tests.support.world import Caller, World, assert_problem

FEASIBILITY = "/v1/planning/feasibility"


async def ask(scene: Scene, caller: Caller | None = None, **params: str) -> httpx2.Response:
    wanted = {"programme_id": str(scene.programme.id), "month": "2026-04", **params}
    if caller is None:
        wanted["region_id"] = str(scene.region.id)
    return await (caller or scene.sam).get(FEASIBILITY, params=wanted)


def rules_path(scene: Scene) -> str:
    return f"/v1/planning/programmes/{scene.programme.id}/rules"


def demand_path(scene: Scene, month: str = "2026-04") -> str:
    return f"/v1/planning/programmes/{scene.programme.id}/demand/{month}"


def override(outlet_id: object, visits: int) -> dict[str, Any]:
    return {"outlet_id": str(outlet_id), "visits": visits, "reason": "Look twice"}


class TestFeasibility:
    async def test_names_outlets_whose_pool_is_too_small(self, world: World) -> None:
        """D5.9: four inspectors for one visit a month, thirteen for four."""
        scene = await a_month(world, outlets=1, people=2)
        busy = await an_outlet(world, "gz-busy", region=scene.region, high_traffic=True)

        told = (await ask(scene)).json()

        found = {
            one["outlet_id"]: (one["needed"], one["eligible"], one["cause"]) for one in told["shortages"]
        }
        assert found == {
            str(scene.outlet.id): (4, 2, "every_month"),
            str(busy.id): (13, 2, "people"),
        }
        assert (told["visits"], told["unserved_at_least"], told["inspectors"]) == (5, 2, 2)
        assert told["unserved_by_tier"] == {"flagship": 2}

    async def test_counts_history_reservations_and_leave(self, world: World) -> None:
        scene = await a_month(world, outlets=1, people=1)
        (ann,) = [one for name, one in world.callers.items() if name.startswith("inspector-")]
        await scene.arranged(ann, on="2026-03-20")

        (shortage,) = (await ask(scene)).json()["shortages"]

        assert (shortage["eligible"], shortage["suitable"], shortage["cause"]) == (0, 1, "rotation_or_leave")

    async def test_counts_visits_of_the_month_that_are_arranged(self, world: World) -> None:
        scene = await a_month(world, outlets=1, people=1)
        await scene.arranged(scene.ivy, on="2026-04-07")

        assert_problem(await ask(scene), 409, "nothing-to-plan")

    async def test_names_outlets_that_cannot_be_planned_at_all(self, world: World) -> None:
        """D6.1: nothing is dropped in silence; D10.5."""
        scene = await a_month(world, outlets=1, people=1, mode=None)
        nowhere: dict[str, Any] = {"latitude": None, "longitude": None, "datum": None}
        lost = await an_outlet(world, "gz-lost", region=scene.region, **nowhere)

        told = (await ask(scene)).json()

        assert {one["outlet_id"]: one["cause"] for one in told["left_out"]} == {
            str(scene.outlet.id): "no_recording_policy",
            str(lost.id): "no_position",
        }
        assert told["visits"] == 0

    async def test_is_about_the_callers_region(self, world: World) -> None:
        """D10.6."""
        scene = await a_month(world, outlets=1, people=1)
        alice = await world.person("alice")

        assert (await ask(scene, alice)).status_code == 200
        assert_problem(await ask(scene, scene.sam), 403, "forbidden")
        for name in ("ivy", "mona", "rita", "otto"):
            assert_problem(await ask(scene, await world.person(name)), 403, "forbidden")
        bob = await world.person("bob")
        assert_problem(await ask(scene, bob), 404, "not-found")
        assert_problem(await ask(scene, bob, region_id=str(scene.region.id)), 404, "not-found")

    async def test_counts_a_brand_as_one_place(self, world: World) -> None:
        """D5.7, D5.9: three outlets of a brand ask for ten people, and two people serve two visits of three."""
        scene = await a_month(world, outlets=1, people=2, rotation_scope="brand")
        halls = [
            await an_outlet(world, f"east-{number}", region=scene.region, brand="Eastern")
            for number in range(3)
        ]

        told = (await ask(scene)).json()

        found = {
            one["outlet_id"]: (one["needed"], one["eligible"], one["brand"], one["cause"])
            for one in told["shortages"]
        }
        assert found == {str(scene.outlet.id): (4, 2, None, "every_month")} | {
            str(hall.id): (10, 2, "Eastern", "brand") for hall in halls
        }
        assert (told["visits"], told["unserved_at_least"]) == (4, 1)

    async def test_needs_a_checklist(self, world: World) -> None:
        scene = await a_month(world, outlets=1, people=1)
        alice = await world.person("alice")
        await alice.put(rules_path(scene), json={"checklist_code": "nothing"})
        assert_problem(await ask(scene), 409, "no-checklist")
        await alice.put(rules_path(scene), json={"purposes": {"theft": 1}}, headers={"If-Match": '"1"'})
        assert_problem(await ask(scene), 409, "no-checklist")


class TestOverrides:
    async def test_count_for_one_month_alone(self, world: World) -> None:
        """D6.1."""
        scene = await a_month(world, outlets=2, people=1)
        body = {"overrides": [override(scene.outlet.id, 3)]}

        assert (await scene.sam.put(demand_path(scene), json=body)).status_code == 204

        assert (await ask(scene)).json()["visits"] == 4
        assert (await ask(scene, month="2026-05")).json()["visits"] == 2
        (shown,) = (await scene.sam.get(demand_path(scene))).json()["items"]
        assert (shown["visits"], shown["set_by"]) == (3, str(scene.sam.id))
        assert (await scene.sam.put(demand_path(scene), json={"overrides": []})).status_code == 204
        assert (await ask(scene)).json()["visits"] == 2

    async def test_are_for_planners_and_their_outlets(self, world: World) -> None:
        """D6.6, D10.6."""
        scene = await a_month(world, outlets=1, people=1)
        body = {"overrides": [override(scene.outlet.id, 3)]}
        for name in ("ivy", "mona", "rita"):
            caller = await world.person(name)
            answer = await caller.put(demand_path(scene), json=body)
            assert answer.status_code in {403, 404}
            assert_problem(await caller.get(demand_path(scene)), 403, "forbidden")
        sue = await world.newcomer("sue", *scene.sam.actor.roles)
        assert_problem(await sue.put(demand_path(scene), json=body), 404, "not-found")
        assert_problem(await scene.sam.put(demand_path(scene, "2026-13"), json=body), 422, "invalid-request")


class TestRules:
    async def test_have_defaults_until_an_admin_changes_them(self, world: World) -> None:
        scene = await a_month(world, outlets=1, people=1)
        alice = await world.person("alice")

        assert (await scene.sam.get(rules_path(scene))).json()["version"] == 0
        assert_problem(await scene.sam.put(rules_path(scene), json={}), 403, "forbidden")
        made = await alice.put(rules_path(scene), json={"crew_size": 2, "overt_share": "0.25"})
        assert (made.json()["version"], made.headers["ETag"]) == (1, '"1"')
        assert_problem(await alice.put(rules_path(scene), json={}), 428, "precondition-required")
        (shortage,) = (await ask(scene)).json()["shortages"]
        assert (shortage["crew"], shortage["needed"]) == (2, 8)

    @pytest.mark.parametrize("name", ["ivy", "mona", "rita"])
    async def test_are_secret(self, world: World, name: str) -> None:
        """D6.6."""
        scene = await a_month(world, outlets=1, people=1)
        caller = await world.person(name)

        assert_problem(await caller.get(rules_path(scene)), 403, "forbidden")
