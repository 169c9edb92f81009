"""Who sees which outlet and region (D10.6), through HTTP and through the condition other features use."""

import asyncio
from dataclasses import dataclass

import pytest

from app.outlets import queries
from app.outlets.models import Outlet, Region
from tests.support.places import a_grant, a_region, a_tier, an_outlet, in_charge
from tests.support.world import Caller, World, assert_problem

LAND = {"name_en": "Land", "jurisdiction": "CN", "time_zone": "Asia/Shanghai"}


@dataclass
class Places:
    """china → (north, south → shenzhen), a hall in each; southgate has one of its own."""

    china: Region
    south: Region
    shenzhen: Region
    halls: dict[str, Outlet]


@pytest.fixture
async def places(world: World) -> Places:
    china = await a_region(world, "china")
    north = await a_region(world, "north", parent=china)
    south = await a_region(world, "south", parent=china)
    shenzhen = await a_region(world, "shenzhen", parent=south)
    elsewhere = await a_region(world, "elsewhere", organisation="southgate")
    homes = {"north": north, "south": south, "shenzhen": shenzhen, "elsewhere": elsewhere}
    halls = {code: await an_outlet(world, f"hall-{code}", region=home) for code, home in homes.items()}
    return Places(china, south, shenzhen, halls)


async def codes(world: World, caller: Caller, **params: str) -> set[str]:
    """What the list shows, after checking that the detail page and the condition agree with it."""
    listed = (await caller.get("/v1/outlets", params=params)).json()["items"]
    if not params:
        async with world.database.reading() as session:
            rows = await session.scalars(queries.visible_to(caller.actor, now=world.clock.now))
            assert {row.code for row in rows} == {row["code"] for row in listed}
    for row in listed:
        assert (await caller.get(f"/v1/outlets/{row['id']}")).json() == row
    return {row["code"].removeprefix("hall-") for row in listed}


class TestReach:
    async def test_of_admins_is_their_organisation(self, world: World, places: Places) -> None:
        assert await codes(world, await world.person("alice")) == {"north", "south", "shenzhen"}
        assert await codes(world, await world.person("bob")) == {"elsewhere"}

    @pytest.mark.parametrize("name", ["sam", "rita"])
    async def test_of_supervisors_and_reviewers_is_their_subtree(
        self, world: World, places: Places, name: str
    ) -> None:
        caller = await world.person(name)
        assert await codes(world, caller) == set()

        await in_charge(world, caller, region=places.south)

        assert await codes(world, caller) == {"south", "shenzhen"}
        regions = (await caller.get("/v1/regions")).json()["items"]
        assert [row["code"] for row in regions] == ["shenzhen", "south"]

    async def test_of_managers_is_their_own_outlets(self, world: World, places: Places) -> None:
        mona = await world.person("mona")
        await in_charge(world, mona, outlet=places.halls["shenzhen"])

        assert await codes(world, mona) == {"shenzhen"}
        assert (await mona.get("/v1/regions")).json()["items"] == []

    async def test_of_inspectors_is_empty(self, world: World, places: Places) -> None:
        """D6.6: they see outlets through their own visits only."""
        assert await codes(world, await world.person("ivy")) == set()

    async def test_of_auditors_is_what_a_grant_names_while_it_lasts(
        self, world: World, places: Places
    ) -> None:
        otto, alice = await world.person("otto"), await world.person("alice")
        assert await codes(world, otto) == set()

        region = await a_grant(world, otto, region=places.south, days=2)
        await a_grant(world, otto, outlet=places.halls["north"], days=1)
        assert await codes(world, otto) == {"south", "shenzhen", "north"}

        world.clock.advance(days=1)
        assert await codes(world, otto) == {"south", "shenzhen"}
        assert (await alice.post(f"/v1/auditor-grants/{region.id}/revoke")).status_code == 200
        assert await codes(world, otto) == set()

        await a_grant(world, otto)
        assert await codes(world, otto) == {"north", "south", "shenzhen"}
        assert len((await otto.get("/v1/regions")).json()["items"]) == 4

    async def test_what_is_out_of_it_is_not_there(self, world: World, places: Places) -> None:
        sam, bob = await world.person("sam"), await world.person("bob")
        await in_charge(world, sam, region=places.south)
        for caller in (sam, bob):
            hidden = places.halls["north"].id
            for address in (f"/v1/outlets/{hidden}", f"/v1/outlets/{hidden}/closures"):
                assert_problem(await caller.get(address), 404, "not-found")
            assert_problem(await caller.get(f"/v1/regions/{places.china.id}"), 404, "not-found")


class TestFilter:
    async def test_by_region_includes_all_below(self, world: World, places: Places) -> None:
        alice = await world.person("alice")
        assert await codes(world, alice, region_id=str(places.south.id)) == {"south", "shenzhen"}
        assert await codes(world, alice, region_id=str(places.china.id)) == {"north", "south", "shenzhen"}

    async def test_by_tier_ownership_activity_and_text(self, world: World, places: Places) -> None:
        alice = await world.person("alice")
        await an_outlet(
            world, "rival", region=places.south, tier="tier-3", ownership="competitor", name_zh="华强北 100%"
        )
        await an_outlet(world, "shut", region=places.south, active=False)

        assert await codes(world, alice, tier="tier-3") == {"rival"}
        assert await codes(world, alice, ownership="competitor") == {"rival"}
        assert await codes(world, alice, active="false") == {"shut"}
        assert await codes(world, alice, text="强北") == {"rival"}
        assert await codes(world, alice, text="0%") == {"rival"}
        assert await codes(world, alice, text="HALL-S") == {"south", "shenzhen"}

    async def test_pages_by_code(self, world: World, places: Places) -> None:
        alice = await world.person("alice")
        seen: list[str] = []
        params = {"limit": "2"}
        while True:
            page = (await alice.get("/v1/outlets", params=params)).json()
            seen += [row["code"] for row in page["items"]]
            if page["next_cursor"] is None:
                break
            params["cursor"] = page["next_cursor"]
        assert seen == ["hall-north", "hall-shenzhen", "hall-south"]


class TestRegions:
    async def test_grow_and_move_with_everything_below(self, world: World, places: Places) -> None:
        alice, sam = await world.person("alice"), await world.person("sam")
        await in_charge(world, sam, region=places.shenzhen)
        added = await alice.post("/v1/regions", json={**LAND, "code": "east", "central_city": True})
        east = added.json()
        assert added.status_code == 201

        moved = await alice.put(
            f"/v1/regions/{places.south.id}",
            json={**LAND, "code": "south", "parent_id": east["id"]},
            headers={"If-Match": '"1"'},
        )

        assert moved.json()["parent_id"] == east["id"]
        assert await codes(world, alice, region_id=east["id"]) == {"south", "shenzhen"}
        assert await codes(world, alice, region_id=str(places.china.id)) == {"north"}
        assert await codes(world, sam) == {"shenzhen"}

    async def test_never_lie_below_themselves(self, world: World, places: Places) -> None:
        alice = await world.person("alice")
        for parent in (places.shenzhen, places.south):
            answer = await alice.put(
                f"/v1/regions/{places.south.id}",
                json={**LAND, "code": "south", "parent_id": str(parent.id)},
                headers={"If-Match": '"1"'},
            )
            assert_problem(answer, 409, "region-cycle")

    async def test_two_moves_at_once_make_no_circle(self, world: World) -> None:
        alice = await world.person("alice")
        first, second = await a_region(world, "first"), await a_region(world, "second")

        async def put_below(region: Region, parent: Region) -> int:
            answer = await alice.put(
                f"/v1/regions/{region.id}",
                json={**LAND, "code": region.code, "parent_id": str(parent.id)},
                headers={"If-Match": '"1"'},
            )
            return answer.status_code

        answers = await asyncio.gather(put_below(first, second), put_below(second, first))

        assert sorted(answers) == [200, 409]

    async def test_go_only_when_nothing_refers_to_them(self, world: World, places: Places) -> None:
        alice = await world.person("alice")
        spare = await a_region(world, "spare", parent=places.south)
        version = {"If-Match": '"1"'}

        used = await alice.delete(f"/v1/regions/{places.shenzhen.id}", headers=version)
        gone = await alice.delete(f"/v1/regions/{spare.id}", headers=version)

        assert_problem(used, 409, "in-use")
        assert gone.status_code == 204
        assert_problem(await alice.get(f"/v1/regions/{spare.id}"), 404, "not-found")

    async def test_have_codes_of_their_own(self, world: World, places: Places) -> None:
        alice = await world.person("alice")
        answer = await alice.post("/v1/regions", json={**LAND, "code": "south"})
        assert_problem(answer, 409, "region-code-taken")

    async def test_are_kept_by_admins(self, world: World, places: Places) -> None:
        for name in ("sam", "ivy", "rita", "mona", "otto"):
            caller = await world.person(name)
            answer = await caller.post("/v1/regions", json={**LAND, "code": "mine"})
            assert_problem(answer, 403, "forbidden")


class TestTiers:
    async def test_are_a_free_list_by_rank(self, world: World) -> None:
        alice, ivy, bob = [await world.person(name) for name in ("alice", "ivy", "bob")]
        for code, rank in (("tier-3", 3), ("flagship", 1)):
            body = {"name_en": code, "rank": rank}
            assert (await alice.put(f"/v1/tiers/{code}", json=body)).status_code == 200

        assert [row["code"] for row in (await ivy.get("/v1/tiers")).json()] == ["flagship", "tier-3"]
        assert (await bob.get("/v1/tiers")).json() == []
        assert_problem(await ivy.put("/v1/tiers/x", json={"name_en": "X", "rank": 9}), 403, "forbidden")

    async def test_go_only_when_no_outlet_has_them(self, world: World) -> None:
        alice = await world.person("alice")
        await an_outlet(world, "gz-1", region=await a_region(world, "south"), tier="flagship")
        await a_tier(world, "spare")

        assert_problem(await alice.delete("/v1/tiers/flagship"), 409, "in-use")
        assert (await alice.delete("/v1/tiers/spare")).status_code == 204
        assert_problem(await alice.delete("/v1/tiers/spare"), 404, "not-found")
