"""Inviting, changing and not seeing each other across organisations."""

from typing import Any

import httpx2

from tests.support.world import FakeClock, World, assert_problem

INVITATION = {"email": "Nora@northwind.example", "name": "Nora", "roles": ["inspector"]}


class TestInvite:
    async def test_makes_an_account_that_can_log_in(self, world: World, client: httpx2.AsyncClient) -> None:
        alice = await world.person("alice")
        made = await alice.post("/v1/invitations", json=INVITATION)
        assert made.status_code == 201

        accepted = await client.post(
            "/v1/invitations/accept", json={"token": made.json()["token"], "password": "nora was invited"}
        )

        assert accepted.status_code == 201
        headers = {"Authorization": f"Bearer {accepted.json()['access_token']}"}
        nora = (await client.get("/v1/me", headers=headers)).json()
        assert (nora["email"], nora["roles"]) == ("nora@northwind.example", ["inspector"])

    async def test_tells_whoever_holds_it_who_is_invited_and_where(
        self, world: World, client: httpx2.AsyncClient, clock: FakeClock
    ) -> None:
        alice = await world.person("alice")
        secret = {"token": (await alice.post("/v1/invitations", json=INVITATION)).json()["token"]}

        seen = await client.post("/v1/invitations/look", json=secret)

        assert seen.status_code == 200
        told = seen.json()
        assert (told["name"], told["email"]) == ("Nora", "nora@northwind.example")
        assert (told["organisation"]["slug"], told["roles"]) == ("northwind", ["inspector"])
        clock.advance(hours=world.settings.invitation_hours)
        assert_problem(await client.post("/v1/invitations/look", json=secret), 410, "invitation-invalid")

    async def test_works_once_and_only_in_time(
        self, world: World, client: httpx2.AsyncClient, clock: FakeClock
    ) -> None:
        alice = await world.person("alice")
        first = (await alice.post("/v1/invitations", json=INVITATION)).json()["token"]
        second = (await alice.post("/v1/invitations", json=INVITATION)).json()["token"]

        async def accept(token: str) -> httpx2.Response:
            return await client.post(
                "/v1/invitations/accept", json={"token": token, "password": "nora was invited"}
            )

        assert (await accept(first)).status_code == 201
        assert_problem(await accept(first), 410, "invitation-invalid")
        assert_problem(await accept(second), 409, "email-taken")
        clock.advance(hours=world.settings.invitation_hours)
        assert_problem(await accept(second), 410, "invitation-invalid")

    async def test_withdrawn_is_worth_nothing(self, world: World, client: httpx2.AsyncClient) -> None:
        alice = await world.person("alice")
        made = (await alice.post("/v1/invitations", json=INVITATION)).json()
        assert (await alice.delete(f"/v1/invitations/{made['id']}")).status_code == 204

        answer = await client.post(
            "/v1/invitations/accept", json={"token": made["token"], "password": "nora was invited"}
        )

        assert_problem(answer, 410, "invitation-invalid")

    async def test_is_for_admins(self, world: World) -> None:
        for name in ("sam", "ivy", "rita", "mona", "otto"):
            caller = await world.person(name)
            assert_problem(await caller.post("/v1/invitations", json=INVITATION), 403, "forbidden")
            assert_problem(await caller.get("/v1/invitations"), 403, "forbidden")

    async def test_sent_twice_under_one_key_is_made_once(self, world: World) -> None:
        """D11: a phone that lost the answer sends again and gets the same."""
        alice = await world.person("alice")
        key = {"Idempotency-Key": "intention-0001"}

        first = await alice.post("/v1/invitations", json=INVITATION, headers=key)
        again = await alice.post("/v1/invitations", json=INVITATION, headers=key)

        assert (again.status_code, again.json()) == (201, first.json())
        assert again.headers["idempotency-replayed"] == "true"
        assert len((await alice.get("/v1/invitations")).json()["items"]) == 1

    async def test_another_request_under_the_same_key_is_refused(self, world: World) -> None:
        alice = await world.person("alice")
        key = {"Idempotency-Key": "intention-0002"}
        await alice.post("/v1/invitations", json=INVITATION, headers=key)

        other = await alice.post("/v1/invitations", json={**INVITATION, "name": "Norbert"}, headers=key)

        assert_problem(other, 422, "idempotency-key-reused")

    async def test_a_failed_request_leaves_its_key_free(self, world: World) -> None:
        alice = await world.person("alice")
        key = {"Idempotency-Key": "intention-0003"}
        assert_problem(await alice.post("/v1/invitations", json={}, headers=key), 422, "invalid-request")

        assert (await alice.post("/v1/invitations", json=INVITATION, headers=key)).status_code == 201

    async def test_the_same_key_of_two_people_are_two_intentions(self, world: World) -> None:
        alice, bob = await world.person("alice"), await world.person("bob")
        key = {"Idempotency-Key": "intention-0004"}

        first = await alice.post("/v1/invitations", json=INVITATION, headers=key)
        second = await bob.post("/v1/invitations", json=INVITATION, headers=key)

        assert first.json()["id"] != second.json()["id"]


class TestSeePeople:
    async def test_nobody_sees_another_organisation(self, world: World) -> None:
        """D10.6."""
        alice, bob = await world.person("alice"), await world.person("bob")
        await world.person("ivy")

        seen = (await bob.get("/v1/people")).json()["items"]
        assert [person["email"] for person in seen] == ["bob@southgate.example"]
        absent = assert_problem(
            await bob.get("/v1/people/0199a1b2-0000-7000-8000-0000000000ff"), 404, "not-found"
        )
        foreign = assert_problem(await bob.get(f"/v1/people/{alice.id}"), 404, "not-found")
        assert absent == foreign

    async def test_an_outlet_manager_and_an_inspector_see_only_themselves(self, world: World) -> None:
        """D10.1: the outlet's side never gets a name of an inspector."""
        await world.person("ian")
        for name in ("mona", "ivy"):
            caller = await world.person(name)
            seen = (await caller.get("/v1/people")).json()["items"]
            assert [person["id"] for person in seen] == [str(caller.id)]

    async def test_pages_are_complete_and_without_doubles(self, world: World) -> None:
        alice = await world.person("alice")
        for name in ("ivy", "ian", "sam", "mona", "rita"):
            await world.person(name)
        seen: list[str] = []
        cursor: dict[str, Any] = {}
        while True:
            page = (await alice.get("/v1/people", params={"limit": 2, **cursor})).json()
            seen += [person["id"] for person in page["items"]]
            if page["next_cursor"] is None:
                break
            cursor = {"cursor": page["next_cursor"]}
        assert len(seen) == len(set(seen)) == 6

    async def test_a_cursor_of_something_else_is_refused(self, world: World) -> None:
        alice = await world.person("alice")
        for cursor in ("nonsense", "WzFd", "W10", "bnVsbA"):
            assert_problem(await alice.get("/v1/people", params={"cursor": cursor}), 400, "bad-request")


class TestChangePerson:
    async def test_needs_the_version_that_was_read(self, world: World) -> None:
        alice, ivy = await world.person("alice"), await world.person("ivy")
        path = f"/v1/people/{ivy.id}"
        body = {"name": "Ivy C.", "language": "zh", "roles": ["inspector", "reviewer"], "active": True}

        assert_problem(await alice.put(path, json=body), 428, "precondition-required")
        read = await alice.get(path)
        changed = await alice.put(path, json=body, headers={"If-Match": read.headers["etag"]})
        again = await alice.put(path, json=body, headers={"If-Match": read.headers["etag"]})

        assert changed.json()["roles"] == ["inspector", "reviewer"]
        assert changed.headers["etag"] != read.headers["etag"]
        assert assert_problem(again, 412, "stale")["current_version"] == 2

    async def test_deactivating_ends_all_logins_at_once(self, world: World) -> None:
        alice, ivy = await world.person("alice"), await world.person("ivy")
        body = {"name": "Ivy", "language": "en", "roles": ["inspector"], "active": False}

        changed = await alice.put(f"/v1/people/{ivy.id}", json=body, headers={"If-Match": '"1"'})

        assert changed.status_code == 200
        assert_problem(await ivy.get("/v1/me"), 401, "login-ended")

    async def test_keeps_the_last_admin(self, world: World) -> None:
        alice = await world.person("alice")
        body = {"name": "Alice", "language": "en", "roles": ["inspector"], "active": True}

        answer = await alice.put(f"/v1/people/{alice.id}", json=body, headers={"If-Match": '"1"'})

        assert_problem(answer, 409, "last-admin")
        assert (await alice.get("/v1/me")).json()["roles"] == ["admin"]


class TestManners:
    async def test_an_unknown_field_is_named(self, world: World) -> None:
        alice = await world.person("alice")

        answer = await alice.post("/v1/invitations", json={**INVITATION, "salary": 1})

        document = assert_problem(answer, 422, "invalid-request")
        assert document["errors"] == [
            {
                "pointer": "/body/salary",
                "message": "Extra inputs are not permitted",
                "code": "unknown",
                "values": {},
            }
        ]

    async def test_an_unknown_address_and_a_wrong_method_are_problems_too(self, world: World) -> None:
        alice = await world.person("alice")

        assert_problem(await alice.get("/v1/nothing-here"), 404, "not-found")
        wrong = await alice.request("PATCH", f"/v1/people/{alice.id}")
        assert_problem(wrong, 405, "method-not-allowed")
        assert wrong.headers["allow"] == "GET, PUT"
