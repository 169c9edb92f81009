"""What an outlet could guess, asked of the server: of its history, of a plan, and of two plans side by side (D6.3)."""

from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from app.kit.ids import new_id
from app.visits.models import Visit
from app.visits.rules import State
from tests.support.planned import planned
from tests.support.planning import a_month
from tests.support.visits import Scene
from tests.support.world import World, assert_problem

pytestmark = pytest.mark.usefixtures("plan")  # compiles before a test waits for a worker
MONDAY = date(2025, 6, 2)
FOUR_WEEKS = timedelta(days=28)


async def visited_on_mondays(scene: Scene, times: int) -> None:
    """The scene's outlet was visited every four weeks, on a Monday at ten in the morning of Shanghai."""
    await scene.arranged(scene.ivy)
    async with scene.world.database.writing() as session:
        visit = (await session.scalars(sa.select(Visit))).one()
        like = {column.name: getattr(visit, column.name) for column in sa.inspect(Visit).columns}
        for number in range(times):
            on = MONDAY + number * FOUR_WEEKS
            entered = datetime(on.year, on.month, on.day, 2, tzinfo=UTC)
            changes = {"id": new_id(), "planned_on": on, "entered_on": on, "entered_at": entered}
            left = {"left_at": entered + timedelta(hours=1), "state": State.FINAL}
            await session.execute(sa.insert(Visit).values(like | changes | left))


class TestOfHistory:
    async def test_a_habit_of_the_last_months_is_found(self, world: World) -> None:
        scene = await a_month(world, outlets=1)
        await visited_on_mondays(scene, 9)

        answer = await scene.sam.get(
            f"/v1/planning/programmes/{scene.programme.id}/predictability",
            params={"region_id": str(scene.region.id)},
        )

        found = answer.json()
        assert answer.status_code == 200, answer.text
        # Known from the fifth on; the visit planned for today, an afternoon, is not what the habit says.
        assert found["guesses"] == 6
        assert found["predictors"]["same_as_last"]["cell"] == pytest.approx(5 / 6)
        assert found["times_chance"] > 5
        assert (found["alarms"], found["outlets"][0]["outlet_id"]) == (1, str(scene.outlet.id))

    async def test_too_few_visits_are_said_to_be_too_few(self, world: World) -> None:
        scene = await a_month(world, outlets=1)
        await visited_on_mondays(scene, 3)

        answer = await scene.sam.get(
            f"/v1/planning/programmes/{scene.programme.id}/predictability",
            params={"region_id": str(scene.region.id)},
        )

        assert_problem(answer, 409, "nothing-to-guess")

    async def test_is_for_planners(self, world: World) -> None:
        """D6.6: who can guess knows when to be polite."""
        scene = await a_month(world, outlets=1)

        answer = await scene.ivy.get(f"/v1/planning/programmes/{scene.programme.id}/predictability")

        assert_problem(answer, 403, "forbidden")


class TestOfAPlan:
    async def test_its_visits_are_guessed_from_what_came_before(self, world: World) -> None:
        scene = await a_month(world, outlets=2)
        await visited_on_mondays(scene, 8)
        plan = await planned(scene)

        found = (await scene.sam.get(f"/v1/plans/{plan['id']}/predictability")).json()

        assert found["guesses"] == 1  # the other outlet was never visited
        assert found["chance"]["weekday"] == pytest.approx(1 / 5)  # the team works Monday to Friday
        assert set(found["predictors"]) >= {
            "same_as_last",
            "last_interval",
            "majority",
            "markov_order_2",
            "learned",
        }

    async def test_a_plan_that_is_not_made_yet_has_nothing_to_guess(self, world: World) -> None:
        scene = await a_month(world, outlets=1, people=0)
        plan = await planned(scene)

        answer = await scene.sam.get(f"/v1/plans/{plan['id']}/predictability")

        assert_problem(answer, 409, "wrong-plan-state")


class TestOfTwoPlans:
    async def test_the_difference_tells_what_both_are_worth(self, world: World) -> None:
        scene = await a_month(world, outlets=2)
        await visited_on_mondays(scene, 8)
        one, other = await planned(scene), await planned(scene, seed=8)

        found = (
            await scene.sam.get(f"/v1/plans/{one['id']}/difference", params={"other_id": other["id"]})
        ).json()

        assert [each["guesses"] for each in found["predictability"]] == [1, 1]
        assert [each["total"] for each in found["costs"]] == [one["costs"]["total"], other["costs"]["total"]]
        assert {"travel_minutes", "load_spread"} <= set(found["measures"][0])

    async def test_without_a_history_it_tells_the_rest(self, world: World) -> None:
        scene = await a_month(world, outlets=2)
        one, other = await planned(scene), await planned(scene, seed=8)

        found = (
            await scene.sam.get(f"/v1/plans/{one['id']}/difference", params={"other_id": other["id"]})
        ).json()

        assert found["predictability"] == [None, None]


class TestTheNextMonth:
    async def test_keeps_off_the_hour_of_the_last_ones(self, world: World) -> None:
        """D6.3: the same weekday and day part always is forbidden; what was visited counts."""
        scene = await a_month(world, outlets=1, people=3)
        await visited_on_mondays(scene, 11)
        plan = await planned(scene)

        (visit,) = (await scene.sam.get(f"/v1/plans/{plan['id']}/visits")).json()["items"]

        is_monday_morning = date.fromisoformat(visit["on"]).isoweekday() == 1 and visit["arrive"] < "12:00"
        assert not is_monday_morning
