"""Inspectors' profiles and leave: who may see and set them, and what is refused."""

from typing import Any

import httpx2
import pytest

from tests.support.places import a_region, in_charge
from tests.support.visits import Scene, a_scene
from tests.support.world import Caller, World, assert_problem

SHIFT = {"starts": "09:00", "ends": "18:00"}
WEEK = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), SHIFT)
LEAVE = {"starts_on": "2026-03-09", "ends_on": "2026-03-13", "reason": "Annual leave"}


def profile(**changes: Any) -> dict[str, Any]:
    return {
        "home": {"latitude": 23.13, "longitude": 113.26, "datum": "wgs84"},
        "shifts": WEEK,
        "languages": ["zh", "yue"],
        "active_from": "2026-01-01",
        **changes,
    }


async def put(
    caller: Caller, about: Caller, body: dict[str, Any], version: int | None = None
) -> httpx2.Response:
    headers = {} if version is None else {"If-Match": f'"{version}"'}
    return await caller.put(f"/v1/planning/inspectors/{about.id}", json=body, headers=headers)


@pytest.fixture
async def scene(world: World) -> Scene:
    return await a_scene(world)


class TestProfile:
    async def test_is_made_once_and_edited_under_its_version(self, scene: Scene) -> None:
        made = await put(scene.sam, scene.ivy, profile())
        again = await put(scene.sam, scene.ivy, profile())
        blind = await put(scene.sam, scene.ivy, profile(visits_per_day=3))
        edited = await put(scene.sam, scene.ivy, profile(visits_per_day=3), version=1)
        stale = await put(scene.sam, scene.ivy, profile(visits_per_day=4), version=1)

        assert (made.status_code, again.status_code, edited.status_code) == (201, 200, 200)
        assert made.json()["shifts"]["sat"] is None
        assert made.json()["languages"] == ["yue", "zh"]
        assert_problem(blind, 428, "precondition-required")
        assert_problem(stale, 412, "stale")
        shown = await scene.sam.get(f"/v1/planning/inspectors/{scene.ivy.id}")
        assert (shown.json()["visits_per_day"], shown.headers["ETag"]) == (3, '"2"')

    async def test_is_the_inspectors_own_to_read(self, scene: Scene) -> None:
        await put(scene.sam, scene.ivy, profile())
        await scene.sam.post(f"/v1/planning/inspectors/{scene.ivy.id}/leave", json=LEAVE)

        assert (await scene.ivy.get("/v1/planning/inspectors/me")).json()["person_id"] == str(scene.ivy.id)
        (leave,) = (await scene.ivy.get("/v1/planning/inspectors/me/leave")).json()["items"]
        assert leave["reason"] == "Annual leave"
        assert_problem(await scene.ian.get("/v1/planning/inspectors/me"), 404, "not-found")
        others = f"/v1/planning/inspectors/{scene.ivy.id}"
        assert_problem(await scene.ian.get(others), 404, "not-found")
        assert_problem(await scene.ian.get(f"{others}/leave"), 404, "not-found")
        assert_problem(await put(scene.ivy, scene.ivy, profile(), version=1), 403, "forbidden")

    async def test_is_nothing_the_outlets_side_sees(self, scene: Scene) -> None:
        """D10.1."""
        await put(scene.sam, scene.ivy, profile())
        mona = await scene.world.person("mona")

        assert_problem(await mona.get("/v1/planning/inspectors"), 403, "forbidden")
        for path in (f"/{scene.ivy.id}", f"/{scene.ivy.id}/leave", "/me"):
            assert_problem(await mona.get(f"/v1/planning/inspectors{path}"), 404, "not-found")
        assert_problem(await put(mona, scene.ivy, profile(), version=1), 403, "forbidden")

    async def test_is_seen_by_the_supervisors_of_the_region_it_serves(self, scene: Scene) -> None:
        """D10.6."""
        alice = await scene.world.person("alice")
        north = await a_region(scene.world, "north")
        await put(alice, scene.ivy, profile(region_id=str(north.id)))
        await put(alice, scene.ian, profile(region_id=str(scene.region.id)))

        assert_problem(await scene.sam.get(f"/v1/planning/inspectors/{scene.ivy.id}"), 404, "not-found")
        assert_problem(await put(scene.sam, scene.ivy, profile(), version=1), 404, "not-found")
        refused = await put(scene.sam, scene.ian, profile(region_id=str(north.id)), version=1)
        assert_problem(refused, 404, "not-found")
        (seen,) = (await scene.sam.get("/v1/planning/inspectors")).json()["items"]
        assert seen["person_id"] == str(scene.ian.id)
        await in_charge(scene.world, scene.sam, region=north)
        assert len((await scene.sam.get("/v1/planning/inspectors")).json()["items"]) == 2

    async def test_is_for_inspectors_of_the_organisation_only(self, scene: Scene) -> None:
        """D10.6."""
        bob = await scene.world.person("bob")

        assert_problem(await put(scene.sam, scene.sam, profile()), 409, "not-an-inspector")
        assert_problem(await put(bob, scene.ivy, profile()), 409, "not-an-inspector")
        await put(scene.sam, scene.ivy, profile())
        assert_problem(await bob.get(f"/v1/planning/inspectors/{scene.ivy.id}"), 404, "not-found")
        assert (await bob.get("/v1/planning/inspectors")).json()["items"] == []

    @pytest.mark.parametrize(
        "wrong",
        [
            {"shifts": {}},
            {"shifts": {"mon": {"starts": "18:00", "ends": "09:00"}}},
            {"shifts": {"mon": {"starts": "9", "ends": "18:00"}}},
            {"active_until": "2025-12-31"},
            {"home": {"latitude": 60.0, "longitude": 10.0, "datum": "gcj02"}},
            {"visits_per_day": True},
            {"days_per_week": 8},
        ],
    )
    async def test_must_make_sense(self, scene: Scene, wrong: dict[str, Any]) -> None:
        assert_problem(await put(scene.sam, scene.ivy, profile(**wrong)), 422, "invalid-request")


class TestLeave:
    async def test_is_entered_once_and_withdrawn(self, scene: Scene) -> None:
        await put(scene.sam, scene.ivy, profile())
        path = f"/v1/planning/inspectors/{scene.ivy.id}/leave"
        leave = (await scene.sam.post(path, json=LEAVE)).json()

        taken = await scene.sam.post(path, json=LEAVE | {"id": leave["id"]})
        assert_problem(taken, 409, "already-exists")
        for name in ("ivy", "mona", "rita"):
            caller = await scene.world.person(name)
            assert_problem(await caller.delete(f"{path}/{leave['id']}"), 403, "forbidden")
        assert (await scene.sam.delete(f"{path}/{leave['id']}")).status_code == 204
        assert_problem(await scene.sam.delete(f"{path}/{leave['id']}"), 404, "not-found")
        assert (await scene.sam.get(path)).json()["items"] == []

    async def test_ends_after_it_starts_and_before_long(self, scene: Scene) -> None:
        await put(scene.sam, scene.ivy, profile())
        path = f"/v1/planning/inspectors/{scene.ivy.id}/leave"

        for ends in ("2026-03-08", "2031-01-01"):
            answer = await scene.sam.post(path, json=LEAVE | {"ends_on": ends})
            assert_problem(answer, 422, "invalid-request")
