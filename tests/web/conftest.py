"""One server and one browser for all tests of the pages; a context of its own, and nothing kept, for each."""

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from app.web.hatch_build import is_stale
from tests.support.browsing import ServedSite
from tests.support.databases import sqlite_copy
from tests.support.served import Served
from tests.support.visitor import BROWSER, FLAGS, Arrive, visitors


@pytest.fixture(scope="session")
def built() -> None:
    assert not is_stale(), "what was built of the web application is older than its sources: make web"


@pytest.fixture(scope="session")
def site(built: None, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    directory = tmp_path_factory.mktemp("site")
    with sqlite_copy(directory, sqlite_template) as url, ServedSite(url, directory / "var") as site:
        yield site


@pytest_asyncio.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    program = shutil.which(BROWSER)
    assert program, f"{BROWSER} is missing: .ci/prepare programs test"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        await browser.close()


@pytest_asyncio.fixture
async def visit(browser: Browser, site: Served) -> AsyncIterator[Arrive]:
    """`ivy = await visit("ivy", screen=PHONE)`: somebody logged in, in a browser context of their own."""
    async with visitors(browser, site) as arrive:
        yield arrive
