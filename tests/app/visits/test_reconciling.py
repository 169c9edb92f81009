"""What was declared against what arrived: nothing disappears (D7.3)."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.audit.models import AuditEntry
from app.kit.ids import new_id
from app.recordings.models import RecordingReport
from app.recordings.rules import Kind, State
from app.visits import reconciling
from tests.support.recordings import Phone, worked
from tests.support.review import a_desk
from tests.support.visits import Scene, a_photo, a_scene, the_video
from tests.support.world import Caller, World, assert_problem


async def missing(who: Caller, **wanted: Any) -> dict[str, dict[str, Any]]:
    answer = await who.get("/v1/missing-evidence", params=wanted)
    assert answer.status_code == 200, answer.text
    return {one["recording_id"]: one for one in answer.json()["items"]}


async def escalated(world: World) -> int:
    return await world.database.transact(lambda session: reconciling.escalate(session, now=world.clock.now))


async def a_visit_left(scene: Scene, photo: Phone) -> str:
    """Its manifest declares a video, this photo and three more."""
    video = the_video(a_photo()["recording_id"], scene.world.clock.now)
    declared = {**a_photo(), "recording_id": photo.id, **_told(photo)}
    evidence = [{"recording": video["recording_id"], "at_ms": 1000}]
    assert (await scene.answered(photo.visit, evidence=evidence)).status_code == 200
    gone = await scene.leave(photo.visit, [video, declared, *(a_photo() for _ in range(3))])
    assert gone.status_code == 200, gone.text
    return str(video["recording_id"])


def _told(photo: Phone) -> dict[str, Any]:
    return {name: photo.body()[name] for name in ("size_bytes", "sha256")}


class TestFailedChecks:
    async def test_lists_what_arrived_and_proves_little_until_the_desk_has_decided(
        self, world: World
    ) -> None:
        desk = await a_desk(world)
        case = await desk.submitted(processed=False)
        await desk.arrived(case.visit, case.video, Kind.VIDEO, by=desk.scene.ivy)
        unread, seen, *_ = case.photos
        await desk.arrived(case.visit, unread, Kind.PHOTO, by=desk.scene.ivy, state=State.REJECTED)
        await desk.arrived(case.visit, seen, Kind.PHOTO, by=desk.scene.ivy)

        at_first = await failed(desk.rita)
        await looked_into(world, desk.scene.ivy, case.video, silent=True)
        then = await failed(desk.rita)
        await looked_into(world, desk.scene.ivy, case.video, silent=False)
        after_another_look = await failed(desk.rita)

        assert set(at_first) == set(after_another_look) == {unread}
        assert at_first[unread]["rejected"]["code"] == "unreadable"
        assert at_first[unread]["outlet"]["code"] == "gz-1"
        assert set(then) == {unread, case.video}
        assert (then[case.video]["report"]["silent"], then[case.video]["rejected"]) == (True, None)
        assert set(await failed(desk.scene.ivy)) == {unread}
        for stranger in (desk.scene.ian, desk.mona, await world.person("bob")):
            assert await failed(stranger) == {}
        excused = await desk.scene.sam.post(
            f"/v1/visits/{case.visit}/recordings/{unread}/excuse", json={"reason": "Three others show it."}
        )
        assert excused.status_code == 201, excused.text
        assert await failed(desk.rita) == {}


async def failed(who: Caller) -> dict[str, dict[str, Any]]:
    answer = await who.get("/v1/failed-checks")
    assert answer.status_code == 200, answer.text
    return {one["recording_id"]: one for one in answer.json()["items"]}


async def looked_into(world: World, who: Caller, recording_id: str, *, silent: bool) -> None:
    world.clock.advance(minutes=1)
    report = RecordingReport(
        id=new_id(),
        organisation_id=who.actor.organisation_id,
        recording_id=UUID(recording_id),
        report=None,
        duration_ms=1_200_000,
        black=False,
        silent=silent,
        unusable=False,
        made_at=world.clock.now,
    )
    await world.add(report)


class TestReconciling:
    async def test_a_file_leaves_the_list_when_it_is_processed_or_excused_and_never_by_itself(
        self, world: World, a_picture: bytes
    ) -> None:
        scene = await a_scene(world)
        visit = await scene.arranged(scene.ivy)
        await scene.entered(visit)
        photo = Phone(scene.ivy, visit, a_picture, medium="photo", content_type="image/jpeg")
        video = await a_visit_left(scene, photo)

        at_first = await missing(scene.sam)
        await photo.upload()
        arrived = await missing(scene.sam)
        assert await worked(world) == []
        processed = await missing(scene.ivy, visit_id=visit)

        assert (len(at_first), {one["lack"] for one in at_first.values()}) == (5, {"not_begun"})
        assert at_first[video]["owner_id"] == str(scene.ivy.id)
        assert (at_first[video]["outlet"]["code"], at_first[video]["planned_on"]) == ("gz-1", "2026-03-02")
        assert arrived[photo.id]["lack"] == "in_work"
        assert set(processed) == set(at_first) - {photo.id}
        assert await missing(scene.ian) == {}
        assert await missing(await world.person("bob")) == {}

        assert await missing(scene.sam, overdue=True) == {}
        assert await escalated(world) == 0
        world.clock.advance(hours=25)
        assert set(await missing(scene.sam, overdue=True)) == set(processed)
        assert (await escalated(world), await escalated(world)) == (4, 0)
        late = (await missing(scene.sam))[video]
        assert (late["overdue"], late["escalated_at"] is not None) == (True, True)

        at, why = f"/v1/visits/{visit}/recordings", {"reason": "The recorder was stolen."}
        assert_problem(await scene.ivy.post(f"{at}/{video}/excuse", json=why), 403, "forbidden")
        assert_problem(await scene.sam.post(f"{at}/{photo.id}/excuse", json=why), 409, "evidence-not-missing")
        excused = await scene.sam.post(f"{at}/{video}/excuse", json=why)
        assert (excused.status_code, excused.json()["reason"]) == (201, why["reason"])
        assert_problem(
            await scene.sam.post(f"{at}/{video}/excuse", json=why), 409, "evidence-already-excused"
        )
        assert set(await missing(scene.sam)) == set(processed) - {video}
        async with world.database.reading() as session:
            told = list(
                await session.scalars(
                    sa.select(AuditEntry.action).where(AuditEntry.action.startswith("evidence."))
                )
            )
        assert sorted(told) == ["evidence.excused", *["evidence.missed"] * 4]
