"""What an outlet answers to a report: an appeal (D8.4), and putting right what was wrong (D8.5)."""

import re

from playwright.async_api import expect

from tests.support.served import Served
from tests.support.visitor import Arrive


class TestAction:
    async def test_is_opened_from_an_item_at_the_second_that_shows_it_and_begun(
        self, visit: Arrive, site: Served
    ) -> None:
        mona = await visit("mona")
        page = mona.page
        await page.goto(f"/o/reports/{site.ids['fresh_alias'][0]}")
        await page.locator("#item-uniform").get_by_role("button", name="Put right").click()
        await page.get_by_label("What is to be done").fill("Two more people at the counter at noon.")

        await page.get_by_role("button", name="Open the action").click()

        await expect(page).to_have_url(re.compile("/o/actions/"))
        await expect(page.get_by_text("Two more people at the counter at noon.").first).to_be_visible()
        await page.get_by_role("button", name="Begin").click()
        await expect(page.get_by_text("under way")).to_be_visible()
        await page.get_by_role("navigation", name="Outlets").get_by_role("link", name="Actions").click()
        await expect(page.get_by_role("region", name="Under way")).to_contain_text("uniform")


class TestAppeal:
    async def test_is_filed_from_the_item_it_is_about(self, visit: Arrive, site: Served) -> None:
        mona = await visit("mona")
        page = mona.page
        await page.goto(f"/o/reports/{site.ids['fresh_alias'][0]}")
        await page.locator("#item-no-smoking").get_by_role("button", name="Appeal").click()
        await page.get_by_label("Why this is not right").fill("The smoke came in from the street.")

        await page.get_by_role("button", name="File the appeal").click()

        await expect(page).to_have_url(re.compile("/o/appeals/"))
        await expect(page.get_by_text("filed", exact=True).first).to_be_visible()
        await expect(page.get_by_text("The smoke came in from the street.")).to_be_visible()
        await page.goto(f"/o/reports/{site.ids['fresh_alias'][0]}")
        await expect(page.get_by_text("Under appeal: provisional")).to_be_visible()

    async def test_cannot_be_filed_twice(self, visit: Arrive, site: Served) -> None:
        mona = await visit("mona")
        await mona.page.goto(f"/o/reports/{site.ids['alias'][0]}")
        await mona.page.locator("#item-no-smoking").wait_for()

        await expect(mona.page.get_by_text("Under appeal: provisional")).to_be_visible()
        await expect(mona.page.get_by_role("button", name="Appeal")).to_have_count(0)
