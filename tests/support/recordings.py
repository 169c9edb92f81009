"""A phone that uploads, and workers that look at what arrived.

phone = Phone(scene.ivy, visit, content)
await phone.begin()
await phone.send(1, 2)
await phone.complete()
await worked(world)
"""

import hashlib
import struct
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx2
import numpy as np
import pytest

from app.demo.clips import TELLTALE, make, make_covered_silent_clip, make_good_clip
from app.kit.database import Database
from app.kit.ids import new_id
from app.kit.jobs import DeadJob, Resources, list_dead
from app.kit.storage import SignedRequest
from app.kit.storage.s3 import S3Storage
from app.recordings import jobs
from tests.support.jobs import jobs_done, working
from tests.support.s3 import md5, send
from tests.support.world import Caller, World

PART = 5 * 1024 * 1024
assert jobs.process_recording is not None  # declared by being imported


@pytest.fixture(scope="session")
def good_clip(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("clips") / "good.mp4"
    return make_good_clip(path, seconds=6, size="320x180", tags=TELLTALE).read_bytes()


@pytest.fixture(scope="session")
def bad_clip(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A covered lens and a dead microphone."""
    path = tmp_path_factory.mktemp("clips") / "bad.mp4"
    return make_covered_silent_clip(path, seconds=6, size="320x180").read_bytes()


@pytest.fixture(scope="session")
def a_picture(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A JPEG that says who made it."""
    path = tmp_path_factory.mktemp("clips") / "photo.jpg"
    make(path, picture="testsrc2=size=320x180", sound=(), seconds=0.04, options=["-c:v", "mjpeg"])
    plain, comment = path.read_bytes(), b"Li Xiaolong was here"
    return plain[:2] + b"\xff\xfe" + struct.pack(">H", len(comment) + 2) + comment + plain[2:]


def padded(clip: bytes, size_bytes: int) -> bytes:
    """The clip made larger by a box that players skip."""
    room = size_bytes - len(clip)
    return clip + struct.pack(">I", room) + b"free" + bytes(room - 8)


@dataclass
class Phone:
    """A client that knows no more than the file, its id and who it is."""

    who: Caller
    visit: str
    content: bytes
    medium: str = "video"
    content_type: str = "video/mp4"
    id: str = field(default_factory=lambda: str(new_id()))

    @property
    def at(self) -> str:
        return f"/v1/recordings/{self.id}"

    def parts(self) -> list[bytes]:
        return [self.content[start : start + PART] for start in range(0, len(self.content), PART)]

    def body(self, **changes: Any) -> dict[str, Any]:
        return {
            "id": self.id,
            "medium": self.medium,
            "content_type": self.content_type,
            "device_kind": "phone",
            "size_bytes": len(self.content),
            "sha256": hashlib.sha256(self.content).hexdigest(),
            **changes,
        }

    async def declare(self, **changes: Any) -> httpx2.Response:
        return await self.who.post(f"/v1/visits/{self.visit}/recordings", json=self.body(**changes))

    async def begin(self, **changes: Any) -> dict[str, Any]:
        answer = await self.declare(**changes)
        assert answer.status_code == 201, answer.text
        document: dict[str, Any] = answer.json()
        return document

    async def sign(self, *numbers: int) -> httpx2.Response:
        parts = self.parts()
        wanted = [{"number": number, "md5": md5(parts[number - 1])} for number in numbers]
        return await self.who.post(f"{self.at}/parts", json={"parts": wanted})

    async def requests(self, *numbers: int) -> dict[int, SignedRequest]:
        answer = await self.sign(*numbers)
        assert answer.status_code == 200, answer.text
        return {
            part["number"]: SignedRequest(part["method"], part["url"], part["headers"])
            for part in answer.json()["parts"]
        }

    async def send(self, *numbers: int) -> None:
        parts = self.parts()
        for number, request in (await self.requests(*numbers)).items():
            answer = await send(request, parts[number - 1])
            assert answer.status_code == 200, answer.text

    async def complete(self) -> httpx2.Response:
        return await self.who.post(f"{self.at}/complete")

    async def upload(self, **changes: Any) -> dict[str, Any]:
        """The whole way."""
        begun = await self.begin(**changes)
        await self.send(*range(1, begun["part_count"] + 1))
        answer = await self.complete()
        assert answer.status_code == 200, answer.text
        document: dict[str, Any] = answer.json()
        return document

    async def look(self) -> dict[str, Any]:
        answer = await self.who.get(self.at)
        assert answer.status_code == 200, answer.text
        document: dict[str, Any] = answer.json()
        return document


def loudest(film: bytes, start_s: float, end_s: float) -> int:
    """The largest sample of sound between two moments, of 32768."""
    command = ["ffmpeg", "-v", "error", "-i", "-", "-ac", "1", "-ar", "16000", "-f", "s16le", "-"]
    done = subprocess.run(command, check=True, capture_output=True, input=film)
    heard = np.frombuffer(done.stdout, dtype="<i2").astype(np.int32)
    return int(np.abs(heard[round(start_s * 16_000) : round(end_s * 16_000)]).max())


async def fetch(url: str, **headers: str) -> httpx2.Response:
    async with httpx2.AsyncClient() as client:
        return await client.get(url, headers=headers)


def storage_of(world: World) -> S3Storage:
    storage: S3Storage = world.app.state.storage
    return storage


def resources_of(world: World) -> Resources:
    return Resources(world.database, storage_of(world), world.settings, world.clock)


async def worked(world: World) -> Sequence[DeadJob]:
    """Work all jobs that wait; those that died."""
    async with working(resources_of(world)):
        await jobs_done(world.database)
    return await dead_jobs(world.database)


async def dead_jobs(database: Database) -> Sequence[DeadJob]:
    async with database.reading() as session:
        return await list_dead(session)
