"""Pictures of the screens: `make screenshots` makes those of the documentation, `ARGS="--all DIR"` every one.

With `--all` each screen is taken in both themes and languages, on a phone and on a desk, to be looked at.
"""

import argparse
import asyncio
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

from playwright.async_api import Page, async_playwright, expect

from tests.support.board import draw_up
from tests.support.browsing import ServedSite
from tests.support.databases import make_sqlite_template, sqlite_copy
from tests.support.served import Served
from tests.support.visitor import (
    BROWSER,
    DESK,
    FLAGS,
    PHONE,
    Arrive,
    Language,
    Theme,
    Visitor,
    visitors,
)

DOCS = Path(__file__).parents[1] / "docs" / "screens"
THEMES: tuple[Theme, ...] = ("light", "dark")
LANGUAGES: tuple[Language, ...] = ("zh", "en")
SCREENS: Mapping[str, Mapping[str, Any]] = {"phone": PHONE, "desk": DESK}


@dataclass(frozen=True, slots=True)
class Shot:
    """A screen: whose, where (`{alias[0]}` is the first of the site's ids of that name), on what in the documentation."""

    name: str
    person: str | None
    path: str
    screen: str = "phone"
    shown: bool = False


PICTURED = """player => new Promise(done => {
    if (player.readyState >= 2) return done()
    player.addEventListener("loadeddata", done, {once: true})
    player.preload = "auto"
})"""
VISIT = "/m/visits/{phone_visit_id[5]}"
BOARD = "/s/board/{drawn_up[0]}"
SHOTS = (
    Shot("login", None, "/login"),
    Shot("start", "alice", "/"),
    Shot("today", "ivy", "/m", shown=True),
    Shot("brief", "ivy", VISIT),
    Shot("checklist", "ivy", f"{VISIT}/checklist", shown=True),
    Shot("recorder", "ivy", f"{VISIT}/recorder"),
    Shot("leave", "ivy", f"{VISIT}/leave", shown=True),
    Shot("uploads", "ivy", "/m/uploads"),
    Shot("live", "sam", "/s/live", "desk", shown=True),
    Shot("queue", "sam", "/s/reviews", "desk"),
    Shot("review", "rita", "/s/reviews/{review_visit_id[0]}", "desk", shown=True),
    Shot("markings", "rita", "/s/markings", "desk"),
    Shot("marking", "rita", "/s/markings/{marking_id[0]}", "desk"),
    Shot("publications", "rita", "/s/publications", "desk"),
    Shot("missing", "sam", "/s/missing", "desk"),
    Shot("plans", "pam", "/s/board", "desk"),
    Shot("board", "pam", BOARD, "desk", shown=True),
    Shot("coverage", "pam", "/s/coverage", "desk"),
    Shot("inbox", "mona", "/o/inbox", "desk"),
    Shot("outlets", "alice", "/s/outlets", "desk"),
    Shot("past-visits", "alice", "/s/coverage/import", "desk"),
    Shot("grants", "alice", "/s/grants", "desk"),
    Shot("people", "alice", "/s/people", "desk"),
    Shot("person", "alice", "/s/people/{inspector_id[0]}", "desk"),
    Shot("programme", "alice", "/s/programmes/{programme_id[0]}", "desk"),
    Shot("one-checklist", "alice", "/s/checklists/telecom-hall", "desk"),
    Shot("checklist-editor", "alice", "/s/checklists/short-hall/edit", "desk"),
    Shot("reports", "mona", "/o/reports", "desk"),
    Shot("report", "mona", "/o/reports/{alias[0]}", "desk", shown=True),
    Shot("standing", "mona", "/o/outlets/{outlet_id[0]}", "desk"),
    Shot("appeal", "mona", "/o/appeals/{appeal_id[0]}", "desk"),
    Shot("actions", "mona", "/o/actions", "desk"),
    Shot("bulletins", "sam", "/o/bulletins", "desk"),
)


async def take(
    arrive: Arrive,
    site: Served,
    shot: Shot,
    file: Path,
    *,
    screen: str,
    theme: Theme,
    language: Language,
    whole: bool,
) -> None:
    visitor = await arrive(shot.person, screen=SCREENS[screen], theme=theme, language=language)
    if shot.path.startswith(VISIT):
        await take_along(visitor, site)
    await visitor.page.goto(shot.path.format(**site.ids))
    await settled(visitor.page)
    await visitor.page.screenshot(path=file, full_page=whole)
    await visitor.context.close()


async def settled(page: Page) -> None:
    """Nothing is being asked for. (Desks listen to a stream, which never falls silent.)"""
    if "/m" in page.url:
        await page.wait_for_load_state("networkidle")
    await expect(page.locator("h1").first).to_be_attached()
    await expect(page.locator("[aria-busy=true], .skeleton, .player .waiting")).to_have_count(0)
    if await page.locator("video").count():
        await page.locator("video").first.evaluate(PICTURED)


async def drawn_up(arrive: Arrive) -> str:
    """Id of a draft of next month."""
    pam = await arrive("pam")
    await draw_up(pam.page)
    await pam.context.close()
    return pam.page.url.rpartition("/")[2]


async def take_along(visitor: Visitor, site: Served) -> None:
    """The visit onto the phone, as somebody does before going where there is no network."""
    fetch = visitor.page.locator(
        "article", has=visitor.page.locator(f"a[href$='{site.ids['phone_visit_id'][5]}']")
    )
    await fetch.first.wait_for()
    button = fetch.locator("button")
    if await button.count():
        await button.first.click()
        await button.first.wait_for(state="detached")


async def take_all(site: Served, folder: Path, *, everything: bool, only: str) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=f"/usr/bin/{BROWSER}", args=FLAGS)
        async with visitors(browser, site) as arrive:
            shots = [shot for shot in SHOTS if only in shot.name]
            ids = {**site.ids}
            if any(shot.path == BOARD for shot in shots):
                ids["drawn_up"] = [await drawn_up(arrive)]
            site = replace(site, ids=ids)
            for shot in shots:
                if not everything:
                    if shot.shown:
                        file = folder / f"{shot.name}.png"
                        await take(
                            arrive,
                            site,
                            shot,
                            file,
                            screen=shot.screen,
                            theme="light",
                            language="en",
                            whole=False,
                        )
                    continue
                for screen, theme, language in product(SCREENS, THEMES, LANGUAGES):
                    file = folder / f"{shot.name}-{screen}-{theme}-{language}.png"
                    await take(
                        arrive, site, shot, file, screen=screen, theme=theme, language=language, whole=True
                    )
        await browser.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", type=Path, metavar="DIR")
    parser.add_argument("--only", default="", metavar="PART_OF_A_NAME")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        template = make_sqlite_template(Path(place) / "migrated.sqlite")
        with sqlite_copy(Path(place), template) as url, ServedSite(url, Path(place) / "var") as site:
            folder = asked.all or DOCS
            folder.mkdir(parents=True, exist_ok=True)
            asyncio.run(take_all(site, folder, everything=asked.all is not None, only=asked.only))


if __name__ == "__main__":
    main()
