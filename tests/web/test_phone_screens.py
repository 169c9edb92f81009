"""Every screen of the phone, as people with and without sight meet it."""

import pytest
from playwright.async_api import expect

from tests.support.served import Served
from tests.support.visitor import PHONE, Arrive, Theme

SCREENS = ("", "/checklist", "/recorder", "/leave")


class TestScreens:
    @pytest.mark.parametrize("theme", ["light", "dark"])
    async def test_have_no_barriers(self, visit: Arrive, site: Served, theme: Theme) -> None:
        ivy = await visit("ivy", screen=PHONE, theme=theme, language="zh" if theme == "dark" else "en")
        page, whole = ivy.page, site.ids["phone_visit_id"][5]
        await expect(page.locator("article").first).to_be_visible()
        fetch = page.locator("article", has=page.locator(f"a[href$='{whole}']")).locator("button")
        if await fetch.count():
            await fetch.click()
            await expect(fetch).to_have_count(0)
        found = {"today": await ivy.barriers()}
        for screen in SCREENS:
            await page.goto(f"/m/visits/{whole}{screen}")
            await expect(page.locator("main .card, main .state, main .verdict").first).to_be_visible()
            found[screen] = await ivy.barriers()
        await page.goto(f"/m/visits/{whole}/checklist")
        await page.locator("[aria-expanded]").first.click()
        await expect(page.locator(".group").first).to_be_visible()
        found["all items"] = await ivy.barriers()
        for screen in ("uploads", "import", "settings"):
            await page.goto(f"/m/{screen}")
            await expect(page.get_by_role("heading", level=1)).to_be_visible()
            found[screen] = await ivy.barriers()

        assert {screen: text for screen, text in found.items() if text} == {}
        assert len(found) == 9
