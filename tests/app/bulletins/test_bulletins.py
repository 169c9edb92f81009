"""Bulletins and reports: made once and for all from what was published, for those who may see the outlets in them."""

import hashlib
import io
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import openpyxl
import pytest

from app.bulletins import gathering, making, queries, scheduling, sweeping
from app.bulletins.fonts import NoFont
from app.bulletins.models import Bulletin
from app.bulletins.rules import Format, Language
from app.identity.actor import Role
from app.kit.clock import utc_now
from app.kit.jobs import Resources
from app.outlets.models import Outlet, Region
from app.programmes.rules import Ownership, RecordingMode
from app.visits.rules import Kind
from tests.support.bulletins import a_bulletin, asked_for, opened, shown, words_in
from tests.support.insight import a_hall, correct, insight, published
from tests.support.places import a_grant, a_region, in_charge
from tests.support.published import Written, write
from tests.support.recordings import resources_of, storage_of, worked
from tests.support.review import Desk, a_desk
from tests.support.world import Caller, World, assert_problem

APRIL = datetime(2026, 4, 6, 4, 0, tzinfo=UTC)  # a Monday, after all of March was published
MARCH = {"cadence": "monthly", "on": "2026-03-15"}


@dataclass
class Reach:
    """sam's south has two halls, one of them mona's; sue's north has one."""

    desk: Desk
    own: Outlet
    near: Outlet
    far: Outlet
    south: Region
    north: Region
    alice: Caller
    sue: Caller

    @property
    def world(self) -> World:
        return self.desk.world

    @property
    def sam(self) -> Caller:
        return self.desk.scene.sam

    async def seen(self, *visits: Written) -> None:
        await write(self.world.database, self.desk.scene.programme, self.desk.scene.version, visits)


async def drawn(reach: Reach, asked: dict[str, Any]) -> list[str]:
    """What the store has of an edition."""
    async with reach.world.database.reading() as session:
        row = await queries.get_for_work(session, UUID(asked["id"]))
    return [one.key async for one in storage_of(reach.world).list_keys(f"{row.key}/")]


@pytest.fixture
async def reach(desk: Desk) -> Reach:
    world = desk.world
    north = await a_region(world, "north", name_zh="北区")
    near = await a_hall(desk, "gz-2", name_zh="天河营业厅")
    far = await a_hall(desk, "bj-1", region=north)
    sue = await world.newcomer("sue", Role.SUPERVISOR)
    await in_charge(world, sue, region=north)
    found = Reach(
        desk, desk.scene.outlet, near, far, desk.scene.region, north, await world.person("alice"), sue
    )
    ivy, ian = desk.scene.ivy.id, desk.scene.ian.id
    await found.seen(
        Written(found.own.id, 50, inspector=ivy),
        Written(found.own.id, 60, inspector=ian, on=date(2026, 3, 20)),
        Written(near.id, 70, inspector=ian),
        Written(near.id, 71, inspector=ian, on=date(2026, 3, 12)),
        Written(far.id, 90, inspector=ivy, on=date(2026, 3, 3)),
    )
    world.clock.now = APRIL
    return found


@pytest.fixture
async def desk(world: World) -> Desk:
    return await a_desk(
        world, mode=RecordingMode.NONE, minimum_photos=0, publication_delay_hours=0, ranking_minimum_n=2
    )


async def refused(who: Caller, status: int, slug: str, **wanted: Any) -> None:
    assert_problem(await who.post("/v1/bulletins", json={"cadence": "monthly", **wanted}), status, slug)


async def listed(who: Caller, **wanted: str) -> list[dict[str, Any]]:
    answer = await who.get("/v1/bulletins", params=wanted)
    assert answer.status_code == 200, answer.text
    rows: list[dict[str, Any]] = answer.json()["items"]
    return rows


def sheets(file: bytes) -> dict[str, list[list[Any]]]:
    book = openpyxl.load_workbook(io.BytesIO(file))
    return {
        sheet.title: [[cell.value for cell in row] for row in sheet.iter_rows()] for sheet in book.worksheets
    }


class TestAReport:
    async def test_of_a_region_says_what_insight_says_in_both_languages_and_formats(
        self, reach: Reach
    ) -> None:
        made = await a_bulletin(reach.world, reach.sam, **MARCH, region_id=str(reach.south.id))

        files = {
            (one["language"], one["format"]): await opened(reach.sam, made, one["language"], one["format"])
            for one in made["files"]
        }
        assert set(files) == {("zh", "pdf"), ("zh", "xlsx"), ("en", "pdf"), ("en", "xlsx")}
        for one in made["files"]:
            assert one["sha256"] == hashlib.sha256(files[one["language"], one["format"]]).hexdigest()
        assert (made["first_on"], made["last_on"], made["edition"]) == ("2026-03-01", "2026-03-31", 1)
        assert made["score_revisions"] == 4
        told = await insight(reach.sam, f"regions/{reach.south.id}", month="2026-03")
        assert told["score"]["value"] == 62.75
        summary = {row[0]: row[1] for row in sheets(files["en", "xlsx"])["Summary"]}
        assert (summary["Score"], summary["Visits"], summary["Outlets"]) == (62.75, 4, 2)
        ranking = sheets(files["zh", "xlsx"])["网点排名"]
        assert [row[:4] for row in ranking[1:]] == [[1, "gz-2", "天河营业厅", 70.5], [2, "gz-1", "Gz-1", 55]]
        for said in ("检查月报", "62.75", "天河营业厅", "网点排名", "指标概况"):
            assert said in words_in(files["zh", "pdf"]), said
        assert "Monthly report" in words_in(files["en", "pdf"])
        assert "bj-1" not in words_in(files["en", "pdf"])

    async def test_of_the_network_has_all_regions_and_a_bulletin_is_of_a_week_from_monday(
        self, reach: Reach
    ) -> None:
        made = await a_bulletin(reach.world, reach.alice, cadence="weekly", on="2026-03-04")

        assert (made["scope"], made["first_on"], made["last_on"]) == ("network", "2026-03-02", "2026-03-08")
        book = sheets(await opened(reach.alice, made, "en", "xlsx"))
        summary = {row[0]: row[1] for row in book["Summary"]}
        assert (summary["Score"], summary["Visits"], summary["Outlets"]) == (70, 3, 3)

    async def test_of_an_outlet_gives_its_manager_no_median_of_few_and_no_other_outlet(
        self, reach: Reach
    ) -> None:
        """D10.1"""
        mona = reach.desk.mona
        made = await a_bulletin(reach.world, mona, **MARCH, outlet_id=str(reach.own.id))

        text = words_in(await opened(mona, made, "zh", "pdf"))
        assert "55.00" in text
        assert [one for one in ("天河营业厅", "gz-2", "70.5", "网点排名") if one in text] == []

    async def test_of_covert_visits_has_nothing_of_overt_ones_and_nothing_of_competitors(
        self, reach: Reach
    ) -> None:
        """D3.7"""
        rival = await a_hall(reach.desk, "rival", ownership=Ownership.COMPETITOR)
        await reach.seen(Written(reach.own.id, 1, kind=Kind.OVERT), Written(rival.id, 2))

        made = await a_bulletin(reach.world, reach.sam, **MARCH, region_id=str(reach.south.id))

        assert made["score_revisions"] == 4
        assert "rival" not in words_in(await opened(reach.sam, made, "en", "xlsx"))

    async def test_without_a_day_is_of_the_last_month_that_is_over(self, reach: Reach) -> None:
        asked = await asked_for(reach.sam, cadence="monthly", region_id=str(reach.south.id))

        assert (asked["first_on"], asked["state"], asked["files"]) == ("2026-03-01", "making", [])
        early = await reach.sam.get(f"/v1/bulletins/{asked['id']}/files/zh/pdf")
        assert assert_problem(early, 409, "bulletin-not-ready")["state"] == "making"

    async def test_is_told_to_whoever_asked_once_it_is_ready(self, reach: Reach) -> None:
        made = await a_bulletin(reach.world, reach.sam, **MARCH, region_id=str(reach.south.id))

        (entry,) = (await reach.sam.get("/v1/inbox")).json()["items"]
        assert (entry["kind"], entry["about"]["subject_id"]) == ("bulletin.ready", made["id"])
        assert "2026-03-01" in entry["text"]["zh"]


class TestEditions:
    async def test_a_later_score_revision_changes_none_and_the_next_one_says_which_it_follows(
        self, desk: Desk
    ) -> None:
        """D8.6: from the same pinned revisions come the same bytes; later ones are another edition's."""
        world, mona, own = desk.world, desk.mona, desk.scene.outlet
        case = await published(desk, values={"tidy": False, "uniform": False})
        world.clock.advance(hours=1)
        first = await a_bulletin(world, mona, **MARCH, outlet_id=str(own.id))
        before = await opened(mona, first, "en", "pdf")
        world.clock.advance(hours=1)
        await correct(desk, case, uniform=True)

        second = await a_bulletin(world, mona, **MARCH, outlet_id=str(own.id))

        assert await shown(mona, first["id"]) == first
        assert await opened(mona, first, "en", "pdf") == before
        assert "50.00" in words_in(before)
        again = await drawn_again(world, first["id"])
        assert {one["sha256"] for one in first["files"]} == again
        assert (second["edition"], second["follows"], second["follows_id"]) == (2, 1, first["id"])
        text = words_in(await opened(mona, second, "en", "pdf"))
        assert "60.00" in text
        assert "Edition 2, which follows edition 1" in text

    async def test_gathered_again_as_of_its_moment_it_says_the_same(self, desk: Desk) -> None:
        world = desk.world
        case = await published(desk, values={"tidy": False, "uniform": False})
        assert await worked(world) == []  # the actions that follow are open before its moment
        world.clock.advance(hours=1)
        made = await a_bulletin(world, desk.mona, **MARCH, outlet_id=str(desk.scene.outlet.id))
        world.clock.advance(hours=1)
        await correct(desk, case, uniform=True)

        async with world.database.reading() as session:
            row = await queries.get_for_work(session, UUID(made["id"]))
            assert row.as_of is not None
            content = await gathering.gather(session, row, as_of=row.as_of)

        assert hashlib.sha256(making.written(content)).hexdigest() == made["content_sha256"]

    async def test_only_one_of_the_same_is_in_the_making(self, reach: Reach) -> None:
        wanted = {**MARCH, "region_id": str(reach.south.id)}
        await asked_for(reach.sam, **wanted)

        await refused(reach.sam, 409, "bulletin-in-the-making", **wanted)
        other = await asked_for(reach.sam, **{**wanted, "on": "2026-02-01"})
        assert other["edition"] == 1

    async def test_asked_for_twice_under_one_id_is_one(self, reach: Reach) -> None:
        wanted = {**MARCH, "region_id": str(reach.south.id), "id": "0199a1b2-0000-7000-8000-000000000042"}
        await asked_for(reach.sam, **wanted)

        await refused(reach.sam, 409, "already-exists", **{**wanted, "on": "2026-02-01"})

    async def test_one_that_failed_says_so_and_the_next_follows_the_last_that_was_ready(
        self, reach: Reach
    ) -> None:
        asked = await asked_for(reach.sam, **MARCH, region_id=str(reach.south.id))
        await making.give_up(resources_of(reach.world), UUID(asked["id"]), "NoFont: none")
        assert (await shown(reach.sam, asked["id"]))["state"] == "failed"

        second = await asked_for(reach.sam, **MARCH, region_id=str(reach.south.id))

        assert (second["edition"], second["follows"]) == (2, None)

    async def test_what_was_drawn_for_one_that_failed_does_not_stay(self, reach: Reach) -> None:
        """D10.4: nobody can open it, and retention does not know of it."""
        made = await a_bulletin(reach.world, reach.sam, **MARCH, region_id=str(reach.south.id))
        asked = await asked_for(reach.sam, **MARCH, region_id=str(reach.south.id))
        resources = resources_of(reach.world)
        await making.gather(resources, UUID(asked["id"]), APRIL.isoformat())
        await making.draw(resources, UUID(asked["id"]), Language.EN, Format.XLSX)
        later = replace(resources, clock=lambda: utc_now() + timedelta(days=2))
        await sweeping.sweep(later)
        assert len(await drawn(reach, asked)) == 2  # in the making still

        await making.give_up(resources, UUID(asked["id"]), "StorageUnavailable: full")
        await sweeping.sweep(replace(resources, clock=utc_now))
        assert len(await drawn(reach, asked)) == 2  # its process may still be drawing
        await sweeping.sweep(later)
        assert await drawn(reach, asked) == []

        for one in made["files"]:
            assert await opened(reach.sam, made, one["language"], one["format"])

    async def test_content_that_was_changed_in_the_store_is_not_drawn(self, reach: Reach) -> None:
        made = await a_bulletin(reach.world, reach.sam, **MARCH, region_id=str(reach.south.id))
        async with reach.world.database.reading() as session:
            row = await queries.get_for_work(session, UUID(made["id"]))
        await storage_of(reach.world).put_bytes(row.content_key, b"{}", content_type="application/json")

        with pytest.raises(making.ContentChanged):
            await making.pinned_content(resources_of(reach.world), row)


class TestWithoutLetters:
    async def test_it_fails_and_names_the_way_out(self, reach: Reach, tmp_path: Path) -> None:
        asked = await asked_for(reach.sam, **MARCH, region_id=str(reach.south.id))
        usual = resources_of(reach.world)
        told = usual.settings.model_copy(update={"report_font": str(tmp_path / "none.ttf")})
        resources = Resources(usual.database, usual.storage, told, usual.clock)
        await making.gather(resources, UUID(asked["id"]), APRIL.isoformat())

        with pytest.raises(NoFont, match="PLAINCLOTHES_REPORT_FONT"):
            await making.draw(resources, UUID(asked["id"]), Language.ZH, Format.PDF)
        await making.draw(resources, UUID(asked["id"]), Language.ZH, Format.XLSX)


class TestWhoMayHaveThem:
    async def test_a_region_is_for_the_desk_in_whose_charge_it_is(self, reach: Reach) -> None:
        made = await a_bulletin(reach.world, reach.sam, **MARCH, region_id=str(reach.south.id))
        otto = await reach.world.person("otto")
        await a_grant(reach.world, otto, region=reach.south)
        bob, ivy = await reach.world.person("bob"), reach.desk.scene.ivy

        for who in (reach.alice, reach.sam, reach.desk.rita, otto):
            assert [one["id"] for one in await listed(who)] == [made["id"]], who.name
            assert await opened(who, made, "en", "xlsx")
        for who in (reach.sue, reach.desk.mona, ivy, bob):
            assert await listed(who) == [], who.name
            for path in ("", "/files/en/pdf"):
                assert_problem(await who.get(f"/v1/bulletins/{made['id']}{path}"), 404, "not-found")

    async def test_the_network_is_for_those_in_whose_charge_every_region_is(self, reach: Reach) -> None:
        made = await a_bulletin(reach.world, reach.alice, **MARCH)
        assert await listed(reach.sam) == []
        await refused(reach.sam, 403, "forbidden")

        await in_charge(reach.world, reach.sam, region=reach.north)

        assert [one["id"] for one in await listed(reach.sam, scope="network")] == [made["id"]]
        assert await listed(reach.sam, scope="outlet") == []

    async def test_an_outlet_is_for_its_managers_and_the_desk_above(self, reach: Reach) -> None:
        made = await a_bulletin(reach.world, reach.desk.mona, **MARCH, outlet_id=str(reach.own.id))
        nina = await reach.world.newcomer("nina", Role.OUTLET_MANAGER)
        await in_charge(reach.world, nina, outlet=reach.near)

        for who in (reach.desk.mona, reach.sam, reach.alice):
            assert [one["id"] for one in await listed(who, outlet_id=str(reach.own.id))] == [made["id"]]
        for who in (nina, reach.sue, reach.desk.scene.ivy):
            assert await listed(who) == []

    async def test_nobody_asks_for_what_is_not_theirs(self, reach: Reach) -> None:
        mona, sam = reach.desk.mona, reach.sam
        await refused(sam, 404, "not-found", region_id=str(reach.north.id))
        await refused(sam, 404, "not-found", outlet_id=str(reach.far.id))
        await refused(mona, 404, "not-found", outlet_id=str(reach.near.id))
        await refused(mona, 403, "forbidden", region_id=str(reach.south.id))
        await refused(mona, 403, "forbidden")
        await refused(reach.desk.scene.ivy, 403, "forbidden", outlet_id=str(reach.own.id))

    async def test_nobody_asks_for_days_to_come_or_for_two_things_at_once(self, reach: Reach) -> None:
        south = str(reach.south.id)
        await refused(reach.sam, 422, "invalid-request", region_id=south, on="2026-05-01")
        await refused(reach.sam, 422, "invalid-request", region_id=south, outlet_id=str(reach.own.id))


class TestByTheClock:
    async def test_the_last_month_and_week_of_the_network_and_each_region_are_begun_once(
        self, reach: Reach
    ) -> None:
        """Three days after their end, for review and publication take their time."""
        resources = resources_of(reach.world)
        reach.world.clock.now = datetime(2026, 4, 3, 4, 0, tzinfo=UTC)
        early = await scheduling.request_due(resources)
        reach.world.clock.now = datetime(2026, 4, 4, 4, 0, tzinfo=UTC)

        begun = [await scheduling.request_due(resources) for _ in range(2)]

        assert (early, begun) == (0, [3, 0])
        assert await worked(reach.world) == []
        rows = await listed(reach.alice)
        assert {(one["cadence"], one["first_on"], one["state"]) for one in rows} == {
            ("monthly", "2026-03-01", "ready")
        }
        assert {one["subject_code"] for one in rows} == {None, "south", "north"}
        assert [one["kind"] for one in (await reach.sue.get("/v1/inbox")).json()["items"]] == [
            "bulletin.ready"
        ]

    async def test_a_programme_may_do_without(self, world: World) -> None:
        desk = await a_desk(world, mode=RecordingMode.NONE, bulletins={"monthly": False, "after_days": 0})
        scene = desk.scene
        await write(world.database, scene.programme, scene.version, [Written(scene.outlet.id, 50)])
        world.clock.now = datetime(2026, 3, 9, 4, 0, tzinfo=UTC)

        assert await scheduling.request_due(resources_of(world)) == 2

        rows = await listed(await world.person("alice"))
        assert {(one["cadence"], one["first_on"]) for one in rows} == {("weekly", "2026-03-02")}


async def drawn_again(world: World, bulletin_id: str) -> set[str]:
    """The hashes of its files, drawn anew from what is pinned."""
    resources = resources_of(world)
    async with world.database.reading() as session:
        row: Bulletin = await queries.get_for_work(session, UUID(bulletin_id))
    content = await making.pinned_content(resources, row)
    return {
        hashlib.sha256(making.drawn(content, language, kind, font="")).hexdigest()
        for language in Language
        for kind in Format
    }
