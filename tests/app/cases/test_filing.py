"""Filing an appeal: by whom, against what, and how long (D8.4). mona manages the hall, milo another one."""

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from app.cases.rules import State
from app.identity.actor import Role
from app.kit.ids import new_id
from tests.support.cases import Court, a_court
from tests.support.places import an_outlet, in_charge
from tests.support.world import World, assert_problem


@pytest.fixture
async def court(world: World) -> Court:
    return await a_court(world)


class TestFiling:
    async def test_makes_the_score_provisional_and_does_not_hide_it(self, court: Court) -> None:
        case, alias = await court.case_and_alias()

        filed = (await court.file(alias, "no-smoking", "tidy", statement="Look again.")).json()

        assert (filed["state"], filed["items"], filed["viewpoint"]) == (
            "filed",
            ["no-smoking", "tidy"],
            "outlet",
        )
        assert filed["statement"] == "Look again."
        vetoed = {
            one["item"]: (one["vetoed"], Decimal(one["before"]["fraction"])) for one in filed["disputed"]
        }
        assert vetoed == {"no-smoking": (True, Decimal(0)), "tidy": (False, Decimal(1))}
        assert filed["decision_due_at"] == "2026-03-18T16:00:00Z"  # 15 days, at the hall
        line = (await court.mona.get("/v1/reports")).json()["items"][0]
        assert (line["provisional"], line["total"]) == (True, "66.666666666666")
        assert await court.state_of(case) == "appealed"

    async def test_is_for_who_manages_the_outlet(self, court: Court) -> None:
        """D10.6: who reads the report is told so, for everybody else there is none."""
        alias = await court.published()
        milo = await court.world.newcomer("milo", Role.OUTLET_MANAGER)
        await in_charge(
            court.world, milo, outlet=await an_outlet(court.world, "gz-2", region=court.desk.scene.region)
        )
        for reader in (court.sam, court.desk.rita, await court.world.person("alice")):
            assert_problem(await court.file(alias, "tidy", by=reader), 403, "forbidden")
        for stranger in (milo, court.desk.scene.ivy, court.petra, await court.world.person("bob")):
            assert_problem(await court.file(alias, "tidy", by=stranger), 404, "not-found")

    async def test_names_items_of_the_report(self, court: Court) -> None:
        alias = await court.published()
        problem = assert_problem(await court.file(alias, "tidy", "parking"), 422, "unknown-items")
        assert problem["items"] == ["parking"]

    async def test_twice_at_once_is_one_appeal(self, court: Court) -> None:
        alias = await court.published()
        nell = await court.world.newcomer("nell", Role.OUTLET_MANAGER)
        await in_charge(court.world, nell, outlet=court.desk.scene.outlet)

        answers = await asyncio.gather(
            court.file(alias, "tidy"), court.file(alias, "greeting", by=nell), court.file(alias, "patience")
        )

        assert sorted(answer.status_code for answer in answers) == [201, 409, 409]
        refused = next(answer for answer in answers if answer.status_code == 409)
        assert_problem(refused, 409, "appeal-open")
        assert len((await court.mona.get("/v1/appeals")).json()["items"]) == 1

    async def test_under_an_id_that_is_taken_is_refused(self, court: Court) -> None:
        """D11"""
        alias, mine = await court.published(), str(new_id())
        assert await court.filed(alias, "tidy", id=mine) == mine
        await court.mona.post(f"/v1/appeals/{mine}/withdraw")
        assert_problem(await court.file(alias, "tidy", id=mine), 409, "already-exists")


class TestWindow:
    async def test_closes_with_the_seventh_day_at_the_hall(self, court: Court) -> None:
        """Published on 3 March at 18:00 in Guangzhou; the last day is the 10th."""
        alias = await court.published()
        closes = datetime(2026, 3, 10, 16, 0, tzinfo=UTC)

        court.world.clock.now = closes - timedelta(microseconds=1)
        appeal = await court.filed(alias, "tidy")
        withdrawn = await court.mona.post(f"/v1/appeals/{appeal}/withdraw")
        court.world.clock.now = closes
        late = assert_problem(await court.file(alias, "tidy"), 409, "appeal-window-closed")

        assert withdrawn.json()["state"] == "withdrawn"
        assert datetime.fromisoformat(late["closed_at"]) == closes
        assert "2026-03-10T16:00" in late["detail"]

    async def test_is_as_long_as_the_programme_says(self, world: World) -> None:
        court = await a_court(world, appeal_window_days=0)
        alias = await court.published()
        assert_problem(await court.file(alias, "tidy"), 409, "appeal-window-closed")

    async def test_over_makes_the_visit_final_once(self, court: Court) -> None:
        """D6.8"""
        case, alias = await court.case_and_alias()
        closes = datetime(2026, 3, 10, 16, 0, tzinfo=UTC)
        court.world.clock.now = closes - timedelta(microseconds=1)
        assert (await court.tick())["finalise"] == 0
        court.world.clock.now = closes

        ticks = [(await court.tick())["finalise"], (await court.tick())["finalise"]]

        assert ticks == [1, 0]
        assert await court.state_of(case) == "final"
        assert_problem(await court.file(alias, "tidy"), 409, "appeal-window-closed")

    async def test_waits_for_an_open_appeal(self, court: Court) -> None:
        case, alias = await court.case_and_alias()
        appeal = await court.admitted(alias, "tidy", panel=(court.petra,))
        court.world.clock.advance(days=9)
        assert (await court.tick())["finalise"] == 0
        assert await court.state_of(case) == "appealed"

        await court.decided(appeal, "tidy", "rejected", court.petra)

        assert await court.state_of(case) == "final"  # the window closed meanwhile

    async def test_and_an_appeal_at_its_very_end_do_not_both_win(self, court: Court) -> None:
        case, alias = await court.case_and_alias()
        court.world.clock.now = datetime(2026, 3, 10, 15, 59, 59, tzinfo=UTC)
        answer, _tick = await asyncio.gather(court.file(alias, "tidy"), court.tick())
        assert answer.status_code == 201
        court.world.clock.advance(seconds=1)
        await court.tick()
        assert await court.state_of(case) == "appealed"


class TestReturning:
    async def test_says_why_and_gives_three_days_to_put_it_right(self, court: Court) -> None:
        case, alias = await court.case_and_alias()
        court.world.clock.now = datetime(2026, 3, 10, 15, 0, tzinfo=UTC)  # the last hour
        appeal = await court.filed(alias, "tidy", "greeting")
        back = await court.sam.post(f"/v1/appeals/{appeal}/return", json={"reason": "Say what was tidy."})
        assert back.status_code == 200, back.text
        seen = await court.seen(appeal)
        assert (seen["state"], seen["settled_because"]) == ("returned", "Say what was tidy.")
        assert seen["refile_until"] == "2026-03-13T16:00:00Z"
        assert await court.state_of(case) == "published"

        court.world.clock.now = datetime(2026, 3, 13, 15, 59, tzinfo=UTC)
        assert (await court.tick())["finalise"] == 0
        other = assert_problem(await court.file(alias, "patience"), 409, "appeal-window-closed")
        again = await court.file(alias, "tidy")
        assert other["closed_at"].startswith("2026-03-10T16:00")
        assert again.status_code == 201, again.text

    async def test_is_the_desks_of_the_region(self, court: Court) -> None:
        alias = await court.published()
        appeal = await court.filed(alias, "tidy")
        body = {"reason": "Say what was tidy."}
        for caller in (court.mona, court.desk.rita):
            assert_problem(await caller.post(f"/v1/appeals/{appeal}/return", json=body), 403, "forbidden")
        answer = await court.petra.post(f"/v1/appeals/{appeal}/return", json=body)
        assert_problem(answer, 404, "not-found")
        assert (await court.sam.post(f"/v1/appeals/{appeal}/return", json=body)).status_code == 200
        answer = await court.sam.post(f"/v1/appeals/{appeal}/return", json=body)
        assert assert_problem(answer, 409, "appeal-wrong-state")["state"] == State.RETURNED


class TestWithdrawing:
    async def test_is_the_outlets_while_nothing_is_decided(self, court: Court) -> None:
        case, alias = await court.case_and_alias()
        appeal = await court.admitted(alias, "tidy", panel=(court.petra,))
        address = f"/v1/appeals/{appeal}/withdraw"
        for other in (court.sam, court.petra):
            assert_problem(await other.post(address), 403, "forbidden")
        assert (await court.mona.post(address)).json()["state"] == "withdrawn"
        assert await court.state_of(case) == "published"
        late = await court.decides(appeal, "tidy", "rejected", by=court.petra)
        assert_problem(late, 409, "appeal-wrong-state")

        second = await court.admitted(alias, "tidy", panel=(court.petra,))
        await court.decided(second, "tidy", "rejected", court.petra)
        assert_problem(await court.mona.post(f"/v1/appeals/{second}/withdraw"), 409, "appeal-wrong-state")


class TestASecondAppeal:
    async def test_may_not_be_about_what_was_decided(self, court: Court) -> None:
        alias = await court.published()
        appeal = await court.admitted(alias, "tidy", panel=(court.petra,))
        await court.decided(appeal, "tidy", "rejected", court.petra)

        refused = assert_problem(await court.file(alias, "tidy", "greeting"), 409, "items-decided")

        assert refused["items"] == ["tidy"]
        assert (await court.file(alias, "greeting")).status_code == 201


class TestAVoidVisit:
    async def test_takes_its_appeal_and_its_actions_along(self, court: Court) -> None:
        case, alias = await court.case_and_alias()
        appeal = await court.filed(alias, "tidy")
        version = (await court.sam.get(f"/v1/visits/{case.visit}")).headers["ETag"]
        voided = await court.sam.post(
            f"/v1/visits/{case.visit}/void", json={"reason": "The wrong hall."}, headers={"If-Match": version}
        )
        assert voided.status_code == 200, voided.text

        done = await court.tick()

        assert (done["lapse"], done["cancel_of_void_visits"]) == (1, 2)
        assert_problem(await court.mona.get(f"/v1/appeals/{appeal}"), 404, "not-found")
        assert {one["closed_because"] for one in await court.actions()} == {"The report was taken back."}
