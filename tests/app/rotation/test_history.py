"""Importing past visits: all rows or none, every mistake by its row, the same row never twice (D5.6)."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import httpx2
import pytest
import sqlalchemy as sa

from app.kit.ids import new_id
from app.kit.sheets import SheetFormat, XlsxWriter, csv_bytes
from app.programmes.rules import RotationScope
from app.rotation import service
from app.rotation.history_sheet import COLUMNS
from app.rotation.models import CovertBar, Exposure
from app.rotation.parts import Part, RotationRule
from app.rotation.problems import CovertBarred, RotationConflict
from tests.support.places import an_outlet
from tests.support.visits import Scene, a_scene
from tests.support.world import Caller, World, assert_problem

IVY, IAN = "ivy@northwind.example", "ian@northwind.example"
THREE_MONTHS = RotationRule(3, RotationScope.OUTLET)


@pytest.fixture
async def scene(world: World) -> Scene:
    return await a_scene(world)


def body(
    *rows: Sequence[str], kind: SheetFormat = SheetFormat.CSV, columns: Sequence[str] = COLUMNS
) -> dict[str, Any]:
    if kind is SheetFormat.CSV:
        content = csv_bytes([columns, *rows])
    else:
        writer = XlsxWriter(columns)
        writer.add([[*row[:2], date.fromisoformat(row[2]), *row[3:]] for row in rows])
        with writer.finish() as file:
            content = file.read()
    return {"content": content, "headers": {"Content-Type": kind.media_type}}


async def send(
    scene: Scene, sent: dict[str, Any], *, caller: Caller | None = None, dry_run: bool = False
) -> httpx2.Response:
    who = caller or await scene.world.person("alice")
    params = {"programme_id": str(scene.programme.id), "dry_run": str(dry_run).lower()}
    return await who.post("/v1/rotation/history/import", params=params, **sent)


async def count(world: World, table: type[Exposure] | type[CovertBar]) -> int | None:
    async with world.database.reading() as session:
        return await session.scalar(sa.select(sa.func.count()).select_from(table))


async def reserve(scene: Scene, on: date, *, covert: bool = True) -> Part:
    part = Part(scene.ivy.id, scene.outlet, new_id(), THREE_MONTHS)
    async with scene.world.database.writing() as session:
        await service.reserve(session, part, on=on, covert=covert, now=scene.world.clock.now)
    return part


class TestImport:
    @pytest.mark.parametrize("kind", list(SheetFormat))
    async def test_counts_from_the_first_day(self, scene: Scene, kind: SheetFormat) -> None:
        """D5.6, D5.8."""
        answer = await send(scene, body((IVY, "gz-1", "2025-12-31", "no"), kind=kind))

        assert answer.json() == {
            "dry_run": False,
            "rows": 1,
            "created": 1,
            "unchanged": 0,
            "barred": 0,
            "reservations_in_conflict": [],
            "errors": [],
        }
        with pytest.raises(RotationConflict) as refused:
            await reserve(scene, date(2026, 3, 31))
        assert refused.value.members["first_allowed_on"] == "2026-04-01"
        await reserve(scene, date(2026, 4, 1))

    async def test_takes_the_same_rows_again_and_doubles_none(self, scene: Scene) -> None:
        rows = [(IVY, "gz-1", "2025-12-31", "yes"), (IAN, "gz-1", "2026-01-05", "no")]
        await send(scene, body(*rows))

        answer = (await send(scene, body(*rows, (IVY, "gz-1", "2025/12/31", "是")))).json()

        assert (answer["created"], answer["unchanged"], answer["barred"]) == (0, 3, 0)
        assert (await count(scene.world, Exposure), await count(scene.world, CovertBar)) == (2, 1)

    async def test_bars_from_covert_visits_where_the_visit_was_overt(self, scene: Scene) -> None:
        """D5.6."""
        answer = await send(scene, body((IVY, "gz-1", "2024-05-06", "yes")))

        assert answer.json()["barred"] == 1
        with pytest.raises(CovertBarred):
            await reserve(scene, date(2026, 3, 3))
        await reserve(scene, date(2026, 3, 3), covert=False)

    async def test_keeps_a_past_that_broke_the_rule_and_blocks_what_it_should(self, scene: Scene) -> None:
        dates = ["2026-01-05", "2026-02-05", "2026-01-20"]
        await send(scene, body(*((IVY, "gz-1", day, "no") for day in dates)))

        with pytest.raises(RotationConflict) as refused:
            await reserve(scene, date(2026, 5, 5))
        assert refused.value.members["first_allowed_on"] == "2026-05-06"
        await reserve(scene, date(2026, 5, 6))

    async def test_names_reservations_that_the_past_forbids(self, scene: Scene) -> None:
        visit = await scene.arranged(scene.ivy, on="2026-03-20")

        answer = (await send(scene, body((IVY, "gz-1", "2026-02-01", "no")))).json()

        assert answer["reservations_in_conflict"] == [visit]
        with pytest.raises(RotationConflict):
            await reserve(scene, date(2026, 6, 20))

    async def test_stays_true_after_a_reservation_of_the_same_day_is_released(self, scene: Scene) -> None:
        part = await reserve(scene, date(2026, 3, 2))
        await send(scene, body((IVY, "gz-1", "2026-03-02", "no")))
        async with scene.world.database.writing() as session:
            await service.release(session, part, because="cancelled", now=scene.world.clock.now)

        with pytest.raises(RotationConflict):
            await reserve(scene, date(2026, 6, 2))

    async def test_leaves_other_pairs_alone(self, scene: Scene) -> None:
        other = await an_outlet(scene.world, "gz-2", region=scene.region)
        await reserve(scene, date(2026, 3, 3))

        answer = await send(scene, body((IVY, other.code, "2026-02-01"), columns=COLUMNS[:3]))

        assert answer.json()["created"] == 1
        await reserve(scene, date(2026, 6, 4))

    async def test_of_a_dry_run_changes_nothing(self, scene: Scene) -> None:
        rows = [(IVY, "gz-1", "2025-12-31", "yes"), ("nobody@northwind.example", "gz-1", "2025-12-31", "no")]

        answer = (await send(scene, body(*rows), dry_run=True)).json()

        assert (answer["created"], answer["barred"], len(answer["errors"])) == (1, 1, 1)
        assert (await count(scene.world, Exposure), await count(scene.world, CovertBar)) == (0, 0)


class TestRefusal:
    async def test_names_every_bad_row_and_imports_none(self, scene: Scene) -> None:
        rows = [
            (IVY, "gz-1", "2026-02-01", "no"),
            ("sam@northwind.example", "gz-9", "2026-02-30", "perhaps"),
            ("", "", "", ""),
            (IVY, "gz-1", "2026-03-03", "no"),
            (IVY, "gz-1", "2026-02-01", "yes"),
            (IVY, "gz-1", "1926-02-01", ""),
        ]

        refused = assert_problem(await send(scene, body(*rows)), 422, "import-refused")

        found = [(error["row"], error["column"]) for error in refused["errors"]]
        assert found == [
            (3, "inspector_email"),
            (3, "outlet_code"),
            (3, "visited_on"),
            (3, "overt"),
            (5, "visited_on"),
            (6, "overt"),
            (7, "visited_on"),
        ]
        assert await count(scene.world, Exposure) == 0

    async def test_of_columns_that_are_none(self, scene: Scene) -> None:
        refused = assert_problem(
            await send(scene, body((IVY, "x"), columns=("inspector_email", "hall"))), 422, "import-refused"
        )

        assert {error["column"] for error in refused["errors"]} == {"hall", "outlet_code", "visited_on"}

    async def test_of_what_is_no_sheet(self, scene: Scene) -> None:
        sent: dict[str, Any] = {"content": b"{}", "headers": {"Content-Type": "application/json"}}

        assert_problem(await send(scene, sent), 415, "unsupported-media-type")

    async def test_of_everybody_but_admins(self, scene: Scene) -> None:
        sent = body((IVY, "gz-1", "2026-02-01", "no"))
        for name in ("sam", "ivy", "rita", "mona", "otto"):
            assert_problem(await send(scene, sent, caller=await scene.world.person(name)), 403, "forbidden")

    async def test_of_another_organisations_programme(self, scene: Scene) -> None:
        """D10.6."""
        sent = body((IVY, "gz-1", "2026-02-01", "no"))
        bob = await scene.world.person("bob")

        assert_problem(await send(scene, sent, caller=bob), 404, "not-found")
