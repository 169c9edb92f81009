"""The register of outlets over HTTP: entering, editing, closing, succession."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.audit.models import AuditEntry
from app.kit.ids import new_id
from app.outlets import queries
from app.outlets.models import Region
from tests.support.places import a_region, a_tier, an_outlet, in_charge
from tests.support.world import World, assert_problem

WEEK = {"mon": [{"opens": "09:00", "closes": "18:00"}]}


def hall(region: Region, **changes: Any) -> dict[str, Any]:
    return {
        "code": "BJ-0001",
        "name_zh": "中关村旗舰厅",
        "ownership": "own",
        "tier": "flagship",
        "stage": "early",
        "load_band": "high",
        "region_id": str(region.id),
        "position": {"latitude": 39.984154, "longitude": 116.30749, "datum": "gcj02"},
        "opening_hours": WEEK,
        "required_languages": ["ug", "zh", "ug"],
        **changes,
    }


class TestEnter:
    async def test_under_an_id_made_by_the_client(self, world: World) -> None:
        alice = await world.person("alice")
        north = await a_region(world, "north")
        await a_tier(world, "flagship")
        address = f"/v1/outlets/{new_id()}"

        entered = await alice.put(address, json=hall(north))

        assert entered.status_code == 201
        assert entered.headers["etag"] == '"1"'
        made = entered.json()
        assert made["position"] == {"latitude": 39.984154, "longitude": 116.30749, "datum": "gcj02"}
        assert (made["time_zone"], made["required_languages"]) == ("Asia/Shanghai", ["ug", "zh"])
        assert made["opening_hours"]["mon"] == WEEK["mon"]
        assert (await alice.get(address)).json() == made

    async def test_sent_again_is_entered_once(self, world: World) -> None:
        """D11: the phone that lost the answer sends the same again."""
        alice = await world.person("alice")
        north = await a_region(world, "north")
        await a_tier(world, "flagship")
        address = f"/v1/outlets/{new_id()}"
        await alice.put(address, json=hall(north))

        again = await alice.put(address, json=hall(north))
        other = await alice.put(address, json=hall(north, name_en="Another"))

        assert (again.status_code, again.headers["etag"]) == (200, '"1"')
        assert_problem(other, 428, "precondition-required")

    async def test_refuses_what_makes_no_sense(self, world: World) -> None:
        alice = await world.person("alice")
        north = await a_region(world, "north")
        await a_tier(world, "flagship")
        slips: list[tuple[dict[str, Any], str, str]] = [
            ({"tier": "flagshp"}, "unknown-tier", "flagshp"),
            ({"name_zh": None}, "invalid-request", "name_zh or name_en"),
            ({"time_zone": "Asia/Beijing"}, "invalid-request", "IANA"),
            (
                {"position": {"latitude": 116.3, "longitude": 39.9, "datum": "wgs84"}},
                "invalid-request",
                "±90",
            ),
            (
                {"position": {"latitude": 52.5, "longitude": 13.4, "datum": "bd09"}},
                "invalid-request",
                "China",
            ),
            ({"opening_hours": {"mon": []}}, "invalid-request", "never opens"),
            (
                {"opening_hours": {"mon": [{"opens": "18:00", "closes": "09:00"}]}},
                "invalid-request",
                "two intervals",
            ),
            ({"required_languages": ["Uyghur"]}, "invalid-request", "required_languages"),
            ({"high_traffic": 1}, "invalid-request", "high_traffic"),
            ({"colour": "red"}, "invalid-request", "colour"),
            ({"brand": "x" * 91}, "invalid-request", "brand"),  # more finds no room among the places visited
        ]
        for changes, slug, complaint in slips:
            answer = await alice.put(f"/v1/outlets/{new_id()}", json=hall(north, **changes))
            assert complaint in assert_problem(answer, 422, slug)["detail"]

    async def test_refuses_a_code_or_an_id_that_is_taken(self, world: World) -> None:
        alice, bob = await world.person("alice"), await world.person("bob")
        north = await a_region(world, "north")
        there = await a_region(world, "there", organisation="southgate")
        await a_tier(world, "flagship", organisation="southgate")
        taken = await an_outlet(world, "BJ-0001", region=north)

        same_code = await alice.put(f"/v1/outlets/{new_id()}", json=hall(north))
        same_id = await bob.put(f"/v1/outlets/{taken.id}", json=hall(there))

        assert_problem(same_code, 409, "outlet-code-taken")
        assert_problem(same_id, 409, "already-exists")
        assert (await bob.put(f"/v1/outlets/{new_id()}", json=hall(there))).status_code == 201

    async def test_lies_in_a_region_of_the_same_organisation(self, world: World) -> None:
        alice = await world.person("alice")
        there = await a_region(world, "there", organisation="southgate")
        await a_tier(world, "flagship")
        answer = await alice.put(f"/v1/outlets/{new_id()}", json=hall(there))
        assert_problem(answer, 404, "not-found")


class TestEdit:
    async def test_changes_what_was_read_and_nothing_newer(self, world: World) -> None:
        alice = await world.person("alice")
        north = await a_region(world, "north")
        address = f"/v1/outlets/{(await an_outlet(world, 'BJ-0001', region=north)).id}"

        edited = await alice.put(address, json=hall(north), headers={"If-Match": '"1"'})
        late = await alice.put(address, json=hall(north, stage="improved"), headers={"If-Match": '"1"'})

        assert (edited.status_code, edited.json()["version"]) == (200, 2)
        assert edited.json()["name_zh"] == "中关村旗舰厅"
        assert assert_problem(late, 412, "stale")["current_version"] == 2

    async def test_says_in_the_audit_what_it_was_and_what_it_became(self, world: World) -> None:
        alice = await world.person("alice")
        north = await a_region(world, "north")
        outlet = await an_outlet(world, "BJ-0001", region=north)
        await alice.put(f"/v1/outlets/{outlet.id}", json=hall(north), headers={"If-Match": '"1"'})

        async with world.database.reading() as session:
            entries = await session.scalars(sa.select(AuditEntry).where(AuditEntry.subject_id == outlet.id))
        (entry,) = entries
        assert (entry.action, entry.actor_id) == ("outlet.edited", alice.id)
        assert (entry.details["before"]["load_band"], entry.details["after"]["load_band"]) == ("low", "high")

    async def test_of_what_is_not_there_is_stale(self, world: World) -> None:
        alice = await world.person("alice")
        north = await a_region(world, "north")
        await a_tier(world, "flagship")
        answer = await alice.put(f"/v1/outlets/{new_id()}", json=hall(north), headers={"If-Match": '"1"'})
        assert_problem(answer, 412, "stale")

    async def test_by_a_supervisor_ends_at_the_border_of_the_region(self, world: World) -> None:
        sam = await world.person("sam")
        north, south = await a_region(world, "north"), await a_region(world, "south")
        await in_charge(world, sam, region=north)
        mine = await an_outlet(world, "mine", region=north)
        foreign = await an_outlet(world, "foreign", region=south)

        edited = await sam.put(f"/v1/outlets/{mine.id}", json=hall(north), headers={"If-Match": '"1"'})
        moved = await sam.put(f"/v1/outlets/{mine.id}", json=hall(south), headers={"If-Match": '"2"'})
        other = await sam.put(f"/v1/outlets/{foreign.id}", json=hall(north), headers={"If-Match": '"1"'})

        assert edited.status_code == 200
        assert_problem(moved, 404, "not-found")
        assert_problem(other, 404, "not-found")

    async def test_is_not_for_those_who_only_look(self, world: World) -> None:
        north = await a_region(world, "north")
        outlet = await an_outlet(world, "BJ-0001", region=north)
        for name in ("ivy", "rita", "mona", "otto"):
            caller = await world.person(name)
            answer = await caller.put(
                f"/v1/outlets/{outlet.id}", json=hall(north), headers={"If-Match": '"1"'}
            )
            assert_problem(answer, 403, "forbidden")


class TestClose:
    async def test_for_some_days_and_reopen(self, world: World) -> None:
        alice = await world.person("alice")
        outlet = await an_outlet(world, "gz-1", region=await a_region(world, "south"))
        address = f"/v1/outlets/{outlet.id}/closures"
        holiday = {"starts_on": "2026-10-01", "ends_on": "2026-10-07", "reason": "National Day"}

        made = await alice.post(address, json=holiday)
        again = await alice.post(address, json=holiday)

        assert made.status_code == 201
        assert_problem(again, 409, "closure-exists")
        assert (await alice.get(address)).json() == [made.json()]
        assert (await alice.delete(f"{address}/{made.json()['id']}")).status_code == 204
        assert (await alice.get(address)).json() == []

    async def test_must_end_after_it_begins(self, world: World) -> None:
        alice = await world.person("alice")
        outlet = await an_outlet(world, "gz-1", region=await a_region(world, "south"))
        backwards = {"starts_on": "2026-10-07", "ends_on": "2026-10-01", "reason": "National Day"}
        answer = await alice.post(f"/v1/outlets/{outlet.id}/closures", json=backwards)
        assert_problem(answer, 422, "invalid-request")


class TestSuccession:
    """D5.6: moved, merged, renamed – history follows the successor."""

    async def test_makes_inactive_and_leads_to_the_current_outlet(self, world: World) -> None:
        alice = await world.person("alice")
        south = await a_region(world, "south")
        first, second, third = [await an_outlet(world, code, region=south) for code in ("a", "b", "c")]
        for old, new in ((first, second), (second, third)):
            answer = await alice.put(
                f"/v1/outlets/{old.id}/successor",
                json={"successor_id": str(new.id), "succession": "moved"},
                headers={"If-Match": '"1"'},
            )
            assert answer.status_code == 200
            assert answer.json()["active"] is False

        async with world.database.reading() as session:
            assert (await queries.current_outlet(session, first.id)).id == third.id
            assert (await queries.current_outlet(session, third.id)).id == third.id
            line = set(await session.scalars(queries.line_of(third.id)))
        assert line == {first.id, second.id, third.id}

    async def test_never_runs_in_a_circle(self, world: World) -> None:
        alice = await world.person("alice")
        south = await a_region(world, "south")
        first, second = [await an_outlet(world, code, region=south) for code in ("a", "b")]

        async def succeed(old: UUID, new: UUID, version: int = 1) -> Any:
            return await alice.put(
                f"/v1/outlets/{old}/successor",
                json={"successor_id": str(new), "succession": "merged"},
                headers={"If-Match": f'"{version}"'},
            )

        assert_problem(await succeed(first.id, first.id), 409, "succession-broken")
        assert (await succeed(first.id, second.id)).status_code == 200
        assert_problem(await succeed(second.id, first.id), 409, "succession-broken")

    async def test_can_be_undone(self, world: World) -> None:
        alice = await world.person("alice")
        south = await a_region(world, "south")
        first, second = [await an_outlet(world, code, region=south) for code in ("a", "b")]
        address = f"/v1/outlets/{first.id}"
        await alice.put(
            f"{address}/successor",
            json={"successor_id": str(second.id), "succession": "renamed"},
            headers={"If-Match": '"1"'},
        )

        still = await alice.put(address, json=hall(south), headers={"If-Match": '"2"'})
        undone = await alice.delete(f"{address}/successor", headers={"If-Match": '"2"'})
        back = await alice.put(address, json=hall(south), headers={"If-Match": '"3"'})

        assert_problem(still, 409, "succession-broken")
        assert (undone.json()["successor_id"], undone.json()["active"]) == (None, False)
        assert back.json()["active"] is True
