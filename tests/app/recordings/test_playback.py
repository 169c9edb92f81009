"""Playing recordings, and the ledger of every second played (D10.2, D10.3)."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx2
import pytest
import sqlalchemy as sa

from app.identity.actor import Role
from app.identity.models import Person
from app.kit import chains
from app.kit.chains import ChainReport, anchors_of, verify_all, verify_chain
from app.kit.ids import new_id
from app.kit.storage.s3 import S3Storage
from app.recordings import ledger, playback, queries
from app.recordings.models import PlayEntry, Recording, Rendition
from app.recordings.play_rules import Act
from app.recordings.rules import Kind, RenditionKind, State
from app.recordings.screens import with_code
from tests.support.places import a_grant, in_charge
from tests.support.recordings import fetch, storage_of, worked
from tests.support.s3 import SigningEarlier
from tests.support.tampering import tamper
from tests.support.visits import Scene, a_scene
from tests.support.world import Caller, World, assert_problem

FILM = bytes(range(256)) * 64
STREAM = FILM[::-1]
PLAYLIST = """#EXTM3U
#EXT-X-MAP:URI="stream.mp4",BYTERANGE="256@0"
#EXTINF:6.000000,
#EXT-X-BYTERANGE:512@256
stream.mp4
#EXT-X-ENDLIST
"""


@dataclass
class Filmed:
    """A visit of ivy with a processed recording, whose files are easy to recognise."""

    scene: Scene
    visit: str
    recording: UUID
    other_visit: str

    @property
    def at(self) -> str:
        return f"/v1/visits/{self.visit}/recordings/{self.recording}/play"

    async def play(self, who: Caller, **body: Any) -> httpx2.Response:
        return await who.post(self.at, json={"purpose": "review of the visit", **body})

    async def opened(self, who: Caller, **body: Any) -> dict[str, Any]:
        answer = await self.play(who, **body)
        assert answer.status_code == 201, answer.text
        document: dict[str, Any] = answer.json()
        return document


async def a_rendition(
    world: World, recording: Recording, kind: RenditionKind, key: str, content_type: str
) -> Rendition:
    await storage_of(world).put_bytes(key, FILM, content_type=content_type)
    return Rendition(
        id=new_id(),
        organisation_id=recording.organisation_id,
        recording_id=recording.id,
        kind=kind,
        profile={},
        key=key,
        sha256="0" * 64,
        size_bytes=len(FILM),
        content_type=content_type,
        made_at=world.clock.now,
    )


@pytest.fixture
async def filmed(world: World) -> Filmed:
    scene = await a_scene(world)
    visit, other = await scene.arranged(scene.ivy), await scene.arranged(scene.ian)
    await scene.entered(visit)
    name = new_id().hex
    recording = Recording(
        id=new_id(),
        organisation_id=scene.ivy.actor.organisation_id,
        visit_id=UUID(visit),
        uploader_id=scene.ivy.id,
        medium=Kind.VIDEO,
        content_type="video/mp4",
        device_kind="phone",
        size_bytes=len(FILM),
        sha256="0" * 64,
        part_bytes=5 * 1024 * 1024,
        state=State.PROCESSED,
        progress=1.0,
        token="t",
        staging_key=f"incoming/{name}",
        sealed_key=f"sealed/{name}",
        created_at=world.clock.now,
        touched_at=world.clock.now,
    )
    await world.add(recording)
    for kind, key, content_type in [
        (RenditionKind.ORIGINAL, f"sealed/{name}", "video/mp4"),
        (RenditionKind.OUTLET, f"renditions/{name}.mp4", "video/mp4"),
        (RenditionKind.POSTER, f"renditions/{name}.jpg", "image/jpeg"),
    ]:
        made = await a_rendition(world, recording, kind, key, content_type)
        if kind is RenditionKind.OUTLET:
            made.stream_key, made.playlist = f"renditions/{name}5.mp4", PLAYLIST
            await storage_of(world).put_bytes(made.stream_key, STREAM, content_type=content_type)
        await world.add(made)
    return Filmed(scene, visit, recording.id, other)


async def entries(world: World) -> Sequence[PlayEntry]:
    home = world.organisations["northwind"].id
    async with world.database.reading() as session:
        return await queries.links_after(session, home, 0, limit=100)


async def verified(world: World) -> ChainReport:
    async with world.database.reading() as session:
        return await verify_chain(session, ledger.PLAYS, world.organisations["northwind"].id)


class TestPlay:
    async def test_the_link_plays_from_any_second(self, filmed: Filmed) -> None:
        opened = await filmed.opened(filmed.scene.sam)

        answer = await fetch(opened["url"], Range="bytes=256-511")

        assert (answer.status_code, answer.content) == (206, FILM[256:512])
        assert answer.headers["content-type"] == "video/mp4"
        poster = await fetch(opened["companions"]["poster"])
        assert (poster.status_code, poster.headers["content-type"]) == (200, "image/jpeg")

    async def test_names_are_neutral(self, filmed: Filmed) -> None:
        """D10.1: neither link nor file name says whose recording it is, or of what."""
        opened = await filmed.opened(filmed.scene.sam)

        answer = await fetch(opened["url"])

        assert answer.headers["content-disposition"] == "inline; filename*=UTF-8''recording.mp4"
        for secret in (filmed.visit, str(filmed.recording), filmed.recording.hex, str(filmed.scene.ivy.id)):
            assert secret not in opened["url"]
            assert secret not in str(answer.headers)

    async def test_the_link_dies_within_minutes(
        self, world: World, filmed: Filmed, two_hours_ago: SigningEarlier
    ) -> None:
        """D10.3"""
        with two_hours_ago():
            opened = await filmed.opened(filmed.scene.sam)

        assert (await fetch(opened["url"])).status_code == 403

    @pytest.mark.parametrize("name", ["alice", "rita"])
    async def test_the_desk_plays_renditions(self, world: World, filmed: Filmed, name: str) -> None:
        viewer = await world.person(name)
        if viewer.actor.has(Role.REVIEWER):
            await in_charge(world, viewer, region=filmed.scene.region)

        assert (await filmed.play(viewer)).status_code == 201
        assert_problem(await filmed.play(viewer, rendition="original"), 403, "forbidden")

    async def test_originals_are_for_auditors_with_a_grant_and_a_purpose(
        self, world: World, filmed: Filmed
    ) -> None:
        """D10.2"""
        otto = await world.person("otto")
        assert_problem(await filmed.play(otto, rendition="original"), 404, "not-found")
        await a_grant(world, otto, outlet=filmed.scene.outlet)

        opened = await filmed.opened(otto, rendition="original", purpose="complaint 2026-17")

        assert (await fetch(opened["url"])).content == FILM
        assert [(entry.act, entry.purpose) for entry in await entries(world)] == [
            (Act.OPENED, "complaint 2026-17")
        ]
        assert_problem(await filmed.play(otto, purpose=""), 422, "invalid-request")

    async def test_inspectors_managers_and_strangers_play_nothing_here(
        self, world: World, filmed: Filmed
    ) -> None:
        """D10.1, D10.6: a manager gets a published report, nothing of a visit."""
        mona, bob, rita = [await world.person(name) for name in ("mona", "bob", "rita")]
        await in_charge(world, mona, outlet=filmed.scene.outlet)

        assert_problem(await filmed.play(filmed.scene.ivy), 403, "forbidden")
        for stranger in (filmed.scene.ian, mona, bob, rita):
            assert_problem(await filmed.play(stranger), 404, "not-found")
            listed = await stranger.get(f"/v1/visits/{filmed.visit}/recordings")
            assert_problem(listed, 404, "not-found")
        assert await entries(world) == []

    async def test_a_recording_of_another_visit_is_not_played_through_this_one(self, filmed: Filmed) -> None:
        elsewhere = f"/v1/visits/{filmed.other_visit}/recordings/{filmed.recording}/play"

        answer = await filmed.scene.sam.post(elsewhere, json={"purpose": "curiosity"})

        assert_problem(answer, 404, "not-found")

    async def test_a_poster_is_no_film(self, filmed: Filmed) -> None:
        answer = await filmed.play(filmed.scene.sam, rendition="poster")

        assert_problem(answer, 404, "not-found")


class TestPlaylist:
    async def test_is_made_anew_with_one_fresh_link_by_which_every_second_is_a_range_of_bytes(
        self, world: World, filmed: Filmed
    ) -> None:
        opened = await filmed.opened(filmed.scene.sam)

        answer = await filmed.scene.sam.get(opened["playlist"])

        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"].startswith("application/vnd.apple.mpegurl")
        lines = answer.text.splitlines()
        url = lines[-2]
        assert lines[1] == f'#EXT-X-MAP:URI="{url}",BYTERANGE="256@0"'
        assert (lines[3], lines[-1]) == ("#EXT-X-BYTERANGE:512@256", "#EXT-X-ENDLIST")
        piece = await fetch(url, Range="bytes=256-767")
        assert (piece.status_code, piece.content) == (206, STREAM[256:768])
        assert piece.headers["content-disposition"] == "inline; filename*=UTF-8''stream.mp4"
        assert [one.act for one in await entries(world)] == [Act.OPENED, Act.RENEWED]

    async def test_there_is_none_of_a_short_one_nor_for_somebody_else(
        self, world: World, filmed: Filmed
    ) -> None:
        opened = await filmed.opened(filmed.scene.sam)
        otto = await world.person("otto")
        await a_grant(world, otto, outlet=filmed.scene.outlet)
        original = await filmed.opened(otto, rendition="original")

        assert original["playlist"] is None
        short = await otto.get(f"/v1/playbacks/{original['id']}/playlist")
        assert_problem(short, 409, "not-streamed")
        assert_problem(await otto.get(opened["playlist"]), 404, "not-found")


class TestWatermark:
    async def test_names_the_viewer_the_time_and_a_code_that_leads_back_to_the_player(
        self, world: World, filmed: Filmed
    ) -> None:
        opened = await filmed.opened(filmed.scene.sam)
        mark = opened["watermark"]

        async with world.database.reading() as session:
            (screen,) = await with_code(session, mark["code"])

        at = f"{world.clock.now:%Y-%m-%d %H:%M} UTC"
        assert mark["text"] == f"{screen.email} · {at} · {mark['code']}"
        assert (screen.viewer_id, screen.recording_id) == (filmed.scene.sam.id, filmed.recording)
        assert (str(screen.visit_id), screen.purpose) == (filmed.visit, "review of the visit")

    async def test_over_an_original_name_and_address_are_shown(self, world: World, filmed: Filmed) -> None:
        """D10.2: the raw original is for auditors, with a stated purpose."""
        otto = await world.person("otto")
        await a_grant(world, otto, outlet=filmed.scene.outlet)

        text = (await filmed.opened(otto, rendition="original"))["watermark"]["text"]

        async with world.database.reading() as session:
            person = await session.get_one(Person, otto.id)
        assert text.startswith(f"{person.name} {person.email} · ")


class TestRenew:
    async def test_the_player_goes_on_where_it_was(self, filmed: Filmed) -> None:
        """Another tab, or another browser, knows the place too."""
        opened = await filmed.opened(filmed.scene.sam)
        at = f"/v1/playbacks/{opened['id']}"
        for start in (0, 5_000):
            await filmed.scene.sam.post(f"{at}/heartbeat", json={"from_ms": start, "to_ms": start + 5_000})

        renewed = (await filmed.scene.sam.post(f"{at}/renew")).json()

        assert (opened["position_ms"], renewed["position_ms"]) == (0, 10_000)
        assert renewed["watermark"]["code"] == opened["watermark"]["code"]

    async def test_it_gives_fresh_links_to_whom_the_player_was_opened_for(
        self, world: World, filmed: Filmed
    ) -> None:
        opened = await filmed.opened(filmed.scene.sam)
        alice = await world.person("alice")

        renewed = await filmed.scene.sam.post(f"/v1/playbacks/{opened['id']}/renew")

        assert renewed.json()["id"] == opened["id"]
        assert (await fetch(renewed.json()["url"])).status_code == 200
        assert_problem(await alice.post(f"/v1/playbacks/{opened['id']}/renew"), 404, "not-found")
        assert [entry.act for entry in await entries(world)] == [Act.OPENED, Act.RENEWED]

    async def test_after_hours_the_right_to_play_is_asked_for_again(
        self, world: World, filmed: Filmed
    ) -> None:
        opened = await filmed.opened(filmed.scene.sam)
        world.clock.advance(hours=4, minutes=1)

        answer = await filmed.scene.sam.post(f"/v1/playbacks/{opened['id']}/renew")

        assert_problem(answer, 409, "playback-closed")


class TestHeartbeat:
    async def test_what_was_played_is_in_the_ledger(self, world: World, filmed: Filmed) -> None:
        sam = filmed.scene.sam
        beat = f"/v1/playbacks/{(await filmed.opened(sam))['id']}/heartbeat"

        first = await sam.post(beat, json={"from_ms": 83_000, "to_ms": 88_000})
        last = await sam.post(beat, json={"from_ms": 10, "to_ms": 20, "ended": True})
        after = await sam.post(beat, json={"from_ms": 20, "to_ms": 30})

        assert (first.status_code, last.status_code) == (204, 204)
        assert_problem(after, 409, "playback-closed")
        told = [(entry.act, entry.from_ms, entry.to_ms, entry.viewer_id) for entry in await entries(world)]
        assert told == [
            (Act.OPENED, None, None, sam.id),
            (Act.PLAYED, 83_000, 88_000, sam.id),
            (Act.PLAYED, 10, 20, sam.id),
        ]

    async def test_sent_twice_under_one_key_it_counts_once(self, world: World, filmed: Filmed) -> None:
        sam = filmed.scene.sam
        beat = f"/v1/playbacks/{(await filmed.opened(sam))['id']}/heartbeat"

        for _ in range(2):
            answer = await sam.post(
                beat, json={"from_ms": 0, "to_ms": 5000}, headers={"Idempotency-Key": "beat-number-1"}
            )
            assert answer.status_code == 204

        assert [entry.act for entry in await entries(world)] == [Act.OPENED, Act.PLAYED]

    @pytest.mark.parametrize(("start", "end"), [(5000, 4000), (0, 11 * 60_000)])
    async def test_it_covers_a_short_stretch_forwards(self, filmed: Filmed, start: int, end: int) -> None:
        sam = filmed.scene.sam
        beat = f"/v1/playbacks/{(await filmed.opened(sam))['id']}/heartbeat"

        answer = await sam.post(beat, json={"from_ms": start, "to_ms": end})

        assert_problem(answer, 422, "seconds-out-of-order")


class TestLedger:
    @pytest.fixture
    async def played(self, filmed: Filmed) -> Filmed:
        """Five entries: opened, and four stretches."""
        sam = filmed.scene.sam
        beat = f"/v1/playbacks/{(await filmed.opened(sam))['id']}/heartbeat"
        for second in range(4):
            body = {"from_ms": second * 1000, "to_ms": (second + 1) * 1000}
            assert (await sam.post(beat, json=body)).status_code == 204
        return filmed

    async def test_a_chain_nobody_touched_is_whole(
        self, world: World, played: Filmed, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(chains, "BATCH", 2)
        report = await verified(world)

        assert (report.is_whole, report.entries) == (True, 5)
        async with world.database.reading() as session:
            assert await verify_all(session, ledger.PLAYS) == [report]

    @pytest.mark.parametrize("change", ["UPDATE play_ledger SET to_ms = 1", "DELETE FROM play_ledger"])
    async def test_the_database_refuses_to_change_or_forget(
        self, world: World, played: Filmed, change: str
    ) -> None:
        with pytest.raises(sa.exc.DBAPIError, match="play_ledger_is_append_only"):
            async with world.database.writing() as session:
                await session.execute(sa.text(change))

    @pytest.mark.parametrize(
        ("statement", "where", "fault"),
        [
            ("UPDATE play_ledger SET to_ms = 1500 WHERE number = 3", 3, "content was changed"),
            ("UPDATE play_ledger SET purpose = 'none' WHERE number = 1", 1, "content was changed"),
            ("DELETE FROM play_ledger WHERE number = 2", 2, "entry 2 is missing"),
            ("DELETE FROM play_ledger WHERE number = 5", 5, "does not end where"),
            ("DELETE FROM play_ledger", 1, "does not end where"),
            (
                "UPDATE play_ledger SET previous_hash = hash WHERE number = 4",
                4,
                "does not follow",
            ),
        ],
        ids=["seconds", "purpose", "left out", "cut off", "all gone", "another link"],
    )
    async def test_whoever_gets_around_that_is_found_out(
        self, world: World, played: Filmed, statement: str, where: int, fault: str
    ) -> None:
        """D10.3"""
        await tamper(world.database, statement, unguarded=("play_ledger",))

        report = await verified(world)

        assert (report.is_whole, report.broken_at) == (False, where)
        assert fault in (report.fault or "")

    async def test_a_tail_cut_off_together_with_the_head_is_noticed_by_a_head_kept_elsewhere(
        self, world: World, played: Filmed
    ) -> None:
        async with world.database.reading() as session:
            known = await anchors_of(session, ledger.PLAYS)
        await tamper(
            world.database,
            "DELETE FROM play_ledger WHERE number > 3",
            "UPDATE play_ledger_heads SET number = 3, hash = (SELECT hash FROM play_ledger WHERE number = 3)",
            unguarded=("play_ledger",),
        )

        async with world.database.reading() as session:
            (alone,) = await verify_all(session, ledger.PLAYS)
            (report,) = await verify_all(session, ledger.PLAYS, anchors=known)

        assert alone.is_whole
        assert (report.broken_at, report.fault) == (4, "the chain is shorter than the known head, entry 5")

    async def test_players_at_the_same_time_make_one_chain(self, world: World, filmed: Filmed) -> None:
        alice = await world.person("alice")

        answers = await asyncio.gather(*(filmed.play(who) for who in [filmed.scene.sam, alice] * 4))

        assert {answer.status_code for answer in answers} == {201}
        assert (await verified(world)).entries == 8


class TestRekey:
    async def test_published_files_have_new_names_and_a_new_age(self, world: World, filmed: Filmed) -> None:
        """D10.1: when an object was stored would tell when the phone sent it."""
        storage = storage_of(world)
        opened = await filmed.opened(filmed.scene.sam)
        before = await _keys(world, filmed.recording)

        await playback.rekey(world.database, storage, UUID(filmed.visit))

        after = await _keys(world, filmed.recording)
        assert after[RenditionKind.ORIGINAL] == before[RenditionKind.ORIGINAL]
        for kind, suffix in ((RenditionKind.OUTLET, ".mp4"), (RenditionKind.POSTER, ".jpg")):
            assert after[kind] != before[kind]
            assert after[kind].endswith(suffix)
        renewed = await filmed.scene.sam.post(f"/v1/playbacks/{opened['id']}/renew")
        assert (await fetch(renewed.json()["url"])).content == FILM

    async def test_the_old_ones_are_discarded(self, world: World, filmed: Filmed) -> None:
        storage: S3Storage = storage_of(world)
        before = await _keys(world, filmed.recording)
        await playback.rekey(world.database, storage, UUID(filmed.visit))

        assert await worked(world) == []

        assert await storage.head(before[RenditionKind.OUTLET]) is None
        assert await storage.head(before[RenditionKind.ORIGINAL]) is not None

    async def test_a_stream_gets_a_fresh_name_with_its_film(self, world: World, filmed: Filmed) -> None:
        storage = storage_of(world)
        async with world.database.reading() as session:
            before = await queries.find_rendition(session, filmed.recording, RenditionKind.OUTLET)
        await playback.rekey(world.database, storage, UUID(filmed.visit))
        assert await worked(world) == []

        async with world.database.reading() as session:
            after = await queries.find_rendition(session, filmed.recording, RenditionKind.OUTLET)

        assert before is not None
        assert before.stream_key is not None
        assert after is not None
        assert after.stream_key is not None
        assert await storage.head(before.stream_key) is None
        assert await storage.get_bytes(after.stream_key) == STREAM


async def _keys(world: World, recording: UUID) -> dict[RenditionKind, str]:
    async with world.database.reading() as session:
        found = (await queries.renditions_of(session, [recording]))[recording]
    return {kind: row.key for kind, row in found.items()}
