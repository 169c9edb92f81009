"""A supervisor, an inspector, an outlet and a short checklist: enough for a visit in a few lines.

scene = await a_scene(world)
visit = await scene.arranged(scene.ivy)
await scene.entered(visit)
await scene.answered(visit)
await scene.left(visit)
await scene.submitted(visit)
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx2

from app.checklists.models import ChecklistVersion
from app.checklists.reading import from_yaml
from app.kit.ids import new_id
from app.outlets.models import Outlet, Region
from app.programmes.models import Programme
from app.programmes.rules import RecordingMode
from tests.support.places import a_programme, a_region, an_outlet, in_charge
from tests.support.world import Caller, World


def _item(code: str, weight: int, kind: str, **rest: str) -> str:
    extra = "".join(f"\n            {key}: {value}" for key, value in rest.items())
    return f"""
          - code: {code}
            type: {kind}
            text: {{zh: "{code}", en: "{code}"}}
            weight: {weight}{extra}"""


HALF = '[{code: good, text: {zh: "好", en: "good"}, fraction: 1}, {code: fair, text: {zh: "中", en: "fair"}, fraction: 0.5}]'

CHECKLIST = f"""
id: short-hall
version: 1
title: {{zh: "短问卷", en: "Short checklist"}}
trade: telecom
purposes:
  - {{code: enquiry, title: {{zh: "咨询", en: "Enquiry"}}, transaction: false}}
profiles:
  - {{code: all, indicators: {{a1: 40, a2: 20, b1: 40}}}}
dimensions:
  - code: a
    title: {{zh: "服务", en: "Service"}}
    indicators:
      - code: a1
        title: {{zh: "态度", en: "Attitude"}}
        items:{_item("greeting", 10, "yes_no")}{_item("queue-machine", 10, "yes_no")}{_item("patience", 20, "choice", options=HALF)}
      - code: a2
        title: {{zh: "规范", en: "Norms"}}
        items:{_item("no-smoking", 10, "yes_no", veto="{scope: indicator}")}{_item("uniform", 10, "yes_no")}
  - code: b
    title: {{zh: "环境", en: "Surroundings"}}
    indicators:
      - code: b1
        title: {{zh: "整洁", en: "Tidiness"}}
        items:{_item("tidy", 40, "yes_no")}
"""

ENTRY = timedelta(minutes=0)
STAY = timedelta(minutes=20)
SHA = "0123456789abcdef" * 4
SUMMARY = "柜员态度热情，环境整洁，但厅内有人吸烟无人制止。" * 4


def the_video(recording_id: str, starts: datetime, **changes: Any) -> dict[str, Any]:
    """A good recording of the whole stay, as a phone declares it."""
    return {
        "recording_id": recording_id,
        "medium": "video",
        "device_kind": "phone",
        "device_label": "Phone 3",
        "started_at": starts.isoformat(),
        "clock_offset_ms": 0,
        "duration_ms": int(STAY.total_seconds() * 1000),
        "size_bytes": 1_000_000,
        "sha256": SHA,
        "quality": "good",
        **changes,
    }


def a_photo() -> dict[str, Any]:
    return {
        "recording_id": str(new_id()),
        "medium": "photo",
        "device_kind": "phone",
        "device_label": "Phone 3",
        "started_at": None,
        "clock_offset_ms": 0,
        "duration_ms": 0,
        "size_bytes": 200_000,
        "sha256": SHA,
        "quality": "good",
    }


@dataclass
class Scene:
    world: World
    programme: Programme
    region: Region
    outlet: Outlet
    version: ChecklistVersion
    sam: Caller
    ivy: Caller
    ian: Caller

    def body(self, *crew: Caller, on: str = "2026-03-02", **changes: Any) -> dict[str, Any]:
        roles = ["lead", *["companion"] * (len(crew) - 1)]
        members = [{"person_id": str(one.id), "role": role} for one, role in zip(crew, roles, strict=False)]
        return {
            "programme_id": str(self.programme.id),
            "outlet_id": str(self.outlet.id),
            "checklist_version_id": str(self.version.id),
            "planned_on": on,
            "day_part": "afternoon",
            "purpose": "enquiry",
            "crew": members,
            **changes,
        }

    async def ask_for(self, *crew: Caller, on: str = "2026-03-02", **changes: Any) -> httpx2.Response:
        return await self.sam.post("/v1/visits", json=self.body(*crew, on=on, **changes))

    async def arranged(self, *crew: Caller, on: str = "2026-03-02", **changes: Any) -> str:
        """The id of a visit that sam made."""
        made = await self.ask_for(*(crew or (self.ivy,)), on=on, **changes)
        assert made.status_code == 201, made.text
        return str(made.json()["id"])

    def check_in_body(self, *, after: timedelta = ENTRY, **changes: Any) -> dict[str, Any]:
        return {
            "id": str(new_id()),
            "device_at": (self.world.clock.now + after).isoformat(),
            "clock_offset_ms": 0,
            "position": {"latitude": 23.1291, "longitude": 113.2644, "accuracy_m": 12.0},
            **changes,
        }

    async def entered(self, visit: str, who: Caller | None = None, **changes: Any) -> None:
        answer = await (who or self.ivy).post(
            f"/v1/visits/{visit}/check-ins", json=self.check_in_body(**changes)
        )
        assert answer.status_code == 201, answer.text

    async def answered(self, visit: str, who: Caller | None = None, **values: Any) -> httpx2.Response:
        """The second vector of D3 unless told otherwise: 66.67, and 76.67 without its veto."""
        at = self.world.clock.now.isoformat()
        evidence = values.pop("evidence", [])
        given = {
            "greeting": {"value": True},
            "queue-machine": {"state": "not_applicable", "reason": "there is none"},
            "patience": {"value": "fair"},
            "no-smoking": {"value": False, "evidence": evidence},
            "uniform": {"value": True},
            "tidy": {"value": True},
            **{code: one if isinstance(one, dict) else {"value": one} for code, one in values.items()},
        }
        body = {
            "answers": {code: {**one, "device_at": at} for code, one in given.items()},
            "summary": SUMMARY,
            "questions_asked": 2,
        }
        return await (who or self.ivy).put(f"/v1/visits/{visit}/answers", json=body)

    async def leave(
        self, visit: str, files: Sequence[Mapping[str, Any]], who: Caller | None = None
    ) -> httpx2.Response:
        body = {"check_out": self.check_in_body(after=STAY), "files": list(files)}
        return await (who or self.ivy).post(f"/v1/visits/{visit}/leave", json=body)

    async def left(self, visit: str, who: Caller | None = None, **told: Any) -> tuple[str, list[str]]:
        """Through the gate with a good recording and four photos. Gives the recording's id and the photos'.

        `told` stands in the manifest of the recording.
        """
        recording = str(new_id())
        photos = [a_photo() for _ in range(4)]
        answer = await self.answered(
            visit,
            who,
            evidence=[{"recording": recording, "at_ms": 83_000}, {"photo": photos[0]["recording_id"]}],
        )
        assert answer.status_code == 200, answer.text
        gone = await self.leave(visit, [the_video(recording, self.world.clock.now, **told), *photos], who)
        assert gone.status_code == 200, gone.text
        return recording, [photo["recording_id"] for photo in photos]

    async def submitted(self, visit: str, who: Caller | None = None) -> dict[str, Any]:
        answer = await (who or self.ivy).post(f"/v1/visits/{visit}/submit")
        assert answer.status_code == 200, answer.text
        document: dict[str, Any] = answer.json()
        return document


async def a_version(world: World, publisher: Caller, text: str = CHECKLIST) -> ChecklistVersion:
    document = from_yaml(text.encode())
    version = ChecklistVersion(
        id=new_id(),
        organisation_id=publisher.actor.organisation_id,
        code=document.id,
        number=document.version,
        fingerprint=document.fingerprint(),
        document=document.model_dump(mode="json"),
        published_by=publisher.id,
        published_at=world.clock.now,
    )
    await world.add(version)
    return version


async def a_scene(world: World, *, mode: RecordingMode | None = RecordingMode.VIDEO, **rules: Any) -> Scene:
    """sam is in charge of the south, where the hall is."""
    sam, ivy, ian = [await world.person(name) for name in ("sam", "ivy", "ian")]
    region = await a_region(world, "south")
    outlet = await an_outlet(world, "gz-1", region=region)
    await in_charge(world, sam, region=region)
    programme = await a_programme(world, mode=mode, **rules)
    version = await a_version(world, sam)
    return Scene(world, programme, region, outlet, version, sam, ivy, ian)
