"""Every screen there is, as people with and without sight meet it, in both themes and languages."""

from typing import Any

import pytest

from tests.support.screens import BOARD, SCREENS, opened
from tests.support.served import Served
from tests.support.visitor import DESK, PHONE, Arrive, Language, Theme

PEOPLE = sorted({screen.person or "" for screen in SCREENS})
# Each route that has a page of its own, and the route that an address leads to, as the pages themselves say.
ROUTER = "document.getElementById('app').__vue_app__.config.globalProperties.$router"
ROUTES = f"""() => {ROUTER}.getRoutes().filter((one) => !one.redirect && !one.children.length).map((one) => one.path)"""
# What cannot be reached sideways, and what is too small for a thumb. (Marks on a waveform are buttons beside it too.)
CLUMSY = """() => {
    const width = document.documentElement.clientWidth
    const thumbs = matchMedia('(pointer: coarse)').matches
    const seen = (one) => one.getClientRects().length > 0 && !one.closest('.only-heard, .wave, .skip')
    const low = [...document.querySelectorAll('button, select, summary, [role=tab]')]
        .filter((one) => thumbs && seen(one) && one.getBoundingClientRect().height < 43.5)
        .map((one) => `low: ${one.outerHTML.slice(0, 120)}`)
    const wide = document.documentElement.scrollWidth
    return [...(wide > width ? [`${wide} px wide`] : []), ...low]
}"""
LEADS_TO = f"""(addresses) => addresses.map((one) => {ROUTER}.resolve(one).matched.at(-1).path)"""


class TestList:
    async def test_has_every_route_of_the_pages(self, visit: Arrive) -> None:
        nobody = await visit()
        await nobody.page.goto("/login")
        await nobody.page.locator("form").wait_for()

        routes: list[str] = await nobody.page.evaluate(ROUTES)
        walked: list[str] = await nobody.page.evaluate(
            LEADS_TO, [screen.path.replace("[", "").replace("]", "") for screen in SCREENS]
        )

        assert len(routes) > 40
        assert set(routes) - set(walked) == set()


class TestScreens:
    @pytest.mark.parametrize("theme", ["light", "dark"])
    @pytest.mark.parametrize("person", PEOPLE)
    async def test_are_in_nobodys_way(self, visit: Arrive, site: Served, person: str, theme: Theme) -> None:
        """On the device they are made for in light, on a phone in dark. A board is looked at where it is drawn up."""
        mine = [one for one in SCREENS if (one.person or "") == person and one.path != BOARD]
        phone = theme == "dark" or mine[0].device == "phone"
        language: Language = "zh" if theme == "dark" else "en"
        somebody = await visit(
            person or None, screen=PHONE if phone else DESK, theme=theme, language=language
        )

        found: dict[str, Any] = {}
        for screen in mine:
            await opened(somebody, site, screen)
            found[screen.name] = (await somebody.barriers(), await somebody.page.evaluate(CLUMSY))

        assert {name: what for name, what in found.items() if what != ("", [])} == {}
