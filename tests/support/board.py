"""A month for the route board: pam's region with halls, people who were at some of them, and a draft drawn up by hand.

Ann was at the first two halls not long ago (D5.1); in one hall people speak a language nobody here speaks.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from playwright.async_api import Page, expect

from app.identity.actor import Role
from app.programmes.models import Programme
from tests.support.places import a_programme, a_region, an_outlet, in_charge
from tests.support.planning import a_profile
from tests.support.population import Population

PROGRAMME = "Foshan halls"
HALLS = (
    ("fs-1", "Chancheng hall", "禅城营业厅", 23.022, 113.122),
    ("fs-2", "Zumiao hall", "祖庙营业厅", 23.031, 113.114),
    ("fs-3", "Nanhai hall", "南海营业厅", 23.038, 113.143),
    ("fs-4", "Shunde hall", "顺德营业厅", 22.805, 113.294),
    ("fs-5", "Lecong hall", "乐从营业厅", 22.955, 113.098),
    ("fs-6", "Dali hall", "大沥营业厅", 23.106, 113.103),
    ("fs-7", "Sanshui hall", "三水营业厅", 23.157, 112.897),
    ("fs-8", "Ronggui hall", "容桂营业厅", 22.770, 113.276),
)
TEAM = {"ann": (23.02, 113.13), "bo": (22.84, 113.25), "cai": (23.10, 113.05), "dee": (23.03, 113.16)}
SEARCH_MS = 240_000  # the first search on a machine compiles
KNOWN_DAYS = 20  # since ann's visits: within the interval whatever the month


async def a_board(people: Population) -> None:
    """Everything but the plan."""
    world = people.world
    region = await a_region(world, "foshan", name_zh="佛山", name_en="Foshan")
    pam = await world.newcomer("pam", Role.SUPERVISOR)
    await in_charge(world, pam, region=region)
    for code, english, chinese, latitude, longitude in HALLS:
        wanted: dict[str, Any] = {
            "name_en": english,
            "name_zh": chinese,
            "latitude": latitude,
            "longitude": longitude,
        }
        if code == "fs-8":
            wanted["required_languages"] = ["yue"]
        await an_outlet(world, code, region=region, **wanted)
    for name, (latitude, longitude) in TEAM.items():
        person = await world.newcomer(name, Role.INSPECTOR)
        await a_profile(world, person, home_latitude=latitude, home_longitude=longitude, region_id=region.id)
    programme = await a_programme(world, name=PROGRAMME)
    async with world.database.writing() as session:
        (await session.get_one(Programme, programme.id)).checklist_codes = ["short-hall"]
    seen = (datetime.now(UTC) - timedelta(days=KNOWN_DAYS)).date().isoformat()
    sheet = "inspector_email,outlet_code,visited_on\n" + "".join(
        f"ann@northwind.example,{code},{seen}\n" for code in ("fs-1", "fs-2")
    )
    imported = await people.person("alice").post(
        f"/v1/rotation/history/import?programme_id={programme.id}",
        content=sheet,
        headers={"Content-Type": "text/csv"},
    )
    assert imported.status_code == 200, imported.text
    people.know("board_programme_id", programme.id)


async def draw_up(page: Page) -> None:
    """Plan next month from the board, stop with the best so far, and wait for the draft. In English."""
    await page.goto("/s/board")
    await page.get_by_role("button", name="Plan a month").first.click()
    await page.get_by_label("Programme").select_option(label=PROGRAMME)
    await page.get_by_label("Search", exact=True).select_option("60")
    await page.get_by_role("button", name="Draw it up").click()
    await page.wait_for_url(re.compile("/s/board/.+"))
    await searched(page)


async def searched(page: Page) -> None:
    """The search shows how far it is, is stopped with the best so far, and ends as a draft."""
    await expect(page.get_by_role("progressbar", name="Progress of the search")).to_be_visible()
    await expect(page.get_by_text("tries")).to_be_visible(timeout=SEARCH_MS)
    await page.get_by_role("button", name="Stop with the best so far").click()
    await expect(page.get_by_role("button", name="Publish…")).to_be_visible(timeout=SEARCH_MS)
