"""The monthly report, from an outlet's page to a file in the hand (6.11)."""

import re

import pytest
from playwright.async_api import expect

from tests.support.bulletins import words_in
from tests.support.visitor import Arrive


class TestReport:
    @pytest.mark.timeout(400)
    async def test_is_asked_for_from_the_outlet_written_and_saved(self, visit: Arrive) -> None:
        mona = await visit("mona", language="zh")
        page = mona.page
        await page.goto("/o/outlets")
        await page.get_by_role("link", name="Gz-1").click()
        await page.get_by_label("月份").fill("2026-03")
        await page.get_by_role("link", name="下载报告").click()
        await expect(page).to_have_url(re.compile(r"/o/bulletins\?outlet=.*on=2026-03-01"))

        await page.get_by_role("button", name="生成").click()

        await expect(page.get_by_text("已生成").first).to_be_visible()
        async with page.expect_download() as saving:
            await page.get_by_role("button", name="PDF · 中文").first.click()
        saved = await saving.value
        assert saved.suggested_filename == "monthly-2026-03-01-edition-1-zh.pdf"
        text = words_in((await saved.path()).read_bytes())
        assert "检查月报" in text
        assert "66.67" in text
        assert await mona.barriers() == ""
