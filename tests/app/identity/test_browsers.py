"""Log-ins of the product's own pages: the refresh token in a cookie, and nothing for a script to steal."""

from http.cookies import Morsel, SimpleCookie
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from app.main import equip
from tests.support.world import FakeClock, World, assert_problem

IVY = {"organisation": "northwind", "email": "ivy@northwind.example", "password": "ivy has a password"}
COOKIE = "plainclothes_refresh"
INVITED = "/v1/auth/browser/invitation"


async def log_in(client: httpx2.AsyncClient, **headers: str) -> httpx2.Response:
    return await client.post("/v1/auth/browser", json=IVY, headers=headers)


async def refresh(client: httpx2.AsyncClient, **headers: str) -> httpx2.Response:
    return await client.post("/v1/auth/browser/refresh", headers=headers)


async def log_out(client: httpx2.AsyncClient) -> httpx2.Response:
    return await client.post("/v1/auth/browser/logout")


async def me(client: httpx2.AsyncClient, answer: httpx2.Response) -> httpx2.Response:
    token = answer.json()["access_token"]
    return await client.get("/v1/me", headers={"Authorization": f"Bearer {token}"})


def cookie(answer: httpx2.Response) -> "Morsel[str]":
    return SimpleCookie(answer.headers["set-cookie"])[COOKIE]


class TestAcceptInvitation:
    async def test_keeps_the_refresh_token_from_scripts_from_the_first_moment(
        self, world: World, client: httpx2.AsyncClient
    ) -> None:
        alice = await world.person("alice")
        invitation = {"email": "nora@northwind.example", "name": "Nora", "roles": ["inspector"]}
        token = (await alice.post("/v1/invitations", json=invitation)).json()["token"]
        body = {"token": token, "password": "nora was invited"}

        foreign = await client.post(INVITED, json=body, headers={"Sec-Fetch-Site": "cross-site"})
        weak = await client.post(INVITED, json=body | {"password": "nora"})
        answer = await client.post(INVITED, json=body)
        again = await client.post(INVITED, json=body)

        assert_problem(foreign, 403, "forbidden")
        assert_problem(weak, 422, "weak-password")
        assert answer.status_code == 201
        assert set(answer.json()) == {"access_token", "token_type", "expires_in_s"}
        assert cookie(answer)["httponly"]
        assert (await me(client, answer)).json()["email"] == invitation["email"]
        assert (await refresh(client)).status_code == 200
        assert_problem(again, 410, "invitation-invalid")


class TestLogIn:
    async def test_gives_an_access_token_and_keeps_the_refresh_token_from_scripts(
        self, world: World, client: httpx2.AsyncClient
    ) -> None:
        await world.person("ivy")

        answer = await log_in(client)

        assert set(answer.json()) == {"access_token", "token_type", "expires_in_s"}
        kept = cookie(answer)
        assert kept["httponly"]
        assert (kept["samesite"], kept["path"]) == ("strict", "/v1/auth")
        assert int(kept["max-age"]) == 30 * 24 * 3600
        assert kept.value not in answer.text
        assert (await me(client, answer)).json()["email"] == IVY["email"]

    @pytest.mark.parametrize(
        ("public_url", "secure"), [("https://plainclothes.test", True), ("http://127.0.0.1:8080", False)]
    )
    async def test_marks_the_cookie_secure_wherever_the_product_is_reached_by_https(
        self, world: World, app: FastAPI, client: httpx2.AsyncClient, public_url: str, secure: bool
    ) -> None:
        await world.person("ivy")
        settings = world.settings.model_copy(update={"public_url": public_url})
        equip(app, settings, clock=world.clock, passwords=app.state.passwords)

        answer = await log_in(client)

        assert bool(cookie(answer)["secure"]) is secure

    async def test_refuses_a_wrong_password_without_a_cookie(
        self, world: World, client: httpx2.AsyncClient
    ) -> None:
        await world.person("ivy")

        answer = await client.post("/v1/auth/browser", json=IVY | {"password": "not hers at all"})

        assert_problem(answer, 401, "wrong-credentials")
        assert "set-cookie" not in answer.headers

    async def test_is_throttled_like_any_other(self, world: World, client: httpx2.AsyncClient) -> None:
        await world.person("ivy")
        for _ in range(world.settings.login_attempts):
            await client.post("/v1/auth/browser", json=IVY | {"password": "guess number x"})

        assert_problem(await log_in(client), 429, "login-throttled")


class TestRefresh:
    async def test_rotates_the_cookie(self, world: World, client: httpx2.AsyncClient) -> None:
        await world.person("ivy")
        first = await log_in(client)

        second = await refresh(client)

        assert cookie(first).value != cookie(second).value
        assert (await me(client, second)).status_code == 200

    async def test_without_a_cookie_nobody_is_logged_in(self, client: httpx2.AsyncClient) -> None:
        assert_problem(await refresh(client), 401, "login-ended")

    async def test_a_cookie_used_again_later_ends_the_login(
        self, world: World, client: httpx2.AsyncClient, clock: FakeClock
    ) -> None:
        await world.person("ivy")
        stolen = cookie(await log_in(client)).value
        await refresh(client)
        clock.advance(seconds=31)
        client.cookies.clear()

        answer = await refresh(client, cookie=f"{COOKIE}={stolen}")

        assert_problem(answer, 401, "refresh-token-reused")


class TestLogOut:
    async def test_ends_the_login_and_takes_the_cookie_back(
        self, world: World, client: httpx2.AsyncClient
    ) -> None:
        await world.person("ivy")
        logged_in = await log_in(client)
        kept = cookie(logged_in).value

        answer = await log_out(client)

        assert answer.status_code == 204
        assert cookie(answer)["max-age"] == "0"
        assert_problem(await me(client, logged_in), 401, "login-ended")
        assert_problem(await refresh(client, cookie=f"{COOKIE}={kept}"), 401, "login-ended")

    async def test_of_nobody_is_no_mistake(self, client: httpx2.AsyncClient) -> None:
        assert (await log_out(client)).status_code == 204


class TestOtherSites:
    @pytest.mark.parametrize("path", ["", "/refresh", "/logout"])
    @pytest.mark.parametrize("site", ["cross-site", "same-site"])
    async def test_cannot_act_through_the_browser(
        self, world: World, client: httpx2.AsyncClient, path: str, site: str
    ) -> None:
        await world.person("ivy")
        before = await log_in(client)
        body: dict[str, Any] = {} if path else {"json": IVY}

        answer = await client.post(f"/v1/auth/browser{path}", headers={"Sec-Fetch-Site": site}, **body)

        assert_problem(answer, 403, "forbidden")
        assert (await me(client, before)).status_code == 200

    async def test_our_own_pages_can(self, world: World, client: httpx2.AsyncClient) -> None:
        await world.person("ivy")

        answer = await log_in(client, **{"Sec-Fetch-Site": "same-origin"})

        assert answer.status_code == 200
