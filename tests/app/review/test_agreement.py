"""What second markings tell over the API (D8.1): ivy's and ian's visits in the south, marked again by max."""

import pytest

from app.identity.actor import Role
from tests.support.places import a_region, in_charge
from tests.support.review import Desk, a_desk
from tests.support.world import World, assert_problem


@pytest.fixture
async def desk(world: World) -> Desk:
    return await a_desk(world)


@pytest.fixture
async def compared(desk: Desk) -> Desk:
    """ivy says once that it was tidy where max saw it was not; ian and max always agree. April is ivy's second month."""
    max_ = await desk.world.newcomer("max", Role.REVIEWER)
    await in_charge(desk.world, max_, region=desk.scene.region)
    ivy, ian, clock = desk.scene.ivy, desk.scene.ian, desk.world.clock
    await desk.marked_twice(ivy, on="2026-03-02", first={"tidy": True}, tidy=True)
    clock.advance(days=1)
    await desk.marked_twice(ivy, on="2026-03-03", first={"tidy": True, "patience": "good"}, tidy=False)
    await desk.marked_twice(ian, on="2026-03-03", first={"tidy": False}, tidy=False)
    clock.advance(days=30)
    unseen = {"uniform": {"state": "not_observed"}}
    await desk.marked_twice(ivy, on="2026-04-02", first={"tidy": True}, tidy=True, **unseen)
    return desk


class TestAgreement:
    async def test_is_told_per_item_with_how_often_both_saw_it(self, compared: Desk) -> None:
        told = (await compared.scene.sam.get("/v1/second-markings/agreement")).json()

        items = {one["item"]: one for one in told["items"]}
        assert told["visits"] == 4
        tidy = items["tidy"]
        # pairs: yes-yes twice, yes-no once, no-no once: raw 3/4, by chance 1/2
        assert (tidy["n"], tidy["raw"], tidy["kappa"], tidy["weighted_kappa"]) == (4, "0.75", "0.5", "0.5")
        assert (items["patience"]["raw"], items["patience"]["kappa"]) == ("0.75", "0")
        assert (items["uniform"]["n"], items["uniform"]["unpaired"]) == (3, 1)
        # always yes from both: no telling whether they look alike
        assert (items["greeting"]["raw"], items["greeting"]["kappa"]) == ("1", None)
        assert (items["queue-machine"]["raw"], items["queue-machine"]["weighted_kappa"]) == ("1", None)

    async def test_is_over_a_period_and_a_programme(self, compared: Desk) -> None:
        sam = compared.scene.sam

        async def visits(**wanted: str) -> int:
            told = (await sam.get("/v1/second-markings/agreement", params=wanted)).json()
            return int(told["visits"])

        assert await visits(visited_until="2026-03-02") == 1
        assert await visits(visited_from="2026-03-03", visited_until="2026-03-31") == 2
        assert await visits(programme_id=str(compared.scene.programme.id)) == 4
        assert await visits(programme_id=str(compared.scene.outlet.id)) == 0

    async def test_compares_what_was_said_before_any_review(self, desk: Desk) -> None:
        """A correction the reviewer asked for does not make people agree."""
        max_ = await desk.world.newcomer("max", Role.REVIEWER)
        await in_charge(desk.world, max_, region=desk.scene.region)
        case = await desk.submitted()
        body = {"reason": "Look at the floor.", "items": [{"item": "tidy", "reason": "It is dirty."}]}
        await desk.rita.post(f"/v1/visits/{case.visit}/review/send-back", json=body)
        desk.world.clock.advance(seconds=1)
        await desk.scene.answered(case.visit, None, tidy=False, **{"no-smoking": True})
        await desk.scene.submitted(case.visit)
        await desk.marked(await desk.assigned(case, max_), max_, tidy=False)

        told = (await desk.scene.sam.get("/v1/second-markings/agreement")).json()

        tidy = next(one for one in told["items"] if one["item"] == "tidy")
        assert (tidy["n"], tidy["raw"]) == (1, "0")


class TestDrift:
    async def test_follows_every_inspector_over_time(self, compared: Desk) -> None:
        ivy, ian = compared.scene.ivy, compared.scene.ian

        told = (await compared.scene.sam.get("/v1/second-markings/drift")).json()

        first, second = told["inspectors"]
        assert (first["inspector_id"], first["name"]) == (str(ivy.id), "Ivy")
        # five items scored by both each time, four in April; on the 3rd tidy is 1 and patience ½ too kind: 1.5/5
        assert first["overall"]["mean"] == pytest.approx(0.1)
        assert first["overall"]["n"] == 3
        assert [(one["begins_on"], one["n"]) for one in first["windows"]] == [
            ("2026-03-01", 2),
            ("2026-04-01", 1),
        ]
        march, april = first["windows"]
        assert march["mean"] == pytest.approx(0.15)
        assert march["low"] < 0 < march["high"]
        assert (april["mean"], april["low"], april["high"]) == (0, None, None)
        assert (second["inspector_id"], second["overall"]["mean"]) == (str(ian.id), 0)

    async def test_can_be_cut_by_week_and_by_quarter(self, compared: Desk) -> None:
        windows = {}
        for window in ("week", "quarter"):
            told = await compared.scene.sam.get("/v1/second-markings/drift", params={"window": window})
            windows[window] = [one["begins_on"] for one in told.json()["inspectors"][0]["windows"]]
        assert windows == {"week": ["2026-03-02", "2026-03-30"], "quarter": ["2026-01-01", "2026-04-01"]}


class TestWhoMay:
    async def test_supervisors_see_their_region_and_nobody_else_any(self, compared: Desk) -> None:
        """D10.6"""
        world = compared.world
        sue = await world.newcomer("sue", Role.SUPERVISOR)
        await in_charge(world, sue, region=await a_region(world, "north"))
        for stranger in (sue, await world.person("bob")):
            told = (await stranger.get("/v1/second-markings/agreement")).json()
            assert told == {"visits": 0, "items": []}
            assert (await stranger.get("/v1/second-markings/drift")).json()["inspectors"] == []
        assert (await (await world.person("alice")).get("/v1/second-markings/agreement")).json()[
            "visits"
        ] == 4
        for name in ("rita", "ivy", "mona", "otto", "max"):
            caller = await world.person(name)
            for what in ("agreement", "drift"):
                assert_problem(await caller.get(f"/v1/second-markings/{what}"), 403, "forbidden")
