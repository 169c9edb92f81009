"""A desk that reviews, an outlet that waits for its report, and visits that are ready for both.

desk = await a_desk(world)
case = await desk.submitted()            # ivy's visit with a veto, all files processed
await desk.approved(case)
alias = await desk.published(case)
"""

from collections.abc import Mapping
from dataclasses import dataclass
from secrets import token_hex
from typing import Any
from uuid import UUID

import httpx2

from app.kit.ids import new_id
from app.kit.storage import Storage
from app.recordings import queries as recordings
from app.recordings.models import Recording, RecordingReport, Rendition
from app.recordings.rules import Kind, RenditionKind, State
from tests.support.places import an_outlet, in_charge
from tests.support.visits import SHA, STAY, Scene, a_scene
from tests.support.world import Caller, World

MADE_OF = {
    Kind.VIDEO: (RenditionKind.OUTLET, RenditionKind.POSTER, RenditionKind.PEAKS),
    Kind.AUDIO: (RenditionKind.OUTLET, RenditionKind.PEAKS),
    Kind.PHOTO: (RenditionKind.PHOTO,),
}
TYPES = {
    RenditionKind.OUTLET: ("video/mp4", ".mp4"),
    RenditionKind.POSTER: ("image/jpeg", ".jpg"),
    RenditionKind.PEAKS: ("application/json", ".json"),
    RenditionKind.PHOTO: ("image/jpeg", ".jpg"),
}


@dataclass(frozen=True)
class Case:
    """A submitted visit and its files."""

    visit: str
    video: str
    photos: list[str]


@dataclass
class Desk:
    scene: Scene
    rita: Caller
    mona: Caller

    @property
    def world(self) -> World:
        return self.scene.world

    @property
    def storage(self) -> Storage:
        storage: Storage = self.world.app.state.storage
        return storage

    async def submitted(
        self,
        *crew: Caller,
        processed: bool = True,
        noticed: Mapping[str, Any] | None = None,
        **arranged: str,
    ) -> Case:
        """A visit with one fired veto (66.67, and 76.67 without it); by ivy unless told otherwise.

        `noticed` is what the phone's recorder tells of itself.
        """
        lead = crew[0] if crew else self.scene.ivy
        visit = await self.scene.arranged(*(crew or (lead,)), **arranged)
        await self.scene.entered(visit, lead)
        video, photos = await self.scene.left(visit, lead, **(noticed or {}))
        if processed:
            await self.arrived(visit, video, Kind.VIDEO, by=lead)
            for photo in photos:
                await self.arrived(visit, photo, Kind.PHOTO, by=lead)
        await self.scene.submitted(visit, lead)
        return Case(visit, video, photos)

    async def arrived(
        self, visit: str, recording_id: str, kind: Kind, *, by: Caller, state: State = State.PROCESSED
    ) -> None:
        """The file as it is in the database and in the store once all work on it is done."""
        now, home = self.world.clock.now, by.actor.organisation_id
        rejected = "unreadable" if state is State.REJECTED else None
        recording = Recording(
            id=UUID(recording_id),
            organisation_id=home,
            visit_id=UUID(visit),
            uploader_id=by.id,
            medium=kind,
            content_type=TYPES[MADE_OF[kind][0]][0],
            device_kind="phone",
            size_bytes=1_000_000,
            sha256=SHA,
            part_bytes=5 * 1024 * 1024,
            state=state,
            progress=1.0,
            token=token_hex(16),
            staging_key=f"incoming/{token_hex(16)}",
            sealed_key=f"sealed/{token_hex(16)}",
            rejected_code=rejected,
            created_at=now,
            touched_at=now,
        )
        rows: list[object] = [recording]
        if state is State.PROCESSED:
            length = int(STAY.total_seconds() * 1000) if kind is Kind.VIDEO else 0
            rows.append(
                RecordingReport(
                    id=new_id(),
                    organisation_id=home,
                    recording_id=recording.id,
                    report=None,
                    duration_ms=length,
                    black=False,
                    silent=False,
                    unusable=False,
                    made_at=now,
                )
            )
            rows += [await self._rendition(recording, made) for made in MADE_OF[kind]]
        await self.world.add(*rows)

    async def _rendition(self, recording: Recording, kind: RenditionKind) -> Rendition:
        content_type, suffix = TYPES[kind]
        key = f"renditions/{token_hex(16)}{suffix}"
        await self.storage.put_bytes(key, f"{kind} of a recording".encode(), content_type=content_type)
        return Rendition(
            id=new_id(),
            organisation_id=recording.organisation_id,
            recording_id=recording.id,
            kind=kind,
            profile={},
            key=key,
            sha256=SHA,
            size_bytes=20,
            content_type=content_type,
            made_at=self.world.clock.now,
        )

    async def found_faces(self, recording_id: str) -> None:
        """As after a rendering that hid faces."""
        async with self.world.database.writing() as session:
            old = (await recordings.renditions_of(session, [UUID(recording_id)]))[UUID(recording_id)]
            outlet = old[RenditionKind.OUTLET]
            outlet.replaced_at = self.world.clock.now
            await session.flush()
            kept = {one.name: getattr(outlet, one.name) for one in Rendition.__table__.columns}
            key = f"{outlet.key}.mp4"
            changed = {"id": new_id(), "key": key, "replaced_at": None, "profile": {"blur_faces": True}}
            session.add(Rendition(**(kept | changed)))
        await self.storage.put_bytes(key, b"film", content_type="video/mp4")

    async def opened(self, case: Case, by: Caller | None = None) -> None:
        answer = await (by or self.rita).post(f"/v1/visits/{case.visit}/review/open")
        assert answer.status_code == 200, answer.text

    async def judge(
        self, case: Case, verdict: str = "confirmed", *, item: str = "no-smoking", by: Caller | None = None
    ) -> httpx2.Response:
        return await (by or self.rita).post(
            f"/v1/visits/{case.visit}/review/vetoes/{item}/verdict",
            json={"verdict": verdict, "reason": "At 1:23 somebody smokes."},
        )

    async def approve(self, case: Case, *, by: Caller | None = None, **body: str) -> httpx2.Response:
        return await (by or self.rita).post(f"/v1/visits/{case.visit}/review/approve", json=body)

    async def excused(self, case: Case, by: Caller | None = None) -> None:
        """Nobody marks it a second time (D8.1)."""
        answer = await (by or self.scene.sam).post(
            f"/v1/visits/{case.visit}/second-marking/excuse", json={"reason": "Nobody is free this week."}
        )
        assert answer.status_code == 200, answer.text

    async def assigned(self, case: Case, marker: Caller) -> str:
        """The id of a second marking that sam gave somebody."""
        answer = await self.scene.sam.post(
            f"/v1/visits/{case.visit}/second-marking/assign", json={"marker_id": str(marker.id)}
        )
        assert answer.status_code == 200, answer.text
        return str(answer.json()["id"])

    async def marked(self, task: str, marker: Caller, **values: Any) -> httpx2.Response:
        """Answered as `Scene.answered` does unless told otherwise, and handed in."""
        answers = {
            "greeting": {"value": True},
            "queue-machine": {"state": "not_applicable", "reason": "there is none"},
            "patience": {"value": "fair"},
            "no-smoking": {"value": False},
            "uniform": {"value": True},
            "tidy": {"value": True},
            **{code: one if isinstance(one, dict) else {"value": one} for code, one in values.items()},
        }
        saved = await marker.put(f"/v1/second-markings/{task}/answers", json={"answers": answers})
        assert saved.status_code == 200, saved.text
        return await marker.post(f"/v1/second-markings/{task}/submit")

    async def marked_twice(self, by: Caller, *, on: str, first: dict[str, Any], **second: Any) -> Case:
        """A visit of `by` to a new outlet with these answers, and what max saw in it. Nobody smoked."""
        outlet = await an_outlet(self.world, f"gz-{by.name}-{on}", region=self.scene.region)
        visit = await self.scene.arranged(by, outlet_id=str(outlet.id), on=on)
        await self.scene.entered(visit, by)
        await self.scene.left(visit, by)
        self.world.clock.advance(seconds=1)
        await self.scene.answered(visit, by, **{"no-smoking": True, **first})
        await self.scene.submitted(visit, by)
        case, max_ = Case(visit, "", []), self.world.callers["max"]
        answer = await self.marked(await self.assigned(case, max_), max_, **{"no-smoking": True, **second})
        assert answer.status_code == 200, answer.text
        return case

    async def approved(self, case: Case, **body: str) -> None:
        """Opened, its veto confirmed, its second marking excused, approved."""
        await self.opened(case)
        await self.excused(case)
        assert (await self.judge(case)).status_code == 200
        answer = await self.approve(case, by=None, **body)
        assert answer.status_code == 200, answer.text

    async def published(self, case: Case, **body: str) -> str:
        """Approved, waited for, and published. Gives the alias."""
        await self.approved(case, **body)
        self.world.clock.advance(hours=25)
        return await self.published_too(case)

    async def published_too(self, case: Case) -> str:
        """One whose delay is over. Gives the alias."""
        answer = await self.rita.post(f"/v1/visits/{case.visit}/publish")
        assert answer.status_code == 200, answer.text
        return str(answer.json()["alias"])

    async def blocks(self, case: Case) -> dict[str, list[str]]:
        """What the review sheet says stands in the way, by rule."""
        sheet = (await self.rita.get(f"/v1/visits/{case.visit}/review")).json()
        return {block["rule"]: block["where"] for block in sheet["blocks"]}


async def a_desk(world: World, **rules: object) -> Desk:
    """rita reviews the south, mona manages its hall."""
    scene = await a_scene(world, **rules)  # type: ignore[arg-type]
    rita, mona = await world.person("rita"), await world.person("mona")
    await in_charge(world, rita, region=scene.region)
    await in_charge(world, mona, outlet=scene.outlet)
    return Desk(scene, rita, mona)
