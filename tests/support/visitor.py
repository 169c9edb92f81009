"""Somebody at a screen, and what went wrong on it.

ivy = await visit("ivy", screen=PHONE, language="zh", theme="dark")
await ivy.page.goto("/m")
"""

from collections.abc import AsyncIterator, Awaitable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Geolocation, Page, expect

from tests.support.browsing import login_of
from tests.support.served import Served

BROWSER = "chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]
PHONE: Mapping[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
}
DESK: Mapping[str, Any] = {"viewport": {"width": 1440, "height": 900}}
GUANGZHOU = Geolocation(latitude=23.1291, longitude=113.2644, accuracy=12)
PATIENCE_MS = 40_000  # a machine that tests on all its cores is slow, and that is no failure
expect.set_options(timeout=PATIENCE_MS)
Theme = Literal["light", "dark"]
Language = Literal["zh", "en"]
TAGS = {"zh": "zh-CN", "en": "en-GB"}


@dataclass
class Visitor:
    """A page, with the addresses it asked for and the errors it met."""

    context: BrowserContext
    page: Page
    requested: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def watch(self) -> None:
        self.page.on("request", lambda request: self.requested.append(request.url))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", self._heard)

    def _heard(self, said: ConsoleMessage) -> None:
        if "Content Security Policy" in said.text:
            self.errors.append(said.text)

    async def barriers(self) -> str:
        """What axe finds in the way of people, rule by rule; empty when there is nothing."""
        results = await Axe().run(self.page)
        return "" if results.violations_count == 0 else results.generate_report()


class Arrive(Protocol):
    def __call__(
        self,
        name: str | None = None,
        *,
        screen: Mapping[str, Any] = DESK,
        language: Language = "en",
        theme: Theme = "light",
    ) -> Awaitable[Visitor]: ...


@asynccontextmanager
async def visitors(browser: Browser, site: Served) -> AsyncIterator[Arrive]:
    """Gives the function that lets somebody arrive. Afterwards nobody may have met an error nobody looked at."""
    arrived: list[Visitor] = []

    async def arrive(
        name: str | None = None,
        *,
        screen: Mapping[str, Any] = DESK,
        language: Language = "en",
        theme: Theme = "light",
    ) -> Visitor:
        context = await browser.new_context(
            base_url=site.url,
            locale=TAGS[language],
            color_scheme=theme,
            reduced_motion="reduce",  # colours that are on their way to others are looked at by nobody
            timezone_id="Asia/Shanghai",
            geolocation=GUANGZHOU,
            permissions=["geolocation", "microphone"],
            **screen,
        )
        context.set_default_timeout(PATIENCE_MS)
        visitor = Visitor(context, await context.new_page())
        visitor.watch()
        arrived.append(visitor)
        if name is not None:
            await log_in(visitor.page, name)
        return visitor

    yield arrive
    for visitor in arrived:
        await visitor.context.close()
    assert [error for visitor in arrived for error in visitor.errors] == []


async def log_in(page: Page, name: str) -> None:
    """By the form, as people do."""
    await page.goto("/login")
    login = login_of(name)
    await page.locator("input[autocomplete=organization]").fill(login["organisation"])
    await page.locator("input[type=email]").fill(login["email"])
    await page.locator("input[type=password]").fill(login["password"])
    await page.locator("button[type=submit]").click()
    await page.wait_for_url(lambda url: not url.endswith("/login"))
