"""Outlets as sheets: all rows or none, every mistake by its row, and what is handed out comes back unchanged."""

from typing import Any

import httpx2
import pytest

from app.kit.sheets import SheetFormat, XlsxWriter, csv_bytes
from app.outlets.columns import COLUMNS
from tests.support.places import a_region, a_tier, an_outlet, in_charge
from tests.support.world import Caller, World, assert_problem

HALL = {
    "code": "BJ-0001",
    "name_zh": "中关村旗舰厅",
    "ownership": "own",
    "brand": "=cmd|' /C calc'!A0",
    "tier": "flagship",
    "stage": "early",
    "load_band": "high",
    "region": "north",
    "address": "海淀区中关村大街1号",
    "latitude": "39.984154",
    "longitude": "116.30749",
    "datum": "gcj02",
    "opening_hours": "mon-fri 09:00-18:00; sat 10:00-16:00",
    "closures": "2026-10-01/2026-10-07 National Day",
    "traffic_per_day": "850",
    "high_traffic": "yes",
    "required_languages": "zh; ug",
    "community": "Uyghur",
}
BARE = {
    "code": "BJ-0002",
    "name_en": "Wangjing",
    "ownership": "agency",
    "tier": "flagship",
    "stage": "improved",
}
BARE |= {"load_band": "low", "region": "north"}


def sheet(kind: SheetFormat, *rows: dict[str, str], columns: tuple[str, ...] = COLUMNS) -> dict[str, Any]:
    """A request body with its media type."""
    lines = [[row.get(column, "") for column in columns] for row in rows]
    if kind is SheetFormat.CSV:
        content = csv_bytes([columns]) + csv_bytes(lines)
    else:
        writer = XlsxWriter(columns)
        writer.add(lines)
        with writer.finish() as file:
            content = file.read()
    return {"content": content, "headers": {"Content-Type": kind.media_type}}


async def send(caller: Caller, body: dict[str, Any], *, dry_run: bool = False) -> httpx2.Response:
    params = {"dry_run": str(dry_run).lower()}
    return await caller.post("/v1/outlets/import", params=params, **body)


async def export(caller: Caller, kind: SheetFormat, **params: str) -> httpx2.Response:
    return await caller.get("/v1/outlets/export", params={"format": kind.value, **params})


@pytest.fixture
async def alice(world: World) -> Caller:
    """Admin of an organisation with one region and one tier."""
    await a_region(world, "north", time_zone="Asia/Urumqi")
    await a_tier(world, "flagship")
    return await world.person("alice")


class TestImport:
    @pytest.mark.parametrize("kind", list(SheetFormat))
    async def test_enters_new_outlets(self, alice: Caller, kind: SheetFormat) -> None:
        answer = await send(alice, sheet(kind, HALL, BARE))

        assert answer.json() == {
            "dry_run": False,
            "rows": 2,
            "created": 2,
            "updated": 0,
            "unchanged": 0,
            "errors": [],
        }
        first, second = (await alice.get("/v1/outlets")).json()["items"]
        assert first["brand"] == HALL["brand"]
        assert first["position"] == {"latitude": 39.984154, "longitude": 116.30749, "datum": "gcj02"}
        assert first["opening_hours"]["sat"] == [{"opens": "10:00", "closes": "16:00"}]
        assert (first["traffic_per_day"], first["high_traffic"], first["active"]) == (850, True, True)
        assert (first["required_languages"], first["time_zone"]) == (["ug", "zh"], "Asia/Urumqi")
        closures = (await alice.get(f"/v1/outlets/{first['id']}/closures")).json()
        assert [(one["starts_on"], one["reason"]) for one in closures] == [("2026-10-01", "National Day")]
        assert (second["name_zh"], second["position"], second["opening_hours"]) == (None, None, None)

    async def test_edits_known_ones_by_code_and_leaves_other_columns_alone(self, alice: Caller) -> None:
        await send(alice, sheet(SheetFormat.CSV, HALL, BARE))
        columns = ("code", "stage", "closures")
        rows = (
            {"code": "BJ-0001", "stage": "improved", "closures": ""},
            {"code": "BJ-0002", "stage": "improved"},
        )

        answer = await send(alice, sheet(SheetFormat.CSV, *rows, columns=columns))

        assert {name: answer.json()[name] for name in ("created", "updated", "unchanged")} == {
            "created": 0,
            "updated": 1,
            "unchanged": 1,
        }
        first = (await alice.get("/v1/outlets")).json()["items"][0]
        assert (first["stage"], first["version"]) == ("improved", 2)
        assert (first["brand"], first["traffic_per_day"]) == (HALL["brand"], 850)
        assert (await alice.get(f"/v1/outlets/{first['id']}/closures")).json() == []

    async def test_reads_gb18030(self, alice: Caller) -> None:
        body = sheet(SheetFormat.CSV, HALL)
        body["content"] = body["content"].decode().encode("gb18030")

        await send(alice, body)

        assert (await alice.get("/v1/outlets")).json()["items"][0]["name_zh"] == HALL["name_zh"]

    @pytest.mark.parametrize("kind", list(SheetFormat))
    async def test_tells_every_mistake_by_row_and_imports_nothing(
        self, alice: Caller, kind: SheetFormat
    ) -> None:
        rows = (
            HALL,
            {**BARE, "tier": "flagshp", "region": "nroth", "stage": "late"},
            {**BARE, "code": "BJ-0001"},
            {**BARE, "code": "BJ-0003", "latitude": "39.9", "high_traffic": "perhaps"},
            {**BARE, "code": "BJ-0004", "opening_hours": "mon 18:00-09:00", "closures": "in summer"},
            {**BARE, "code": "", "name_en": ""},
            {**BARE, "code": "BJ-0006", "closures": "2026-10-07/2026-10-01 backwards"},
            {**BARE, "code": "BJ-0007", "latitude": "116", "longitude": "39", "datum": "wgs84"},
            {**BARE, "code": "BJ-0008", "ownership": "", "traffic_per_day": "many", "time_zone": "Mars/Base"},
        )
        expected = [
            (3, "region", "'nroth' is not the code of one of your regions"),
            (3, "stage", "Input should be 'early' or 'improved'"),
            (3, "tier", "'flagshp' is not one of your tiers"),
            (4, "code", "row 2 has this code already"),
            (5, "datum", "is needed"),
            (5, "high_traffic", "'perhaps' is neither yes nor no"),
            (5, "longitude", "is needed"),
            (6, "closures", "'in summer' is not like '2026-10-01/2026-10-07 National Day'"),
            (
                6,
                "opening_hours",
                "18:00-09:00 does not end after it begins, on the same day: write hours past midnight as two intervals",
            ),
            (7, "code", "is needed"),
            (8, "closures", "ends_on must not be before starts_on"),
            (9, "latitude", "latitude is within ±90 and longitude within ±180 degrees"),
            (10, "ownership", "is needed"),
            (10, "time_zone", "is not a time zone of the IANA database, such as Asia/Shanghai"),
            (10, "traffic_per_day", "'many' is not a whole number"),
        ]

        dry = await send(alice, sheet(kind, *rows), dry_run=True)
        wet = await send(alice, sheet(kind, *rows))

        told = [(one["row"], one["column"], one["message"]) for one in dry.json()["errors"]]
        assert sorted(told) == expected
        codes = {
            one["column"]: (one["code"], one["values"]) for one in dry.json()["errors"] if one["row"] == 3
        }
        assert codes["tier"] == ("unknown-tier", {"value": "flagshp"})
        assert codes["stage"] == ("one-of", {"expected": "'early' or 'improved'"})
        assert (dry.status_code, dry.json()["created"]) == (200, 1)
        refused = assert_problem(wet, 422, "import-refused")
        assert (refused["rows"], refused["errors"]) == (9, dry.json()["errors"])
        assert (await alice.get("/v1/outlets")).json()["items"] == []

    async def test_tells_what_is_wrong_with_the_columns(self, alice: Caller) -> None:
        body = sheet(SheetFormat.CSV, HALL, columns=("latitude", "colour"))
        errors = (await send(alice, body, dry_run=True)).json()["errors"]
        assert sorted((one["row"], one["column"]) for one in errors) == [
            (1, "code"),
            (1, "colour"),
            (1, "latitude"),
        ]

    async def test_dry_changes_nothing(self, alice: Caller) -> None:
        answer = await send(alice, sheet(SheetFormat.CSV, HALL), dry_run=True)
        assert (answer.json()["dry_run"], answer.json()["created"]) == (True, 1)
        assert (await alice.get("/v1/outlets")).json()["items"] == []

    async def test_does_not_wake_what_has_a_successor(self, world: World, alice: Caller) -> None:
        await send(alice, sheet(SheetFormat.CSV, HALL, BARE))
        first, second = (await alice.get("/v1/outlets")).json()["items"]
        await alice.put(
            f"/v1/outlets/{first['id']}/successor",
            json={"successor_id": second["id"], "succession": "merged"},
            headers={"If-Match": '"1"'},
        )

        refused = await send(alice, sheet(SheetFormat.CSV, HALL))
        asleep = await send(alice, sheet(SheetFormat.CSV, {**HALL, "active": "no"}))

        assert assert_problem(refused, 422, "import-refused")["errors"][0]["column"] == "active"
        assert asleep.json()["unchanged"] == 1

    async def test_is_for_admins_and_for_their_organisation(self, world: World, alice: Caller) -> None:
        for name in ("sam", "ivy", "rita", "mona", "otto"):
            caller = await world.person(name)
            assert_problem(await send(caller, sheet(SheetFormat.CSV, HALL)), 403, "forbidden")
        bob = await world.person("bob")
        refused = assert_problem(await send(bob, sheet(SheetFormat.CSV, HALL)), 422, "import-refused")
        assert {one["column"] for one in refused["errors"]} == {"region", "tier"}

    async def test_refuses_other_files(self, alice: Caller) -> None:
        other = {"content": b"{}", "headers": {"Content-Type": "application/json"}}
        assert_problem(await send(alice, other), 415, "unsupported-media-type")
        broken = {"content": b"PK", "headers": {"Content-Type": SheetFormat.XLSX.media_type}}
        assert_problem(await send(alice, broken), 422, "unreadable-sheet")

    async def test_is_not_mistaken_for_an_outlet(self, alice: Caller) -> None:
        for address, allowed in (("/v1/outlets/import", "POST"), ("/v1/outlets/export", "GET")):
            answer = await alice.put(address, json={})
            assert_problem(answer, 405, "method-not-allowed")
            assert answer.headers["allow"] == allowed
        assert_problem(await alice.get("/v1/outlets/BJ-0001"), 404, "not-found")

    async def test_takes_more_than_other_requests_but_not_everything(self, alice: Caller) -> None:
        headers = {"Content-Type": "text/csv"}
        large = await send(alice, {"content": b"code\n" + b"\n" * (5 << 20), "headers": headers})
        huge = await send(alice, {"content": b"code\n" + b"\n" * (33 << 20), "headers": headers})
        assert large.status_code == 200
        assert huge.status_code == 413


class TestExport:
    @pytest.mark.parametrize("kind", list(SheetFormat))
    async def test_comes_back_unchanged(self, alice: Caller, kind: SheetFormat) -> None:
        await send(alice, sheet(SheetFormat.CSV, HALL, BARE))

        file = await export(alice, kind)
        back = await send(alice, {"content": file.content, "headers": {"Content-Type": kind.media_type}})

        assert file.headers["content-disposition"] == f'attachment; filename="outlets.{kind}"'
        assert file.headers["content-type"].startswith(kind.media_type)
        assert {name: back.json()[name] for name in ("created", "updated", "unchanged")} == {
            "created": 0,
            "updated": 0,
            "unchanged": 2,
        }

    async def test_csv_has_no_formulas(self, alice: Caller) -> None:
        await send(alice, sheet(SheetFormat.XLSX, HALL))
        assert ",'=cmd|' /C calc'!A0," in (await export(alice, SheetFormat.CSV)).text

    async def test_shows_what_the_caller_may_see_and_asked_for(self, world: World, alice: Caller) -> None:
        sam, mona, ivy = [await world.person(name) for name in ("sam", "mona", "ivy")]
        south = await a_region(world, "south")
        await send(alice, sheet(SheetFormat.CSV, HALL, BARE))
        hall = await an_outlet(world, "GZ-1", region=south)
        await in_charge(world, sam, region=south)
        await in_charge(world, mona, outlet=hall)

        async def codes(caller: Caller, **params: str) -> list[str]:
            lines = (await export(caller, SheetFormat.CSV, **params)).text.splitlines()[1:]
            return [line.partition(",")[0] for line in lines]

        assert await codes(alice) == ["BJ-0001", "BJ-0002", "GZ-1"]
        assert await codes(alice, ownership="agency") == ["BJ-0002"]
        assert await codes(sam) == ["GZ-1"]
        assert await codes(mona) == ["GZ-1"]
        assert await codes(ivy) == []

    async def test_goes_on_beyond_one_page(self, alice: Caller) -> None:
        rows = [{**BARE, "code": f"N-{number:04}"} for number in range(450)]
        await send(alice, sheet(SheetFormat.CSV, *rows))
        lines = (await export(alice, SheetFormat.CSV)).text.splitlines()
        assert [line.partition(",")[0] for line in lines[1:]] == [row["code"] for row in rows]
