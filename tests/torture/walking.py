"""An inspector's visits, one after the other: arranged, walked, handed in, recorded. What is acknowledged is told to the tally."""

import asyncio
import hashlib
import struct
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import httpx2

from app.client.desk import Refused
from app.client.patience import TryLater
from app.client.uploading import PartRefused
from app.kit.clock import local_date, utc_now
from app.kit.ids import new_id
from app.outlets.models import Outlet
from app.recordings.rules import State
from tests.support.review import Case
from tests.support.visits import SUMMARY, a_photo, the_video
from tests.support.world import Caller
from tests.torture.people import Cast
from tests.torture.phones import sent
from tests.torture.rough import NeverAnswered
from tests.torture.tally import Tally

RACES = 0.3  # share of visits that two supervisors want at once
LARGE = 0.3  # share of recordings of several parts
LARGE_BYTES = 6 * 1024 * 1024
LOOK_AGAIN_S = 1.0
ARRIVED = frozenset({State.STORED, State.VERIFIED, State.PROCESSED})


class Surprise(Exception):
    """The product refused what it should have done."""


@dataclass(frozen=True)
class Files:
    """What cameras make, to be made unlike any other."""

    film: bytes
    photo: bytes
    directory: Path

    def another_film(self, chance: Random) -> bytes:
        """With a box that players skip."""
        room = LARGE_BYTES if chance.random() < LARGE else 64
        return self.film + struct.pack(">I", room + 8) + b"free" + chance.randbytes(room)

    def another_photo(self, chance: Random) -> bytes:
        """With a comment."""
        return (
            self.photo[:2]
            + b"\xff\xfe"
            + struct.pack(">H", 34)
            + chance.randbytes(16).hex().encode()
            + self.photo[2:]
        )


@dataclass
class Walk:
    """One inspector's way through outlets."""

    cast: Cast
    who: Caller
    files: Files
    chance: Random
    tally: Tally
    handed_in: "asyncio.Queue[Case]"

    async def on(self, ends: asyncio.Event) -> None:
        """One visit after the other; the last one is brought to its end."""
        outlets = self.chance.sample(self.cast.outlets, len(self.cast.outlets))
        for outlet in outlets:
            if ends.is_set():
                return
            try:
                visit = await self._arranged(outlet)
                if visit is not None:
                    await self._walked(visit)
            except (Surprise, NeverAnswered, AssertionError) as surprise:
                self.tally.lose(f"{type(surprise).__name__}: {surprise}")

    async def _arranged(self, outlet: Outlet) -> str | None:
        """Sometimes two want it at once, for days too near to each other: one is refused (D5)."""
        today = local_date(utc_now(), outlet.time_zone)
        days = [today, today + timedelta(days=40)] if self.chance.random() < RACES else [today]
        asked = [self._ask(outlet, day.isoformat()) for day in self.chance.sample(days, len(days))]
        made = [one for one in await asyncio.gather(*asked) if one is not None]
        if len(made) > 1:
            self.tally.lose(f"two visits of one inspector to one outlet within 40 days: {made}")
        return next((visit for visit, day in made if day == today.isoformat()), None)

    async def _ask(self, outlet: Outlet, on: str) -> tuple[str, str] | None:
        visit = str(new_id())
        answer = await self.cast.desk.scene.ask_for(self.who, on=on, id=visit, outlet_id=str(outlet.id))
        if answer.status_code == 409:
            self.tally.refused[answer.json()["type"]] += 1
            return None
        self._done(answer)
        self.tally.visits[visit] = (str(self.who.id), str(outlet.id))
        return visit, on

    async def _walked(self, visit: str) -> None:
        scene, clock = self.cast.desk.scene, self.cast.world.clock
        clock.now = utc_now()
        film, photo = self.files.another_film(self.chance), self.files.another_photo(self.chance)
        video, picture = the_video(str(new_id()), clock.now), a_photo()
        for declared, content in ((video, film), (picture, photo)):
            declared |= {"size_bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        await scene.entered(visit, self.who)
        answers = await self._answered(visit)
        if self.chance.random() < 0.2:  # out of order: nobody can hand in before having left
            early = await self.who.post(f"/v1/visits/{visit}/submit")
            if early.status_code != 409:
                raise Surprise(f"handed in before having left: {early.status_code} {early.text[:300]}")
            self.tally.faults["request out of order"] += 1
        self._done(await scene.leave(visit, [video, picture], self.who))
        steps: list[Coroutine[Any, Any, None]] = [
            self._submitted(visit, answers),
            self._uploaded(visit, video, "video/mp4", film),
            self._uploaded(visit, picture, "image/jpeg", photo),
        ]
        self.chance.shuffle(steps)
        await asyncio.gather(*steps)
        self.handed_in.put_nowait(Case(visit, video["recording_id"], [picture["recording_id"]]))

    async def _answered(self, visit: str) -> dict[str, object]:
        """In two batches, which overtake each other."""
        values: dict[str, object] = {
            "greeting": self.chance.random() < 0.8,
            "queue-machine": True,
            "patience": self.chance.choice(["good", "fair"]),
            "no-smoking": True,
            "uniform": self.chance.random() < 0.8,
            "tidy": self.chance.random() < 0.8,
        }
        at = utc_now().isoformat()
        codes = self.chance.sample(sorted(values), len(values))
        bodies = [
            {
                "answers": {code: {"value": values[code], "device_at": at} for code in half},
                "summary": SUMMARY,
                "questions_asked": 2,
            }
            for half in (codes[:3], codes[3:])
        ]
        for answer in await asyncio.gather(
            *(self.who.put(f"/v1/visits/{visit}/answers", json=body) for body in bodies)
        ):
            self._done(answer)
        return values

    async def _submitted(self, visit: str, answers: dict[str, object]) -> None:
        self._done(await self.who.post(f"/v1/visits/{visit}/submit"))
        self.tally.submissions[visit] = answers

    async def _uploaded(
        self, visit: str, declared: dict[str, Any], content_type: str, content: bytes
    ) -> None:
        body = {
            "id": declared["recording_id"],
            "medium": declared["medium"],
            "content_type": content_type,
            "device_kind": declared["device_kind"],
            "size_bytes": len(content),
            "sha256": declared["sha256"],
        }
        self._done(await self.who.post(f"/v1/visits/{visit}/recordings", json=body))
        path = self.files.directory / declared["recording_id"]
        path.write_bytes(content)
        try:
            await self._sent(declared["recording_id"], path)
        finally:
            path.unlink()
        self.tally.uploads[declared["recording_id"]] = declared["sha256"]

    async def _sent(self, recording_id: str, path: Path) -> None:
        """Taken up again for as long as something is wrong."""
        while True:
            wrong = not self.cast.road.is_smooth
            try:
                state = await sent(self.who, UUID(recording_id), path)
                break
            except (httpx2.TransportError, TryLater, PartRefused, Refused) as error:
                if wrong:  # its owner takes the phone out again in the evening
                    self.tally.answers["uploads broken off"] += 1
                    await asyncio.sleep(LOOK_AGAIN_S)
                    continue
                raise Surprise(f"an upload was given up: {type(error).__name__} {error}") from error
        if state not in ARRIVED:
            raise Surprise(f"an upload was completed and is {state}")

    @staticmethod
    def _done(answer: httpx2.Response) -> None:
        if not answer.is_success:
            raise Surprise(
                f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {answer.text[:500]}"
            )
