"""From the submission to the report, as named people live it, over HTTP and the job queue (D2.13, D4.3, D8.1–D8.4).

ivy inspects, rita reviews, max marks again, sam supervises, mona manages the hall; both is a reviewer who was along.
"""

from datetime import UTC, datetime
from uuid import UUID

import sqlalchemy as sa

from app.events.kinds import Kind
from app.events.models import Event, InboxEntry
from app.identity.actor import Role
from app.kit.jobs import enqueue
from tests.support.places import in_charge
from tests.support.recordings import worked
from tests.support.review import Case, Desk, a_desk
from tests.support.world import Caller, World, assert_problem

BACK = {
    "reason": "The floor does not look tidy to me.",
    "items": [{"item": "tidy", "reason": "Paper on the floor at 2:10."}],
}


async def by_the_clock(world: World, *jobs: str) -> None:
    async with world.database.writing() as session:
        for job in jobs:
            await enqueue(session, job)
    assert await worked(world) == []


async def found_in_inbox(world: World, person: Caller) -> list[Kind]:
    async with world.database.reading() as session:
        rows = await session.scalars(
            sa.select(Event.kind)
            .join(InboxEntry, InboxEntry.event_id == Event.id)
            .where(InboxEntry.person_id == person.id)
            .order_by(Event.number)
        )
        return list(rows)


async def a_reviewer(desk: Desk, name: str, *roles: Role) -> Caller:
    person = await desk.world.newcomer(name, Role.REVIEWER, *roles)
    await in_charge(desk.world, person, region=desk.scene.region)
    return person


async def sent_back_and_corrected(desk: Desk, case: Case) -> None:
    """ivy is told what to look at again, and rita what it changed (D8.2)."""
    ivy = desk.scene.ivy
    sent = await desk.rita.post(f"/v1/visits/{case.visit}/review/send-back", json=BACK)
    assert sent.json()["state"] == "left"
    (told,) = (await ivy.get(f"/v1/visits/{case.visit}/send-backs")).json()
    assert told["items"] == BACK["items"]
    desk.world.clock.advance(hours=1)
    evidence = [{"recording": case.video, "at_ms": 83_000}, {"photo": case.photos[0]}]
    await desk.scene.answered(case.visit, None, evidence=evidence, tidy=False)
    await desk.scene.submitted(case.visit)
    sheet = (await desk.rita.get(f"/v1/visits/{case.visit}/review")).json()
    assert [(one["item"], one["after"]["value"]) for one in sheet["changes"]] == [("tidy", False)]
    assert [one["code"] for one in sheet["score"]["difference"]["items"]] == ["tidy"]


async def test_the_whole_circle_up_to_the_final_report(world: World) -> None:
    desk = await a_desk(world, publication={"hour": 9})
    both, max_ = await a_reviewer(desk, "both", Role.INSPECTOR), await a_reviewer(desk, "max")
    rita, ivy, sam, mona, clock = desk.rita, desk.scene.ivy, desk.scene.sam, desk.mona, world.clock

    # ivy and both were there, and hand in; nobody looks, until it is late
    case = await desk.submitted(ivy, both)
    clock.advance(hours=49)
    await by_the_clock(world, "review.remind")
    (queued,) = (await rita.get("/v1/reviews", params={"overdue": "true"})).json()["items"]
    assert (queued["visit"]["id"], queued["escalated_at"] is not None) == (case.visit, True)
    assert (queued["vetoes"], queued["second_marking"]) == (["no-smoking"], "wanted")

    # rita opens; max, and not both, is drawn to mark it again, and sees nothing of it from now on
    await desk.opened(case)
    (task,) = (await max_.get("/v1/second-markings")).json()["items"]
    assert (await both.get("/v1/second-markings")).json()["items"] == []
    assert_problem(await max_.get(f"/v1/visits/{case.visit}"), 404, "not-found")
    await sent_back_and_corrected(desk, case)
    await desk.opened(case)

    # the veto needs a second person, who was not there; approval waits for max as well
    assert_problem(await desk.judge(case, by=both), 403, "own-visit")
    assert (await desk.judge(case)).status_code == 200
    refused = assert_problem(await desk.approve(case), 409, "approval-blocked")
    assert [one["rule"] for one in refused["blocks"]] == ["second-marking-missing"]
    assert (await desk.marked(task["id"], max_, tidy=False, patience="good")).status_code == 200
    approved = (await desk.approve(case, summary_for_outlet="Kind; no smoking, please.")).json()
    assert [(one["rule"], one["where"]) for one in approved["remarks"]] == [
        ("second-marking-differs", ["patience"])
    ]

    # a day later, at nine in the morning there, the report is out: under an alias, with the day and its part
    clock.now = datetime(2026, 3, 6, 1, 2, tzinfo=UTC)
    await by_the_clock(world, "review.publish-due")
    (report,) = (await mona.get("/v1/reports")).json()["items"]
    assert (report["visited_on"], report["day_part"], report["provisional"]) == (
        "2026-03-02",
        "afternoon",
        False,
    )
    whole = await mona.get(f"/v1/reports/{report['alias']}")
    for secret in (str(ivy.id), str(max_.id), str(UUID(case.visit)), "Paper on the floor"):
        assert secret not in whole.text
    assert whole.json()["summary"] == "Kind; no smoking, please."

    # nobody disputes it
    clock.advance(days=8)
    await by_the_clock(world, "cases.close")
    assert (await sam.get(f"/v1/visits/{case.visit}")).json()["state"] == "final"
    states = [one["to_state"] for one in (await sam.get(f"/v1/visits/{case.visit}/transitions")).json()]
    assert states[-8:] == [
        "submitted", "in_review", "left", "submitted", "in_review", "approved", "published", "final",
    ]  # fmt: skip

    # and everybody found in the inbox what concerned them
    assert Kind.REVIEW_SENT_BACK in await found_in_inbox(world, ivy)
    assert Kind.REVIEW_ESCALATED in await found_in_inbox(world, sam)
    assert Kind.REVIEW_SECOND_MARKING_WANTED in await found_in_inbox(world, max_)
    assert Kind.PUBLICATION_PUBLISHED in await found_in_inbox(world, mona)
    agreement = (await sam.get("/v1/second-markings/agreement")).json()
    assert {one["item"]: one["raw"] for one in agreement["items"]} == {
        "greeting": "1", "queue-machine": "1", "patience": "0", "no-smoking": "1", "uniform": "1", "tidy": "0",
    }  # fmt: skip
