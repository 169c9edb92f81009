"""Looking for faces through a whole recording: about every third picture, small, one at a time."""

import asyncio

import numpy as np

from media_pipeline.blurring import Blurs
from media_pipeline.faces import Box, FaceFinder, detection_size
from media_pipeline.graphs import compile_face_frames
from media_pipeline.progress import Listener
from media_pipeline.report import MediaFacts, VideoStream
from media_pipeline.tracking import follow
from media_pipeline.workshop import Workshop

_EVERY = 3  # pictures
_LEAST_RATE, _MOST_RATE = 4.0, 10.0  # looks a second
_USUAL_FRAME_RATE = 25.0
_DEADLINE_FACTOR = 4.0  # a look takes a tenth of a second and more of one core


async def find_faces_in(
    workshop: Workshop, facts: MediaFacts, finder: FaceFinder, progress: Listener
) -> Blurs:
    """Rectangles that hide every face that was found, on the upright picture. Memory holds one picture."""
    video = facts.video
    if video is None:
        return ()
    rate = _rate(video)
    width, height = detection_size(*video.shown_size)
    found: list[tuple[float, tuple[Box, ...]]] = []
    size, pending = width * height * 3, bytearray()

    async def take(chunk: bytes) -> None:
        pending.extend(chunk)
        while len(pending) >= size:
            picture = np.frombuffer(bytes(pending[:size]), np.uint8).reshape(height, width, 3)
            del pending[:size]
            boxes = await asyncio.to_thread(finder.find, picture)
            found.append((len(found) / rate, boxes))
            progress(min(1.0, len(found) / rate / facts.duration_s))

    command = compile_face_frames(
        workshop.tools.ffmpeg, video.index, width=width, height=height, rate=rate, limits=workshop.limits
    )
    deadline_s = _DEADLINE_FACTOR * workshop.limits.deadline_s(facts.duration_s)
    await workshop.run(command, deadline_s=deadline_s, on_data=take)
    return follow(found, step_s=1 / rate, duration_s=facts.duration_s)


def _rate(video: VideoStream) -> float:
    return min(_MOST_RATE, max(_LEAST_RATE, (video.frame_rate or _USUAL_FRAME_RATE) / _EVERY))
