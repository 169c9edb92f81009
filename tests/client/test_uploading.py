"""The reference client against the product as it is served, over a line that breaks (D11).

SQLite with the embedded S3 server, PostgreSQL with Ceph's.
"""

import asyncio
import json
import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import httpx2
import pytest

from app.client.bringing import Article, bring
from app.client.desk import Desk, Refused, by_password
from app.client.patience import Patience
from app.client.uploading import FileChanged, Sent, Uploader
from app.identity.schemas import LoginIn
from app.kit.ids import new_id
from app.recordings.rules import Kind
from app.settings import Settings
from tests.support.command import MODULE, ROOT, environment, plainclothes, refusal
from tests.support.line import Line
from tests.support.recordings import PART, padded
from tests.support.s3 import S3Server, object_store_by_database
from tests.support.serving import Served, serving
from tests.support.visits import a_scene
from tests.support.waiting import until
from tests.support.world import World

object_store = pytest.fixture(object_store_by_database)
SIZE = 4 * PART + 1234
LOG_IN = LoginIn(organisation="northwind", email="ivy@northwind.example", password="ivy has a password")
WHO = {"organisation": LOG_IN.organisation, "email": LOG_IN.email, "password": LOG_IN.password}


@pytest.fixture
def line(object_store: S3Server) -> Iterator[Line]:
    with Line(object_store.endpoint_url) as line:
        yield line


@pytest.fixture
def serving_settings(settings: Settings, line: Line) -> dict[str, object]:
    """What phones reach is the line; the server itself has a good one."""
    return {
        "database_url": settings.database_url,
        "s3_endpoint": settings.s3_endpoint,
        "s3_public_endpoint": line.url,
        "s3_bucket": settings.s3_bucket,
        "s3_access_key": settings.s3_access_key,
        "s3_secret_key": settings.s3_secret_key.get_secret_value(),
        "routing_url": "",
    }


@pytest.fixture
async def visit(world: World) -> str:
    """ivy is inside."""
    scene = await a_scene(world)
    made = await scene.arranged(scene.ivy)
    await scene.entered(made)
    return made


@pytest.fixture
def recording(tmp_path: Path, good_clip: bytes) -> Path:
    path = tmp_path / "VID_1.mp4"
    path.write_bytes(padded(good_clip, SIZE))
    return path


class TestCommand:
    async def test_goes_on_after_client_and_server_were_killed(
        self, tmp_path: Path, serving_settings: dict[str, object], visit: str, recording: Path, line: Line
    ) -> None:
        """Nothing is kept on the client's machine: the second call asks the server what is there."""
        line.stop_after(int(2.5 * PART))
        with serving(tmp_path, serving_settings) as before:
            await before.ready()
            client = _started(*_upload(before, visit, recording))
            await until(line.stopped.is_set)
            client.kill()
            client.wait()
            before.process.kill()
        line.mend()
        carried = line.carried_bytes
        with serving(tmp_path, serving_settings) as after:
            await after.ready()
            done = await asyncio.to_thread(
                plainclothes, *_upload(after, visit, recording), "--wait", settings=WHO
            )
            again = await asyncio.to_thread(plainclothes, *_upload(after, visit, recording), settings=WHO)

        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout)
        assert (found["state"], found["may_free_copy"]) == ("processed", True)
        assert (
            SIZE - 2 * PART <= line.carried_bytes - carried < SIZE - PART
        )  # what was there was not sent again
        assert json.loads(again.stdout)["id"] == found["id"]

    def test_asks_for_what_it_needs_before_anything_is_sent(self, tmp_path: Path) -> None:
        notes, clip = tmp_path / "notes.txt", tmp_path / "clip.mp4"
        notes.write_text("no recording")
        clip.write_text("bytes")

        assert "--content-type" in refusal("upload", notes, "--visit", new_id(), settings=WHO)
        assert "--token" in refusal("upload", clip, "--visit", new_id())


@dataclass
class Faulty(httpx2.BaseTransport):
    """Over a real line: the first answer to a completion is lost, and the first link to a part is too old."""

    lost: int = 0
    refused: int = 0

    def __post_init__(self) -> None:
        self._line = httpx2.HTTPTransport()

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        if request.method == "PUT" and not self.refused:
            self.refused += 1
            request.url = request.url.copy_set_param("X-Amz-Date", "20260101T000000Z")
        answer = self._line.handle_request(request)
        if request.url.path.endswith("/complete") and not self.lost:
            self.lost += 1
            answer.read()
            raise httpx2.ReadError("the answer was lost")
        return answer

    def close(self) -> None:
        self._line.close()


class TestUploader:
    @pytest.fixture
    async def served(self, tmp_path: Path, serving_settings: dict[str, object]) -> AsyncIterator[Served]:
        with serving(tmp_path, {**serving_settings, "run_jobs": False}) as served:
            await served.ready()
            yield served

    async def test_gets_through_cut_lines_old_links_and_lost_answers(
        self, served: Served, visit: str, recording: Path, line: Line
    ) -> None:
        faulty = Faulty()
        told: list[int] = []
        line.cut_after(int(1.5 * PART))

        def go() -> Sent:
            with (
                httpx2.Client(base_url=served.address, transport=faulty, timeout=60) as http,
                httpx2.Client(transport=faulty, timeout=60) as store,
            ):
                desk = Desk(http, by_password(http, LOG_IN), patience=Patience(60))
                uploader = Uploader(
                    desk,
                    store,
                    parallel=3,
                    patience=Patience(60),
                    progress=lambda done, _all: told.append(done),
                )
                return bring(desk, uploader, UUID(visit), _article(recording), new_id=new_id)

        sent = await asyncio.to_thread(go)

        assert (faulty.lost, faulty.refused, line.cuts) == (1, 1, 1)
        assert (sent.recording.state, sent.parts_sent) == ("stored", 5)
        assert (told == sorted(told), told[0], told[-1]) == (True, 0, SIZE)
        assert line.carried_bytes < 2 * SIZE

    async def test_says_why_not_and_leaves_what_was_sent(
        self, served: Served, visit: str, recording: Path
    ) -> None:
        """An unknown visit, a wrong password, and a file that is changed while it is sent: it does not get mixed.

        And a log-in is kept up rather than made again, since a one-time code is good for once.
        """
        asked: list[str] = []

        def spoil(done: int, _all: int) -> None:
            if done:
                with recording.open("r+b") as file:
                    file.seek(3 * PART)
                    file.write(os.urandom(100))

        def go() -> dict[str, object]:
            with httpx2.Client(base_url=served.address, timeout=60) as http, httpx2.Client() as store:
                desk = Desk(http, by_password(http, LOG_IN), patience=Patience(60))
                uploader = Uploader(desk, store, progress=spoil)
                with pytest.raises(Refused, match="no visit"):
                    bring(desk, uploader, new_id(), _article(recording), new_id=new_id)
                guess = by_password(http, LOG_IN.model_copy(update={"password": "a guess"}))
                with pytest.raises(Refused, match="password"):
                    bring(
                        Desk(http, guess, patience=Patience(0)),
                        uploader,
                        new_id(),
                        _article(recording),
                        new_id=new_id,
                    )
                with pytest.raises(FileChanged, match="part 4"):
                    bring(desk, uploader, UUID(visit), _article(recording), new_id=lambda: RECORDING)
                token = http.post("/v1/auth/login", json=LOG_IN.model_dump(exclude_unset=True)).json()
                headers = {"Authorization": f"Bearer {token['access_token']}"}
                listed: dict[str, object] = http.get(
                    f"/v1/recordings/{RECORDING}/parts", headers=headers
                ).json()
                http.event_hooks = {"request": [lambda request: asked.append(request.url.path)]}
                log_in = by_password(http, LOG_IN)
                assert all((log_in(), log_in()))
                http.event_hooks = {}
                with_code = by_password(http, LOG_IN.model_copy(update={"code": "123456"}))
                http.post("/v1/auth/logout", headers={"Authorization": f"Bearer {with_code()}"})
                with pytest.raises(Refused, match="log in again"):  # the code is used up
                    with_code()
                return listed

        listed = await asyncio.to_thread(go)

        assert (listed["state"], listed["unfinished"]) == ("uploading", [4, 5])
        assert asked == ["/v1/auth/login", "/v1/auth/refresh"]


RECORDING = new_id()


def _article(path: Path) -> Article:
    return Article(path, Kind.VIDEO, "video/mp4", "recorder")


def _upload(served: Served, visit: str, path: Path) -> list[str]:
    return ["upload", str(path), "--visit", visit, "--url", served.address, "--parallel", "1"]


def _started(*arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([*MODULE, *arguments], cwd=ROOT, env=environment(WHO), stderr=subprocess.DEVNULL)
