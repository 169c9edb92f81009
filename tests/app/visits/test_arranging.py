"""Making visits, giving them crews, calling them off."""

import asyncio
from typing import Any

import pytest

from app.identity.actor import Role
from app.programmes.rules import Ownership
from tests.support.places import a_region, an_outlet, in_charge
from tests.support.visits import Scene, a_scene
from tests.support.world import World, assert_problem


async def etag_of(scene: Scene, visit: str) -> dict[str, str]:
    return {"If-Match": (await scene.sam.get(f"/v1/visits/{visit}")).headers["etag"]}


class TestArrange:
    async def test_reserves_the_crew_and_says_what_comes_next(self, world: World) -> None:
        scene = await a_scene(world)

        made = await scene.ask_for(scene.ivy, scene.ian)

        assert made.status_code == 201
        document = made.json()
        assert document["state"] == "reserved"
        assert document["recording_mode"] == "video"
        assert [member["role"] for member in document["crew"]] == ["lead", "companion"]
        assert "accepted" in document["next_states"]

    async def test_is_refused_inside_the_interval_with_the_first_allowed_date(self, world: World) -> None:
        """D5.1, D5.8; and nothing is kept of the refused visit."""
        scene = await a_scene(world)
        await scene.arranged(scene.ivy, on="2025-11-30")

        refused = await scene.ask_for(scene.ivy, on="2026-02-28")

        document = assert_problem(refused, 409, "rotation-conflict")
        assert document["blocking_date"] == "2025-11-30"
        assert document["first_allowed_on"] == "2026-03-01"
        assert len((await scene.sam.get("/v1/visits")).json()["items"]) == 1

    async def test_of_a_whole_crew_is_all_or_nothing(self, world: World) -> None:
        scene = await a_scene(world)
        await scene.arranged(scene.ian, on="2026-03-01")

        assert_problem(await scene.ask_for(scene.ivy, scene.ian, on="2026-03-09"), 409, "rotation-conflict")

        await scene.arranged(scene.ivy, on="2026-03-09")

    async def test_needs_a_recording_policy_for_the_jurisdiction(self, world: World) -> None:
        """D10.5."""
        scene = await a_scene(world, mode=None)

        document = assert_problem(await scene.ask_for(scene.ivy), 409, "recording-policy-missing")

        assert document["jurisdiction"] == "CN-44"

    async def test_records_nothing_at_competitors(self, world: World) -> None:
        """D10.5."""
        scene = await a_scene(world)
        rival = await an_outlet(world, "rival-1", region=scene.region, ownership=Ownership.COMPETITOR)

        made = await scene.ask_for(scene.ivy, outlet_id=str(rival.id))

        assert made.json()["recording_mode"] == "none"

    @pytest.mark.parametrize(
        ("changes", "slug"),
        [
            ({"purpose": "bungee"}, "checklist-unfit"),
            ({"purpose": None}, "checklist-unfit"),
        ],
    )
    async def test_needs_a_purpose_of_the_checklist(
        self, world: World, changes: dict[str, Any], slug: str
    ) -> None:
        scene = await a_scene(world)

        document = assert_problem(await scene.ask_for(scene.ivy, **changes), 409, slug)

        assert document["purposes"] == ["enquiry"]

    async def test_is_refused_while_the_outlet_is_shut(self, world: World) -> None:
        scene = await a_scene(world)
        alice = await world.person("alice")
        closure = {"starts_on": "2026-03-01", "ends_on": "2026-03-07", "reason": "renovation"}
        closed = await alice.post(f"/v1/outlets/{scene.outlet.id}/closures", json=closure)
        assert closed.status_code == 201, closed.text

        document = assert_problem(await scene.ask_for(scene.ivy), 409, "outlet-unavailable")

        assert document["closed_until"] == "2026-03-07"

    async def test_is_refused_when_the_outlet_is_not_open_then(self, world: World) -> None:
        """D6.4: a Monday afternoon at a hall that opens on Mondays until noon."""
        scene = await a_scene(world)
        hours = {
            "mon": [{"opens": "09:00", "closes": "12:00"}],
            "tue": [{"opens": "09:00", "closes": "18:00"}],
        }
        mornings = await an_outlet(world, "gz-7", region=scene.region, opening_hours=hours)

        shut = await scene.ask_for(scene.ivy, outlet_id=str(mornings.id))
        open_then = await scene.ask_for(scene.ivy, on="2026-03-03", outlet_id=str(mornings.id))

        assert assert_problem(shut, 409, "outlet-unavailable")["opening_hours"] == ["09:00-12:00"]
        assert open_then.status_code == 201

    async def test_sent_twice_under_one_key_is_one_visit(self, world: World) -> None:
        """D11."""
        scene = await a_scene(world)
        body, key = scene.body(scene.ivy), {"Idempotency-Key": "visit-0001"}

        answers = await asyncio.gather(
            *(scene.sam.post("/v1/visits", json=body, headers=key) for _ in range(5))
        )

        made = [answer for answer in answers if answer.status_code == 201]
        assert {answer.json()["id"] for answer in made} == {made[0].json()["id"]}
        for answer in answers:
            if answer.status_code != 201:
                assert_problem(answer, 409, "request-in-flight")
        assert len((await scene.sam.get("/v1/visits")).json()["items"]) == 1

    async def test_is_for_supervisors_of_the_region(self, world: World) -> None:
        scene = await a_scene(world)
        north = await a_region(world, "north")
        away = await an_outlet(world, "bj-1", region=north)

        foreign = await scene.ask_for(scene.ivy, outlet_id=str(away.id))
        assert_problem(foreign, 404, "not-found")
        for name in ("ivy", "rita", "mona", "otto"):
            caller = await world.person(name)
            assert_problem(await caller.post("/v1/visits", json=scene.body()), 403, "forbidden")

    async def test_refuses_two_leads_and_the_same_person_twice(self, world: World) -> None:
        scene = await a_scene(world)
        two = [{"person_id": str(one.id), "role": "lead"} for one in (scene.ivy, scene.ian)]
        twice = [
            {"person_id": str(scene.ivy.id), "role": "lead"},
            {"person_id": str(scene.ivy.id), "role": "backup"},
        ]
        for crew in (two, twice):
            assert_problem(await scene.ask_for(crew=crew), 422, "invalid-request")


class TestChange:
    async def test_of_crew_frees_who_no_longer_goes(self, world: World) -> None:
        """D5.6: released at once."""
        scene = await a_scene(world)
        visit = await scene.arranged(scene.ivy)
        crew = {"crew": [{"person_id": str(scene.ian.id), "role": "lead"}]}

        changed = await scene.sam.put(
            f"/v1/visits/{visit}/crew", json=crew, headers=await etag_of(scene, visit)
        )

        assert changed.json()["crew"][0]["person_id"] == str(scene.ian.id)
        await scene.arranged(scene.ivy, on="2026-03-03")
        assert_problem(await scene.ask_for(scene.ian, on="2026-03-03"), 409, "rotation-conflict")

    async def test_that_is_refused_leaves_the_visit_as_it_was(self, world: World) -> None:
        scene = await a_scene(world)
        await scene.arranged(scene.ian, on="2026-02-01")
        visit = await scene.arranged(scene.ivy, on="2026-03-02")
        crew = {"crew": [{"person_id": str(scene.ian.id), "role": "lead"}]}

        refused = await scene.sam.put(
            f"/v1/visits/{visit}/crew", json=crew, headers=await etag_of(scene, visit)
        )

        assert_problem(refused, 409, "rotation-conflict")
        now = (await scene.sam.get(f"/v1/visits/{visit}")).json()
        assert now["crew"][0]["person_id"] == str(scene.ivy.id)
        assert_problem(await scene.ask_for(scene.ivy, on="2026-03-05"), 409, "rotation-conflict")

    async def test_of_the_day_checks_rotation_again(self, world: World) -> None:
        scene = await a_scene(world)
        await scene.arranged(scene.ivy, on="2026-07-01")
        visit = await scene.arranged(scene.ivy, on="2026-03-02")
        path = f"/v1/visits/{visit}/reschedule"

        def to(day: str) -> dict[str, str]:
            return {"planned_on": day, "day_part": "morning", "reason": "strike"}

        assert_problem(
            await scene.sam.post(path, json=to("2026-05-01"), headers=await etag_of(scene, visit)),
            409,
            "rotation-conflict",
        )
        moved = await scene.sam.post(path, json=to("2026-03-20"), headers=await etag_of(scene, visit))
        assert (moved.status_code, moved.json()["planned_on"]) == (200, "2026-03-20")

    async def test_needs_the_version_that_was_read(self, world: World) -> None:
        scene = await a_scene(world)
        visit = await scene.arranged(scene.ivy)
        path, body = f"/v1/visits/{visit}/cancel", {"reason": "no longer needed"}
        read = await etag_of(scene, visit)

        assert_problem(await scene.sam.post(path, json=body), 428, "precondition-required")
        assert (await scene.sam.post(path, json=body, headers=read)).json()["state"] == "cancelled"
        assert_problem(await scene.sam.post(path, json=body, headers=read), 412, "stale")

    async def test_backup_counts_only_once_called_in(self, world: World) -> None:
        """D5.6, D6.7."""
        scene = await a_scene(world)
        crew = [
            {"person_id": str(scene.ivy.id), "role": "lead"},
            {"person_id": str(scene.ian.id), "role": "backup"},
        ]
        visit = await scene.arranged(crew=crew)
        elsewhere = await scene.ask_for(scene.ian, on="2026-03-04")
        assert elsewhere.status_code == 201, "a backup who stayed outside is free"

        refused = await scene.sam.post(
            f"/v1/visits/{visit}/crew/{scene.ian.id}/activate", headers=await etag_of(scene, visit)
        )

        assert_problem(refused, 409, "rotation-conflict")
        out = await scene.ian.post(f"/v1/visits/{visit}/check-ins", json=scene.check_in_body())
        assert_problem(out, 409, "not-in-crew")


class TestSee:
    async def test_an_inspector_sees_own_visits_and_only_so_far_ahead(self, world: World) -> None:
        """D6.6: seven days by default."""
        scene = await a_scene(world)
        near = await scene.arranged(scene.ivy, on="2026-03-08")
        far = await scene.arranged(scene.ian, on="2026-03-20")

        seen = (await scene.ivy.get("/v1/visits")).json()["items"]
        assert [visit["id"] for visit in seen] == [near]
        assert (await scene.ian.get("/v1/visits")).json()["items"] == []
        assert_problem(await scene.ian.get(f"/v1/visits/{far}"), 404, "not-found")
        assert_problem(await scene.ivy.get(f"/v1/visits/{far}"), 404, "not-found")
        world.clock.advance(days=12)
        assert (await scene.ian.get(f"/v1/visits/{far}")).status_code == 200

    async def test_a_manager_sees_no_visit_even_with_another_role(self, world: World) -> None:
        """D6.6, D10.1."""
        scene = await a_scene(world)
        visit = await scene.arranged(scene.ivy)
        mona = await world.person("mona")
        await in_charge(world, mona, outlet=scene.outlet)
        both = await world.newcomer("mira", Role.OUTLET_MANAGER, Role.REVIEWER)
        await in_charge(world, both, outlet=scene.outlet)

        for caller in (mona, both):
            assert (await caller.get("/v1/visits")).json()["items"] == []
            for path in (
                "",
                "/brief",
                "/gate",
                "/answers",
                "/scores",
                "/transitions",
                "/check-ins",
                "/manifest",
            ):
                assert_problem(await caller.get(f"/v1/visits/{visit}{path}"), 404, "not-found")

    async def test_another_organisation_sees_nothing(self, world: World) -> None:
        """D10.6."""
        scene = await a_scene(world)
        visit = await scene.arranged(scene.ivy)
        bob = await world.person("bob")

        assert (await bob.get("/v1/visits")).json()["items"] == []
        foreign = assert_problem(await bob.get(f"/v1/visits/{visit}"), 404, "not-found")
        absent = await bob.get("/v1/visits/0199a1b2-0000-7000-8000-0000000000ff")
        assert assert_problem(absent, 404, "not-found") == foreign

    async def test_the_list_can_be_narrowed_and_paged(self, world: World) -> None:
        scene = await a_scene(world)
        second = await an_outlet(world, "gz-2", region=scene.region)
        first = await scene.arranged(scene.ivy, on="2026-03-02")
        other = await scene.arranged(scene.ivy, on="2026-03-03", outlet_id=str(second.id))
        third = await scene.arranged(scene.ian, on="2026-03-04")

        async def seen(**wanted: str) -> list[str]:
            return [one["id"] for one in (await scene.sam.get("/v1/visits", params=wanted)).json()["items"]]

        assert await seen() == [first, other, third]
        assert await seen(outlet_id=str(second.id)) == [other]
        assert await seen(inspector_id=str(scene.ian.id)) == [third]
        assert await seen(planned_from="2026-03-03", planned_until="2026-03-03") == [other]
        assert await seen(state="accepted") == []
        assert await seen(limit="1") == [first]
