"""Muting: what a reviewer marks is never heard at the outlet again (D10.2)."""

from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
import pytest
import sqlalchemy as sa

from app.demo.clips import make_good_clip
from app.kit.ids import new_id
from app.recordings import queries as recordings
from app.recordings import recovering
from app.recordings.models import PlayEntry, Recording, Rendition
from app.recordings.rules import MOST_TRIES, Kind, RenditionKind
from tests.support.recordings import fetch, loudest, resources_of, storage_of, worked
from tests.support.review import Case, Desk, a_desk
from tests.support.world import Caller, World, assert_problem


@pytest.fixture
async def desk(world: World) -> Desk:
    return await a_desk(world)


async def mute(
    desk: Desk,
    case: Case,
    *stretches: tuple[int, int],
    after: int = 0,
    recording: str = "",
    by: Caller | None = None,
) -> httpx2.Response:
    body: dict[str, Any] = {
        "mute": [{"start_ms": start, "end_ms": end} for start, end in stretches],
        "reason": "A customer says their telephone number.",
    }
    at = f"/v1/visits/{case.visit}/recordings/{recording or case.video}/mutes"
    return await (by or desk.rita).put(at, json=body, headers={"If-Match": f'"{after}"'})


async def stored(desk: Desk, case: Case, clip: bytes) -> None:
    """The original that the workers will fetch."""
    async with desk.world.database.reading() as session:
        recording = await session.get_one(Recording, UUID(case.video))
    assert recording.sealed_key is not None
    await storage_of(desk.world).put_bytes(recording.sealed_key, clip, content_type="video/mp4")


async def current(desk: Desk, case: Case) -> dict[RenditionKind, Rendition]:
    async with desk.world.database.reading() as session:
        return (await recordings.renditions_of(session, [UUID(case.video)]))[UUID(case.video)]


class TestMuting:
    async def test_takes_a_published_film_back_and_gives_one_without_the_words(
        self, desk: Desk, good_clip: bytes
    ) -> None:
        case = await desk.submitted()
        await stored(desk, case, good_clip)
        at = f"/v1/reports/{await desk.published(case)}/recordings/1/play"
        before = (await desk.mona.post(at)).json()
        old = (await current(desk, case))[RenditionKind.OUTLET]

        marked = await mute(desk, case, (3_000, 4_000), (2_000, 3_500))

        assert (marked.status_code, marked.headers["etag"]) == (200, '"1"')
        assert marked.json()["is_rendered"] is False
        assert marked.json()["revisions"][0]["mute"] == [{"start_ms": 2_000, "end_ms": 4_000}]
        assert_problem(await desk.mona.post(at), 409, "rendition-awaited")
        renewed = await desk.mona.post(f"/v1/playbacks/{before['id']}/renew")
        assert_problem(renewed, 409, "rendition-awaited")

        assert await worked(desk.world) == []

        assert (await fetch(before["url"])).status_code == 404  # the link is young, the bytes are gone
        assert (await fetch(before["companions"]["peaks"])).status_code == 404
        after = (await desk.mona.post(at)).json()
        film = (await fetch(after["url"])).content
        assert loudest(film, 2.0, 4.0) <= 8
        assert loudest(film, 0.0, 1.8) > 3000
        new = (await current(desk, case))[RenditionKind.OUTLET]
        async with desk.world.database.reading() as session:
            kept = await session.get_one(Rendition, old.id)
            heard = (
                await session.scalars(sa.select(PlayEntry.rendition_id).order_by(PlayEntry.number))
            ).all()
        assert (kept.sha256, kept.replaced_at) == (old.sha256, desk.world.clock.now)
        assert heard == [old.id, new.id]

    async def test_only_the_last_marks_are_rendered(self, desk: Desk, good_clip: bytes) -> None:
        case = await desk.submitted()
        await stored(desk, case, good_clip)
        await mute(desk, case, (1_000, 2_000))
        await mute(desk, case, (4_000, 5_000), after=1)

        assert await worked(desk.world) == []

        made = await current(desk, case)
        assert {one.mute_number for one in made.values()} == {2}
        film = await storage_of(desk.world).get_bytes(made[RenditionKind.OUTLET].key)
        assert loudest(film, 4.0, 5.0) <= 8
        assert loudest(film, 1.0, 2.0) > 3000

    async def test_publication_waits_for_it(self, desk: Desk, good_clip: bytes) -> None:
        case = await desk.submitted()
        await stored(desk, case, good_clip)
        await desk.approved(case)
        desk.world.clock.advance(hours=25)
        await mute(desk, case, (0, 1_000))

        waiting = assert_problem(
            await desk.rita.post(f"/v1/visits/{case.visit}/publish"), 409, "rendition-awaited"
        )
        batch = await desk.rita.post("/v1/publications")
        assert (waiting["recordings"], batch.json()["published"]) == ([case.video], [])
        await worked(desk.world)

        batch = await desk.rita.post("/v1/publications")
        assert [one["visit_id"] for one in batch.json()["published"]] == [case.visit]

    async def test_what_cannot_be_rendered_is_not_played_and_begun_again_until_it_is_a_persons_turn(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The original is not there: better nothing than what was to be muted."""
        monkeypatch.setattr("app.kit.jobs.declare.FIRST_WAIT_S", 0.0)
        resources = resources_of(desk.world)
        case = await desk.submitted()
        await mute(desk, case, (0, 1_000))
        marks = f"/v1/visits/{case.visit}/recordings/{case.video}/mutes"
        assert await recovering.render_again(resources) == 0  # its job waits

        seen = []
        for _ in range(MOST_TRIES + 1):
            await worked(desk.world)
            seen.append((await desk.rita.get(marks)).json()["rendering"])
            await recovering.render_again(resources)

        at = f"/v1/visits/{case.visit}/recordings/{case.video}/play"
        answer = await desk.rita.post(at, json={"purpose": "review of the visit"})
        assert_problem(answer, 409, "rendition-awaited")
        assert seen == ["in_work"] * MOST_TRIES + ["stuck"]

    async def test_when_the_trouble_is_over_it_is_rendered_by_itself(
        self, desk: Desk, good_clip: bytes, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("app.kit.jobs.declare.FIRST_WAIT_S", 0.0)
        case = await desk.submitted()
        await mute(desk, case, (0, 1_000))
        await worked(desk.world)
        await stored(desk, case, good_clip)

        assert await recovering.render_again(resources_of(desk.world)) == 1
        await worked(desk.world)

        marks = f"/v1/visits/{case.visit}/recordings/{case.video}/mutes"
        assert (await desk.rita.get(marks)).json()["rendering"] == "done"


class TestHiding:
    RECTANGLE = {"start_ms": 1_000, "end_ms": 3_000, "left": 0.25, "top": 0.0, "width": 0.5, "height": 0.5}  # noqa: RUF012

    async def put(self, desk: Desk, case: Case, *, recording: str = "", **marks: Any) -> httpx2.Response:
        body = {"mute": [], "reason": "A customer's face.", **marks}
        at = f"/v1/visits/{case.visit}/recordings/{recording or case.video}/mutes"
        return await desk.rita.put(at, json=body, headers={"If-Match": '"0"'})

    async def test_what_was_marked_and_the_faces_that_were_found_are_hidden_in_the_new_rendition(
        self, desk: Desk, tmp_path: Path
    ) -> None:
        case = await desk.submitted()
        clip = make_good_clip(tmp_path / "clip.mp4", seconds=2, size="160x90")
        await stored(desk, case, clip.read_bytes())
        rectangle = self.RECTANGLE | {"start_ms": 500, "end_ms": 1_500}
        marked = await self.put(desk, case, blur=[rectangle], blur_faces=True)
        assert marked.status_code == 200, marked.text

        assert await worked(desk.world) == []

        shown = (await desk.rita.get(f"/v1/visits/{case.visit}/recordings/{case.video}/mutes")).json()
        assert rectangle in shown["hidden"]
        assert (shown["rendering"], shown["faces_to_confirm"]) == ("done", True)
        assert (await current(desk, case))[RenditionKind.OUTLET].profile["blur_faces"] is True

    async def test_a_person_looks_through_found_faces_before_it_is_published(self, desk: Desk) -> None:
        """D10.2: best effort, confirmed."""
        case = await desk.submitted()
        await desk.approved(case)
        desk.world.clock.advance(hours=25)
        await desk.found_faces(case.video)
        publish, marks = (
            f"/v1/visits/{case.visit}/{rest}" for rest in ("publish", f"recordings/{case.video}/mutes")
        )

        waiting = assert_problem(await desk.rita.post(publish), 409, "faces-unconfirmed")
        assert waiting["recordings"] == [case.video]
        assert (await desk.rita.post("/v1/publications")).json()["published"] == []
        assert_problem(await desk.scene.ivy.post(f"{marks}/confirm-faces"), 403, "forbidden")
        for _ in range(2):
            confirmed = await desk.rita.post(f"{marks}/confirm-faces")
            assert (confirmed.status_code, confirmed.json()["faces_to_confirm"]) == (200, False)

        assert (await desk.rita.post(publish)).status_code == 200

    async def test_what_is_published_already_waits_for_the_look_too(self, desk: Desk) -> None:
        case = await desk.submitted()
        at = f"/v1/reports/{await desk.published(case)}/recordings/1/play"
        await desk.found_faces(case.video)

        assert_problem(await desk.mona.post(at), 409, "rendition-awaited")
        await desk.rita.post(f"/v1/visits/{case.visit}/recordings/{case.video}/mutes/confirm-faces")
        assert (await desk.mona.post(at)).status_code == 201

    async def test_a_rectangle_lies_inside_a_picture_and_within_its_time(self, desk: Desk) -> None:
        case = await desk.submitted()
        sound = str(new_id())
        await desk.arrived(case.visit, sound, Kind.AUDIO, by=desk.scene.ivy)
        late = self.RECTANGLE | {"start_ms": 1_200_000, "end_ms": 1_201_000}

        outside = await self.put(desk, case, blur=[self.RECTANGLE | {"left": 0.6}])
        assert_problem(outside, 422, "invalid-request")
        assert_problem(await self.put(desk, case, blur=[late]), 422, "mutes-unfit")
        unseen = await self.put(desk, case, recording=sound, blur=[self.RECTANGLE])
        assert_problem(unseen, 409, "recording-not-mutable")


class TestMarks:
    async def test_nobody_takes_back_a_mark_they_have_not_seen(self, desk: Desk) -> None:
        case = await desk.submitted()
        await mute(desk, case, (0, 1_000))

        unseen = assert_problem(await mute(desk, case), 412, "stale")
        seen = await mute(desk, case, after=unseen["current_version"], by=desk.scene.sam)

        told = [(one["number"], len(one["mute"]), one["made_by"]) for one in seen.json()["revisions"]]
        assert told == [(2, 0, str(desk.scene.sam.id)), (1, 1, str(desk.rita.id))]
        shown = await desk.rita.get(f"/v1/visits/{case.visit}/recordings/{case.video}/mutes")
        assert (shown.headers["etag"], shown.json()) == ('"2"', seen.json())

    async def test_a_slip_mutes_nothing_and_takes_nothing_back(self, desk: Desk) -> None:
        case = await desk.submitted()
        other = Case(await desk.scene.arranged(desk.scene.ian), case.video, [])
        before = await current(desk, case)

        late = await mute(desk, case, (20 * 60_000, 21 * 60_000))
        photo = await mute(desk, case, (0, 1_000), recording=case.photos[0])
        elsewhere = await mute(desk, other, (0, 1_000))

        assert assert_problem(late, 422, "mutes-unfit")["duration_ms"] == 20 * 60_000
        assert_problem(photo, 409, "recording-not-mutable")
        assert_problem(elsewhere, 404, "not-found")
        assert (await current(desk, case)).keys() == before.keys()

    async def test_the_database_itself_keeps_every_version(self, desk: Desk) -> None:
        await mute(desk, await desk.submitted(), (0, 1_000))

        with pytest.raises(sa.exc.DBAPIError, match="mute_revisions_is_append_only"):
            async with desk.world.database.writing() as session:
                await session.execute(sa.text("UPDATE mute_revisions SET reason = 'none'"))
