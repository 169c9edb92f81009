"""An inspector's day with a phone: everything without a network, and nothing lost or doubled when there is one again."""

import base64
import hashlib
import random
import re
import struct
import subprocess
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import FilePayload, Page, Playwright, async_playwright, expect

from app.demo.clips import find_ffmpeg
from tests.support.browsing import Asking
from tests.support.handset import Handset
from tests.support.served import Served
from tests.support.visitor import log_in
from tests.support.waiting import eventually

SUMMARY = "The hall was tidy, the staff friendly, and somebody smoked at the counter."
VERIFIED_WITHIN_MS = 120_000


@pytest_asyncio.fixture(scope="session")
async def playwright() -> AsyncIterator[Playwright]:
    async with async_playwright() as playwright:
        yield playwright


@pytest.fixture
def picture(a_picture: bytes, tmp_path: Path) -> Path:
    file = tmp_path / "photo.jpg"
    file.write_bytes(a_picture)
    return file


def visit_of(site: Served, number: int) -> str:
    return site.ids["phone_visit_id"][number]


async def ready(phone: Handset, visit: str) -> Page:
    """Logged in as ivy, with all on the phone that the visit needs."""
    await log_in(phone.page, "ivy")
    await phone.settled()
    await phone.page.goto("/m")
    await expect(phone.page.get_by_title("Sync now")).to_contain_text("confirmed everything")
    card = phone.page.locator("article", has=phone.page.locator(f"a[href$='{visit}']"))
    # Counting does not wait: the list of visits comes after what the phone has to send.
    await expect(card.locator(".chip")).to_be_visible()
    fetch = card.get_by_role("button", name="Ready offline")
    if await fetch.count():
        await fetch.click()
    await expect(card.locator(".chip")).to_have_text("Ready offline")
    return phone.page


async def check_in(page: Page, visit: str) -> None:
    await page.goto(f"/m/visits/{visit}")
    await page.get_by_role("button", name="Check in").click()
    await expect(page.get_by_text("Checked in at")).to_be_visible()


async def record(page: Page, visit: str) -> None:
    """Way A: begun, marked once, and left running."""
    await page.goto(f"/m/visits/{visit}/recorder")
    await page.get_by_role("button", name="Test the level").click()
    await page.get_by_role("button", name="Start, and go dark").click()
    await page.get_by_role("dialog").get_by_role("button", name="Mark").click()
    await expect(page.get_by_text("Marked 0:0")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await expect(page.locator(".running")).to_contain_text("kB")  # the first seconds are on the disk


async def show(page: Page, item: str) -> None:
    await page.get_by_role("link", name="Checklist").click()
    await page.get_by_role("button", name="All items").click()
    await page.get_by_role("button", name=item).click()
    await expect(page.locator("#item-title")).to_contain_text(item)


async def answer(page: Page, item: str, choice: str) -> None:
    await show(page, item)
    await page.get_by_role("button", name=choice, exact=True).click()
    await expect(page.get_by_text("Saved on this phone")).to_be_visible()


async def fill(page: Page, picture: Path) -> None:
    """All of the short checklist, with a breach and its evidence."""
    for item, choice in (("greeting", "Yes"), ("patience", "fair"), ("uniform", "Yes"), ("tidy", "Yes")):
        await answer(page, item, choice)
    await show(page, "queue-machine")
    await page.get_by_role("button", name="Not applicable").click()
    await page.get_by_label("Why is it not applicable?").fill("there is none")
    await page.get_by_role("button", name="Not applicable").last.click()
    await answer(page, "no-smoking", "No")
    await expect(page.get_by_text("Veto: no-smoking")).to_be_visible()
    await page.locator("input[accept='image/*']").set_input_files(picture)
    await expect(page.get_by_role("img", name="Photo")).to_be_visible()
    for _ in range(2):
        await page.get_by_role("button", name="More").click()
    await page.get_by_label("Summary").fill(SUMMARY)


class TestVisitWithoutANetwork:
    async def test_is_made_whole_survives_the_browser_and_arrives_once(
        self, playwright: Playwright, site: Served, tmp_path: Path, picture: Path
    ) -> None:
        """D7.3, D11: network cut, browser closed, opened again, synced, nothing doubled."""
        visit, sam = visit_of(site, 0), Asking(site, "sam")
        async with Handset(playwright, site, tmp_path / "phone") as phone:
            page = await ready(phone, visit)
            await phone.cut_off()
            await page.reload()
            await check_in(page, visit)
            await record(page, visit)
            await answer(page, "greeting", "No")

            await phone.killed()
            page = phone.page
            await page.goto(f"/m/visits/{visit}/recorder")
            await expect(page.get_by_text("The app was closed by the system")).to_be_visible()
            await record(page, visit)
            await fill(page, picture)
            await expect(page.get_by_text("6 of 6 answered").first).to_be_visible()
            await page.get_by_role("link", name="Leave").click()
            await page.get_by_role("button", name="Stop").click()
            await expect(page.get_by_text("You may leave")).to_be_visible()
            await page.get_by_role("button", name="Leave and hand in").click()
            await expect(page.get_by_text("handed in as soon as there is a network")).to_be_visible()
            assert sam.get(f"/v1/visits/{visit}")["state"] == "reserved"

            await phone.connected()
            await expect(page.get_by_text("Handed in")).to_be_visible()
            await page.get_by_role("link", name="Uploads").click()
            await expect(page.locator("[data-phase=verified]")).to_have_count(3, timeout=VERIFIED_WITHIN_MS)
            await page.get_by_title("Sync now").click()
            await expect(page.get_by_title("Sync now")).to_contain_text("confirmed everything")
            seen = sam.get(f"/v1/visits/{visit}")

            await sent_back(page, visit, by=sam, to=Asking(site, "ivy"))

        assert (seen["state"], seen["summary"], seen["questions_asked"]) == ("submitted", SUMMARY, 2)
        assert [one["going_in"] for one in sam.get(f"/v1/visits/{visit}/check-ins")] == [True, False]
        assert len(sam.get(f"/v1/visits/{visit}/answers/revisions")) == 1
        (score,) = sam.get(f"/v1/visits/{visit}/scores")
        assert (round(float(score["total"]), 2), round(float(score["total_without_vetoes"]), 2)) == (
            66.67,
            76.67,
        )
        answers = Asking(site, "ivy").get(f"/v1/visits/{visit}/answers")["answers"]
        assert answers["greeting"]["value"] is True
        assert {next(iter(one)) for one in answers["no-smoking"]["evidence"]} == {"recording", "photo"}
        evidence = sam.get(f"/v1/visits/{visit}/recordings")
        assert sorted(one["medium"] for one in evidence["recordings"]) == ["audio", "audio", "photo"]
        assert evidence["missing"] == []
        declared = [one for one in sam.get(f"/v1/visits/{visit}/manifest") if one["medium"] == "audio"]
        assert [len(one["markers_ms"]) for one in declared] == [1, 1]
        assert [gap["why"] for one in declared for gap in one["gaps"]].count("killed") == 1

    async def test_keeps_a_tap_within_fifty_milliseconds_and_what_was_typed_or_taken_out_last(
        self, playwright: Playwright, site: Served, tmp_path: Path, picture: Path, a_picture: bytes
    ) -> None:
        visit = visit_of(site, 4)
        async with Handset(playwright, site, tmp_path / "phone") as phone:
            page = await ready(phone, visit)
            await page.goto(f"/m/visits/{visit}/checklist?item=no-smoking")
            await page.get_by_role("button", name="Yes", exact=True).wait_for()

            took_ms = await page.evaluate(TAP, [visit, "no-smoking"])

            await page.get_by_role("button", name="Note").click()
            await page.get_by_role("textbox", name="Note").fill("By the door.")
            await page.get_by_role("button", name="Next").click()  # at once
            await page.locator("input[accept='image/*']").set_input_files(picture)
            await page.get_by_role("button", name="Remove: Photo 1").click()
            await expect(page.get_by_role("img", name="Photo")).to_have_count(0)
            await page.get_by_role("button", name="Undo").click()
            await expect(page.get_by_role("img", name="Photo")).to_be_visible()
            kept = await sizes(page)
            await left_behind(page)
            await page.get_by_role("button", name="Remove: Photo 1").click()
            await expect(page.get_by_role("img", name="Photo")).to_have_count(0)
            await page.goto(
                f"/m/visits/{visit}/checklist?item=no-smoking#words"
            )  # as the leave gate leads there
            await expect(page.locator("#words")).to_be_in_viewport(ratio=0.9)
            await expect(page.get_by_role("textbox", name="Note")).to_have_value("By the door.")
            await eventually(partial(is_empty, page))

        assert len(took_ms) == 9
        assert sorted(took_ms)[4] < 50
        assert kept == [len(a_picture)]

    async def test_records_to_the_last_second_and_stops_where_there_is_no_room(
        self, playwright: Playwright, site: Served, tmp_path: Path
    ) -> None:
        visit = visit_of(site, 4)
        async with Handset(playwright, site, tmp_path / "phone") as phone:
            page = await ready(phone, visit)
            await record(page, visit)
            await expect(page.locator(".running")).to_contain_text(re.compile(r"0:0[3-9]|0:[1-5]\d"))
            await page.get_by_role("button", name="Stop").click()
            await expect(page.get_by_role("button", name="Remove")).to_be_visible()
            declared_s, content = await recorded(page)

            chrome = await phone.context.new_cdp_session(page)
            used = await page.evaluate("navigator.storage.estimate().then((room) => room.usage)")
            room = {"origin": site.url, "quotaSize": used + 12_000}
            await chrome.send("Storage.overrideQuotaForOrigin", room)
            await page.get_by_role("button", name="Test the level").click()
            await page.get_by_role("button", name="Start, and go dark").click()
            await page.keyboard.press("Escape")
            await expect(page.get_by_role("alert")).to_contain_text("No room left on this phone")

        (tmp_path / "recorded").write_bytes(content)
        assert declared_s > 3
        assert heard_s(tmp_path / "recorded") == pytest.approx(declared_s, abs=0.5)


async def recorded(page: Page) -> tuple[float, bytes]:
    """How long the phone says that its only recording is, and its bytes."""
    seconds, content = await page.evaluate(
        """async () => {
            const [{ name }] = (await indexedDB.databases()).filter((one) => one.name.startsWith('plainclothes-'))
            const db = await new Promise((resolve) => (indexedDB.open(name).onsuccess = (event) => resolve(event.target.result)))
            const asked = db.transaction('files').objectStore('files').getAll()
            const [file] = await new Promise((resolve) => (asked.onsuccess = () => resolve(asked.result)))
            db.close()
            const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle(name.replace('plainclothes-', ''))
            const bytes = new Uint8Array(await (await (await folder.getFileHandle(file.id)).getFile()).arrayBuffer())
            return [file.durationMs / 1000, btoa(Array.from(bytes, (one) => String.fromCharCode(one)).join(''))]
        }"""
    )
    return seconds, base64.b64decode(content)


def heard_s(file: Path) -> float:
    """Seconds of sound in it, decoded."""
    raw = ["-i", str(file), "-f", "s16le", "-ac", "1", "-ar", "8000", "-"]
    done = subprocess.run([find_ffmpeg(), "-v", "error", *raw], check=True, capture_output=True)
    return len(done.stdout) / 2 / 8000


async def sent_back(page: Page, visit: str, *, by: Asking, to: Asking) -> None:
    """What the review asks for comes with the next sync, which asks for changes alone; it is read once, everywhere."""
    dirty = {"reason": "Look at the floor.", "items": [{"item": "tidy", "reason": "It is dirty."}]}
    by.ask("POST", f"/v1/visits/{visit}/review/send-back", dirty)
    await page.goto("/m")
    async with page.expect_request(re.compile(r"/v1/sync\?cursor=")):
        await page.get_by_title("Sync now").click()
    news = page.get_by_role("region", name="News").get_by_role("listitem").first
    await expect(news).to_contain_text(
        re.compile(r"A visit was sent back: correct it \(due [-\d]+ \d\d:\d\d UTC\)")
    )
    card = page.locator("article", has=page.locator(f"a[href$='{visit}']"))
    await expect(card).to_contain_text("Sent back by the review")
    await news.get_by_role("link").click()
    await expect(page.get_by_text("It is dirty.")).to_be_visible()
    await page.get_by_title("Sync now").click()
    await eventually(lambda: has_read(to, visit))


async def has_read(ivy: Asking, visit: str) -> bool:
    unread = ivy.get("/v1/inbox?unread=true")["items"]
    return ("review.sent_back", visit) not in {(one["kind"], one["about"]["visit_id"]) for one in unread}


# Taps yes and no in turn and looks into the database until it says so.
TAP = """async ([visit, item]) => {
    const [{ name }] = (await indexedDB.databases()).filter((one) => one.name.startsWith('plainclothes-'))
    const db = await new Promise((resolve) => (indexedDB.open(name).onsuccess = (event) => resolve(event.target.result)))
    const read = () => new Promise((resolve) => {
        const asked = db.transaction('answers').objectStore('answers').get([visit, item])
        asked.onsuccess = () => resolve(asked.result?.value)
    })
    const took = []
    for (let turn = 0; turn < 9; turn++) {
        const wanted = turn % 2 === 0
        const button = [...document.querySelectorAll('.choices button')].find((one) => one.textContent.trim() === (wanted ? 'Yes' : 'No'))
        const began = performance.now()
        button.click()
        while ((await read()) !== wanted) await 0
        took.push(performance.now() - began)
    }
    db.close()
    return took
}"""


class TestUpload:
    async def test_of_a_large_file_from_elsewhere_heeds_the_network_and_goes_on_where_the_store_is(
        self, playwright: Playwright, site: Served, tmp_path: Path
    ) -> None:
        """D7.5, D7.6, D11: killed, and installed anew: not one part travels twice that had arrived."""
        visit, sound = visit_of(site, 1), minutes_of_sound(tmp_path)
        async with Handset(
            playwright, site, tmp_path / "one", network="cellular", knows_where=False
        ) as phone:
            page = await ready(phone, visit)
            await check_in_without_a_position(page, visit, because="deep in a basement")
            await answer(page, "tidy", "Yes")
            await expect(page.locator(".live")).to_have_count(0)  # this programme shows no score meanwhile
            sound = made(sound, at=datetime.now(UTC) - timedelta(seconds=100))
            await page.goto(f"/m/visits/{visit}/recorder")
            await page.locator("input[accept='audio/*']").set_input_files(
                FilePayload(name="hall.m4a", mimeType="audio/mp4", buffer=sound)
            )
            await moved_by_a_minute(page, "tidy")

            await page.goto("/m/uploads")
            await expect(page.get_by_text("On a mobile network: waiting for Wi-Fi")).to_be_visible()
            assert phone.sent_parts == []
            await phone.context.route(re.compile(r"partNumber=2&"), lambda _: None)  # it never arrives
            await phone.moved_to("wifi")
            await expect(page.get_by_text(re.compile(r"/s · \d+:\d\d to go"))).to_be_visible()
            await page.get_by_role("button", name="Pause").click()
            await expect(page.get_by_text("Paused")).to_be_visible()
            await page.get_by_role("button", name="Go on").click()
            await eventually(lambda: given(phone.sent_parts == ["1", "2", "2"]))
            await phone.moved_to("cellular")
            await expect(page.get_by_text("On a mobile network: waiting for Wi-Fi")).to_be_visible()
            await expect(page.get_by_role("button", name=re.compile("^Free"))).to_have_count(0)

            await phone.killed()
            phone.sent_parts.clear()
            await phone.context.route(re.compile(r"partNumber=3&"), lambda _: None)
            await phone.page.goto("/m/uploads")
            await phone.moved_to("wifi")
            await eventually(lambda: given(phone.sent_parts == ["2", "3"]))

        async with Handset(playwright, site, tmp_path / "anew") as phone:
            page = phone.page
            await log_in(page, "ivy")
            await phone.settled()
            await shared(page, FilePayload(name="hall.m4a", mimeType="audio/mp4", buffer=sound))
            await page.get_by_label("Which visit").select_option(visit)
            await page.get_by_role("button", name="Bring a recording").click()
            await page.wait_for_url(re.compile("/recorder$"))
            await page.goto("/m/uploads")
            await expect(page.get_by_text("Hash matches")).to_be_visible(timeout=VERIFIED_WITHIN_MS)
            before = await sizes(page)
            await page.get_by_role("button", name=re.compile("^Free")).click()
            await expect(page.get_by_text("this phone's copy is gone")).to_be_visible()
            assert (phone.sent_parts, before, await sizes(page)) == (["3"], [len(sound)], [])

        sam = Asking(site, "sam")
        (recording,) = sam.get(f"/v1/visits/{visit}/recordings")["recordings"]
        assert recording["sha256"] == hashlib.sha256(sound).hexdigest()
        assert recording["verified_at"] is not None
        (inside,) = sam.get(f"/v1/visits/{visit}/check-ins")
        assert inside["distance_m"] is None


async def check_in_without_a_position(page: Page, visit: str, *, because: str) -> None:
    await page.goto(f"/m/visits/{visit}")
    await page.get_by_role("button", name="Check in").click()
    sheet = page.get_by_role("dialog", name="No position")
    await sheet.get_by_label("Reason").fill(because)
    await sheet.get_by_role("button", name="Check in").click()
    await expect(page.get_by_text("Checked in at")).to_be_visible()


async def moved_by_a_minute(page: Page, item: str) -> None:
    """The answer lies in the recording's second minute; once that begins a minute later, in its first."""
    await page.get_by_text("Shift in time").click()
    await page.get_by_role("button", name="60 s later").click()
    await show(page, item)
    await expect(page.get_by_text(re.compile(r"Recording 0:\d\d"))).to_be_visible()
    await page.get_by_role("link", name="Recorder").click()
    await page.get_by_text("Shift in time").click()
    await page.get_by_role("button", name="60 s earlier").click()
    await show(page, item)
    await expect(page.get_by_text(re.compile(r"Recording 1:\d\d"))).to_be_visible()


async def shared(page: Page, file: FilePayload) -> None:
    """Handed over by another app, as Android does: posted to the address that the manifest names."""
    await page.evaluate(
        """() => {
            const form = document.createElement('form')
            Object.assign(form, { method: 'post', action: '/m/share', enctype: 'multipart/form-data' })
            const input = form.appendChild(document.createElement('input'))
            Object.assign(input, { type: 'file', name: 'recordings' })
            document.body.append(form)
        }"""
    )
    await page.locator("input[name=recordings]").set_input_files(file)
    await page.evaluate("document.forms[0].submit()")
    await page.wait_for_url(re.compile("/m/import"))


def minutes_of_sound(folder: Path) -> bytes:
    """More than three of them as a phone's recorder packs them, and room it left unused: three parts."""
    file = folder / "sound.m4a"
    hum = ["-f", "lavfi", "-i", "sine=frequency=220:duration=200:sample_rate=16000"]
    made = ["-c:a", "aac", "-b:a", "32k", "-metadata", "creation_time=2026-01-01T00:00:00Z", str(file)]
    subprocess.run([find_ffmpeg(), "-v", "error", *hum, *made], check=True)
    unused = random.Random(7).randbytes(12_000_000)  # noqa: S311 (nothing to keep secret)
    return file.read_bytes() + struct.pack(">I4s", len(unused) + 8, b"free") + unused


def made(file: bytes, *, at: datetime) -> bytes:
    """The same recording, begun at another time: seconds since 1904, after the version of the box."""
    place = file.index(b"mvhd") + 8
    seconds = int(at.timestamp()) + 2_082_844_800
    return file[:place] + struct.pack(">I", seconds) + file[place + 4 :]


async def given(value: bool) -> bool:
    return value


async def sizes(page: Page) -> list[int]:
    """Of the files in the phone's private file system."""
    found: list[int] = await page.evaluate(
        """async () => {
            const sizes = []
            for await (const folder of (await navigator.storage.getDirectory()).values())
                for await (const file of folder.values()) sizes.push((await file.getFile()).size)
            return sizes
        }"""
    )
    return found


async def left_behind(page: Page) -> None:
    """Bytes whose row is gone, as of a page that was killed while it took a file out of its visit."""
    await page.evaluate(
        """async () => {
            for await (const folder of (await navigator.storage.getDirectory()).values()) {
                const writing = await (await folder.getFileHandle('left-behind', { create: true })).createWritable()
                await writing.write('bytes')
                await writing.close()
            }
        }"""
    )


async def is_empty(page: Page) -> bool:
    """The phone's private file system; what was taken out goes soon after the page was opened again."""
    return not await sizes(page)


class TestConflicts:
    async def test_of_two_devices_are_shown_and_decided_by_the_person(
        self, playwright: Playwright, site: Served, tmp_path: Path
    ) -> None:
        visit, other = visit_of(site, 2), Asking(site, "ivy")
        async with Handset(playwright, site, tmp_path / "phone") as phone:
            page = await ready(phone, visit)
            await page.goto(f"/m/visits/{visit}/checklist")
            await phone.cut_off()
            await answer(page, "tidy", "Yes")
            later = (datetime.now(UTC) + timedelta(minutes=3)).isoformat()
            told = {"answers": {"tidy": {"value": False, "device_at": later}}}
            other.ask("PUT", f"/v1/visits/{visit}/answers", told)

            await phone.connected()
            await expect(page.get_by_title("Sync now")).to_contain_text("For you to decide: 1")
            await page.goto("/m")
            await page.get_by_role("alert").get_by_role("link", name="tidy").click()
            await page.get_by_role("button", name="My answer: Yes").click()
            await page.get_by_title("Sync now").click()
            await expect(page.get_by_title("Sync now")).to_contain_text("confirmed everything")

        assert other.get(f"/v1/visits/{visit}/answers")["answers"]["tidy"]["value"] is True

    async def test_with_a_supervisor_who_cancelled_are_said_plainly(
        self, playwright: Playwright, site: Served, tmp_path: Path
    ) -> None:
        visit, sam = visit_of(site, 3), Asking(site, "sam")
        async with Handset(playwright, site, tmp_path / "phone") as phone:
            page = await ready(phone, visit)
            await phone.cut_off()
            await check_in(page, visit)
            version = sam.ask("GET", f"/v1/visits/{visit}").headers["etag"]
            cancelled = {"reason": "The hall is being painted."}
            sam.ask("POST", f"/v1/visits/{visit}/cancel", cancelled, **{"If-Match": version})

            await phone.connected()
            await page.goto("/m")
            card = page.get_by_role("alert")
            await expect(card).to_contain_text("Check-in")
            await card.get_by_role("button", name="Remove").click()
            await expect(card).to_have_count(0)


class TestLogOut:
    async def test_wipes_the_phone_without_a_network_and_ends_the_login_when_there_is_one(
        self, playwright: Playwright, site: Served, tmp_path: Path, picture: Path
    ) -> None:
        visit = visit_of(site, 4)
        async with Handset(playwright, site, tmp_path / "phone") as phone:
            page = await ready(phone, visit)
            await phone.cut_off()
            await page.goto(f"/m/visits/{visit}/checklist?item=tidy")
            await page.locator("input[accept='image/*']").set_input_files(picture)
            await expect(page.get_by_role("img", name="Photo")).to_be_visible()
            other = await phone.context.new_page()
            await other.goto("/m")
            await expect(other.locator("article").first).to_be_visible()

            await page.goto("/m/settings")
            await page.get_by_role("button", name="Log out").click()
            await expect(page.get_by_role("dialog")).to_contain_text("would be lost for good")
            await page.get_by_role("dialog").get_by_role("button", name="Log out").click()
            await expect(page).to_have_url(re.compile("/login"))
            await expect(other).to_have_url(re.compile("/login"))
            await other.close()
            assert not [
                one for one in await phone.kept() if one.startswith("plainclothes-") or len(one) == 36
            ]

            await phone.connected()
            await log_in(page, "ian")
            cookies = await phone.context.cookies(f"{site.url}/v1/auth")
            assert len(cookies) == 1
            await expect(page.get_by_title("Sync now")).to_contain_text("confirmed everything")
            await expect(page.get_by_label("On this phone")).to_be_visible()
            await expect(page.locator(f"a[href$='{visit}']")).to_have_count(0)
