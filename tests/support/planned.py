"""Plans made and published by a worker in this process."""

from typing import Any

from app.planning import jobs
from tests.support.jobs import jobs_done, working
from tests.support.recordings import resources_of
from tests.support.visits import Scene
from tests.support.world import Caller, World

assert jobs.solve_plan is not None  # declared by being imported
ITERATIONS = 200


async def worked(world: World) -> None:
    """Work all jobs that wait."""
    async with working(resources_of(world)):
        await jobs_done(world.database)


async def asked(scene: Scene, caller: Caller | None = None, **changes: Any) -> dict[str, Any]:
    """A plan for April that waits for a worker."""
    body = {
        "programme_id": str(scene.programme.id),
        "month": "2026-04",
        "region_id": str(scene.region.id),
        "seed": 7,
        "iterations": ITERATIONS,
        **changes,
    }
    answer = await (caller or scene.sam).post("/v1/plans", json=body)
    assert answer.status_code == 201, answer.text
    document: dict[str, Any] = answer.json()
    return document


async def planned(scene: Scene, **changes: Any) -> dict[str, Any]:
    """A draft for April."""
    plan = await asked(scene, **changes)
    await worked(scene.world)
    return await shown(scene, plan["id"])


async def shown(scene: Scene, plan_id: str) -> dict[str, Any]:
    answer = await scene.sam.get(f"/v1/plans/{plan_id}")
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


async def visits_of(scene: Scene, plan_id: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await scene.sam.get(f"/v1/plans/{plan_id}/visits")).json()["items"]
    return items


async def published(scene: Scene, plan: dict[str, Any]) -> dict[str, Any]:
    headers = {"If-Match": f'"{plan["version"]}"'}
    answer = await scene.sam.post(f"/v1/plans/{plan['id']}/publish", headers=headers)
    assert answer.status_code == 202, answer.text
    await worked(scene.world)
    return await shown(scene, plan["id"])
