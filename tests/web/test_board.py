"""The route board: what may come where is told before the drop, and every change can be taken back (D6)."""

import re
from calendar import monthrange

from playwright.async_api import Locator, Page, expect

from tests.support.board import PAIRS, PROGRAMME, draw_up, searched
from tests.support.visitor import PHONE, Arrive, Visitor
from tests.support.waiting import eventually

PUBLISHED_MS = 120_000


def row(page: Page, name: str) -> Locator:
    return page.locator("tbody tr", has=page.locator("th", has_text=name))


def chip(page: Page, code: str) -> Locator:
    return page.locator("button.visit", has_text=code).first


async def cell_of(visit: Locator) -> tuple[str, str]:
    found: list[str] = await visit.evaluate(
        "one => { const cell = one.closest('td'); return [cell.dataset.inspector, cell.dataset.on] }"
    )
    return found[0], found[1]


async def pick_up(page: Page, visit: Locator) -> None:
    """With the mouse; from then on every cell has its tint."""
    await visit.scroll_into_view_if_needed()
    await visit.hover()
    await page.mouse.down()
    box = await visit.bounding_box()
    assert box
    await page.mouse.move(box["x"] + box["width"] / 2 + 12, box["y"] + box["height"] / 2 + 4, steps=3)
    await expect(page.locator("td.blocked").first).to_be_visible()


async def carry_to(page: Page, cell: Locator) -> None:
    """Again until it is there: the table scrolls under the hand, and names stay put above its cells."""

    async def is_over() -> bool:
        await cell.evaluate("one => one.scrollIntoView({ block: 'center', inline: 'center' })")
        box = await cell.bounding_box()
        assert box
        await page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] - 6, steps=4)
        return await page.locator("td.over").count() == 1

    await eventually(is_over)


def moves(visitor: Visitor) -> int:
    return sum(url.endswith("/move") for url in visitor.requested)


async def open_visit(page: Page, visit: Locator, button: str) -> None:
    await visit.click()
    await page.get_by_role("dialog").get_by_role("button", name=button, exact=True).click()


# Whether the dialog stays open: that it was shut the browser tells with the next frame.
SHUT_AND_OPENED_WITHIN_A_FRAME = """async (chip) => {
    const dialog = document.querySelector('dialog[open]')
    dialog.querySelector('header button').click()
    while (dialog.open) await null
    chip.click()
    for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame)
    return dialog.open
}"""


class TestBoard:
    async def test_a_month_from_the_plan_to_the_repair_after_a_sick_call(self, visit: Arrive) -> None:
        pam = await visit("pam")
        page = pam.page

        await draw_up(page)
        await self._a_visit_nobody_can_make_says_why_and_what_would_serve_it(page)
        await self._a_blocked_cell_tells_its_reason_before_the_drop_and_refuses_it(pam)
        await self._a_drop_on_an_allowed_cell_moves_and_undo_and_redo_go_back_and_forth(pam)
        await self._keys_carry_a_visit_as_the_mouse_does(pam)
        await self._what_is_pinned_stays(pam)
        await self._a_week_has_hours_and_the_map_has_the_ways_of_a_day(page)
        await self._is_in_nobodys_way_in_both_themes(pam)
        await self._publishing_says_first_what_will_be_different(page)
        await self._a_sick_call_is_repaired_in_two_clicks_and_published_with_its_difference(page)
        await self._two_plans_are_laid_beside_each_other(pam)

    async def _a_visit_nobody_can_make_says_why_and_what_would_serve_it(self, page: Page) -> None:
        column = page.get_by_role("region", name="Unassigned")
        card = column.locator("li", has_text="Ronggui hall")

        await expect(card).to_contain_text("Nobody speaks the language")
        await expect(card).to_contain_text("Somebody who speaks the language, such as")

        await card.get_by_role("button", name="Move to…").click()
        await expect(page.get_by_role("dialog")).to_contain_text("No inspector on no day of the month")
        await page.keyboard.press("Escape")

    async def _a_blocked_cell_tells_its_reason_before_the_drop_and_refuses_it(self, pam: Visitor) -> None:
        """D5.8: the dates stand in the answer."""
        page, one = pam.page, chip(pam.page, "fs-1")
        before = await cell_of(one)

        await pick_up(page, one)
        ann = row(page, "Ann").locator("td")
        await expect(ann.locator("visible=true")).not_to_have_count(0)
        await carry_to(page, ann.nth(14))
        status = page.locator("p.hint")
        await expect(status).to_contain_text(
            re.compile(
                r"blocked: Rotation: .* there on .+20\d\d, which blocks until .+; may come from .+20\d\d\."
            )
        )
        await page.mouse.up()

        await expect(page.locator(".toast")).to_contain_text("Not moved")
        assert await cell_of(one) == before
        assert moves(pam) == 0
        await expect(page.get_by_role("button", name="Undo").first).to_be_disabled()

    async def _a_drop_on_an_allowed_cell_moves_and_undo_and_redo_go_back_and_forth(
        self, pam: Visitor
    ) -> None:
        page, one = pam.page, chip(pam.page, "fs-3")
        before = await cell_of(one)
        await pick_up(page, one)
        free = page.locator(f"td.allowed:not([data-on='{before[1]}'])").first
        target = (await free.get_attribute("data-inspector"), await free.get_attribute("data-on"))

        await carry_to(page, free)
        await expect(page.locator("p.hint")).to_contain_text(
            re.compile(r"allowed · arrives \d\d:\d\d · .* min")
        )
        await page.mouse.up()

        moved = page.locator(f"td[data-inspector='{target[0]}'][data-on='{target[1]}']")
        back = page.locator(f"td[data-inspector='{before[0]}'][data-on='{before[1]}']")
        await expect(moved.locator("button.visit", has_text="fs-3")).to_be_visible()
        assert moves(pam) == 1
        await page.get_by_role("button", name="Undo", exact=True).first.click()
        await expect(back.locator("button.visit", has_text="fs-3")).to_be_visible()
        await page.keyboard.press("Control+Shift+Z")
        await expect(moved.locator("button.visit", has_text="fs-3")).to_be_visible()

    async def _keys_carry_a_visit_as_the_mouse_does(self, pam: Visitor) -> None:
        page, one = pam.page, chip(pam.page, "fs-5")
        before = await cell_of(one)
        await one.focus()

        await page.keyboard.press("Space")
        await expect(page.locator("td.blocked").first).to_be_visible()
        await expect(page.locator("p.hint")).to_contain_text("arrows choose")
        await page.keyboard.press("ArrowRight" if before[1] < f"{before[1][:8]}20" else "ArrowLeft")
        over = page.locator("td.over")
        for _ in range(7):  # a weekend and a day that is full lie between at the most
            if re.search("allowed|soft", await over.get_attribute("class") or ""):
                break
            await page.keyboard.press("ArrowRight" if before[1] < f"{before[1][:8]}20" else "ArrowLeft")
        target = (await over.get_attribute("data-inspector"), await over.get_attribute("data-on"))
        await page.keyboard.press("Enter")

        there = page.locator(f"td[data-inspector='{target[0]}'][data-on='{target[1]}']")
        await expect(there.locator("button.visit", has_text="fs-5")).to_be_focused()
        assert target != before

    async def _what_is_pinned_stays(self, pam: Visitor) -> None:
        """D6.5."""
        page, one = pam.page, chip(pam.page, "fs-6")
        await open_visit(page, one, "Pin")
        await expect(chip(page, "fs-6")).to_have_class(re.compile("pinned"))

        await chip(page, "fs-6").focus()
        await page.keyboard.press("Space")

        await expect(page.get_by_role("dialog")).to_contain_text("A pinned visit never moves")
        assert await chip(page, "fs-6").evaluate(SHUT_AND_OPENED_WITHIN_A_FRAME)
        await page.keyboard.press("Escape")

    async def _a_week_has_hours_and_the_map_has_the_ways_of_a_day(self, page: Page) -> None:
        await page.get_by_role("tab", name="Week").click()
        await expect(page.locator("thead th.number")).not_to_have_count(0)
        days = await page.locator("thead th.number").count()
        assert days <= 7
        await expect(chip(page, "fs-")).to_contain_text(re.compile(r"\d\d:\d\d"))
        before = await page.locator("thead th.number").first.inner_text()
        await page.get_by_role("button", name="The week after").click()
        await expect(page.locator("thead th.number").first).not_to_have_text(before)
        await page.get_by_role("button", name="The week before").click()

        await page.get_by_role("button", name=re.compile("^Route of ")).first.click()

        await expect(
            page.get_by_role("img", name=re.compile("8 outlets, 1 of them unassigned; 1 route shown"))
        ).to_be_visible()
        await page.get_by_role("button", name="Closer").click()
        await page.get_by_role("button", name="The whole map").click()
        await page.get_by_role("tab", name="Month").click()

    async def _is_in_nobodys_way_in_both_themes(self, pam: Visitor) -> None:
        for theme in ("light", "dark"):
            await pam.page.emulate_media(color_scheme=theme)
            assert await pam.barriers() == ""
        await chip(pam.page, "fs-7").click()
        await expect(pam.page.get_by_role("heading", name="Best places")).to_be_visible()
        await expect(pam.page.locator(".best button").first).to_be_visible()
        assert await pam.barriers() == ""
        await pam.page.keyboard.press("Escape")

    async def _publishing_says_first_what_will_be_different(self, page: Page) -> None:
        await page.get_by_role("button", name="Publish…").click()
        dialog = page.get_by_role("dialog")
        await expect(dialog).to_contain_text("7 visits will be arranged")
        await expect(dialog).to_contain_text("Still unassigned: 1")

        await dialog.get_by_role("button", name="Publish", exact=True).click()

        await expect(page.locator(".chip", has_text="Published")).to_be_visible(timeout=PUBLISHED_MS)
        await expect(page.get_by_role("button", name="Publish…")).to_be_hidden()

    async def _a_sick_call_is_repaired_in_two_clicks_and_published_with_its_difference(
        self, page: Page
    ) -> None:
        """D6.5: the others keep what they have."""
        inspector, on = await cell_of(chip(page, "fs-4"))
        name = (
            await page.locator("tbody tr", has=page.locator(f"td[data-inspector='{inspector}']"))
            .locator(".name")
            .inner_text()
        )
        await page.get_by_role("button", name=f"{name} is sick").click()
        last = monthrange(int(on[:4]), int(on[5:7]))[1]
        await page.get_by_label("Until").fill(f"{on[:8]}{last}")
        await page.get_by_role("button", name="Enter leave and repair").click()

        await expect(page.locator(".chip", has_text="Repair")).to_be_visible()
        await searched(page)
        assert (await cell_of(chip(page, "fs-4")))[0] != inspector
        await page.get_by_role("button", name="Publish…").click()
        dialog = page.get_by_role("dialog")
        await expect(dialog.locator("li", has_text="Shunde hall")).to_contain_text("Person")
        await expect(dialog.get_by_role("table")).to_contain_text("Travel (min)")
        await dialog.get_by_role("button", name="Not yet").click()

    async def _two_plans_are_laid_beside_each_other(self, pam: Visitor) -> None:
        page = pam.page
        await page.get_by_role("link", name="Compare").click()
        await expect(page.get_by_role("heading", name="Compare")).to_be_visible()
        worth = page.get_by_role("region", name="What both are worth")
        await expect(worth.get_by_role("row", name=re.compile("^Assigned"))).to_contain_text("7")
        await page.get_by_role("tab", name="Person").click()
        await expect(page.locator(".changes li", has_text="Shunde hall")).to_contain_text("→")
        for theme in ("light", "dark"):
            await page.emulate_media(color_scheme=theme)
            assert await pam.barriers() == ""

        await page.get_by_role("link", name="Plans").click()
        ticks = page.get_by_role("checkbox", name=re.compile("^Choose to compare"))
        await expect(ticks.nth(1)).to_be_visible()
        await ticks.nth(0).check()
        await ticks.nth(1).check()
        await page.get_by_role("link", name="Compare two").click()
        await expect(page.locator(".changes li", has_text="Shunde hall")).to_be_visible()


class TestCrew:
    async def test_is_put_together_person_by_person_and_enters_together(self, visit: Arrive) -> None:
        """D6.7: eva was at the first hall within the interval, so that fay and gus go there."""
        pia = await visit("pia")
        page = pia.page
        await draw_up(page, PAIRS)
        await expect(page.locator("button.visit", has_text="zq-1")).to_have_count(2)
        await open_visit(page, chip(page, "zq-1"), "Take out")
        card = page.get_by_role("region", name="Unassigned").locator("li", has_text="Duanzhou hall")
        await expect(card).to_contain_text("Somebody took it out by hand")

        await card.get_by_role("button", name="Move to…").click()
        await page.locator(".best button", has_text="Fay").first.click()
        dialog = page.get_by_role("dialog", name="Who comes along?")
        await expect(dialog).to_contain_text("Fay · leads")
        await expect(dialog).to_contain_text("1 more person is needed")
        eva = dialog.get_by_role("button", name=re.compile("Eva"))
        await expect(eva).to_be_disabled()
        await expect(eva).to_contain_text(re.compile("Eva: Rotation: .* may come from"))
        assert await pia.barriers() == ""
        await dialog.get_by_role("button", name=re.compile("Gus")).click()
        await expect(page.locator("button.visit", has_text="zq-1")).to_have_count(2)
        assert moves(pia) == 1

        await page.get_by_role("button", name="Undo", exact=True).first.click()
        await expect(card).to_be_visible()
        await card.hover()
        await page.mouse.down()
        await page.mouse.move(700, 400, steps=4)
        free = row(page, "Gus").locator("td.allowed").first
        await carry_to(page, free)
        await page.mouse.up()
        await expect(dialog).to_contain_text("Gus · leads")
        await dialog.get_by_role("button", name=re.compile("Fay")).click()
        for name in ("Fay", "Gus"):
            await expect(row(page, name).locator("button.visit", has_text="zq-1")).to_be_visible()


class TestCoverage:
    async def test_tells_when_each_pair_is_legal_again_and_why_not_before(self, visit: Arrive) -> None:
        """D5.8."""
        pam = await visit("pam")
        page = pam.page
        await page.goto("/s/coverage")
        await page.get_by_label("Programme").select_option(label=PROGRAMME)
        cell = page.get_by_role("button", name=re.compile("^Ann, Chancheng hall: rotation, again on"))
        await expect(cell).to_be_visible()
        await expect(page.get_by_role("button", name="Bo, Nanhai hall: may come")).to_be_visible()
        await expect(page.get_by_role("button", name="Bo, Ronggui hall: language")).to_be_visible()
        await expect(page.get_by_text(re.compile("at least 1 visit short")).first).to_be_visible()
        for theme in ("light", "dark"):
            await page.emulate_media(color_scheme=theme)
            assert await pam.barriers() == ""

        await cell.click()

        dialog = page.get_by_role("dialog")
        await expect(dialog).to_contain_text(re.compile("The visit on .* keeps her or him away until"))
        await expect(dialog).to_contain_text("May come again from")
        assert await pam.barriers() == ""

    async def test_is_read_on_a_phone_in_chinese(self, visit: Arrive) -> None:
        pam = await visit("pam", screen=PHONE, language="zh", theme="dark")
        await pam.page.goto("/s/coverage")
        await pam.page.get_by_label("检查项目").select_option(label=PROGRAMME)
        await expect(
            pam.page.get_by_role("button", name=re.compile("^Ann，|^Ann, 禅城营业厅"))
        ).to_be_visible()

        assert await pam.barriers() == ""

    async def test_is_for_planners(self, visit: Arrive) -> None:
        """D6.6: a reviewer shares the desk and sees no plan."""
        rita = await visit("rita")
        await rita.page.goto("/s")
        await expect(rita.page.get_by_role("link", name="Outlets").first).to_be_visible()

        assert await rita.page.get_by_role("link", name="Board").count() == 0
