"""The reference uploader against an API and a store that are as forgetful and as strict as the real ones.

With the real ones it is tried by the demonstration itself (`tests/test_demo.py`).
"""

import hashlib
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import httpx2
import pytest
from pydantic import BaseModel

from app.client.uploading import PartRefused, Uploader
from app.demo.broken_line import PIECE_BYTES, BrokenLine, LineBroke
from app.kit.ids import new_id
from app.recordings.rules import Kind, State
from app.recordings.schemas import PartOut, PartsIn, PartsOut, RecordingOut, SignedPartOut, SignedPartsOut
from app.recordings.upload_rules import PartPlan

Answer = TypeVar("Answer")

PART_BYTES = 1000
CONTENT = bytes(range(256)) * 13  # 3,328 bytes: four parts, the last one short
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@dataclass
class FakeService:
    """The API and the store behind it: links carry what they are good for, and may run out."""

    recording_id: UUID = field(default_factory=new_id)
    state: State = State.UPLOADING
    parts: dict[int, bytes] = field(default_factory=dict)
    links: int = 0
    expire_first: int = 0  # so many links are out of date when they are used

    @property
    def plan(self) -> PartPlan:
        return PartPlan(len(CONTENT), PART_BYTES)

    def get(self, path: str, answer: type[Answer]) -> Answer:
        found: BaseModel = self._listed() if path.endswith("/parts") else self._recording()
        assert isinstance(found, answer)
        return found

    def post(self, path: str, answer: type[Answer], body: BaseModel | None = None) -> Answer:
        found: BaseModel = self._signed(body) if isinstance(body, PartsIn) else self._completed()
        assert isinstance(found, answer)
        return found

    def store(self, request: httpx2.Request) -> httpx2.Response:
        """A PUT of a part."""
        _, number, md5, link = request.url.path.split("/")
        if int(link) <= self.expire_first:
            return httpx2.Response(403, text="Request has expired")
        content = request.read()
        if hashlib.md5(content, usedforsecurity=False).hexdigest() != md5:
            return httpx2.Response(400, text="BadDigest")
        self.parts[int(number)] = content
        return httpx2.Response(200)

    def _listed(self) -> PartsOut:
        there = [
            PartOut(
                number=number,
                size_bytes=len(content),
                md5=hashlib.md5(content, usedforsecurity=False).hexdigest(),
            )
            for number, content in sorted(self.parts.items())
        ]
        sizes = {part.number: part.size_bytes for part in there}
        return PartsOut(
            state=self.state,
            part_bytes=PART_BYTES,
            part_count=self.plan.count,
            parts=there,
            unfinished=self.plan.unfinished(sizes),
        )

    def _signed(self, body: PartsIn) -> SignedPartsOut:
        signed = []
        for part in body.parts:
            self.links += 1
            signed.append(
                SignedPartOut(
                    number=part.number,
                    size_bytes=self.plan.size_of(part.number),
                    method="PUT",
                    url=f"http://store.test/{part.number}/{part.md5}/{self.links}",
                    headers={},
                )
            )
        return SignedPartsOut(parts=signed, expires_at=NOW + timedelta(hours=1))

    def _completed(self) -> RecordingOut:
        assert b"".join(self.parts[number] for number in self.plan.numbers) == CONTENT
        self.state = State.STORED
        return self._recording()

    def _recording(self) -> RecordingOut:
        return RecordingOut(
            id=self.recording_id,
            visit_id=self.recording_id,
            medium=Kind.VIDEO,
            size_bytes=len(CONTENT),
            sha256=hashlib.sha256(CONTENT).hexdigest(),
            state=self.state,
            part_bytes=PART_BYTES,
            part_count=self.plan.count,
            progress=0.0,
            stored_at=None,
            verified_at=None,
            settled_at=None,
            may_free_copy=False,
            rejected=None,
        )


@pytest.fixture
def service() -> FakeService:
    return FakeService()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "recording.mp4"
    path.write_bytes(CONTENT)
    return path


def uploader(
    service: FakeService, store: Callable[[httpx2.Request], httpx2.Response] | None = None
) -> Uploader:
    return Uploader(service, httpx2.Client(transport=httpx2.MockTransport(store or service.store)))


class TestSend:
    def test_brings_every_part_and_completes(self, service: FakeService, file: Path) -> None:
        told: list[tuple[int, int]] = []
        store = httpx2.Client(transport=httpx2.MockTransport(service.store))

        sent = Uploader(service, store, progress=lambda done, of: told.append((done, of))).send(
            service.recording_id, file
        )

        assert (sent.recording.state, sent.parts_found, sent.parts_sent) == (State.STORED, 0, 4)
        size_bytes = service.plan.size_bytes
        whole_parts = [number * service.plan.part_bytes for number in range(4)]
        assert told == [(done, size_bytes) for done in (*whole_parts, size_bytes)]

    def test_goes_on_where_the_store_is(self, service: FakeService, file: Path) -> None:
        def breaks_at_three(request: httpx2.Request) -> httpx2.Response:
            if len(service.parts) == 2:
                raise httpx2.WriteError("gone", request=request)
            return service.store(request)

        with pytest.raises(httpx2.WriteError):
            uploader(service, breaks_at_three).send(service.recording_id, file)
        sent = uploader(service).send(service.recording_id, file)

        assert (sent.parts_found, sent.parts_sent) == (2, 2)

    def test_sends_a_part_again_that_the_store_has_otherwise(self, service: FakeService, file: Path) -> None:
        """A list of numbers alone would not tell: parts are compared by their MD5."""
        service.parts = dict.fromkeys((1, 2), CONTENT[:PART_BYTES])

        sent = uploader(service).send(service.recording_id, file)

        assert (sent.parts_found, sent.parts_sent) == (1, 3)

    def test_asks_for_a_new_link_when_one_has_expired(self, service: FakeService, file: Path) -> None:
        service.expire_first = 4

        sent = uploader(service).send(service.recording_id, file)

        assert sent.recording.state is State.STORED
        assert service.links == 8

    def test_gives_up_when_the_store_will_not_take_a_part(self, service: FakeService, file: Path) -> None:
        def refuses(_request: httpx2.Request) -> httpx2.Response:
            return httpx2.Response(400, text="EntityTooSmall")

        with pytest.raises(PartRefused, match="part 1: 400 EntityTooSmall"):
            uploader(service, refuses).send(service.recording_id, file)

    def test_of_a_recording_that_has_arrived_does_nothing(self, service: FakeService, file: Path) -> None:
        service.state = State.VERIFIED

        sent = uploader(service).send(service.recording_id, file)

        assert (sent.recording.state, sent.parts_sent, service.links) == (State.VERIFIED, 0, 0)


class TestBrokenLine:
    def test_drops_the_connection_inside_a_body(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as store:
            address = f"http://127.0.0.1:{store.getsockname()[1]}/"
            with (
                httpx2.Client(transport=BrokenLine(after_bytes=PIECE_BYTES)) as line,
                pytest.raises(LineBroke),
            ):
                line.put(address, content=bytes(2 * PIECE_BYTES))
            connection, _ = store.accept()
            with connection:
                arrived = b"".join(iter(lambda: connection.recv(PIECE_BYTES), b""))

        assert arrived.count(0) == PIECE_BYTES
        assert f"Content-Length: {2 * PIECE_BYTES}".encode() in arrived
