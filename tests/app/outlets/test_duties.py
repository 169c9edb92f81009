"""Who is made responsible where, by whom, and who may look into what for a while."""

from datetime import timedelta

from tests.support.places import a_region, an_outlet
from tests.support.world import World, assert_problem


class TestAssign:
    async def test_a_region_to_a_supervisor_and_take_it_away(self, world: World) -> None:
        alice, sam = await world.person("alice"), await world.person("sam")
        south = await a_region(world, "south")
        hall = await an_outlet(world, "gz-1", region=south)
        address = f"/v1/region-duties/{sam.id}/{south.id}"

        first, again = await alice.put(address), await alice.put(address)

        assert (first.status_code, again.json()) == (200, first.json())
        assert (await sam.get(f"/v1/outlets/{hall.id}")).status_code == 200
        assert (await sam.get("/v1/region-duties")).json()["items"] == [first.json()]
        for _ in range(2):
            assert (await alice.delete(address)).status_code == 204
        assert_problem(await sam.get(f"/v1/outlets/{hall.id}"), 404, "not-found")

    async def test_an_outlet_to_its_manager_and_take_it_away(self, world: World) -> None:
        alice, mona = await world.person("alice"), await world.person("mona")
        hall = await an_outlet(world, "gz-1", region=await a_region(world, "south"))
        address = f"/v1/outlet-duties/{mona.id}/{hall.id}"

        first, again = await alice.put(address), await alice.put(address)

        assert (first.status_code, again.json()) == (200, first.json())
        assert (await mona.get("/v1/outlet-duties")).json()["items"] == [first.json()]
        for _ in range(2):
            assert (await alice.delete(address)).status_code == 204
        assert (await mona.get("/v1/outlets")).json()["items"] == []

    async def test_needs_a_person_with_the_role(self, world: World) -> None:
        alice, ivy, bob = [await world.person(name) for name in ("alice", "ivy", "bob")]
        south = await a_region(world, "south")
        hall = await an_outlet(world, "gz-1", region=south)

        for address in (f"/v1/region-duties/{ivy.id}/{south.id}", f"/v1/outlet-duties/{ivy.id}/{hall.id}"):
            assert_problem(await alice.put(address), 409, "duty-needs-role")
        assert_problem(await alice.put(f"/v1/region-duties/{bob.id}/{south.id}"), 404, "not-found")

    async def test_is_for_admins(self, world: World) -> None:
        sam = await world.person("sam")
        south = await a_region(world, "south")
        for name in ("sam", "ivy", "rita", "mona", "otto"):
            caller = await world.person(name)
            address = f"/v1/region-duties/{sam.id}/{south.id}"
            assert_problem(await caller.put(address), 403, "forbidden")
            assert_problem(await caller.delete(address), 403, "forbidden")

    async def test_is_out_of_reach_for_another_organisation(self, world: World) -> None:
        sam, bob = await world.person("sam"), await world.person("bob")
        south = await a_region(world, "south")
        assert_problem(await bob.put(f"/v1/region-duties/{sam.id}/{south.id}"), 404, "not-found")


class TestGrant:
    async def test_names_scope_purpose_and_end(self, world: World) -> None:
        """D10.2: the raw original is for auditors, with a stated purpose."""
        alice, otto, ivy = [await world.person(name) for name in ("alice", "otto", "ivy")]
        south = await a_region(world, "south")
        wanted = {
            "person_id": str(otto.id),
            "region_id": str(south.id),
            "purpose": "Yearly audit of appeal decisions",
            "valid_until": (world.clock.now + timedelta(days=30)).isoformat(),
        }

        given = await alice.post("/v1/auditor-grants", json=wanted)

        assert given.status_code == 201
        assert (await otto.get("/v1/auditor-grants")).json()["items"] == [given.json()]
        assert (await ivy.get("/v1/auditor-grants")).json()["items"] == []
        over = {**wanted, "valid_until": world.clock.now.isoformat()}
        assert_problem(await alice.post("/v1/auditor-grants", json=over), 422, "invalid-request")
        both = {**wanted, "outlet_id": str(south.id)}
        assert_problem(await alice.post("/v1/auditor-grants", json=both), 422, "invalid-request")
        wrong = {**wanted, "person_id": str(ivy.id)}
        assert_problem(await alice.post("/v1/auditor-grants", json=wrong), 409, "duty-needs-role")
        assert_problem(await otto.post("/v1/auditor-grants", json=wanted), 403, "forbidden")

    async def test_revoked_twice_is_revoked_once(self, world: World) -> None:
        alice, otto = await world.person("alice"), await world.person("otto")
        wanted = {
            "person_id": str(otto.id),
            "purpose": "Yearly audit",
            "valid_until": (world.clock.now + timedelta(days=30)).isoformat(),
        }
        given = (await alice.post("/v1/auditor-grants", json=wanted)).json()
        address = f"/v1/auditor-grants/{given['id']}/revoke"

        first = (await alice.post(address)).json()
        world.clock.advance(hours=1)
        again = (await alice.post(address)).json()

        assert first["revoked_at"] is not None
        assert again == first
        assert_problem(await otto.post(address), 403, "forbidden")
