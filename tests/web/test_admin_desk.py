"""The supervisors' desk for what everything else stands on: outlets, people, programmes, checklists."""

import asyncio
import re
from datetime import UTC, datetime, timedelta

from playwright.async_api import FilePayload, Page, Route, expect

from app.kit.sheets import SheetFormat, XlsxWriter
from tests.support.browsing import ORGANISATION
from tests.support.visitor import PHONE, Arrive, log_in

HEADER = "code,name_en,ownership,tier,stage,load_band,region,traffic_per_day\n"
RIGHT = "new-1,Harbour hall,own,flagship,early,high,south,850\n"
HISTORY = ("inspector_email", "outlet_code", "visited_on", "overt")
WRONG = "new-2,Airport hall,own,flagshp,early,high,nowhere,many\n"


async def held(route: Route, until: asyncio.Event) -> None:
    answer = await route.fetch()
    await until.wait()
    await route.fulfill(response=answer)


async def chosen_workbook(page: Page, *rows: tuple[str, ...]) -> None:
    writer = XlsxWriter(HISTORY)
    writer.add(rows)
    with writer.finish() as file:
        kind = SheetFormat.XLSX.media_type
        sheet = FilePayload(name="past.xlsx", mimeType=kind, buffer=file.read())
    await page.locator("input[type=file]").set_input_files(sheet)


async def chosen(page: Page, text: str) -> None:
    sheet = FilePayload(name="halls.csv", mimeType="text/csv", buffer=(HEADER + text).encode())
    await page.locator("input[type=file]").set_input_files(sheet)


class TestImport:
    async def test_names_every_wrong_row_and_enters_nothing_before_all_are_right(self, visit: Arrive) -> None:
        alice = await visit("alice")
        page = alice.page
        await page.goto("/s/outlets/import")

        await chosen(page, RIGHT + WRONG)

        await expect(page.get_by_role("heading", name="1 of 2 rows is wrong")).to_be_visible()
        wrong = page.get_by_role("region", name="What is wrong").locator("tbody tr")
        await expect(wrong).to_have_count(3)
        for column in ("tier", "region", "traffic_per_day"):
            await expect(wrong.filter(has_text=column).first).to_be_visible()
        await expect(wrong.first.locator("td").first).to_have_text("3")
        await expect(page.get_by_role("button", name="Enter")).to_have_count(0)
        assert await alice.barriers() == ""

        mended = WRONG.replace("flagshp", "flagship").replace("nowhere", "south").replace("many", "120")
        await chosen(page, RIGHT + mended)
        await page.get_by_role("button", name="Enter 2 outlets").click()
        await expect(page.get_by_role("heading", name="2 outlets entered")).to_be_visible()
        await page.get_by_role("link", name="See the outlets").click()

        await page.get_by_label("Search").fill("hall")
        await expect(page.get_by_role("link", name="new-2")).to_be_visible()
        async with page.expect_download() as begun:
            await page.get_by_role("button", name="Export CSV").click()
        kept = await (await begun.value).path()
        assert "Harbour hall" in kept.read_text("utf-8-sig")

    async def test_of_past_visits_from_a_workbook_counts_from_the_first_day(self, visit: Arrive) -> None:
        """D5.6, in Chinese."""
        alice = await visit("alice", language="zh")
        page = alice.page
        await page.goto("/s/coverage")
        await page.get_by_role("link", name="导入历史检查").click()
        before = (datetime.now(UTC) - timedelta(days=9)).date().isoformat()
        right = ("ian@northwind.example", "gz-2", before, "no")

        await chosen_workbook(page, right, ("nobody@northwind.example", "GZ-99", "2999-01-01", "perhaps"))
        wrong = page.get_by_role("region", name="问题").locator("tbody tr")
        await expect(wrong).to_have_count(3)
        await expect(wrong.filter(has_text="overt")).to_contain_text("perhaps")
        await expect(page.get_by_role("button", name="写入")).to_have_count(0)
        await chosen_workbook(page, right)
        await page.get_by_role("button", name="写入 1 次检查").click()
        await expect(page.get_by_role("heading", name="已写入 1 次检查")).to_be_visible()
        await chosen_workbook(page, right)

        await expect(page.get_by_text("没有需要写入的")).to_be_visible()


class TestGrant:
    async def test_is_given_for_a_purpose_ended_and_given_again_and_its_auditor_sees_it(
        self, visit: Arrive
    ) -> None:
        """D10.6."""
        alice, otto = await visit("alice"), await visit("otto")
        page = alice.page
        await page.goto("/s/grants")
        await page.get_by_role("button", name="Give a grant").click()
        dialog = page.get_by_role("dialog")
        await dialog.get_by_label("Auditor").select_option(label="Otto")
        await dialog.get_by_label("Region").select_option(label="South · south")
        await dialog.get_by_label("Purpose").fill("Appeals of the spring")
        assert await alice.barriers() == ""
        await dialog.get_by_role("button", name="Give a grant").click()

        row = page.get_by_role("row", name=re.compile("Appeals of the spring"))
        await expect(row).to_contain_text("in force")
        await row.get_by_role("button", name="End the grant: Otto, Appeals of the spring").click()
        await expect(row).to_contain_text("ended")
        await page.get_by_role("button", name="Undo").click()
        await expect(row).to_have_count(2)
        await otto.page.get_by_role("link", name="Grants").click()
        await expect(otto.page.get_by_role("row", name=re.compile("Appeals.*in force"))).to_contain_text(
            "South"
        )
        await expect(otto.page.get_by_role("button", name="Give a grant")).to_have_count(0)
        assert await otto.barriers() == ""


class TestAlert:
    async def test_names_who_did_what_and_leads_to_the_trail_and_to_ending_the_log_ins(
        self, visit: Arrive
    ) -> None:
        """OWASP ASVS 4.0.3, 11.1.8."""
        page = (await visit("alice")).page
        await page.goto("/s/alerts")
        card = page.get_by_role("listitem").filter(has_text="recordings of 63 visits")
        await expect(card).to_contain_text("told from 40 on")

        async with page.expect_download() as begun:
            await card.get_by_role("button", name="The audit trail").click()
        trail = await (await begun.value).path()
        assert trail.read_text("utf-8-sig").startswith("number,at,actor_id,action")

        await card.get_by_role("link", name="Rita").click()
        await page.get_by_role("button", name="End all log-ins").click()
        await expect(page.get_by_text("All log-ins of Rita have ended.")).to_be_visible()


class TestInvitation:
    async def test_leads_to_a_password_of_one_s_own_and_to_the_place_of_one_s_role(
        self, visit: Arrive
    ) -> None:
        alice = await visit("alice")
        await alice.page.goto("/s/people")
        await alice.page.get_by_role("tab", name="Invitations").click()
        await alice.page.get_by_role("button", name="Invite somebody").click()
        dialog = alice.page.get_by_role("dialog")
        await dialog.get_by_role("textbox", name="Name").fill("Nora Lin")
        await dialog.get_by_label("E-mail").fill(f"nora@{ORGANISATION}.example")
        await dialog.get_by_role("button", name="Make the invitation").click()
        link = await dialog.get_by_label("Link of the invitation").input_value()

        nora = await visit(screen=PHONE)
        await nora.page.goto(link)
        await expect(nora.page.get_by_text("Nora Lin")).to_be_visible()
        assert await nora.barriers() == ""
        await nora.page.get_by_label("Your password").fill("nora")
        await nora.page.get_by_label("The password again").fill("nora")
        await nora.page.get_by_role("button", name="Accept and log in").click()
        await expect(nora.page.get_by_role("alert")).to_contain_text("At least 12 characters")
        await nora.page.get_by_label("Your password").fill("nora has a password")
        await nora.page.get_by_label("The password again").fill("nora has a password")
        await nora.page.get_by_role("button", name="Accept and log in").click()

        await expect(nora.page).to_have_url(re.compile("/m$"))
        assert not any(link.partition("#")[2] in address for address in nora.requested)
        again = await visit(screen=PHONE)
        await log_in(again.page, "nora")
        await expect(again.page).to_have_url(re.compile("/m$"))
        await again.page.goto(link)
        await expect(again.page.get_by_text("Nora Lin is logged in here")).to_be_visible()


async def worded(page: Page, part: str, words: str) -> None:
    """Choose a part in the tree and give it its words in both languages."""
    await page.get_by_role("navigation", name="Items").get_by_role("button", name=part).first.click()
    await expect(page.get_by_role("heading", name=part)).to_be_visible()
    await page.get_by_label("In Chinese").first.fill(f"{words}（中文）")
    await page.get_by_label("In English").first.fill(words)


class TestChecklist:
    async def test_is_refused_while_weights_do_not_add_up_and_tells_what_it_changes(
        self, visit: Arrive
    ) -> None:
        """D3.2, D4.2: a draft is published, its next version bent, refused, mended, tried and published."""
        alice = await visit("alice")
        page = alice.page
        publish = page.get_by_role("button", name="Publish version")
        await page.goto("/s/checklists/new/edit")
        await page.get_by_role("tab", name="Title, purposes, profiles").click()
        await page.get_by_label("Code").first.fill("kiosk")
        await page.get_by_label("In Chinese").first.fill("自助终端")
        await page.get_by_label("In English").first.fill("Kiosk")
        await page.get_by_role("tab", name="Items").click()
        for part, words in (("dimension-1", "Service"), ("indicator-1", "Welcome"), ("item-1", "Greeted?")):
            await worded(page, part, words)
        await expect(page.get_by_text("Nothing is wrong")).to_be_visible()
        await publish.click()
        await expect(page).to_have_url(re.compile("/s/checklists/kiosk$"))

        await page.get_by_role("link", name="Write version 2").click()
        await page.get_by_role("button", name="New indicator").click()
        await worded(page, "indicator-2", "Norms")
        await worded(page, "item-2", "Nobody smokes?")
        await page.get_by_label("One-vote veto").check()
        assert await alice.barriers() == ""
        await page.get_by_role("tab", name="Weights").click()
        await page.get_by_label("Weight of Welcome in any").fill("60")
        await page.get_by_label("Weight of Norms in any").fill("30")
        await expect(page.get_by_text("the weights add up to 90, not to 100")).to_be_visible()
        await publish.click()
        await expect(page.get_by_role("alert").filter(has_text="Not published")).to_be_visible()
        assert await alice.barriers() == ""

        await page.reload()
        await page.get_by_role("tab", name="Weights").click()
        await page.get_by_label("Weight of Norms in any").fill("40")
        await expect(page.get_by_text("Nothing is wrong")).to_be_visible()
        await page.get_by_role("tab", name="Changes").click()
        await expect(page.get_by_text("item-2", exact=True)).to_be_visible()
        changed = page.get_by_role("region", name="Changes").locator("tr", has_text="indicators.indicator-1")
        await expect(changed.locator("del")).to_have_text("100")
        await expect(changed.locator("ins")).to_have_text("60")

        await page.get_by_role("tab", name="Try it out").click()
        await page.get_by_role("button", name="All at their best").click()
        await expect(page.locator("[data-total]")).to_have_text("100.00")
        await page.get_by_label("Nobody smokes?").select_option(label="No")
        await expect(page.locator("[data-total]")).to_have_text("60.00")
        await expect(page.get_by_text("item-2 · takes the indicator")).to_be_visible()
        await publish.click()

        await expect(page).to_have_url(re.compile("/s/checklists/kiosk$"))
        await page.get_by_role("tab", name="Versions").click()
        await expect(page.locator("ins").filter(has_text="60")).to_be_visible()


class TestProgramme:
    async def test_is_set_up_with_rules_of_its_own_and_says_where_nothing_may_be_recorded(
        self, visit: Arrive
    ) -> None:
        """D6.1, D10.5"""
        alice = await visit("alice")
        page = alice.page
        await page.goto("/s/programmes")
        await page.get_by_role("button", name="New programme").click()
        await page.get_by_role("dialog").get_by_label("Name").fill("Autumn round")
        await page.get_by_role("button", name="Set up").click()
        await expect(page.get_by_role("heading", name="Autumn round")).to_be_visible()

        await page.get_by_role("tab", name="Rules").click()
        await page.get_by_label("Months to stay away").fill("4")
        await page.get_by_label("Visits a month: Flagship").fill("2")
        await page.get_by_label("Recorded share, %").fill("92.5")
        answered = asyncio.Event()
        await page.route("**/rules", lambda route: held(route, answered))
        await page.get_by_role("button", name="Save rules").click()
        await page.get_by_role("tab", name="Recording checks").click()
        await page.get_by_label("Silent below, dBFS").fill("-58")
        await page.get_by_label("A picture is required").select_option(label="Yes")
        answered.set()  # what was typed while the first tab was being saved stays
        await expect(page.get_by_text("Saved", exact=True)).to_be_visible()
        await page.get_by_role("button", name="Save rules").click()
        await expect(page.get_by_text("Saved", exact=True)).to_have_count(2)

        await page.get_by_role("tab", name="Recording policy").click()
        means = page.get_by_role("region", name="What this means for each region").locator("tbody tr")
        south = means.filter(has_text="South")  # in CN-44
        await expect(south).to_contain_text("no visit can be planned")
        await page.get_by_role("button", name="New policy").click()
        await page.get_by_label("Jurisdiction").first.fill("CN-44")
        await page.get_by_label("May be recorded").select_option(label="sound")
        await page.get_by_role("button", name="Save policies").click()
        await expect(page.get_by_role("alert")).to_contain_text("to record needs legal_basis")
        for label in ("Legal basis", "Notice", "Assessment reference"):
            await page.get_by_label(label).fill("as agreed in writing")
        await page.get_by_role("button", name="Save policies").click()
        await expect(south).not_to_contain_text("no visit can be planned")
        await expect(means.filter(has_text="CN-11")).to_contain_text("no visit can be planned")

        await page.reload()
        await page.get_by_role("tab", name="Rules").click()
        await expect(page.get_by_label("Months to stay away")).to_have_value("4")
        await expect(page.get_by_label("Visits a month: Flagship")).to_have_value("2")
        await expect(page.get_by_label("Recorded share, %")).to_have_value("92.5")
        await page.get_by_role("tab", name="Recording checks").click()
        await expect(page.get_by_label("Silent below, dBFS")).to_have_value("-58")
        await expect(page.get_by_label("A picture is required")).to_have_value("true")


class TestPerson:
    async def test_is_given_a_profile_leave_and_a_region_and_what_is_taken_away_comes_back(
        self, visit: Arrive
    ) -> None:
        alice = await visit("alice")
        page = alice.page
        await page.goto("/s/people")
        await page.get_by_role("link", name="Bea", exact=True).click()
        await page.get_by_label("Latitude of home").fill("23.13")
        await page.get_by_label("Longitude of home").fill("113.26")
        await page.get_by_label("Saturday").fill("9:00-12:00, 13:00-15:00")
        await expect(page.get_by_text("One span a day")).to_be_visible()
        await page.get_by_label("Saturday").fill("9:00-12:00")
        await page.get_by_role("button", name="Save the profile").click()
        await expect(page.get_by_text("Saved", exact=True)).to_be_visible()
        await page.reload()
        await expect(page.get_by_label("Saturday")).to_have_value("09:00-12:00")

        await page.get_by_role("textbox", name="From", exact=True).fill("2027-02-01")
        await page.get_by_label("Reason").fill("Spring festival")
        await page.get_by_role("button", name="Add").click()
        await page.get_by_role("button", name="Remove Spring festival").click()
        await expect(page.get_by_text("No leave is entered")).to_be_visible()
        await page.get_by_role("button", name="Undo").click()
        await expect(page.get_by_role("button", name="Remove Spring festival")).to_be_visible()

        await page.get_by_role("checkbox", name="reviewer").check()
        await page.get_by_role("button", name="Save", exact=True).click()
        await page.get_by_label("Region", exact=True).select_option(label="North · north")
        await page.get_by_role("button", name="Add").first.click()
        await expect(page.get_by_role("button", name="Remove North")).to_be_visible()
