"""A file that comes again at another visit is found, told to the desk with the day, and to nobody else (D7.6)."""

from typing import Any
from uuid import UUID

import numpy as np
import pytest
import sqlalchemy as sa

from app.kit.ids import new_id
from app.recordings import likeness, queries, queries_likeness
from app.recordings.models import Recording, RecordingReport
from app.recordings.rules import Kind
from media_pipeline import Fingerprint
from tests.support.recordings import Phone, worked
from tests.support.review import Desk, a_desk
from tests.support.visits import SHA, a_photo, the_video
from tests.support.world import World

SEED = 20261127
SECOND = 8  # words of sound, nearly


@pytest.fixture
async def desk(world: World) -> Desk:
    return await a_desk(world, minimum_photos=1)


def a_fingerprint(seconds: int, *, seed: int = SEED) -> Fingerprint:
    draw = np.random.default_rng(seed)
    sound = draw.integers(1, 2**32, seconds * SECOND, dtype=np.uint32)
    return Fingerprint(sound, draw.integers(1, 2**64 - 1, seconds * 2, dtype=np.uint64))


def coded_again(whole: Fingerprint, first_s: int, last_s: int) -> Fingerprint:
    """A piece of it, in which every third word of sound lost a bit and the picture is another."""
    sound = whole.sound[first_s * SECOND : last_s * SECOND].copy()
    sound[::3] ^= np.uint32(1 << 5)
    return Fingerprint(sound, a_fingerprint(last_s - first_s, seed=1).picture)


async def a_known_one(desk: Desk, taken: Fingerprint) -> Recording:
    """A processed recording whose fingerprint is kept."""
    case = await desk.submitted(processed=False)
    await desk.arrived(case.visit, case.video, Kind.VIDEO, by=desk.scene.ivy)
    async with desk.world.database.writing() as session:
        recording = await queries.get_for_work(session, UUID(case.video))
        session.add(
            RecordingReport(
                id=new_id(),
                organisation_id=recording.organisation_id,
                recording_id=recording.id,
                report={"fingerprint": taken.encode()},
                duration_ms=1_200_000,
                black=False,
                silent=False,
                unusable=False,
                made_at=desk.world.clock.now.replace(year=2027),  # the latest counts
            )
        )
        found = await likeness.look_for_earlier(
            desk.world.database, recording, taken.encode(), duration_ms=1_200_000
        )
        await likeness.keep(session, recording, found, now=desk.world.clock.now)
    return recording


def another(recording: Recording, **changes: Any) -> Recording:
    """A recording of another visit, not in the database."""
    same = {"id": new_id(), "organisation_id": recording.organisation_id, "visit_id": new_id()}
    return Recording(**(same | {"sha256": "f" * 64} | changes))


class TestLookForEarlier:
    async def test_a_piece_that_was_coded_again_is_found_where_it_was(self, desk: Desk) -> None:
        whole = a_fingerprint(600)
        earlier = await a_known_one(desk, whole)

        found = await likeness.look_for_earlier(
            desk.world.database,
            another(earlier),
            coded_again(whole, 240, 300).encode(),
            duration_ms=60_000,
        )

        ((earlier_id, match, is_same_file),) = found.earlier
        assert (earlier_id, is_same_file) == (earlier.id, False)
        assert match.there is not None
        assert abs(match.there.start_ms - 240_000 * SECOND * 0.128) < 2_000

    async def test_strangers_other_organisations_and_the_same_visit_are_not(self, desk: Desk) -> None:
        """D10.6; and two devices at one visit hear the same."""
        whole = a_fingerprint(120)
        earlier = await a_known_one(desk, whole)
        bob = await desk.world.person("bob")

        for recording, fingerprint in (
            (another(earlier), a_fingerprint(120, seed=2)),
            (another(earlier, organisation_id=bob.actor.organisation_id), whole),
            (another(earlier, visit_id=earlier.visit_id), whole),
        ):
            found = await likeness.look_for_earlier(
                desk.world.database, recording, fingerprint.encode(), duration_ms=120_000
            )
            assert found.earlier == []

    async def test_the_very_same_bytes_are_found_without_any_fingerprint(self, desk: Desk) -> None:
        earlier = await a_known_one(desk, a_fingerprint(30))

        found = await likeness.look_for_earlier(
            desk.world.database, another(earlier, sha256=SHA), None, duration_ms=0
        )

        assert [(one, is_same_file) for one, _match, is_same_file in found.earlier] == [(earlier.id, True)]

    async def test_the_look_up_reads_the_index_alone(self, world: World) -> None:
        """Of 100,000 recordings, 25 million keys: no table is read through."""
        async with world.database.writing() as session:
            look_up = queries_likeness.having_keys(new_id(), [1, 2, 3])
            explain = "EXPLAIN QUERY PLAN " if world.database.is_sqlite else "EXPLAIN "
            if not world.database.is_sqlite:
                await session.execute(sa.text("SET LOCAL enable_seqscan = off"))  # the table is empty
            compiled = look_up.compile(session.get_bind(), compile_kwargs={"literal_binds": True})
            lines = (await session.execute(sa.text(f"{explain}{compiled}"))).all()

        plan = " ".join(str(line) for line in lines)
        index = (
            "COVERING INDEX"
            if world.database.is_sqlite
            else "Index Only Scan using pk_recording_fingerprint_keys"
        )
        assert index in plan


class TestTheDesk:
    async def test_is_told_the_day_of_the_visit_a_file_was_used_at_and_the_inspector_is_not(
        self, world: World, desk: Desk, a_picture: bytes
    ) -> None:
        scene = desk.scene
        first = await scene.arranged(scene.ivy)
        await scene.entered(first)
        await Phone(scene.ivy, first, a_picture, medium="photo", content_type="image/jpeg").upload()
        assert await worked(world) == []
        world.clock.advance(days=100)
        on = world.clock.now.date().isoformat()
        second = await scene.arranged(scene.ivy, on=on)
        await scene.entered(second)
        again = Phone(scene.ivy, second, a_picture, medium="photo", content_type="image/jpeg")
        body = again.body()
        declared = a_photo() | {"recording_id": again.id} | {n: body[n] for n in ("size_bytes", "sha256")}
        video = str(new_id())
        await scene.answered(second, evidence=[{"recording": video, "at_ms": 83_000}])
        gone = await scene.leave(second, [the_video(video, world.clock.now), declared])
        assert gone.status_code == 200, gone.text
        await again.upload()
        assert await worked(world) == []

        async def told(who: Any) -> list[dict[str, Any]]:
            seen = (await who.get(f"/v1/visits/{second}/recordings")).json()["findings"]
            return [one for one in seen if one["kind"] == "duplicate"]

        (found,) = await told(scene.sam)
        assert (found["earlier_on"], found["severity"], found["recording_id"]) == (
            "2026-03-02",
            "failed",
            again.id,
        )
        assert await told(scene.ivy) == []
        async with world.database.reading() as session:
            (row,) = await queries_likeness.duplicates_of(session, [UUID(again.id)])
            assert row.is_same_file
