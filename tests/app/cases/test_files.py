"""Files of appeals and actions: bound to their content, looked at, and known by number only (D8.4, D8.5)."""

import httpx2
import pytest

from app.cases import files
from app.cases.rules_files import ContentType, file_name, is_really
from app.kit.ids import new_id
from app.kit.jobs import Resources
from tests.support.cases import PDF, PNG, Court, a_court, put
from tests.support.world import World, assert_problem


@pytest.fixture
async def court(world: World) -> Court:
    return await a_court(world)


class TestContent:
    def test_is_what_it_begins_like(self) -> None:
        for content, kind in (
            (PDF, ContentType.PDF),
            (PNG, ContentType.PNG),
            (b"\xff\xd8\xff\xe0", ContentType.JPEG),
        ):
            assert [one for one in ContentType if is_really(content, one)] == [kind]
        assert not any(is_really(b"<html>", one) for one in ContentType)

    def test_has_a_name_that_tells_nothing(self) -> None:
        assert file_name("proof", 3, ContentType.JPEG) == "proof-3.jpg"


class TestSending:
    async def test_takes_the_declared_content_and_no_other(self, court: Court) -> None:
        appeal = await court.filed(await court.published(), "tidy")
        address = f"/v1/appeals/{appeal}/attachments"
        declared = (await court.declare(address, PDF, "application/pdf", by=court.mona)).json()
        assert_problem(await court.mona.post(f"{address}/1/complete"), 409, "file-awaited")

        other = await put(declared["upload"], PDF.replace(b"1.7", b"1.4"))
        right = await put(declared["upload"], PDF)
        done = await court.mona.post(f"{address}/1/complete")
        again = await court.mona.post(f"{address}/1/complete")

        assert other.status_code >= 400
        assert right.status_code == 200
        assert done.json() == again.json()
        assert {name: done.json()[name] for name in ("number", "state", "content_type")} == {
            "number": 1,
            "state": "stored",
            "content_type": "application/pdf",
        }
        assert [one["number"] for one in (await court.seen(appeal))["attachments"]] == [1]

    async def test_twice_is_one_file(self, court: Court) -> None:
        """D11"""
        appeal = await court.filed(await court.published(), "tidy")
        address, mine = f"/v1/appeals/{appeal}/attachments", str(new_id())
        first = await court.declare(address, PDF, "application/pdf", by=court.mona, id=mine)
        second = await court.declare(address, PDF, "application/pdf", by=court.mona, id=mine)
        other = await court.declare(address, PNG, "image/png", by=court.mona, id=mine)
        assert (first.json()["file"]["number"], second.json()["file"]["number"]) == (1, 1)
        assert_problem(other, 409, "already-exists")
        assert (await put(second.json()["upload"], PDF)).status_code == 200
        assert (await court.mona.post(f"{address}/1/complete")).status_code == 200
        third = await court.declare(address, PDF, "application/pdf", by=court.mona, id=mine)
        assert third.json()["upload"] is None

    async def test_of_something_else_than_its_type_says_is_refused_and_deleted(self, court: Court) -> None:
        appeal = await court.filed(await court.published(), "tidy")
        address = f"/v1/appeals/{appeal}/attachments"
        declared = (await court.declare(address, b"<script>", "application/pdf", by=court.mona)).json()
        assert (await put(declared["upload"], b"<script>")).status_code == 200

        answers = [await court.mona.post(f"{address}/1/complete") for _ in range(2)]

        assert assert_problem(answers[0], 409, "file-refused")["reason"] == "type"
        assert_problem(answers[1], 409, "file-refused")
        assert_problem(await court.mona.get(f"{address}/1"), 404, "not-found")
        key = declared["upload"]["url"].partition("?")[0].partition("/cases/")[2]
        assert await court.desk.storage.head(f"cases/{key}") is None

    @pytest.mark.parametrize(
        "changes",
        [
            {"content_type": "video/mp4"},
            {"size_bytes": 20 * 1024 * 1024 + 1},
            {"size_bytes": 0},
            {"md5": "nonsense"},
        ],
    )
    async def test_of_what_is_not_taken_is_refused_at_once(
        self, court: Court, changes: dict[str, object]
    ) -> None:
        appeal = await court.filed(await court.published(), "tidy")
        answer = await court.declare(
            f"/v1/appeals/{appeal}/attachments", PDF, "application/pdf", by=court.mona, **changes
        )
        assert_problem(answer, 422, "invalid-request")

    async def test_ends_with_the_appeal_and_at_a_number_of_files(
        self, court: Court, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        appeal = await court.filed(await court.published(), "tidy")
        address = f"/v1/appeals/{appeal}/attachments"
        monkeypatch.setattr(files, "MOST_FILES", 1)
        assert (await court.declare(address, PDF, "application/pdf", by=court.mona)).status_code == 200
        full = await court.declare(address, PNG, "image/png", by=court.mona)
        await court.mona.post(f"/v1/appeals/{appeal}/withdraw")
        late = await court.declare(address, PNG, "image/png", by=court.mona)
        assert assert_problem(full, 409, "files-full")["limit"] == 1
        assert_problem(late, 409, "appeal-wrong-state")

    async def test_that_never_came_is_swept_away(self, court: Court) -> None:
        appeal = await court.filed(await court.published(), "tidy")
        address = f"/v1/appeals/{appeal}/attachments"
        declared = (await court.declare(address, PDF, "application/pdf", by=court.mona)).json()
        await court.attached(address, PNG, "image/png", by=court.mona)
        world = court.world
        resources = Resources(world.database, court.desk.storage, world.settings, world.clock)
        assert await files.sweep(resources) == 0
        world.clock.advance(days=2)

        assert await files.sweep(resources) == 1

        assert (await put(declared["upload"], PDF)).status_code >= 400
        assert [one["number"] for one in (await court.seen(appeal))["attachments"]] == [2]


class TestOpening:
    async def test_gives_the_content_under_a_neutral_name(self, court: Court) -> None:
        """D10.1: and documents are saved, not shown."""
        appeal = await court.filed(await court.published(), "tidy")
        address = f"/v1/appeals/{appeal}/attachments"
        await court.attached(address, PDF, "application/pdf", by=court.mona)

        opened = await court.sam.get(f"{address}/1")

        async with httpx2.AsyncClient() as browser:
            got = await browser.get(opened.json()["url"])
        assert got.content == PDF
        assert got.headers["content-disposition"].startswith("attachment")
        assert "attachment-1.pdf" in got.headers["content-disposition"]
        assert got.headers["content-type"] == "application/pdf"
