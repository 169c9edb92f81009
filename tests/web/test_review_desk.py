"""The supervisors' desk on the day: what happens as it happens, review beside the recording, blind second marking."""

import asyncio
import re
from datetime import UTC, datetime

import pytest
from playwright.async_api import Page, Response, expect

from app.kit.ids import new_id
from tests.support.browsing import Asking
from tests.support.served import Served
from tests.support.visitor import Arrive, Visitor
from tests.web.test_reports import until


class TestLiveDay:
    async def test_a_visit_changes_its_stage_without_reloading(self, visit: Arrive, site: Served) -> None:
        ivy, one = Asking(site, "ivy"), site.ids["live_visit_id"][0]
        sam = await visit("sam")
        page = sam.page
        await page.goto("/s/live")
        await expect(page.get_by_role("region", name="Planned").get_by_text("Conghua hall")).to_be_visible()
        await expect(page.locator(".chip", has_text="Live")).to_be_visible()
        loaded = len([address for address in sam.requested if address.endswith("/s/live")])

        ivy.ask(
            "POST",
            f"/v1/visits/{one}/check-ins",
            {
                "id": str(new_id()),
                "device_at": datetime.now(UTC).isoformat(),
                "clock_offset_ms": 0,
                "position": {"latitude": 23.1291, "longitude": 113.2644, "accuracy_m": 12.0},
            },
        )

        card = page.get_by_role("region", name="Inside").locator(".visit", has_text="Conghua hall")
        await expect(card).to_contain_text("just now")
        await expect(page.get_by_role("status").filter(has_text="Conghua hall: inside")).to_have_count(1)
        await expect(page.get_by_role("region", name="Planned").get_by_text("Conghua hall")).to_have_count(0)
        assert len([address for address in sam.requested if address.endswith("/s/live")]) == loaded

    async def test_says_what_needs_a_hand_also_where_a_proxy_lets_no_stream_through(
        self, visit: Arrive
    ) -> None:
        """D7.3, D8.1"""
        sam = await visit("sam")
        await sam.page.route("**/v1/events/stream*", lambda route: route.abort())
        await sam.page.goto("/s/live")
        alerts = sam.page.get_by_role("region", name="Needs a hand")
        await expect(sam.page.locator(".chip", has_text="Looks every 15 s")).to_be_visible()

        await alerts.get_by_role("tab", name="Uploads missing").click()
        await expect(alerts).to_contain_text(re.compile(r"files? (was|were) due"))
        await alerts.get_by_role("tab", name="Reviews overdue").click()
        await expect(alerts).to_contain_text("Review was due")
        await alerts.get_by_role("tab", name="Late visits").click()
        # Before those that are late, however many there are by the hour at which this runs.
        await expect(alerts.get_by_role("listitem").first).to_contain_text("Inside for long")


class TestReview:
    async def test_is_made_beside_the_recording_and_ends_with_items_sent_back(
        self, visit: Arrive, site: Served
    ) -> None:
        """D4.3, D8.2; and whoever is to mark it blind hears of it by the bell, without reloading."""
        rita, sam = await visit("rita"), await visit("sam")
        page, one = sam.page, site.ids["review_visit_id"][0]
        await rita.page.goto("/s")  # reviewers read reports as well, and choose where to work
        bell = rita.page.get_by_role("link", name="Inbox").first
        await expect(bell).to_have_attribute("aria-label", re.compile(r"\d+ unread"))
        before = int(re.findall(r"\d+", await bell.get_attribute("aria-label") or "")[0])
        await page.goto("/s/reviews")
        await page.get_by_role("link", name="Huangpu hall").click()

        await page.get_by_role("button", name="Take up").click()
        veto = page.get_by_role("region", name="veto: no-smoking")
        await veto.get_by_role("button", name="1:23").click()
        await until(page, "player.currentTime > 83 && player.videoWidth > 0")
        await expect(page.get_by_role("button", name="Approve")).to_be_disabled()
        await veto.get_by_label("What is to be seen or heard").fill("At 1:23 nobody smokes.")
        await veto.get_by_role("button", name="Reject the breach").click()
        await expect(veto).to_contain_text("Sam")
        await self._a_person_looks_at_hidden_faces_and_hides_a_part_of_the_picture(sam)
        await page.get_by_role("button", name="Ask back: no-smoking").click()
        await page.get_by_label("Why it is asked back").fill("It is steam from a kettle.")
        await page.get_by_role("button", name="Send back 1 item").click()
        dialog = page.get_by_role("dialog")
        await dialog.get_by_label("Why, on the whole").fill("One answer does not fit the recording.")
        await dialog.get_by_role("button", name="Send back 1 item").click()

        await expect(page.get_by_text("With the inspector, to be corrected")).to_be_visible()
        (sent,) = Asking(site, "ivy").get(f"/v1/visits/{one}/send-backs")
        assert sent["reason"] == "One answer does not fit the recording."
        assert sent["items"] == [{"item": "no-smoking", "reason": "It is steam from a kettle."}]
        await expect(bell).to_have_attribute("aria-label", re.compile(rf"\b{before + 1} unread"))

    async def _a_person_looks_at_hidden_faces_and_hides_a_part_of_the_picture(self, sam: Visitor) -> None:
        """D10.2: drawn with the mouse, adjusted by keys, for a stretch of time."""
        page = sam.page
        await until(page, "player.duration > 90")
        panel = page.locator("details", has_text="Muting and hiding")
        await panel.locator("summary").click()
        async with page.expect_response(re.compile(r"/play(\?|$)")):  # it is taken anew
            await panel.get_by_role("button", name="I looked through it: faces are hidden").click()
        await expect(panel.get_by_text("hidden faces to confirm")).to_have_count(0)

        await until(page, "player.duration > 90")
        await page.keyboard.press("5")
        await until(page, "Math.abs(player.currentTime - 48) < 1")
        await panel.get_by_role("button", name="Hide a part of the picture").click()
        picture = page.get_by_role("application", name=re.compile("^Draw over the part"))
        box = await picture.bounding_box()
        assert box
        await page.mouse.move(box["x"] + box["width"] * 0.2, box["y"] + box["height"] * 0.2)
        await page.mouse.down()
        await page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.6, steps=4)
        await page.mouse.up()
        drawn = page.get_by_role(
            "button", name=re.compile(r"^Rectangle 1, 0:4\d to 0:5\d, 20 % from the left")
        )
        await expect(drawn).to_be_focused()
        await page.keyboard.press("ArrowRight")
        await page.keyboard.press("Shift+ArrowDown")
        await expect(
            page.get_by_role("button", name=re.compile("21 % from the left.* 41 % high"))
        ).to_be_visible()
        await panel.get_by_label("Until, s").fill("60")
        assert await sam.barriers() == ""
        await panel.get_by_role("button", name="Hide a part of the picture").click()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("button", name=re.compile("^Rectangle 2,"))).to_be_focused()
        await page.keyboard.press("Delete")
        await expect(page.get_by_role("button", name=re.compile("^Rectangle 2,"))).to_have_count(0)

        await panel.get_by_label("Why it is muted or hidden").fill("A customer's passport.")
        async with page.expect_response(
            lambda one: one.request.method == "PUT" and one.url.endswith("/mutes")
        ) as answered:
            await panel.get_by_role("button", name="Save").click()
        (hidden,) = (await (await answered.value).json())["revisions"][0]["blur"]
        assert (hidden["left"], hidden["end_ms"]) == (pytest.approx(0.21, abs=0.01), 60_000)
        assert hidden["height"] == pytest.approx(0.41, abs=0.01)

    async def test_ends_with_an_approval_that_waits_for_its_batch(self, visit: Arrive, site: Served) -> None:
        """D8.3"""
        rita = await visit("rita")
        await rita.page.goto(f"/s/reviews/{site.ids['in_review_visit_id'][0]}")

        await expect(rita.page.get_by_text("A supervisor decided that no second marking")).to_be_visible()
        await rita.page.get_by_role("button", name="Approve").click()
        dialog = rita.page.get_by_role("dialog")
        await dialog.get_by_label("In words for the outlet").fill("Kind and quick; no smoking, please.")
        await dialog.get_by_role("button", name="Approve").click()
        await rita.page.get_by_role("link", name="To publication").click()

        row = rita.page.get_by_role("row", name=re.compile("Gz-3"))
        await expect(row).to_contain_text("waits for its moment")
        await expect(row).to_contain_text("Rita")
        await expect(rita.page.get_by_role("button", name="Publish", exact=True)).to_be_disabled()


class TestSecondMarking:
    async def test_is_blind_until_it_is_handed_in(self, visit: Arrive, site: Served) -> None:
        """D8.1: nothing of the first score or of the inspector is among what the page is sent."""
        task, about = site.ids["marking_id"][0], site.ids["corrected_visit_id"][0]
        rita = await visit("rita")
        page = rita.page
        await page.goto("/s/markings")
        told = Told(page)
        await page.get_by_role("link", name="Gz-8").click()
        await until(page, "player.duration > 90")

        for item in ("greeting", "no-smoking", "uniform", "tidy"):
            await page.locator(f"#item-{item}").get_by_role("button", name="yes", exact=True).click()
        await page.locator("#item-patience").get_by_role("button", name="good").click()
        await page.locator("#item-queue-machine").get_by_role("button", name="not observed").click()
        await expect(page.get_by_text("6 of 6 answered")).to_be_visible()
        await expect(page.get_by_role("button", name="Hand in")).to_be_enabled()
        heard, asked_for = await told.everything(), list(rita.requested)
        await page.get_by_role("button", name="Hand in").click()
        await page.get_by_role("dialog").get_by_role("button", name="Hand in").click()
        await page.get_by_role("link", name="To the review").click()

        await expect(page.get_by_role("region", name="Second marking", exact=True)).to_contain_text(
            "items agree"
        )
        ivy = Asking(site, "ivy").get("/v1/me")["id"]
        assert task in heard
        assert any(f"/second-markings/{task}/recordings/" in address for address in asked_for)
        assert [address for address in asked_for if f"/visits/{about}" in address] == []
        for secret in (ivy, "66.66", "76.66", "contribution", "total_without_vetoes", "It is dirty"):
            assert secret not in heard, secret


class TestMissingEvidence:
    async def test_is_excused_with_a_reason_by_whoever_answers_for_the_region(
        self, visit: Arrive, site: Served
    ) -> None:
        """D7.3."""
        sam = await visit("sam")
        page = sam.page
        await page.goto("/s/missing")
        rows = page.locator("tbody tr")
        await rows.first.wait_for()
        before = await rows.count()
        row = rows.first
        outlet = await row.locator("a").inner_text()

        await row.get_by_role("button", name=re.compile(f"Excuse: .* of {outlet}")).click()
        dialog = page.get_by_role("dialog")
        await expect(dialog.get_by_role("button", name="Excuse")).to_be_disabled()
        await dialog.get_by_label("Reason").fill("The recorder fell into the river.")
        await dialog.get_by_role("button", name="Excuse").click()

        await expect(page.get_by_text("Excused", exact=True)).to_be_visible()
        await expect(rows).to_have_count(before - 1)


class TestInbox:
    async def test_lets_its_reader_choose_what_comes_by_mail(self, visit: Arrive) -> None:
        nina = await visit("nina")
        page = nina.page
        await page.goto("/o/inbox")
        await page.get_by_role("button", name="News by e-mail").click()
        dialog = page.get_by_role("dialog")
        reports = dialog.get_by_role("group", name="Reports")
        await expect(reports.get_by_label("A report was published")).to_be_checked()
        await expect(dialog.get_by_role("group", name="Visits")).to_have_count(0)
        assert await nina.barriers() == ""

        await dialog.get_by_role("button", name="No e-mail").click()
        await reports.get_by_label("A report was revised").check()
        await dialog.get_by_role("button", name="Save").click()
        await expect(dialog).to_be_hidden()
        await page.reload()
        await page.get_by_role("button", name="News by e-mail").click()

        await expect(reports.get_by_label("A report was revised")).to_be_checked()
        await expect(dialog.locator("input:checked")).to_have_count(1)

    async def test_of_an_outlet_s_manager_is_read_and_counted(self, visit: Arrive) -> None:
        mona = await visit("mona")
        page = mona.page
        bell = page.get_by_role("link", name="Inbox").first
        await expect(bell).to_have_attribute("aria-label", re.compile(r"\d+ unread"))
        await bell.click()
        rows = page.locator(".entries li")
        await rows.first.wait_for()
        before = int(re.findall(r"\d+", await bell.get_attribute("aria-label") or "")[0])

        await page.get_by_role("button", name=re.compile("Mark as read")).first.click()
        await expect(bell).to_have_attribute("aria-label", re.compile(rf"\b{before - 1} unread"))
        await page.get_by_role("button", name="Mark all as read").click()

        await expect(bell).to_have_attribute("aria-label", "Inbox")
        await page.get_by_role("tab", name="All").click()
        await page.locator(".entries button", has_text="A report was published").first.click()
        await expect(page).to_have_url(re.compile("/o/reports/[0-9a-f]{32}"))


class Told:
    """The bodies of what the API answers a page from now on; the stream, which does not end, aside."""

    def __init__(self, page: Page) -> None:
        self._bodies: list[asyncio.Task[bytes]] = []
        self._listening = True
        page.on("response", self._hear)

    def _hear(self, answer: Response) -> None:
        if self._listening and "/v1/" in answer.url and "/events/stream" not in answer.url:
            self._bodies.append(asyncio.ensure_future(answer.body()))

    async def everything(self) -> str:
        """What was said so far; it listens no longer."""
        self._listening = False
        return "\n".join([(await body).decode(errors="replace") for body in self._bodies])
