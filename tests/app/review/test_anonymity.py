"""Who came stays hidden (D10.1): everything the outlet's manager can fetch, searched for everything of the inspector.

ivy's visit is planted with unmistakable values and goes the whole real way: clip and photo with metadata, upload,
media pipeline, review, publication. ian was along, and will come again.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from app.events.whitelist import kinds_for
from app.identity.actor import Role
from app.identity.models import Device, Login, Person
from app.kit.clock import utc_now
from app.kit.ids import new_id
from app.recordings import queries as recordings
from app.recordings.models import Recording
from app.visits.models import AnswersRevision, CheckIn, ScoreRevision
from tests.support.bulletins import a_bulletin, words_in
from tests.support.cases import PDF, PNG, Court
from tests.support.recordings import Phone, worked
from tests.support.review import Case, Desk, a_desk
from tests.support.searching import Secret, exiftool, found
from tests.support.visits import CHECKLIST, a_photo, a_version, the_video
from tests.support.walking import Walk
from tests.support.webhooks import Receiver, a_webhook, told
from tests.support.world import World

WORDS = """
          - {code: words, type: text, text: {zh: "评语", en: "Words"}, required: false}"""

IN_THE_FILES = {
    "name in the clip": "Li Xiaolong",
    "serial number in the clip": "356938035643809",
    "place in the clip": "+39.9042+116.4074",
    "maker of the phone in the clip": "Huaweichen",
    "model of the phone in the clip": "Mate-XT-771",
}
NOTICED: dict[str, Any] = {
    "gaps": [{"from_ms": 1_000, "to_ms": 2_000, "why": "hidden"}],
    "markers_ms": [77_123_041],  # a tap, which is a time of a draft
}
SPOKEN = {
    "name": "Quillonia Zuckerkandl",
    "e-mail": "qz-7391@inspectors.example",
    "companion's name": "Bartholomew Ottersby",
    "companion's e-mail": "bo-5520@inspectors.example",
    "device's name": "Pink Nokkia 3310",
    "recorder's label": "Penrecorder PZ-88214",
    "note": "I sat beside the aquarium-shaped lamp",
    "note on a veto": "the one with the marmalade scarf",
    "reason": "asked twice wearing my lilac beret",
    "words of an answer": "my cousin's xylophone shop",
    "summary": "I took tram 41 from Begonia Street",
    "scenario": "Say that your yellow phone fell into a fondue.",
    "latitude": "23.12917731",
    "longitude": "113.26449377",
    "second latitude": "23.12900017",
}


@dataclass
class Visited:
    """A published visit, and everything about it that nobody at the outlet may learn."""

    desk: Desk
    visit: str
    alias: str
    published_at: datetime  # by the real clock, as the store has it
    originals: list[bytes]
    secrets: dict[str, Secret] = field(default_factory=dict)


@pytest.fixture
async def visited(world: World, good_clip: bytes, a_picture: bytes) -> Visited:
    world.clock.now = datetime(2026, 2, 26, 8, 5, tzinfo=UTC)
    desk = await a_desk(world, minimum_photos=1, rendition={"stream_from_minutes": 0})
    await plant_people(desk)
    scene, clock = desk.scene, world.clock
    version = await a_version(
        world, scene.sam, CHECKLIST.rstrip().replace("short-hall", "worded-hall") + WORDS + "\n"
    )
    visit = await scene.arranged(
        scene.ivy, scene.ian, checklist_version_id=str(version.id), scenario=SPOKEN["scenario"]
    )
    clock.now = datetime(2026, 3, 2, 9, 17, 43, tzinfo=UTC)
    video = Phone(scene.ivy, visit, good_clip)
    photo = Phone(scene.ivy, visit, a_picture, medium="photo", content_type="image/jpeg")
    times = await in_the_hall(desk, visit, video, photo)
    clock.now = times["upload"] = datetime(2026, 3, 2, 10, 26, 31, tzinfo=UTC)
    await video.upload()
    await photo.upload()
    assert await worked(world) == []
    keys = await keys_of(desk, visit)

    clock.now = datetime(2026, 3, 2, 12, 48, 8, tzinfo=UTC)
    await desk.rita.post(f"/v1/visits/{visit}/review/open")
    await desk.rita.post(
        f"/v1/visits/{visit}/review/vetoes/no-smoking/verdict",
        json={"verdict": "confirmed", "reason": "It is to be seen."},
    )
    await desk.excused(Case(visit, video.id, [photo.id]))
    approved = await desk.rita.post(
        f"/v1/visits/{visit}/review/approve", json={"summary_for_outlet": "Kind people; no smoking, please."}
    )
    assert approved.status_code == 200, approved.text
    clock.advance(hours=30)
    published_at = utc_now()
    published = await desk.rita.post(f"/v1/visits/{visit}/publish")
    assert published.status_code == 200, published.text
    future = await scene.arranged(scene.ian, on="2026-06-17")

    secrets: dict[str, Secret] = {
        **SPOKEN,
        **IN_THE_FILES,
        "moment of a tap": str(NOTICED["markers_ms"][0]),
        **{f"time of {what}": at for what, at in times.items()},
    }
    secrets |= {"id of the future visit": UUID(future), "date of the future visit": "2026-06-17"}
    secrets |= {f"name in the store {number}": key for number, key in enumerate(keys)}
    secrets |= await ids_of(desk, visit)
    return Visited(desk, visit, published.json()["alias"], published_at, [good_clip, a_picture], secrets)


async def plant_people(desk: Desk) -> None:
    ivy, ian, now = desk.scene.ivy, desk.scene.ian, desk.world.clock.now
    device = Device(
        id=new_id(), person_id=ivy.id, name=SPOKEN["device's name"], platform="android",
        created_at=now, last_seen_at=now,
    )  # fmt: skip
    await desk.world.add(device)
    async with desk.world.database.writing() as session:
        for who, name, email in ((ivy, "name", "e-mail"), (ian, "companion's name", "companion's e-mail")):
            changed = {"name": SPOKEN[name], "email": SPOKEN[email]}
            await session.execute(sa.update(Person).where(Person.id == who.id).values(changed))
        await session.execute(sa.update(Login).where(Login.person_id == ivy.id).values(device_id=device.id))


async def in_the_hall(desk: Desk, visit: str, video: Phone, photo: Phone) -> dict[str, datetime]:
    """Both go in, ivy answers, leaves and hands in. Gives the moments of it."""
    scene, clock = desk.scene, desk.world.clock
    times = {"entry": clock.now}
    await scene.entered(visit, position=at("latitude"))
    clock.advance(seconds=97)
    times["companion's entry"] = clock.now
    await scene.entered(visit, scene.ian, position=at("second latitude"))
    clock.advance(minutes=8, seconds=21)
    times["drafts"] = clock.now
    answered = await scene.answered(
        visit,
        None,
        evidence=[{"recording": video.id, "at_ms": 3_000}, {"photo": photo.id}],
        tidy={"value": True, "note": SPOKEN["note"]},
        words={"value": SPOKEN["words of an answer"]},
        **{"queue-machine": {"state": "not_applicable", "reason": SPOKEN["reason"]}},
    )
    assert answered.status_code == 200, answered.text
    summary = {"answers": {"uniform": said(True, clock.now)}, "summary": SPOKEN["summary"] + "." * 80}
    assert (await scene.ivy.put(f"/v1/visits/{visit}/answers", json=summary)).status_code == 200
    clock.advance(minutes=12)
    times["exit"] = clock.now
    gone = await scene.ivy.post(
        f"/v1/visits/{visit}/leave",
        json={
            "check_out": scene.check_in_body(position=at("latitude")),
            "files": [
                declared(video, the_video(video.id, times["entry"], **NOTICED)),
                declared(photo, a_photo() | {"started_at": times["drafts"].isoformat()}),
            ],
        },
    )
    assert gone.status_code == 200, gone.text
    clock.advance(minutes=19)
    times["submission"] = clock.now
    await scene.submitted(visit)
    return times


def at(latitude: str) -> dict[str, float]:
    return {
        "latitude": float(SPOKEN[latitude]), "longitude": float(SPOKEN["longitude"]), "accuracy_m": 7.25,
    }  # fmt: skip


def said(value: bool, device_at: datetime) -> dict[str, Any]:
    return {"value": value, "note": SPOKEN["note on a veto"], "device_at": device_at.isoformat()}


def declared(phone: Phone, entry: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **entry,
        "recording_id": phone.id,
        "device_label": SPOKEN["recorder's label"],
        "duration_ms": 23 * 60_000 if entry["medium"] == "video" else 0,
        "size_bytes": len(phone.content),
        "sha256": hashlib.sha256(phone.content).hexdigest(),
    }


async def keys_of(desk: Desk, visit: str) -> list[str]:
    """Every name a file of the visit has, or had before publication, in the store."""
    async with desk.world.database.reading() as session:
        files = await recordings.recordings_of_visit(session, UUID(visit))
        made = await recordings.renditions_of(session, [file.id for file in files])
    keys = [key for file in files for key in (file.staging_key, file.sealed_key, file.token) if key]
    return keys + [one.key for by_kind in made.values() for one in by_kind.values()]


async def ids_of(desk: Desk, visit: str) -> dict[str, Secret]:
    """Every id that leads to the inspector, or carries a time of the visit (they are all UUIDv7)."""
    ivy, ian = desk.scene.ivy, desk.scene.ian
    ids: dict[str, Secret] = {
        "id": ivy.id, "companion's id": ian.id, "log-in": ivy.actor.login_id, "visit": UUID(visit),
    }  # fmt: skip
    async with desk.world.database.reading() as session:
        for what in (CheckIn, AnswersRevision, ScoreRevision, Recording):
            rows = await session.scalars(sa.select(what.id).where(what.visit_id == UUID(visit)))
            ids |= {f"{what.__tablename__} {number}": one for number, one in enumerate(rows)}
        files = [one.id for one in await recordings.recordings_of_visit(session, UUID(visit))]
        made = await recordings.renditions_of(session, files)
        everything = [one for by_kind in made.values() for one in by_kind.values()]
        ids |= {f"rendition {number}": one.id for number, one in enumerate(everything)}
        ids["device"] = (await session.scalars(sa.select(Device.id).where(Device.person_id == ivy.id))).one()
    return ids


def what_mona_could_try(visited: Visited) -> list[str]:
    """Ids she has no business to know, of each sort."""
    wanted = ("id", "visit", "check_ins 0", "recordings 0", "rendition 0", "device", "id of the future visit")
    return [str(visited.secrets[name]) for name in wanted]


async def disputed_by_mona(visited: Visited) -> tuple[str, list[str]]:
    """An appeal with a file, before a panel that has said something, and the actions that the report opened."""
    desk = visited.desk
    names = ("petra", "paul", "pia")
    court = Court(desk, *[await desk.world.newcomer(name, Role.REVIEWER) for name in names])
    await court.followed_up()
    appeal = await court.admitted(visited.alias, "no-smoking", "tidy")
    await court.attached(f"/v1/appeals/{appeal}/attachments", PDF, "application/pdf", by=desk.mona)
    await court.decided(appeal, "tidy", "rejected")
    actions = [one["id"] for one in await court.actions()]
    assert actions != []
    await court.attached(f"/v1/actions/{actions[0]}/proofs", PNG, "image/png", by=desk.mona)
    return appeal, actions


async def walked_by_mona(visited: Visited) -> Walk:
    desk = visited.desk
    opened = await desk.mona.post(f"/v1/reports/{visited.alias}/recordings/1/play")
    assert opened.status_code == 201, opened.text
    appeal, actions = await disputed_by_mona(visited)
    report = await a_bulletin(
        desk.world, desk.mona, cadence="monthly", on="2026-03-02", outlet_id=str(desk.scene.outlet.id)
    )
    comment = str(new_id())
    remark = {"id": comment, "at_ms": 1_000, "text": "He holds a cigarette."}
    at = f"/v1/reports/{visited.alias}/recordings/1/comments"
    assert (await desk.rita.post(at, json=remark)).status_code == 201
    walk = Walk(
        desk.world,
        desk.mona,
        values={
            "alias": [visited.alias],
            "appeal_id": [appeal],
            "comment_id": [comment],
            "action_id": actions,
            "number": ["1"],
            "item": ["no-smoking"],
            "code": ["worded-hall"],
            "outlet_id": [str(desk.scene.outlet.id), str(visited.secrets["visit"])],
            "region_id": [str(desk.scene.region.id)],
            "playback_id": [opened.json()["id"], str(visited.secrets["rendition 0"])],
            "on": ["2026-03-05"],
            "before": ["1"],
            "bulletin_id": [report["id"]],
            "language": ["zh"],
            "format": ["pdf", "xlsx"],
        },
        guesses=[*what_mona_could_try(visited), str(desk.scene.programme.id)],
    )
    await walk.everywhere()
    return await walk.links()


async def told_by_webhook(visited: Visited) -> list[bytes]:
    """All that has happened, as it is sent to somebody with the eyes of the outlet's manager, headers included."""
    world = visited.desk.world
    alice = await world.person("alice")
    with Receiver() as receiver:
        hook = await a_webhook(
            alice,
            receiver.url,
            *kinds_for(Role.OUTLET_MANAGER),
            role="outlet_manager",
            outlet_ids=[str(visited.desk.scene.outlet.id)],
        )
        world.clock.advance(minutes=1)
        stretch = {"since": "2026-03-01T00:00:00Z", "until": world.clock.now.isoformat()}
        again = await alice.post(f"/v1/webhooks/{hook['id']}/replay", json=stretch)
        assert again.status_code == 202, again.text
        await told(world)
    kinds = {json.loads(message.content)["type"] for message in receiver.messages}
    assert kinds >= {"publication.published", "appeal.filed", "comment.made", "action.opened"}, kinds
    return [part for one in receiver.messages for part in (one.content, repr(one.headers).encode())]


class TestTheManager:
    async def test_finds_nothing_of_the_inspector_in_anything_there_is_to_fetch(
        self, visited: Visited, tmp_path: Path
    ) -> None:
        """D10.1, for every field, key, file name and header."""
        walk = await walked_by_mona(visited)
        files = walk.files()

        assert found(walk.everything(), visited.secrets) == set()
        told = exiftool(files, tmp_path)
        assert found([told], visited.secrets) == set(), told
        sheets = [one for one in files if one.startswith((b"PK", b"%PDF")) and len(one) > 5_000]
        assert len(sheets) == 2
        assert found([words_in(one).encode() for one in sheets], visited.secrets) == set()
        assert found(await told_by_webhook(visited), visited.secrets) == set()

        # and it was a real look:
        gave = walk.answered()
        assert len({one for one in gave if "/v1/" in one}) >= 15, sorted(gave)
        assert gave >= {
            "GET /v1/reports",
            "GET /v1/reports/{alias}",
            "GET /v1/reports/{alias}/recordings/{number}/comments",
            "GET /v1/appeals/{appeal_id}",
            "GET /v1/appeals/{appeal_id}/steps",
            "GET /v1/appeals/{appeal_id}/attachments/{number}",
            "GET /v1/actions/{action_id}",
            "GET /v1/actions/{action_id}/steps",
            "GET /v1/actions/{action_id}/proofs/{number}",
            "POST /v1/reports/{alias}/recordings/{number}/play",
            "POST /v1/reports/{alias}/photos/{number}/play",
            "POST /v1/playbacks/{playback_id}/renew",
            "GET /v1/playbacks/{playback_id}/playlist",
            "GET /v1/bulletins/{bulletin_id}/files/{language}/{format}",
        }
        assert len(walk.exchanges) > 300
        types = {
            line for one in walk.exchanges for line in one.headers.splitlines() if b"content-type" in line
        }
        assert {b"content-type: video/mp4", b"content-type: image/jpeg"} <= types
        # film and stream, photo, poster and thumbnails, their places on the timeline, and the waveform
        assert {b"video/mp4", b"image/jpeg", b"text/vtt", b"application/json"} <= {
            line.partition(b": ")[2].partition(b";")[0]
            for one in walk.exchanges
            if one.operation.startswith("GET http")
            for line in one.headers.splitlines()
            if line.startswith(b"content-type")
        }
        assert len([one for one in files if one[4:8] == b"ftyp"]) == 2
        played = [one.body for one in walk.exchanges if b"video/mp4" in one.headers]
        assert max(len(body) for body in played) > 10_000

    async def test_gets_files_that_were_stored_when_they_were_published(self, visited: Visited) -> None:
        walk = await walked_by_mona(visited)
        lines = [line for one in walk.exchanges for line in one.headers.decode().splitlines()]
        stored = [line.partition(": ")[2] for line in lines if line.startswith("last-modified")]

        assert len(stored) >= 3
        assert min(map(parsedate_to_datetime, stored)) >= visited.published_at - timedelta(seconds=2)

    async def test_sees_the_day_and_its_part_and_no_more(self, visited: Visited) -> None:
        line = (await visited.desk.mona.get("/v1/reports")).json()["items"][0]
        assert (line["visited_on"], line["day_part"]) == ("2026-03-02", "afternoon")


class TestTheSearch:
    async def test_finds_it_all_in_what_the_supervisor_fetches(self, visited: Visited) -> None:
        """Otherwise finding nothing at the manager's would mean nothing."""
        desk = visited.desk
        future = str(visited.secrets["id of the future visit"])
        walk = Walk(
            desk.world,
            desk.scene.sam,
            values={"visit_id": [visited.visit, future], "person_id": [str(desk.scene.ivy.id)]},
            guesses=[str(desk.scene.outlet.id)],
            only_reading=True,
        )
        await walk.everywhere()

        seen = found(walk.everything(), visited.secrets)

        assert seen >= {
            "name", "e-mail", "companion's name", "recorder's label", "note", "reason", "words of an answer",
            "summary", "scenario", "moment of a tap", "id", "companion's id", "visit", "check_ins 0", "recordings 0",
            "score_revisions 0", "answers_revisions 0", "time of entry", "time of exit", "time of drafts",
            "time of submission", "time of upload", "id of the future visit", "date of the future visit",
        }  # fmt: skip

    async def test_finds_what_the_inspectors_phone_wrote_into_its_files(
        self, visited: Visited, tmp_path: Path
    ) -> None:
        assert found(visited.originals, IN_THE_FILES) == set(IN_THE_FILES)
        told = exiftool(visited.originals, tmp_path)
        assert {"name in the clip", "maker of the phone in the clip"} <= found([told], IN_THE_FILES), told

    def test_sees_through_the_usual_wrappings(self) -> None:
        secret = UUID("0199a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2b")
        at_nine = datetime(2026, 3, 2, 9, 17, 43, tzinfo=UTC)
        secrets: dict[str, Secret] = {"id": secret, "name": "Zoë Quill", "time": at_nine}
        cursor = base64.urlsafe_b64encode(json.dumps(["2026-03-02", str(secret)]).encode()).rstrip(b"=")
        for wrapped, name in (
            (b"/v1/visits/0199A1B2-C3D4-7E5F-8A6B-7C8D9E0F1A2B", "id"),
            (b"renditions/0199a1b2c3d47e5f8a6b7c8d9e0f1a2b.mp4", "id"),
            (b"cursor=" + cursor, "id"),
            (b"x" + base64.b64encode(secret.bytes), "id"),
            (base64.b64encode(b"??" + str(secret).encode()), "id"),
            (b"filename%3D0199a1b2%2Dc3d4%2D7e5f%2D8a6b%2D7c8d9e0f1a2b", "id"),
            (b'{"name": "Zo\\u00eb Quill"}', "name"),
            (b"name*=UTF-8''Zo%C3%AB%20Quill", "name"),
            ("artist Zoë Quill".encode("utf-16-le"), "name"),
            (b'{"at": "2026-03-02T09:17:44.1Z"}', "time"),
            (b"2026-03-02T17:17:02+08:00", "time"),
            (b"Last-Modified: Mon, 02 Mar 2026 09:17:59 GMT", "time"),
            (b"X-Timestamp: 1772443063.51", "time"),
        ):
            assert found([wrapped], secrets) == {name}, wrapped
        assert found([b"2026-03-02 and nothing else", b""], secrets) == set()
