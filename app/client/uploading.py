"""How a device brings a large file to the object store over a line that breaks.

The server's list of parts is the only memory. A device that lost everything but the recording's id and the file
calls `send` again and goes on where the store is; sending twice, or completing twice, changes nothing.
"""

import hashlib
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from http import HTTPStatus
from itertools import islice
from pathlib import Path
from typing import Protocol, TypeVar
from uuid import UUID

import httpx2
from pydantic import BaseModel

from app.client.patience import IMPATIENT, Patience, require_answer
from app.recordings.rules import State
from app.recordings.schemas import PartIn, PartsIn, PartsOut, RecordingOut, SignedPartOut, SignedPartsOut
from app.recordings.upload_rules import PartPlan

SIGNED_AT_ONCE = 20  # links for 100 MB: they live an hour, and a slow line needs a while for each
TRIES_PER_PART = 3  # with links that expired, or content that was damaged on the way
FAST_PART_S = 5.0  # on a line that needs longer, parts side by side only waste more when it breaks
OPEN = frozenset({State.UPLOADING, State.COMPLETING})

Answer = TypeVar("Answer", bound=BaseModel)
Progress = Callable[[int, int], None]
"""Bytes that are in the store, of all."""


class Desk(Protocol):
    """What is needed of the API."""

    def get(self, path: str, answer: type[Answer]) -> Answer: ...

    def post(self, path: str, answer: type[Answer], body: BaseModel | None = None) -> Answer: ...


class PartRefused(Exception):
    """The store would not take a part, even by a fresh link."""


class FileChanged(Exception):
    """The file is not what it was when the upload began."""


@dataclass(frozen=True, slots=True)
class Digests:
    """What a file is known by: its SHA-256, and the MD5 of every part by number."""

    size_bytes: int
    sha256: str
    md5s: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Sent:
    """What one call of `send` did."""

    recording: RecordingOut
    parts_found: int
    parts_sent: int


class Uploader:
    """Sends files by presigned parts. `store` speaks to the object store and carries no credentials of the API.

    Up to `parallel` parts travel at once, as long as the line is fast. Each request is repeated for `patience`.
    """

    def __init__(
        self,
        desk: Desk,
        store: httpx2.Client,
        *,
        progress: Progress | None = None,
        parallel: int = 1,
        patience: Patience = IMPATIENT,
    ) -> None:
        self._desk = desk
        self._store = store
        self._progress = progress or (lambda _done, _all: None)
        self._parallel = parallel
        self._patience = patience
        self._given_up = threading.Event()

    def send(self, recording_id: UUID, path: Path, digests: Digests | None = None) -> Sent:
        """Send what the store has not, and complete. `digests` saves reading the file once more.

        Raises `PartRefused`, `FileChanged`, what the desk raises, and a `TransportError` when patience has ended.
        """
        recording = self._desk.get(f"/v1/recordings/{recording_id}", RecordingOut)
        if recording.state not in OPEN:
            return Sent(recording, parts_found=recording.part_count, parts_sent=0)
        plan = PartPlan(recording.size_bytes, recording.part_bytes)
        own = (digests or digest(path, part_bytes=plan.part_bytes)).md5s
        there = {
            part.number: part.md5 for part in self._desk.get(_at(recording_id, "/parts"), PartsOut).parts
        }
        missing = {number: md5 for number, md5 in own.items() if there.get(number) != md5}
        self._send_all(recording_id, path, plan, missing)
        completed = self._desk.post(_at(recording_id, "/complete"), RecordingOut)
        return Sent(completed, parts_found=plan.count - len(missing), parts_sent=len(missing))

    def _send_all(self, recording_id: UUID, path: Path, plan: PartPlan, missing: Mapping[int, str]) -> None:
        arrived = plan.size_bytes - sum(plan.size_of(number) for number in missing)
        self._progress(arrived, plan.size_bytes)
        side_by_side = 1
        self._given_up.clear()
        on_the_way: set[Future[tuple[int, float]]] = set()
        links = self._signed(recording_id, missing)
        with ThreadPoolExecutor(self._parallel) as lanes:
            try:
                while True:
                    for link in islice(links, max(0, side_by_side - len(on_the_way))):
                        on_the_way.add(
                            lanes.submit(
                                self._send_part, recording_id, path, plan, link, missing[link.number]
                            )
                        )
                    if not on_the_way:
                        return
                    done, on_the_way = wait(on_the_way, return_when=FIRST_COMPLETED)
                    for size_bytes, took_s in (one.result() for one in done):
                        arrived += size_bytes
                        side_by_side = self._parallel if took_s < FAST_PART_S else 1
                        self._progress(arrived, plan.size_bytes)
            except BaseException:
                self._given_up.set()  # those side by side with the part that failed need not go on trying
                for one in on_the_way:
                    one.cancel()
                raise

    def _signed(self, recording_id: UUID, missing: Mapping[int, str]) -> Iterator[SignedPartOut]:
        """Links are asked for in batches, each when the one before is used up."""
        numbers = iter(missing)
        while batch := list(islice(numbers, SIGNED_AT_ONCE)):
            yield from self._sign(recording_id, {number: missing[number] for number in batch})

    def _sign(self, recording_id: UUID, md5_by_number: Mapping[int, str]) -> Sequence[SignedPartOut]:
        wanted = PartsIn(parts=[PartIn(number=number, md5=md5) for number, md5 in md5_by_number.items()])
        return self._desk.post(_at(recording_id, "/parts"), SignedPartsOut, wanted).parts

    def _send_part(
        self, recording_id: UUID, path: Path, plan: PartPlan, link: SignedPartOut, md5: str
    ) -> tuple[int, float]:
        """Its size, and the seconds it took. The link is bound to the part's MD5: the store refuses any other content."""
        content = _content(path, plan, link.number)
        began = time.monotonic()
        for _ in range(TRIES_PER_PART):
            response = self._patience.through(lambda link=link: self._put(link, content))  # type: ignore[misc]
            if response.is_success:
                return len(content), time.monotonic() - began
            if (
                _md5(content) != md5
            ):  # reckoned only now: every part's would cost a tenth of the time of sending
                raise FileChanged(f"{path} was changed while it was being sent (part {link.number})")
            if response.status_code == HTTPStatus.FORBIDDEN:  # the link expired: no failure, ask for another
                (link,) = self._sign(recording_id, {link.number: md5})
        raise PartRefused(f"part {link.number}: {response.status_code} {response.text[:500]}")

    def _put(self, link: SignedPartOut, content: bytes) -> httpx2.Response:
        if self._given_up.is_set():
            raise PartRefused("given up beside another part")
        return require_answer(
            self._store.request(link.method, link.url, headers=link.headers, content=content)
        )


def digest(path: Path, *, part_bytes: int) -> Digests:
    """Read the file once, a part at a time; both digests of a part are made at once."""
    whole, size_bytes = hashlib.sha256(), 0
    md5s: dict[int, str] = {}
    with path.open("rb") as file, ThreadPoolExecutor(1) as beside:
        while content := file.read(part_bytes):
            md5 = beside.submit(_md5, content)
            whole.update(content)
            md5s[len(md5s) + 1] = md5.result()
            size_bytes += len(content)
    return Digests(size_bytes, whole.hexdigest(), md5s)


def _at(recording_id: UUID, rest: str) -> str:
    return f"/v1/recordings/{recording_id}{rest}"


def _content(path: Path, plan: PartPlan, number: int) -> bytes:
    with path.open("rb") as file:
        file.seek(plan.first_byte_of(number))
        return file.read(plan.size_of(number))


def _md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()
