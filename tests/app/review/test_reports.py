"""Reports as their readers see them: mona manages the hall, milo another one (D3.6, D8.3, D10.6)."""

from datetime import UTC, datetime

import httpx2
import pytest

from app.identity.actor import Role
from tests.support.places import a_grant, a_region, an_outlet, in_charge
from tests.support.review import Desk, a_desk
from tests.support.world import MONDAY, World, assert_problem


@pytest.fixture
async def desk(world: World) -> Desk:
    return await a_desk(world)


async def aliases(caller: object, **params: str) -> list[str]:
    answer: httpx2.Response = await caller.get("/v1/reports", params=params)  # type: ignore[attr-defined]
    assert answer.status_code == 200, answer.text
    return [one["alias"] for one in answer.json()["items"]]


class TestReaders:
    async def test_are_the_managers_of_the_outlet_and_nobody_elses(self, desk: Desk) -> None:
        """D10.6"""
        alias = await desk.published(await desk.submitted())
        milo = await desk.world.newcomer("milo", Role.OUTLET_MANAGER)
        other = await an_outlet(desk.world, "gz-2", region=desk.scene.region)
        await in_charge(desk.world, milo, outlet=other)

        assert await aliases(desk.mona) == [alias]
        for stranger in (milo, desk.scene.ivy, desk.scene.ian, await desk.world.person("bob")):
            assert await aliases(stranger) == []
            assert_problem(await stranger.get(f"/v1/reports/{alias}"), 404, "not-found")
            for path in ("recordings/1/play", "photos/1/play"):
                answer = await stranger.post(f"/v1/reports/{alias}/{path}")
                assert_problem(answer, 404, "not-found")

    async def test_are_the_desk_and_auditors_of_its_region(self, desk: Desk) -> None:
        alias = await desk.published(await desk.submitted())
        otto, rob = await desk.world.person("otto"), await desk.world.newcomer("rob", Role.REVIEWER)
        await in_charge(desk.world, rob, region=await a_region(desk.world, "north"))

        assert await aliases(otto) == await aliases(rob) == []
        await a_grant(desk.world, otto, outlet=desk.scene.outlet)
        for reader in (otto, desk.rita, desk.scene.sam, await desk.world.person("alice")):
            assert await aliases(reader) == [alias]
            assert (await reader.get(f"/v1/reports/{alias}")).status_code == 200

    async def test_see_nothing_before_publication_and_nothing_of_a_void_visit(self, desk: Desk) -> None:
        """D6.6"""
        case = await desk.submitted()
        await desk.approved(case)
        assert await aliases(desk.mona) == []
        desk.world.clock.advance(hours=25)
        await desk.rita.post("/v1/publications")
        assert len(await aliases(desk.mona)) == 1

        version = (await desk.scene.sam.get(f"/v1/visits/{case.visit}")).headers["ETag"]
        voided = await desk.scene.sam.post(
            f"/v1/visits/{case.visit}/void",
            json={"reason": "The wrong hall was visited."},
            headers={"If-Match": version},
        )

        assert voided.status_code == 200
        assert await aliases(desk.mona) == []


class TestList:
    async def test_tells_each_visit_in_a_line(self, desk: Desk) -> None:
        alias = await desk.published(await desk.submitted())

        line = (await desk.mona.get("/v1/reports")).json()["items"][0]

        assert line == {
            "alias": alias,
            "outlet": {
                "id": str(desk.scene.outlet.id), "code": "gz-1", "name_zh": None, "name_en": "Gz-1",
            },
            "visited_on": "2026-03-02",
            "day_part": "afternoon",
            "kind": "covert",
            "status": "scored",
            "total": "66.666666666666",
            "total_without_vetoes": "76.666666666666",
            "completeness": "1.000000000000",
            "vetoes": 1,
            "provisional": False,
            "published_at": "2026-03-03T10:00:00Z",
            "revision": 1,
        }  # fmt: skip

    async def test_names_the_day_and_its_part_at_the_outlet(self, desk: Desk) -> None:
        """D5.3, D10.1: at 23:30 UTC it is the next morning in Guangzhou."""
        desk.world.clock.now = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)
        await desk.published(await desk.submitted(on="2026-03-03"))

        line = (await desk.mona.get("/v1/reports")).json()["items"][0]

        assert (line["visited_on"], line["day_part"]) == ("2026-03-03", "morning")

    async def test_comes_newest_first_in_pages_and_narrowed(self, desk: Desk) -> None:
        first = await desk.published(await desk.submitted())
        desk.world.clock.now = MONDAY.replace(day=12)
        second = await desk.published(await desk.submitted(desk.scene.ian, on="2026-03-12"))

        page = (await desk.mona.get("/v1/reports", params={"limit": 1})).json()
        rest = await aliases(desk.mona, limit="1", cursor=page["next_cursor"])

        assert [page["items"][0]["alias"], *rest] == [second, first]
        assert await aliases(desk.mona, visited_until="2026-03-11") == [first]
        assert await aliases(desk.mona, visited_from="2026-03-03") == [second]
        assert await aliases(desk.mona, outlet_id=str(desk.scene.programme.id)) == []


class TestDetail:
    async def test_explains_its_score_and_shows_what_supports_a_veto(self, desk: Desk) -> None:
        """D3.6, D4.3"""
        alias = await desk.published(await desk.submitted(), summary_for_outlet="No smoking, please.")

        report = (await desk.mona.get(f"/v1/reports/{alias}")).json()

        assert report["checklist"] == {"zh": "短问卷", "en": "Short checklist"}
        assert report["summary"] == "No smoking, please."
        assert report["veto_list"] == [
            {
                "item": "no-smoking",
                "text": {"zh": "no-smoking", "en": "no-smoking"},
                "scope": "indicator",
                "target": "a2",
                "cap": None,
                "evidence": [
                    {"recording": 1, "at_ms": 83_000, "photo": None},
                    {"recording": None, "at_ms": None, "photo": 1},
                ],
            }
        ]
        assert [file["number"] for file in report["files"]] == [1, 1, 2, 3, 4]
        parts = [one for dimension in report["dimensions"] for one in dimension["indicators"]]
        assert {part["code"]: part["vetoed_by"] for part in parts} == {
            "a1": [], "a2": ["no-smoking"], "b1": [],
        }  # fmt: skip
        items = {item["code"]: item for part in parts for item in part["items"]}
        assert items["patience"]["value_text"] == {"zh": "中", "en": "fair"}
        assert items["queue-machine"]["state"] == "not_applicable"
        contributions = sum(float(item["score"]["contribution"]) for item in items.values())
        assert contributions == pytest.approx(66.666667, abs=1e-5)

    async def test_shows_where_the_recorder_was_interrupted_and_not_by_what_nor_what_was_tapped(
        self, desk: Desk
    ) -> None:
        """D7.3, D10.1"""
        gaps = [
            {"from_ms": 60_000, "to_ms": 90_000, "why": "hidden"},
            {"from_ms": 1_200_000, "to_ms": 1_200_000, "why": "killed"},
        ]
        alias = await desk.published(await desk.submitted(noticed={"gaps": gaps, "markers_ms": [77_123]}))

        answer = await desk.mona.get(f"/v1/reports/{alias}")

        assert answer.json()["files"][0]["gaps"] == [{"start_ms": 60_000, "end_ms": 90_000}]
        assert "77123" not in answer.text
        assert "hidden" not in answer.text

    async def test_is_not_found_under_a_visits_id(self, desk: Desk) -> None:
        case = await desk.submitted()
        await desk.published(case)
        answer = await desk.mona.get(f"/v1/reports/{case.visit.replace('-', '')}")
        assert_problem(answer, 404, "not-found")
        assert_problem(await desk.mona.get("/v1/reports/nonsense"), 422, "invalid-request")


class TestPlaying:
    async def test_opens_a_short_lived_link_to_the_outlet_rendition(self, desk: Desk) -> None:
        """D10.2, D10.3"""
        alias = await desk.published(await desk.submitted())

        opened = await desk.mona.post(f"/v1/reports/{alias}/recordings/1/play")

        assert opened.status_code == 201, opened.text
        player = opened.json()
        async with httpx2.AsyncClient() as browser:
            played = await browser.get(player["url"], headers={"Range": "bytes=0-5"})
            poster = await browser.get(player["companions"]["poster"])
        assert (played.status_code, played.content) == (206, b"outlet")
        assert poster.content == b"poster of a recording"
        beat = {"from_ms": 0, "to_ms": 5000}
        heard = await desk.mona.post(f"/v1/playbacks/{player['id']}/heartbeat", json=beat)
        assert heard.status_code < 300, heard.text

    async def test_shows_photos_by_their_number(self, desk: Desk) -> None:
        alias = await desk.published(await desk.submitted())
        opened = (await desk.mona.post(f"/v1/reports/{alias}/photos/4/play")).json()
        async with httpx2.AsyncClient() as browser:
            assert (await browser.get(opened["url"])).content == b"photo of a recording"

    @pytest.mark.parametrize("path", ["recordings/2/play", "photos/5/play"])
    async def test_knows_no_other_numbers(self, desk: Desk, path: str) -> None:
        alias = await desk.published(await desk.submitted())
        assert_problem(await desk.mona.post(f"/v1/reports/{alias}/{path}"), 404, "not-found")

    async def test_belongs_to_whom_it_was_opened_for(self, desk: Desk) -> None:
        alias = await desk.published(await desk.submitted())
        player = (await desk.mona.post(f"/v1/reports/{alias}/recordings/1/play")).json()
        beat = {"from_ms": 0, "to_ms": 5000}
        answer = await desk.rita.post(f"/v1/playbacks/{player['id']}/heartbeat", json=beat)
        assert_problem(answer, 404, "not-found")
