"""A plan while it is made: its progress as a stream, and the death of its worker (D6)."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from app.kit.clock import utc_now
from app.kit.embedded_s3.supervisor import EmbeddedS3
from app.planning.models import PlannedVisit, PlanState
from tests.support.planned import asked, planned, shown, visits_of, worked
from tests.support.planning import a_month
from tests.support.s3 import of_embedded
from tests.support.waiting import eventually
from tests.support.worker import worker, worker_environment
from tests.support.world import World, assert_problem

pytestmark = pytest.mark.usefixtures("plan")  # compiles before a test waits for a worker

Event = tuple[str, dict[str, Any]]


def events(text: str) -> list[Event]:
    """Name and body of each event of a stream."""
    found = []
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines())
        if "event" in fields:
            found.append((fields["event"], json.loads(fields["data"])))
    return found


class TestProgress:
    async def test_tells_how_far_the_search_is_until_the_plan_is_made(self, world: World) -> None:
        scene = await a_month(world, outlets=3)
        plan = await asked(scene, iterations=None, seconds=2)

        stream, _ = await asyncio.gather(scene.sam.get(f"/v1/plans/{plan['id']}/progress"), worked(world))

        told = events(stream.text)
        assert stream.headers["content-type"].startswith("text/event-stream")
        assert told[0][1]["state"] == "waiting"
        assert told[-1][0] == "end"
        assert told[-1][1]["state"] == "draft"
        steps = [body["iterations"] for _, body in told]
        assert steps == sorted(steps)
        assert steps[-1] > 0
        assert told[-1][1].keys() >= {"cost", "unserved", "seconds"}

    async def test_of_a_plan_that_is_made_is_its_end_alone(self, world: World) -> None:
        scene = await a_month(world, outlets=1)
        plan = await planned(scene)

        stream = await scene.sam.get(f"/v1/plans/{plan['id']}/progress")

        assert [(name, body["state"]) for name, body in events(stream.text)] == [("end", "draft")]

    async def test_ends_in_time_though_nobody_works_on_the_plan(self, world: World) -> None:
        scene = await a_month(world, outlets=1)
        plan = await asked(scene)

        stream = await scene.sam.get(f"/v1/plans/{plan['id']}/progress", params={"for_s": 0.6})

        assert [(name, body["state"]) for name, body in events(stream.text)] == [("progress", "waiting")]
        assert "retry: " in stream.text

    async def test_is_as_secret_as_the_plan(self, world: World) -> None:
        """D6.6."""
        scene = await a_month(world, outlets=1)
        plan = await asked(scene)

        assert_problem(await scene.ivy.get(f"/v1/plans/{plan['id']}/progress"), 403, "forbidden")
        assert_problem(
            await scene.sam.get("/v1/plans/0199ffff-0000-7000-8000-00000000dead/progress"), 404, "not-found"
        )


class TestKilledWorker:
    async def test_leaves_no_half_a_plan_and_its_successor_begins_anew(
        self, world: World, embedded_s3: EmbeddedS3, tmp_path: Path
    ) -> None:
        scene = await a_month(world, outlets=4)
        # The worker's clock is the real one.
        month = f"{utc_now().year + 1}-04"
        plan = await asked(scene, month=month, iterations=None, seconds=3600)
        settings = world.settings
        environment = worker_environment(of_embedded(embedded_s3), tmp_path / "worker")

        async def searching() -> bool:
            found = await shown(scene, plan["id"])
            return bool(found["state"] == PlanState.SOLVING and found["progress"]["iterations"])

        with worker(settings.database, environment) as first:
            await eventually(searching)
            first.kill()
            first.wait()
        async with world.database.reading() as session:
            kept = await session.scalar(sa.select(sa.func.count()).select_from(PlannedVisit))
        assert (kept, (await shown(scene, plan["id"]))["state"]) == (0, "solving")
        assert (await scene.sam.post(f"/v1/plans/{plan['id']}/stop")).status_code == 200

        async def made() -> bool:
            return bool((await shown(scene, plan["id"]))["state"] == PlanState.DRAFT)

        with worker(settings.database, environment):
            await eventually(made)

        assert len(await visits_of(scene, plan["id"])) == 4
