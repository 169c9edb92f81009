"""Every screen of the pages: whose, and where. The pictures are taken by this list, and axe walks along it.

`{alias[0]}` in a path is the first of the site's ids of that name. tests/web/test_every_screen.py compares the list with
the routes that the pages themselves know.
"""

from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from playwright.async_api import Page, expect

from tests.support.population import INVITATION_TOKEN
from tests.support.served import Served
from tests.support.visitor import Visitor

PICTURED = """player => new Promise(done => {
    if (player.readyState >= 2) return done()
    player.addEventListener("loadeddata", done, {once: true})
    player.preload = "auto"
})"""
VISIT = "/m/visits/{phone_visit_id[5]}"
BOARD = "/s/board/{drawn_up[0]}"


@dataclass(frozen=True, slots=True)
class Screen:
    """`shown`: its picture is part of the documentation, taken on a `device`."""

    name: str
    person: str | None
    path: str
    device: Literal["phone", "desk"] = "desk"
    shown: bool = False


SCREENS = (
    Screen("login", None, "/login", "phone"),
    Screen("invitation", None, f"/invitation#{INVITATION_TOKEN}", "phone"),
    Screen("new-password", None, "/new-password#nobody-knows-this-token", "phone"),
    Screen("not-found", None, "/o/nowhere", "phone"),
    Screen("start", "alice", "/", "phone"),
    Screen("today", "ivy", "/m", "phone", shown=True),
    Screen("brief", "ivy", VISIT, "phone"),
    Screen("checklist", "ivy", f"{VISIT}/checklist", "phone", shown=True),
    Screen("recorder", "ivy", f"{VISIT}/recorder", "phone"),
    Screen("leave", "ivy", f"{VISIT}/leave", "phone", shown=True),
    Screen("uploads", "ivy", "/m/uploads", "phone"),
    Screen("import", "ivy", "/m/import", "phone"),
    Screen("settings", "ivy", "/m/settings", "phone"),
    Screen("account", "ivy", "/account", "phone"),
    Screen("live", "sam", "/s/live", shown=True),
    Screen("queue", "sam", "/s/reviews"),
    Screen("missing", "sam", "/s/missing"),
    Screen("desk-inbox", "sam", "/s/inbox"),
    Screen("bulletins", "sam", "/o/bulletins"),
    Screen("review", "rita", "/s/reviews/{review_visit_id[0]}", shown=True),
    Screen("markings", "rita", "/s/markings"),
    Screen("marking", "rita", "/s/markings/{marking_id[0]}"),
    Screen("publications", "rita", "/s/publications"),
    Screen("plans", "pam", "/s/board"),
    Screen("board", "pam", BOARD, shown=True),
    Screen("compare", "pam", "/s/board/compare"),
    Screen("coverage", "pam", "/s/coverage"),
    Screen("history", "alice", "/s/coverage/import"),
    Screen("outlets", "alice", "/s/outlets"),
    Screen("outlet", "alice", "/s/outlets/{outlet_id[0]}"),
    Screen("import-outlets", "alice", "/s/outlets/import"),
    Screen("regions", "alice", "/s/regions"),
    Screen("people", "alice", "/s/people"),
    Screen("person", "alice", "/s/people/{inspector_id[0]}"),
    Screen("grants", "alice", "/s/grants"),
    Screen("alerts", "alice", "/s/alerts"),
    Screen("programmes", "alice", "/s/programmes"),
    Screen("programme", "alice", "/s/programmes/{programme_id[0]}"),
    Screen("checklists", "alice", "/s/checklists"),
    Screen("one-checklist", "alice", "/s/checklists/telecom-hall"),
    Screen("checklist-editor", "alice", "/s/checklists/short-hall/edit"),
    Screen("reports", "mona", "/o/reports"),
    Screen("report", "mona", "/o/reports/{alias[0]}", shown=True),
    Screen("standings", "mona", "/o/outlets"),
    Screen("standing", "mona", "/o/outlets/{outlet_id[0]}"),
    Screen("comparison", "mona", "/o/comparison"),
    Screen("appeals", "mona", "/o/appeals"),
    Screen("appeal", "mona", "/o/appeals/{appeal_id[0]}"),
    Screen("actions", "mona", "/o/actions"),
    Screen("action", "mona", "/o/actions/{action_id[0]}"),
    Screen("inbox", "mona", "/o/inbox"),
    Screen("own-grants", "otto", "/o/grants"),
    Screen("alerts-for-auditors", "alice", "/o/alerts"),
)


async def opened(visitor: Visitor, site: Served, screen: Screen) -> None:
    """All that the screen asks for is there."""
    if screen.path.startswith(VISIT):
        await _take_along(visitor.page, site)
    await visitor.page.goto(screen.path.format(**site.ids))
    await _settled(visitor.page)


async def _settled(page: Page) -> None:
    """Nothing is being asked for. (Desks listen to a stream, which never falls silent.)"""
    if urlsplit(page.url).path.startswith("/m"):
        await page.wait_for_load_state("networkidle")
    await expect(page.locator("h1, .state").first).to_be_attached()
    await expect(page.locator("[aria-busy=true], .skeleton, .player .waiting")).to_have_count(0)
    if await page.locator("video").count():
        await page.locator("video").first.evaluate(PICTURED)


async def _take_along(page: Page, site: Served) -> None:
    """The visit onto the phone, as somebody does before going where there is no network."""
    visit = site.ids["phone_visit_id"][5]
    await page.goto("/m")
    card = page.locator("article", has=page.locator(f"a[href$='{visit}']"))
    await card.first.wait_for()
    button = card.locator("button")
    if await button.count():
        await button.first.click()
        await button.first.wait_for(state="detached")
