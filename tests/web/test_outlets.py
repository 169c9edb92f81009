"""Where an outlet stands, for its manager: score with its uncertainty, and no more of others than a median (D3.7)."""

import re

from playwright.async_api import expect

from tests.support.visitor import Arrive


class TestOutlet:
    async def test_tells_score_visits_and_what_costs_most_in_a_month(self, visit: Arrive) -> None:
        mona = await visit("mona")
        page = mona.page
        await page.goto("/o/outlets")
        await page.get_by_role("link", name="Gz-1").click()
        await expect(page).to_have_url(re.compile("/o/outlets/"))

        await page.get_by_label("Month").fill("2026-03")

        await expect(page.get_by_text("66.67").first).to_be_visible()
        await expect(page.get_by_text("1 visit", exact=True).first).to_be_visible()
        await expect(page.get_by_text("fewer than five peers: not shown").first).to_be_visible()
        await expect(page.get_by_role("heading", name="What costs most")).to_be_visible()
        await expect(page.get_by_text("its whole indicator scores zero").first).to_be_visible()
        await expect(page.locator("a[href^='/o/actions/']").first).to_be_visible()
        await expect(page.locator("a[href^='/o/appeals/']").first).to_be_visible()
        await expect(page.get_by_text("Too little of competitors to compare")).to_be_visible()

    async def test_keeps_covert_and_overt_visits_apart(self, visit: Arrive) -> None:
        mona = await visit("mona")
        page = mona.page
        await page.goto("/o/outlets")
        await page.get_by_role("link", name="Gz-1").click()
        await page.get_by_label("Month").fill("2026-03")
        await expect(page.get_by_text("66.67").first).to_be_visible()

        await page.get_by_role("tab", name="Overt", exact=True).click()

        await expect(page.get_by_text("No visit in this period").first).to_be_visible()


class TestComparison:
    async def test_names_each_number(self, visit: Arrive) -> None:
        mona = await visit("mona")
        await mona.page.goto("/o/comparison")

        await mona.page.locator("input[type=month]").fill("2026-03")

        await expect(mona.page.locator("tbody")).to_contain_text("66.67")
