"""Pictures of the screens: `make screenshots` makes those of the documentation, `ARGS="--all DIR"` every one.

With `--all` each screen is taken in both themes and languages, on a phone and on a desk, to be looked at.
"""

import argparse
import asyncio
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

from playwright.async_api import async_playwright

from tests.support.board import draw_up
from tests.support.browsing import ServedSite
from tests.support.databases import make_sqlite_template, sqlite_copy
from tests.support.screens import BOARD, SCREENS, Screen, opened
from tests.support.served import Served
from tests.support.visitor import (
    BROWSER,
    DESK,
    FLAGS,
    PHONE,
    Arrive,
    Language,
    Theme,
    visitors,
)

DOCS = Path(__file__).parents[1] / "docs" / "screens"
THEMES: tuple[Theme, ...] = ("light", "dark")
LANGUAGES: tuple[Language, ...] = ("zh", "en")
DEVICES: Mapping[str, Mapping[str, Any]] = {"phone": PHONE, "desk": DESK}


async def take(
    arrive: Arrive,
    site: Served,
    shot: Screen,
    file: Path,
    *,
    screen: str,
    theme: Theme,
    language: Language,
    whole: bool,
) -> None:
    visitor = await arrive(shot.person, screen=DEVICES[screen], theme=theme, language=language)
    await opened(visitor, site, shot)
    await visitor.page.screenshot(path=file, full_page=whole)
    await visitor.context.close()


async def drawn_up(arrive: Arrive) -> str:
    """Id of a draft of next month."""
    pam = await arrive("pam")
    await draw_up(pam.page)
    await pam.context.close()
    return pam.page.url.rpartition("/")[2]


async def take_all(site: Served, folder: Path, *, everything: bool, only: str) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=f"/usr/bin/{BROWSER}", args=FLAGS)
        async with visitors(browser, site) as arrive:
            shots = [shot for shot in SCREENS if only in shot.name]
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
                            screen=shot.device,
                            theme="light",
                            language="en",
                            whole=False,
                        )
                    continue
                for screen, theme, language in product(DEVICES, THEMES, LANGUAGES):
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
