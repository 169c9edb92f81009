"""States of the phone's screens that no address leads to. (The screens: test_every_screen.py.)"""

import pytest
from playwright.async_api import expect

from tests.support.screens import VISIT, Screen, opened
from tests.support.served import Served
from tests.support.visitor import PHONE, Arrive, Theme


class TestChecklist:
    @pytest.mark.parametrize("theme", ["light", "dark"])
    async def test_lists_all_items_in_nobodys_way(self, visit: Arrive, site: Served, theme: Theme) -> None:
        ivy = await visit("ivy", screen=PHONE, theme=theme, language="zh" if theme == "dark" else "en")
        await opened(ivy, site, Screen("checklist", "ivy", f"{VISIT}/checklist"))

        await ivy.page.locator("[aria-expanded]").first.click()

        await expect(ivy.page.locator(".group").first).to_be_visible()
        assert await ivy.barriers() == ""
