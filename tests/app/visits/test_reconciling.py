"""What was declared against what arrived: nothing disappears (D7.3)."""

from typing import Any

import sqlalchemy as sa

from app.audit.models import AuditEntry
from app.visits import reconciling
from tests.support.recordings import Phone, worked
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
