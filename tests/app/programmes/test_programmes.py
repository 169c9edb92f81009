"""Programmes over HTTP: who sets them up, who sees them, how they change."""

from typing import Any

from tests.support.world import Caller, World, assert_problem

HALLS = {"name": "Hall inspection 2026", "starts_on": "2026-01-01", "checklist_codes": ["telecom-hall"]}
GUANGDONG = {
    "jurisdiction": "CN-44",
    "scope": "any",
    "mode": "video",
    "legal_basis": "PIPL art. 13(1)(2)",
    "notice": "Staff are told in writing each year",
    "assessment_ref": "PIA-2026-014",
}
STAFF = ("sam", "ivy", "rita", "otto")


async def set_up(alice: Caller, **changes: object) -> dict[str, Any]:
    answer = await alice.post("/v1/programmes", json={**HALLS, **changes})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


class TestSetUp:
    async def test_gives_a_programme_with_the_rules_of_the_trade(self, world: World) -> None:
        alice = await world.person("alice")

        made = await set_up(alice)

        assert made["rules"]["rotation_months"] == 3
        assert made["rules"]["completeness_threshold"] == "0.60"
        shown = await alice.get(f"/v1/programmes/{made['id']}")
        assert shown.json() == made
        assert shown.headers["etag"] == '"1"'

    async def test_under_a_name_that_is_taken_is_refused(self, world: World) -> None:
        alice, bob = await world.person("alice"), await world.person("bob")
        await set_up(alice)

        again = await alice.post("/v1/programmes", json=HALLS)

        assert_problem(again, 409, "programme-name-taken")
        await set_up(bob)  # another organisation has its own names

    async def test_is_for_admins(self, world: World) -> None:
        for name in (*STAFF, "mona"):
            caller = await world.person(name)
            assert_problem(await caller.post("/v1/programmes", json=HALLS), 403, "forbidden")

    async def test_must_end_after_it_begins(self, world: World) -> None:
        alice = await world.person("alice")
        answer = await alice.post("/v1/programmes", json={**HALLS, "ends_on": "2025-12-31"})
        assert "ends_on must not be before" in assert_problem(answer, 422, "invalid-request")["detail"]


class TestSee:
    async def test_is_for_staff_and_not_for_the_outlets_side(self, world: World) -> None:
        """D6.6: quotas and gaps would tell an outlet when to expect somebody."""
        made = await set_up(await world.person("alice"))

        for name in STAFF:
            caller = await world.person(name)
            assert [row["id"] for row in (await caller.get("/v1/programmes")).json()["items"]] == [made["id"]]
        for name in ("mona", "bob"):
            caller = await world.person(name)
            assert (await caller.get("/v1/programmes")).json()["items"] == []
            for address in (
                f"/v1/programmes/{made['id']}",
                f"/v1/programmes/{made['id']}/recording-policies",
            ):
                assert_problem(await caller.get(address), 404, "not-found")

    async def test_pages_by_name(self, world: World) -> None:
        alice = await world.person("alice")
        for name in ("C", "A", "B"):
            await set_up(alice, name=name)

        first = (await alice.get("/v1/programmes", params={"limit": 2})).json()
        rest = (await alice.get("/v1/programmes", params={"limit": 2, "cursor": first["next_cursor"]})).json()

        assert [row["name"] for row in first["items"] + rest["items"]] == ["A", "B", "C"]
        assert rest["next_cursor"] is None


class TestEdit:
    async def test_changes_what_was_read_and_nothing_newer(self, world: World) -> None:
        alice = await world.person("alice")
        address = f"/v1/programmes/{(await set_up(alice))['id']}"
        wanted = {**HALLS, "name": "Halls", "ends_on": "2026-12-31"}

        edited = await alice.put(address, json=wanted, headers={"If-Match": '"1"'})

        assert (edited.json()["name"], edited.json()["version"]) == ("Halls", 2)
        assert_problem(await alice.put(address, json=wanted, headers={"If-Match": '"1"'}), 412, "stale")
        assert_problem(await alice.put(address, json=wanted), 428, "precondition-required")

    async def test_of_rules_falls_back_to_defaults(self, world: World) -> None:
        alice = await world.person("alice")
        made = await set_up(alice, rules={"rotation_months": 4, "minimum_photos": 6})

        changed = await alice.put(
            f"/v1/programmes/{made['id']}/rules", json={"minimum_photos": 8}, headers={"If-Match": '"1"'}
        )

        rules = changed.json()["rules"]
        assert (rules["rotation_months"], rules["minimum_photos"]) == (3, 8)

    async def test_is_for_admins_who_can_see_it(self, world: World) -> None:
        address = f"/v1/programmes/{(await set_up(await world.person('alice')))['id']}"
        for name, status, slug in (
            *((name, 403, "forbidden") for name in STAFF),
            ("mona", 404, "not-found"),
            ("bob", 404, "not-found"),
        ):
            caller = await world.person(name)
            for path, body in ((address, HALLS), (f"{address}/rules", {})):
                answer = await caller.put(path, json=body, headers={"If-Match": '"1"'})
                assert_problem(answer, status, slug)


class TestRecordingPolicies:
    async def test_are_replaced_as_a_whole(self, world: World) -> None:
        alice = await world.person("alice")
        address = f"/v1/programmes/{(await set_up(alice))['id']}/recording-policies"

        first = await alice.put(address, json={"policies": [GUANGDONG]}, headers={"If-Match": '"1"'})
        second = await alice.put(
            address,
            json={"policies": [{"jurisdiction": "CN", "scope": "own", "mode": "none"}, GUANGDONG]},
            headers={"If-Match": first.headers["etag"]},
        )

        assert second.json()["version"] == 3
        shown = (await alice.get(address)).json()
        assert [(row["jurisdiction"], row["mode"]) for row in shown["policies"]] == [
            ("CN", "none"),
            ("CN-44", "video"),
        ]

    async def test_name_their_ground_before_anything_is_recorded(self, world: World) -> None:
        """D10.5: legal basis, notice and assessment."""
        alice = await world.person("alice")
        address = f"/v1/programmes/{(await set_up(alice))['id']}/recording-policies"
        bare = {"jurisdiction": "CN", "scope": "own", "mode": "audio"}

        answer = await alice.put(address, json={"policies": [bare]}, headers={"If-Match": '"1"'})
        twice = await alice.put(
            address, json={"policies": [GUANGDONG, GUANGDONG]}, headers={"If-Match": '"1"'}
        )

        assert "legal_basis" in assert_problem(answer, 422, "invalid-request")["detail"]
        assert "same jurisdiction" in assert_problem(twice, 422, "invalid-request")["detail"]
