"""Background work of planning: making plans and publishing them."""

from uuid import UUID

from app.kit.jobs import Run, StepFailed, workflow
from app.planning import making, publishing
from app.planning.drawing_up import PUBLISH, SOLVE


@workflow(SOLVE)
async def solve_plan(run: Run, plan_id: str) -> None:
    """One step: after a crash it begins anew, and nothing of a plan is kept before all of it is."""
    try:
        await run.step("solve", making.make, run.resources, UUID(plan_id))
    except StepFailed as error:
        await run.step("fail", making.fail, run.resources, UUID(plan_id), error.reason)
        raise


@workflow(PUBLISH)
async def publish_plan(run: Run, plan_id: str) -> None:
    try:
        await run.step("publish", publishing.publish, run.resources, UUID(plan_id))
    except StepFailed as error:
        await run.step("give up", publishing.back_to_draft, run.resources, UUID(plan_id), error.reason)
        raise
