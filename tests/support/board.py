"""Months for the route board: pam's region with halls, people who were at some of them, and a draft drawn up by hand.

Ann was at the first two halls not long ago (D5.1); in one hall people speak a language nobody here speaks.
In pia's region two enter together (D6.7); eva was at the first hall not long ago.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from playwright.async_api import Page, expect

from app.identity.actor import Role
from app.programmes.models import Programme
from tests.support.places import a_programme, a_region, an_outlet, in_charge
from tests.support.planning import a_profile
from tests.support.population import Population

Hall = tuple[str, str, str, float, float]

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
PAIRS = "Zhaoqing pairs"
PAIR_HALLS = (
    ("zq-1", "Duanzhou hall", "端州营业厅", 23.052, 112.471),
    ("zq-2", "Dinghu hall", "鼎湖营业厅", 23.158, 112.567),
)
PAIR_TEAM = {"eva": (23.06, 112.48), "fay": (23.10, 112.52), "gus": (23.05, 112.45)}
SEARCH_MS = 240_000  # the first search on a machine compiles
KNOWN_DAYS = 20  # since ann's visits: within the interval whatever the month


async def a_board(people: Population) -> None:
    """Everything but the plans."""
    await _region(people, "pam", "foshan", "佛山", halls=HALLS, team=TEAM)
    programme = await a_programme(people.world, name=PROGRAMME)
    await _checklist(people, programme)
    await _was_at(people, programme, "ann", "fs-1", "fs-2")
    people.know("board_programme_id", programme.id)
    await _region(people, "pia", "zhaoqing", "肇庆", halls=PAIR_HALLS, team=PAIR_TEAM)
    pairs = await a_programme(people.world, name=PAIRS)
    await _checklist(people, pairs)
    await _was_at(people, pairs, "eva", "zq-1")
    rules = await people.person("alice").put(
        f"/v1/planning/programmes/{pairs.id}/rules", json={"crew_size": 2}
    )
    assert rules.status_code == 200, rules.text


async def _region(
    people: Population,
    supervisor: str,
    code: str,
    chinese: str,
    *,
    halls: Sequence[Hall],
    team: Mapping[str, tuple[float, float]],
) -> None:
    """A region, who plans it, its halls, and inspectors who live there."""
    world = people.world
    region = await a_region(world, code, name_zh=chinese, name_en=code.title())
    planner = await world.newcomer(supervisor, Role.SUPERVISOR)
    await in_charge(world, planner, region=region)
    for hall, name_en, name_zh, latitude, longitude in halls:
        wanted: dict[str, Any] = {"required_languages": ["yue"]} if hall == "fs-8" else {}
        wanted |= {"latitude": latitude, "longitude": longitude, "name_en": name_en, "name_zh": name_zh}
        await an_outlet(world, hall, region=region, **wanted)
    for name, (latitude, longitude) in team.items():
        person = await world.newcomer(name, Role.INSPECTOR)
        await a_profile(world, person, home_latitude=latitude, home_longitude=longitude, region_id=region.id)


async def _checklist(people: Population, programme: Programme) -> None:
    async with people.world.database.writing() as session:
        (await session.get_one(Programme, programme.id)).checklist_codes = ["short-hall"]


async def _was_at(people: Population, programme: Programme, name: str, *halls: str) -> None:
    seen = (datetime.now(UTC) - timedelta(days=KNOWN_DAYS)).date().isoformat()
    sheet = "inspector_email,outlet_code,visited_on\n" + "".join(
        f"{name}@northwind.example,{hall},{seen}\n" for hall in halls
    )
    imported = await people.person("alice").post(
        f"/v1/rotation/history/import?programme_id={programme.id}",
        content=sheet,
        headers={"Content-Type": "text/csv"},
    )
    assert imported.status_code == 200, imported.text


async def draw_up(page: Page, programme: str = PROGRAMME) -> None:
    """Plan next month from the board, stop with the best so far, and wait for the draft. In English."""
    await page.goto("/s/board")
    await page.get_by_role("button", name="Plan a month").first.click()
    await page.get_by_label("Programme").select_option(label=programme)
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
