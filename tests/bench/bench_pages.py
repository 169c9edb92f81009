"""How soon the pages show what they are about on a phone, and how little they jump about.

`python -m tests.bench.bench_pages [--only today]`: the product as it is served, a browser that has never seen it, on a
line of 1.6 Mbit/s with 150 ms to the server and back and a processor four times as slow as this one: what Lighthouse
calls a mobile phone. Prints for each screen LCP (when the largest thing was painted), CLS (how far what is there was
pushed about, until three seconds after all was there), kilobytes that came over the line; writes `var/bench/pages.json`.
"""

import argparse
import asyncio
import json
import shutil
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from tests.support.browsing import ServedSite
from tests.support.databases import make_sqlite_template, sqlite_copy
from tests.support.screens import VISIT, Screen, opened
from tests.support.served import Served
from tests.support.visitor import BROWSER, FLAGS, PHONE, visitors

KEPT = Path("var/bench/pages.json")
LCP_GOAL_S, CLS_GOAL = 2.5, 0.1
LINE = {"offline": False, "latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 750e3 / 8}
SLOWER = 4
WATCHED_MS = 3_000  # for what still moves when all seems to be there
SCREENS = (
    Screen("today", "ivy", "/m", "phone"),
    Screen("checklist", "ivy", f"{VISIT}/checklist", "phone"),
    Screen("report", "mona", "/o/reports/{alias[0]}"),
    Screen("standing", "mona", "/o/outlets/{outlet_id[0]}"),
    Screen("live", "sam", "/s/live"),
)
WATCH = """
window.seen = { lcp: 0, cls: 0 }
new PerformanceObserver((list) => { for (const one of list.getEntries()) window.seen.lcp = one.startTime })
    .observe({ type: 'largest-contentful-paint', buffered: true })
new PerformanceObserver((list) => { for (const one of list.getEntries()) if (!one.hadRecentInput) window.seen.cls += one.value })
    .observe({ type: 'layout-shift', buffered: true })
"""
TOOK = """() => ({
    ...window.seen,
    bytes: performance.getEntriesByType('resource').reduce((total, one) => total + one.transferSize, 0),
})"""


@dataclass(frozen=True, slots=True)
class Seen:
    name: str
    lcp_s: float
    cls: float
    kilobytes: int


async def seen(browser: Browser, site: Served, screen: Screen) -> Seen:
    async with visitors(browser, site) as arrive:
        visitor = await arrive(screen.person, screen=PHONE)
        if screen.person == "ivy":
            await opened(visitor, site, screen)
        await _forget(visitor.context, visitor.page)
        page = await visitor.context.new_page()
        await _slow(visitor.context, page)
        await page.add_init_script(WATCH)
        visitor.page = page
        await opened(visitor, site, Screen(screen.name, screen.person, screen.path.format(**site.ids)))
        await asyncio.sleep(WATCHED_MS / 1000)
        told = await page.evaluate(TOOK)
    return Seen(screen.name, round(told["lcp"] / 1000, 2), round(told["cls"], 3), round(told["bytes"] / 1000))


async def _forget(context: BrowserContext, page: Page) -> None:
    """All but who is logged in, and what an inspector took along: the pages themselves come over the line."""
    await page.evaluate(
        """async () => {
            for (const one of await navigator.serviceWorker.getRegistrations()) await one.unregister()
            for (const name of await caches.keys()) await caches.delete(name)
        }"""
    )
    chrome = await context.new_cdp_session(page)
    await chrome.send("Network.clearBrowserCache")
    await page.goto("about:blank")


async def _slow(context: BrowserContext, page: Page) -> None:
    chrome = await context.new_cdp_session(page)
    await chrome.send("Network.enable")
    await chrome.send("Network.emulateNetworkConditions", LINE)
    await chrome.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})


async def measured(site: Served, only: str) -> list[Seen]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=shutil.which(BROWSER), args=FLAGS)
        found = [await seen(browser, site, screen) for screen in SCREENS if only in screen.name]
        await browser.close()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", metavar="PART_OF_A_NAME")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        template = make_sqlite_template(Path(place) / "migrated.sqlite")
        with sqlite_copy(Path(place), template) as url, ServedSite(url, Path(place) / "var") as site:
            found = asyncio.run(measured(site, asked.only))
    KEPT.parent.mkdir(parents=True, exist_ok=True)
    KEPT.write_text(json.dumps([asdict(one) for one in found], indent=1), encoding="utf-8")
    sys.stdout.write(
        f"| screen | LCP (goal {LCP_GOAL_S} s) | CLS (goal {CLS_GOAL}) | over the line |\n|---|---|---|---|\n"
    )
    for one in found:
        sys.stdout.write(f"| {one.name} | {one.lcp_s} s | {one.cls} | {one.kilobytes} kB |\n")


if __name__ == "__main__":
    main()
