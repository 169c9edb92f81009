"""An outlet that disputes what was published, a panel that decides, and actions that follow.

court = await a_court(world)
alias = await court.published()
appeal = await court.admitted(alias, "no-smoking")
await court.decides(appeal, "no-smoking", "upheld", by=court.petra, answer={"value": True})

sam admits, because rita approved. petra (the chair), paul and pia have nothing to do with the south.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx2

from app.cases import closing, following, queries_clock, rechecking
from app.identity.actor import Role
from app.kit.ids import new_id
from app.recordings.rules import Kind
from tests.support.review import Case, Desk, a_desk
from tests.support.world import Caller, World

PDF = b"%PDF-1.7\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
REASON = "The smoke came from the street."


@dataclass
class Court:
    desk: Desk
    petra: Caller
    paul: Caller
    pia: Caller

    @property
    def world(self) -> World:
        return self.desk.world

    @property
    def mona(self) -> Caller:
        return self.desk.mona

    @property
    def sam(self) -> Caller:
        return self.desk.scene.sam

    async def published(self, *crew: Caller, **arranged: Any) -> str:
        """A report with one fired veto (66.67, and 76.67 without it), followed up. Gives its alias."""
        return (await self.case_and_alias(*crew, **arranged))[1]

    async def case_and_alias(self, *crew: Caller, **arranged: Any) -> tuple[Case, str]:
        on = arranged.pop("on", self.world.clock.now.date().isoformat())
        case = await self.desk.submitted(*crew, on=on, **arranged)
        alias = await self.desk.published(case)
        await self.followed_up()
        return case, alias

    async def again(self, who: Caller, values: Mapping[str, Any], *, days: int = 20) -> str:
        """A later visit, answered otherwise and published. Gives the alias of its report."""
        self.world.clock.advance(days=days)
        return await self.out(await self.handed_in(who, values))

    async def handed_in(self, who: Caller, values: Mapping[str, Any], **arranged: str) -> Case:
        """A visit of today, answered as the second vector of D3 but for `values`."""
        scene = self.desk.scene
        visit = await scene.arranged(who, on=self.world.clock.now.date().isoformat(), **arranged)
        await scene.entered(visit, who)
        video, photos = await scene.left(visit, who)
        evidence = [{"recording": video, "at_ms": 1_000}]
        answered = await scene.answered(visit, who, evidence=evidence, **values)
        assert answered.status_code == 200, answered.text
        for file, kind in [(video, Kind.VIDEO), *((photo, Kind.PHOTO) for photo in photos)]:
            await self.desk.arrived(visit, file, kind, by=who)
        await scene.submitted(visit, who)
        return Case(visit, video, photos)

    async def out(self, case: Case, *, marks: Mapping[str, str] | None = None) -> str:
        """Whatever was breached is confirmed, and the report goes out. Gives its alias."""
        rita, at = self.desk.rita, f"/v1/visits/{case.visit}"
        await self.desk.opened(case)
        vetoes = (await rita.get(f"{at}/review")).json()["vetoes"]
        if vetoes:  # of others nobody wants a second marking here
            await self.desk.excused(case)
        for veto in vetoes:
            assert (await self.desk.judge(case, item=veto["item"])).status_code == 200
        if marks is not None:
            assert (await rita.put(f"{at}/review/marks", json={"marks": marks})).status_code == 200
        approved = await self.desk.approve(case)
        assert approved.status_code == 200, approved.text
        self.world.clock.advance(hours=25)
        alias = await self.desk.published_too(case)
        await self.followed_up()
        return alias

    async def file(
        self, alias: str, *items: str, by: Caller | None = None, reason: str = REASON, **body: Any
    ) -> httpx2.Response:
        disputed = [{"item": item, "reason": reason} for item in items]
        return await (by or self.mona).post(f"/v1/reports/{alias}/appeals", json={"items": disputed, **body})

    async def filed(self, alias: str, *items: str, **body: Any) -> str:
        answer = await self.file(alias, *items, **body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def admit(self, appeal: str, *members: Caller, by: Caller | None = None) -> httpx2.Response:
        """The first of the members is the chair."""
        panel = [
            {"person_id": str(one.id), "seat": "member" if number else "chair"}
            for number, one in enumerate(members)
        ]
        return await (by or self.sam).post(f"/v1/appeals/{appeal}/admit", json={"panel": panel})

    async def admitted(self, alias: str, *items: str, panel: tuple[Caller, ...] = ()) -> str:
        """Before petra as the chair and paul, unless told otherwise."""
        appeal = await self.filed(alias, *items)
        answer = await self.admit(appeal, *(panel or (self.petra, self.paul)))
        assert answer.status_code == 200, answer.text
        return appeal

    async def decides(
        self, appeal: str, item: str, category: str, *, by: Caller, **correction: Any
    ) -> httpx2.Response:
        body = {"category": category, "reason": f"{by.name} has looked at it.", **correction}
        return await by.post(f"/v1/appeals/{appeal}/items/{item}/decision", json=body)

    async def decided(
        self, appeal: str, item: str, category: str, *members: Caller, **correction: Any
    ) -> None:
        """By petra and paul, unless told otherwise."""
        for one in members or (self.petra, self.paul):
            answer = await self.decides(appeal, item, category, by=one, **correction)
            assert answer.status_code == 200, answer.text

    async def seen(self, appeal: str, by: Caller | None = None) -> dict[str, Any]:
        answer = await (by or self.mona).get(f"/v1/appeals/{appeal}")
        assert answer.status_code == 200, answer.text
        document: dict[str, Any] = answer.json()
        return document

    async def state_of(self, case: Case) -> str:
        return str((await self.sam.get(f"/v1/visits/{case.visit}")).json()["state"])

    async def followed_up(self) -> None:
        """What the job does, for everything that waits for it."""
        async with self.world.database.reading() as session:
            waiting = await queries_clock.not_followed_up(session, limit=100)
        for publication_id in waiting:
            async with self.world.database.writing() as session:
                await following.follow_by_id(session, publication_id, now=self.world.clock.now)

    async def tick(self) -> Mapping[str, int]:
        """What the clock's job does now. Gives how many of each."""
        done = {}
        for work in (
            closing.lapse,
            rechecking.cancel_of_void_visits,
            closing.finalise,
            closing.escalate_appeals,
            closing.escalate_actions,
        ):
            async with self.world.database.writing() as session:
                done[work.__name__] = await work(session, now=self.world.clock.now)
        return done

    async def actions(self, by: Caller | None = None, **params: Any) -> list[dict[str, Any]]:
        answer = await (by or self.mona).get("/v1/actions", params=params)
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    async def action(self, item: str, by: Caller | None = None) -> dict[str, Any]:
        """The newest one for an item."""
        found = await self.actions(by, item=item)
        return max(found, key=lambda one: str(one["opened_at"]))

    async def act(self, action: str, move: str, *, by: Caller | None = None, **body: Any) -> httpx2.Response:
        return await (by or self.mona).post(f"/v1/actions/{action}/{move}", json=body)

    async def steps(self, action: str, by: Caller | None = None) -> list[str]:
        answer = await (by or self.mona).get(f"/v1/actions/{action}/steps")
        return [one["kind"] for one in answer.json()["items"]]

    async def proven(self, action: str) -> None:
        """With a photo, and the desk believes it."""
        await self.attached(f"/v1/actions/{action}/proofs", PNG, "image/png", by=self.mona)
        for move, by in (("submit-proof", self.mona), ("accept-proof", self.sam)):
            answer = await self.act(action, move, by=by, note="See for yourself.")
            assert answer.status_code == 200, answer.text

    async def declare(
        self, address: str, content: bytes, kind: str, *, by: Caller, **changes: Any
    ) -> httpx2.Response:
        body = {
            "id": str(new_id()),
            "content_type": kind,
            "size_bytes": len(content),
            "md5": hashlib.md5(content, usedforsecurity=False).hexdigest(),
            **changes,
        }
        return await by.post(address, json=body)

    async def attached(self, address: str, content: bytes, content_type: str, *, by: Caller) -> int:
        """Declared, sent to the store and completed. Gives its number."""
        declared = await self.declare(address, content, content_type, by=by)
        assert declared.status_code == 200, declared.text
        sent = await put(declared.json()["upload"], content)
        assert sent.status_code == 200, sent.text
        number = int(declared.json()["file"]["number"])
        done = await by.post(f"{address}/{number}/complete")
        assert done.status_code == 200, done.text
        return number


async def put(upload: Mapping[str, Any], content: bytes) -> httpx2.Response:
    async with httpx2.AsyncClient() as browser:
        return await browser.request(
            upload["method"], upload["url"], headers=upload["headers"], content=content
        )


async def a_court(world: World, **rules: object) -> Court:
    desk = await a_desk(world, **{"double_marking_share": "0", **rules})
    petra, paul, pia = [await world.newcomer(name, Role.REVIEWER) for name in ("petra", "paul", "pia")]
    return Court(desk, petra, paul, pia)
