"""An outlet's manager: from a bad score to the second that proves it (D10.3)."""

import json
import re

import pytest
from playwright.async_api import Page, expect

from tests.support.served import Served
from tests.support.visitor import Arrive

# What the page tells of its playing: browsers show nobody the body of such a request from outside.
OVERHEAR = """
window.heartbeats = []
const send = window.fetch
window.fetch = async (request, ...more) => {
  if (request instanceof Request && request.url.endsWith('/heartbeat')) window.heartbeats.push(await request.clone().text())
  return send(request, ...more)
}
"""


HEARD = "Array.from({length: player.played.length}, (_, i) => [player.played.start(i), player.played.end(i)])"


async def until(page: Page, condition: str) -> None:
    """Wait in the page: `condition` is about `player`. (Playwright's own waiting needs eval, which the page forbids.)"""
    look = f"({condition}) ? done() : ++tries > 500 ? fail(Error(`${{player.currentTime}} s`)) : setTimeout(look, 40)"
    waiting = f"let tries = 0; const look = () => {look}; look()"
    await page.locator("video").evaluate(f"player => new Promise((done, fail) => {{ {waiting} }})")


async def position(page: Page) -> float:
    at: float = await page.locator("video").evaluate("player => player.currentTime")
    return at


class TestReport:
    async def test_says_what_was_lost_and_by_what(self, visit: Arrive, site: Served) -> None:
        mona = await visit("mona")

        await mona.page.get_by_role("link", name="Gz-1").first.click()

        await expect(mona.page.locator(".points").first).to_have_text("66.67")
        await expect(mona.page.get_by_text("vetoes took 10.00 (without them 76.67)")).to_be_visible()
        await expect(
            mona.page.get_by_text("no-smoking takes the score of its whole indicator")
        ).to_be_visible()

    async def test_leads_from_a_breached_norm_to_the_second_that_shows_it(
        self, visit: Arrive, site: Served
    ) -> None:
        mona = await visit("mona")
        await mona.page.add_init_script(OVERHEAR)
        await mona.page.goto(f"/o/reports/{site.ids['alias'][0]}")
        await mona.page.get_by_role("tab", name="Points lost").click()

        async with mona.page.expect_response(re.compile("/heartbeat"), timeout=30_000) as told:
            await mona.page.locator("#item-no-smoking").get_by_role("button", name="1:23").click()
            marker = mona.page.locator(".chosen")
            await expect(marker).to_contain_text("1:23 · one-vote veto")
            await until(mona.page, "player.currentTime > 83.2")
            await mona.page.keyboard.press("k")

        assert (await told.value).status == 204
        heard = json.loads(await mona.page.evaluate("window.heartbeats.at(-1)"))
        assert heard["from_ms"] == pytest.approx(83_000, abs=50)
        assert 83_200 <= heard["to_ms"] < 90_000
        assert await position(mona.page) == pytest.approx(heard["to_ms"] / 1000, abs=1)
        await marker.get_by_role("button", name="Put right").click()
        await expect(mona.page.get_by_role("dialog")).to_contain_text("no-smoking · 1:23")

    async def test_is_played_by_keyboard(self, visit: Arrive, site: Served) -> None:
        mona = await visit("mona")
        await mona.page.goto(f"/o/reports/{site.ids['alias'][0]}")
        await until(mona.page, "player.duration > 90")

        await mona.page.keyboard.press("5")
        await until(mona.page, "Math.abs(player.currentTime - 48) < 1")
        await mona.page.keyboard.press("j")
        await until(mona.page, "Math.abs(player.currentTime - 38) < 1")
        for key, second in (("l", 48), ("ArrowLeft", 43), ("j", 33), ("ArrowRight", 38)):
            await mona.page.keyboard.press(key)
            await until(mona.page, f"Math.abs(player.currentTime - {second}) < 1")
        await mona.page.keyboard.press("Shift+>")
        await until(mona.page, "player.playbackRate === 1.25")
        await mona.page.get_by_label("Speed").select_option(label="2×")
        await until(mona.page, "player.playbackRate === 2")
        await mona.page.locator("h1").click()  # keys belong to what has the focus
        await mona.page.keyboard.press("s")
        await expect(mona.page.get_by_role("switch", name="Skip silence")).to_be_checked()
        await mona.page.keyboard.press("k")
        await until(mona.page, "player.currentTime > 52.5")  # silent from 40 to 52
        await mona.page.keyboard.press("k")
        await until(mona.page, f"{HEARD}.every(([from, to]) => from > 46 || to < 46)")
        await mona.page.keyboard.press("n")
        await until(mona.page, "Math.abs(player.currentTime - 83) < 3")
        await mona.page.keyboard.press("k")
        await mona.page.keyboard.press("9")
        await until(mona.page, "Math.abs(player.currentTime - 86.4) < 1")
        await mona.page.keyboard.press("p")
        await until(mona.page, "Math.abs(player.currentTime - 83) < 2")
        await mona.page.keyboard.press("k")
        await mona.page.keyboard.press("?")

        await expect(mona.page.get_by_role("dialog")).to_contain_text("next and previous marker")

    async def test_is_commented_on_at_a_second_and_says_where_the_recorder_was_interrupted(
        self, visit: Arrive, site: Served
    ) -> None:
        """D7.3, D10.1"""
        mona = await visit("mona")
        page = mona.page
        await page.goto(f"/o/reports/{site.ids['alias'][0]}")
        await until(page, "player.duration > 90")
        await expect(page.get_by_text("Recording was interrupted (hatched): 0:30–0:36")).to_be_visible()
        await page.keyboard.press("5")
        await until(page, "Math.abs(player.currentTime - 48) < 1")

        await page.keyboard.press("c")
        await page.get_by_role("textbox", name="Comment at 0:4").fill("Nobody stood at the desk.")
        await page.get_by_role("button", name="Send").click()

        said = page.get_by_role("region", name="Comments").get_by_role("listitem")
        await expect(said.filter(has_text="Nobody stood at the desk.")).to_contain_text("You")
        await page.keyboard.press("9")
        await page.get_by_role("group", name="Comments").get_by_role("button", name="0:4").click()
        await until(page, "Math.abs(player.currentTime - 48) < 1.2")
        await said.filter(has_text="Nobody stood").get_by_role("button", name="Retract").click()
        await expect(said.filter(has_text="A comment that was retracted")).to_have_count(1)
        await page.get_by_role("button", name="Undo").click()
        await expect(said.filter(has_text="Nobody stood at the desk.")).to_have_count(1)

    async def test_shows_the_photo_that_proves_it_with_the_viewer_written_over_it(
        self, visit: Arrive, site: Served
    ) -> None:
        mona = await visit("mona")
        await mona.page.goto(f"/o/reports/{site.ids['alias'][0]}")

        await mona.page.locator("#item-no-smoking").get_by_role("button", name="Photo 1").click()

        await expect(mona.page.get_by_role("img", name="Photo 1")).to_be_visible()
        await expect(mona.page.locator("figcaption")).to_contain_text("mona@")

    async def test_of_another_outlet_is_not_there(self, visit: Arrive, site: Served) -> None:
        nina = await visit("nina")

        await nina.page.goto(f"/o/reports/{site.ids['alias'][0]}")

        await expect(nina.page.get_by_role("alert")).to_contain_text("no report with this alias")
