"""Coming in, finding one's place, and going out."""

import re

from playwright.async_api import expect

from tests.support.served import Served
from tests.support.visitor import DESK, PHONE, Arrive


class TestLogIn:
    async def test_brings_everybody_to_the_place_of_their_role(self, visit: Arrive) -> None:
        ivy = await visit("ivy", screen=PHONE)
        await expect(ivy.page).to_have_url(re.compile("/m$"))

        mona = await visit("mona")
        await expect(mona.page).to_have_url(re.compile("/o/"))

        alice = await visit("alice")
        await expect(alice.page.get_by_role("heading", name="Choose where to work")).to_be_visible()

    async def test_says_what_is_wrong_and_keeps_what_was_right(self, visit: Arrive) -> None:
        nobody = await visit()
        page = nobody.page
        await page.goto("/login")
        await page.get_by_label("Organisation").fill("northwind")
        await page.get_by_label("E-mail").fill("ivy@northwind.example")
        await page.get_by_label("Password").fill("not hers at all")

        await page.get_by_role("button", name="Log in").click()

        await expect(page.get_by_role("alert")).to_contain_text("do not go together")
        await expect(page.get_by_label("E-mail")).to_have_value("ivy@northwind.example")

    async def test_leaves_no_token_where_a_script_could_find_it(self, visit: Arrive) -> None:
        ivy = await visit("ivy", screen=PHONE)

        kept = await ivy.page.evaluate(
            "JSON.stringify({...localStorage, ...sessionStorage, cookie: document.cookie})"
        )
        (cookie,) = await ivy.context.cookies(ivy.page.url.removesuffix("/m") + "/v1/auth/browser")

        assert "ivy@northwind.example" in kept
        assert "eyJ" not in kept  # a signed token begins so
        assert "plainclothes_refresh" not in kept
        assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
        assert cookie["value"] not in kept

    async def test_survives_a_reload_by_the_cookie_alone(self, visit: Arrive) -> None:
        mona = await visit("mona")

        await mona.page.reload()

        await expect(mona.page.get_by_role("heading", name="Reports")).to_be_visible()

    async def test_comes_back_to_where_one_was_turned_away(self, visit: Arrive) -> None:
        nobody = await visit()
        await nobody.page.goto("/o/reports")
        await expect(nobody.page).to_have_url(re.compile(r"/login\?next=/o/reports"))


class TestPlaces:
    async def test_of_other_roles_are_closed(self, visit: Arrive) -> None:
        ivy = await visit("ivy", screen=PHONE)

        await ivy.page.goto("/s/outlets")

        await expect(ivy.page).to_have_url(re.compile("/m$"))


class TestLogOut:
    async def test_forgets_the_person_and_ends_the_login(self, visit: Arrive) -> None:
        mona = await visit("mona")

        await mona.page.get_by_role("button", name="Log out").click()

        await expect(mona.page).to_have_url(re.compile("/login"))
        kept = await mona.page.evaluate("JSON.stringify({...localStorage})")
        assert "mona" not in kept
        answer = await mona.context.request.post("/v1/auth/browser/refresh")
        assert answer.status == 401


class TestEverybody:
    async def test_asks_nobody_but_us(self, visit: Arrive, site: Served) -> None:
        mona = await visit("mona", screen=DESK)
        await expect(mona.page.get_by_role("heading", name="Reports")).to_be_visible()

        assert mona.requested
        assert [address for address in mona.requested if not address.startswith((site.url, "data:"))] == []
