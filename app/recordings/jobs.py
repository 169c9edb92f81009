"""What happens to a recording once its bytes are there. Every step may be done twice."""

import asyncio
from collections.abc import Sequence
from secrets import token_hex
from uuid import UUID

import structlog

from app.kit.jobs import Queue, Run, workflow
from app.recordings import processing, recovering, rerendering, sealing, sweeping
from app.recordings.muting import RENDER_AGAIN
from app.recordings.playback import DISCARD
from app.recordings.rules import RenditionKind, State
from app.recordings.scratch import Scratch
from app.recordings.uploads import PROCESS

# Soon at first, then every half hour, for a day.
ROOM_PAUSES_S: Sequence[float] = (60, 120, 240, 480, 900, *[1800] * 46)

log = structlog.get_logger(__name__)


@workflow(PROCESS)
async def process_recording(run: Run, recording_id: str) -> None:
    """Stored → verified → processed, or rejected. A broken tool or store is tried again, and in the end is a dead job."""
    identity = UUID(recording_id)
    try:
        await run.step("seal", sealing.seal, run.resources, identity)
        await _wait_for_room(run, identity)
        state = await run.step("verify", sealing.verify, run.resources, identity)
        if state == State.VERIFIED:
            # Drawn in a step of its own: work that is done again overwrites its files instead of leaving some behind.
            names = await run.step("draw names", draw_names)
            await run.step("render", processing.render, run.resources, identity, names)
    finally:
        await asyncio.to_thread(Scratch(run.resources.settings, identity).clear)


@workflow(RENDER_AGAIN)
async def render_again(run: Run, revision_id: str) -> None:
    """What was muted is rendered anew. If it cannot be, the recording stays without renditions, and it is
    begun again once an hour, until it is a person's turn."""
    identity = UUID(revision_id)
    try:
        for number, pause_s in enumerate(ROOM_PAUSES_S):
            if await run.step(f"room {number}", rerendering.has_room, run.resources, identity):
                break
            await run.pause(pause_s)
        names = await run.step("draw names", draw_names)
        await run.step("render", rerendering.render_again, run.resources, identity, names)
    finally:
        await asyncio.to_thread(rerendering.clear, run.resources, identity)


async def _wait_for_room(run: Run, recording_id: UUID) -> None:
    """A full disk is nobody's fault and mends itself when other jobs end: look again, for a day. Then begin regardless,
    which ends in a dead job that names the lack."""
    for number, pause_s in enumerate(ROOM_PAUSES_S):
        if await run.step(f"room {number}", sealing.has_room, run.resources, recording_id):
            return
        log.warning("waiting for room on the disk", recording=str(recording_id), again_in_s=pause_s)
        await run.pause(pause_s)


@workflow("recordings.sweep", cron="41 2 * * *", queue=Queue.LIGHT)
async def sweep(run: Run) -> None:
    """What is in the store and on the disk though nothing refers to it is taken away."""
    await run.step("uploads nobody knows", sweeping.sweep_unknown, run.resources)
    await run.step("orphans", sweeping.sweep_orphans, run.resources)
    await run.step("scratch", sweeping.sweep_scratch, run.resources)


@workflow("recordings.begin-again", cron="17 * * * *", queue=Queue.LIGHT)
async def begin_again(run: Run) -> None:
    """Recordings and renderings whose job died get another one."""
    await run.step("begin again", recovering.begin_again, run.resources)
    await run.step("render again", recovering.render_again, run.resources)


@workflow(DISCARD)
async def discard(run: Run, keys: Sequence[str]) -> None:
    """Objects nothing refers to any more."""
    for key in keys:
        await run.step(f"discard {key}", run.resources.storage.delete, key)


async def draw_names() -> list[str]:
    return [token_hex(16) for _ in RenditionKind]
