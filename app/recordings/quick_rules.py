"""What samples of a recording must be before anybody looks at them (D7.3). Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

LEAST_FRAMES, MOST_FRAMES = 8, 24
LEAST_SNIPPETS, MOST_SNIPPETS = 4, 8
MOST_FRAME_BYTES = 32 * 1024  # 160 pixels across take 3 to 8 kB
MOST_SNIPPET_BYTES = 164_000  # five seconds at 16 kHz, 16 bits, and a header
MOST_CHECKS = 20  # of one recording: each costs a second of a core
PIECES = 4


@dataclass(frozen=True, slots=True)
class Unfit:
    """Why samples are not looked at, and how to take better ones."""

    detail: str


def unfit(
    *, is_video: bool, duration_ms: int, frames_ms: Sequence[int], snippets_ms: Sequence[int]
) -> Unfit | None:
    """The first reason not to look at samples taken at these moments; `None` when they will do.

    Samples of the first minute tell nothing of the rest: every quarter of the recording must be among them.
    """
    if frames_ms and not is_video:
        return Unfit("A recording of sound alone has no pictures (D10.5).")
    if is_video and len(frames_ms) < LEAST_FRAMES:
        return Unfit(f"Send at least {LEAST_FRAMES} pictures of a video.")
    for name, moments in (("pictures", frames_ms), ("snippets of sound", snippets_ms)):
        if len(set(moments)) != len(moments):
            return Unfit(f"Two {name} are of the same moment.")
        if any(moment >= duration_ms for moment in moments):
            return Unfit(f"Some {name} are of a moment after the recording's end.")
        if moments and not reach_every_piece(moments, duration_ms):
            return Unfit(f"Take {name} from every quarter of the recording.")
    return None


def reach_every_piece(moments_ms: Iterable[int], duration_ms: int) -> bool:
    return {moment * PIECES // duration_ms for moment in moments_ms} == set(range(PIECES))
