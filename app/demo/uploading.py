"""The reference uploader: how a device brings a large file to the object store over a line that breaks.

The server's list of parts is the only memory. A device that lost everything but the recording's id and the file
calls `send` again and goes on where the store is; sending twice, or completing twice, changes nothing.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from itertools import islice
from pathlib import Path
from typing import Protocol, TypeVar
from uuid import UUID

import httpx2
from pydantic import BaseModel

from app.recordings.rules import PartPlan, State
from app.recordings.schemas import PartIn, PartsIn, PartsOut, RecordingOut, SignedPartOut, SignedPartsOut

SIGNED_AT_ONCE = 20  # links for 100 MB: they live an hour, and a slow line needs a while for each
TRIES_PER_PART = (
    3  # a link that expired or a part that was refused; a broken line is the caller's to wait for
)

Answer = TypeVar("Answer")
Progress = Callable[[int, int], None]


class Desk(Protocol):
    """What is needed of the API."""

    def get(self, path: str, answer: type[Answer]) -> Answer: ...

    def post(self, path: str, answer: type[Answer], body: BaseModel | None = None) -> Answer: ...


class PartRefused(Exception):
    """The store would not take a part, even by a fresh link."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What one call of `send` did."""

    recording: RecordingOut
    parts_found: int
    parts_sent: int


class Uploader:
    """Sends files by presigned parts. `store` speaks to the object store and carries no credentials of the API."""

    def __init__(self, desk: Desk, store: httpx2.Client, *, progress: Progress | None = None) -> None:
        self._desk = desk
        self._store = store
        self._progress = progress or (lambda _done, _all: None)

    def send(self, recording_id: UUID, path: Path) -> Sent:
        """Bring what is missing of a declared recording, and complete it.

        Raises `httpx2.TransportError` when the line breaks, `PartRefused`, and what the API refuses.
        """
        recording = self._desk.get(f"/v1/recordings/{recording_id}", RecordingOut)
        if recording.state not in {State.CREATED, State.UPLOADING, State.COMPLETING}:
            return Sent(recording, parts_found=recording.part_count, parts_sent=0)
        plan = PartPlan(recording.size_bytes, recording.part_bytes)
        there = self._desk.get(f"/v1/recordings/{recording_id}/parts", PartsOut)
        missing = _missing(path, plan, there)
        found = plan.count - len(missing)
        for done, part in enumerate(self._signed(recording_id, missing), start=found):
            self._progress(done, plan.count)
            self._send_part(recording_id, path, plan, part)
        self._progress(plan.count, plan.count)
        completed = self._desk.post(f"/v1/recordings/{recording_id}/complete", RecordingOut)
        return Sent(completed, parts_found=found, parts_sent=len(missing))

    def _signed(self, recording_id: UUID, missing: Mapping[int, str]) -> Iterator[SignedPartOut]:
        """Links are asked for in batches, each when the one before is used up."""
        numbers = iter(missing)
        while batch := list(islice(numbers, SIGNED_AT_ONCE)):
            yield from self._sign(recording_id, {number: missing[number] for number in batch})

    def _sign(self, recording_id: UUID, md5_by_number: Mapping[int, str]) -> Sequence[SignedPartOut]:
        wanted = PartsIn(parts=[PartIn(number=number, md5=md5) for number, md5 in md5_by_number.items()])
        return self._desk.post(f"/v1/recordings/{recording_id}/parts", SignedPartsOut, wanted).parts

    def _send_part(self, recording_id: UUID, path: Path, plan: PartPlan, part: SignedPartOut) -> None:
        content = _content(path, plan, part.number)
        for _ in range(TRIES_PER_PART):
            response = self._store.request(part.method, part.url, headers=part.headers, content=content)
            if response.is_success:
                return
            if response.status_code == HTTPStatus.FORBIDDEN:  # the link expired: no failure, ask for another
                (part,) = self._sign(recording_id, {part.number: _md5(content)})
        raise PartRefused(f"part {part.number}: {response.status_code} {response.text[:500]}")


def _missing(path: Path, plan: PartPlan, there: PartsOut) -> dict[int, str]:
    """MD5 by number of the parts the store has not, or has otherwise."""
    held = {part.number: part.md5 for part in there.parts}
    own = {number: _md5(_content(path, plan, number)) for number in plan.numbers}
    return {number: md5 for number, md5 in own.items() if held.get(number) != md5}


def _content(path: Path, plan: PartPlan, number: int) -> bytes:
    with path.open("rb") as file:
        file.seek(plan.first_byte_of(number))
        return file.read(plan.size_of(number))


def _md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()
