"""A phone with a browser on it whose storage outlives the browser, as a real one's does.

async with Handset(playwright, site, folder) as phone:
    await log_in(phone.page, "ivy")
    await phone.cut_off()        # no network
    await phone.killed()         # the browser is gone at once, and opened again

Browsers tell on phones alone which network they are on: `network` is what this one says, until it is `moved_to` another.
"""

import shutil
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from playwright.async_api import BrowserContext, Page, Playwright

from tests.support.served import Served
from tests.support.visitor import BROWSER, FLAGS, GUANGZHOU, PATIENCE_MS, PHONE

Network = Literal["wifi", "cellular"]
_ON = """(() => {
    const network = Object.assign(new EventTarget(), { type: '%s' })
    Object.defineProperty(Navigator.prototype, 'connection', { get: () => network })
})()"""
_MOVES = """(type) => {
    navigator.connection.type = type
    navigator.connection.dispatchEvent(new Event('change'))
}"""


class Handset:
    """Its page, and the addresses it asked the object store for."""

    page: Page

    def __init__(
        self,
        playwright: Playwright,
        site: Served,
        folder: Path,
        *,
        network: Network | None = None,
        knows_where: bool = True,
    ) -> None:
        self._network = network
        self._permissions = ["microphone", *(["geolocation"] if knows_where else [])]
        self._playwright = playwright
        self._site = site
        self._folder = folder
        self._offline = False
        self.errors: list[str] = []
        self.sent_parts: list[str] = []

    async def __aenter__(self) -> Self:
        await self._open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.context.close()
        if error is None:
            assert self.errors == []

    async def _open(self) -> None:
        self.context: BrowserContext = await self._playwright.chromium.launch_persistent_context(
            str(self._folder),
            executable_path=shutil.which(BROWSER),
            args=FLAGS,
            base_url=self._site.url,
            locale="en-GB",
            timezone_id="Asia/Shanghai",
            geolocation=GUANGZHOU,
            permissions=self._permissions,
            **PHONE,
        )
        await self.context.set_offline(self._offline)
        if self._network:
            await self.context.add_init_script(_ON % self._network)
        self.page = self.context.pages[0]
        self.context.set_default_timeout(PATIENCE_MS)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", self._asked)

    def _asked(self, request: object) -> None:
        url = getattr(request, "url", "")
        if getattr(request, "method", "") == "PUT" and "partNumber=" in url:
            self.sent_parts.append(url.partition("partNumber=")[2].partition("&")[0])

    async def settled(self) -> None:
        """All that is needed without a network is on the phone."""
        await self.page.evaluate("navigator.serviceWorker.ready.then(() => true)")

    async def cut_off(self) -> None:
        self._offline = True
        await self.context.set_offline(True)

    async def connected(self) -> None:
        self._offline = False
        await self.context.set_offline(False)

    async def moved_to(self, network: Network) -> None:
        self._network = network
        await self.page.evaluate(_MOVES, network)

    async def killed(self) -> None:
        """The browser ends as it is; the next one finds what was kept."""
        await self.context.close()
        await self._open()

    async def kept(self) -> list[str]:
        """What there is of anybody's: databases, folders of files, and entries of the page's own storage."""
        found: list[str] = await self.page.evaluate(
            """async () => {
                const databases = (await indexedDB.databases()).map((one) => one.name)
                const folders = []
                for await (const name of (await navigator.storage.getDirectory()).keys()) folders.push(name)
                return [...databases, ...folders, ...Object.keys(localStorage)]
            }"""
        )
        return found
