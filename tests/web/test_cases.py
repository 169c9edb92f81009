"""What an outlet answers to a report: an appeal (D8.4), and putting right what was wrong (D8.5)."""

import re

import pytest
from playwright.async_api import expect

from tests.support.served import Served
from tests.support.visitor import DESK, PHONE, Arrive, Language, Theme


class TestAction:
    async def test_is_opened_from_an_item_at_the_second_that_shows_it_and_begun(
        self, visit: Arrive, site: Served
    ) -> None:
        mona = await visit("mona")
        page = mona.page
        await page.goto(f"/o/reports/{site.ids['alias'][0]}")
        await page.locator("#item-patience").get_by_role("button", name="Put right").click()
        await page.get_by_label("What is to be done").fill("Two more people at the counter at noon.")

        await page.get_by_role("button", name="Open the action").click()

        await expect(page).to_have_url(re.compile("/o/actions/"))
        await expect(page.get_by_text("Two more people at the counter at noon.").first).to_be_visible()
        await page.get_by_role("button", name="Begin").click()
        await expect(page.get_by_text("under way")).to_be_visible()
        await page.get_by_role("navigation", name="Outlets").get_by_role("link", name="Actions").click()
        await expect(page.get_by_role("region", name="Under way")).to_contain_text("patience")

    @pytest.mark.parametrize("theme", ["light", "dark"])
    async def test_board_is_in_nobody_s_way(self, visit: Arrive, theme: Theme) -> None:
        language: Language = "zh" if theme == "dark" else "en"
        mona = await visit("mona", screen=PHONE if theme == "dark" else DESK, theme=theme, language=language)
        await mona.page.goto("/o/actions")
        await mona.page.locator(".action").first.wait_for()

        assert await mona.barriers() == ""


class TestAppeal:
    async def test_out_of_time_is_refused_and_nothing_that_was_typed_is_lost(
        self, visit: Arrive, site: Served
    ) -> None:
        # What the site published lies months back: the window of seven days is long over (D8.4).
        mona = await visit("mona")
        page = mona.page
        await page.goto(f"/o/reports/{site.ids['alias'][0]}")
        await page.locator("#item-no-smoking").get_by_role("button", name="Appeal").click()
        await page.get_by_label("Why this is not right").fill("The smoke came in from the street.")

        await page.get_by_role("button", name="File the appeal").click()

        await expect(page.get_by_role("alert")).to_be_visible()
        await expect(page.get_by_label("Why this is not right")).to_have_value(
            "The smoke came in from the street."
        )
