"""From faces in single pictures to rectangles that hide them through time: grown, and carried over moments of doubt."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from media_pipeline.blurring import Blur, Blurs
from media_pipeline.faces import Box
from media_pipeline.timeline import Interval

_GROWN = 0.35  # of the face's size on every side: hair, chin, and the way to the next picture looked at
_FOLLOWED = 0.1  # overlap of the grown boxes by which a face is the same as a moment ago
_CARRIED_S = 1.0  # somebody who looks away is still there
_LARGEST = 1.6  # a rectangle may become this much larger than the face before a new one is begun


@dataclass(slots=True)
class _Face:
    seen: list[tuple[float, Box]] = field(default_factory=list)


def follow(pictures: Sequence[tuple[float, tuple[Box, ...]]], *, step_s: float, duration_s: float) -> Blurs:
    """`pictures` are times and what was found then, in order, `step_s` apart."""
    open_faces: list[_Face] = []
    ended: list[_Face] = []
    for time_s, boxes in pictures:
        lost = [face for face in open_faces if time_s - face.seen[-1][0] > _CARRIED_S]
        ended += lost
        open_faces = [face for face in open_faces if face not in lost]
        for box in map(_grown, boxes):
            face = _nearest(open_faces, box, time_s)
            if face is None:
                face = _Face()
                open_faces.append(face)
            face.seen.append((time_s, box))
    faces = [*ended, *open_faces]
    found = [blur for face in faces for blur in _hidden(face, step_s, duration_s)]
    return tuple(sorted(found, key=lambda blur: (blur.during, blur.left, blur.top)))


def _grown(box: Box) -> Box:
    across, down = (box.right - box.left) * _GROWN, (box.bottom - box.top) * _GROWN
    return Box(
        min(1.0, max(0.0, box.left - across)),
        min(1.0, max(0.0, box.top - down)),
        max(0.0, min(1.0, box.right + across)),
        max(0.0, min(1.0, box.bottom + down)),
    )


def _nearest(faces: Sequence[_Face], box: Box, time_s: float) -> _Face | None:
    free = [face for face in faces if face.seen[-1][0] < time_s]
    best = max(free, key=lambda face: face.seen[-1][1].overlap(box), default=None)
    return best if best is not None and best.seen[-1][1].overlap(box) >= _FOLLOWED else None


def _hidden(face: _Face, step_s: float, duration_s: float) -> list[Blur]:
    """From a step before it was first seen to a step after it was last, moments in which it was missed included."""
    blurs: list[Blur] = []
    start_s, first = face.seen[0]
    hull, largest = first, first.area
    start_s, end_s = start_s - step_s, start_s + step_s
    for time_s, box in face.seen[1:]:
        wider = hull.joined(box)
        if wider.area > _LARGEST * max(largest, box.area):
            # What lies between the two moments belongs to both.
            blurs += _blur(hull.joined(box), end_s - step_s, time_s, duration_s)
            blurs += _blur(hull, start_s, end_s, duration_s)
            hull, largest, start_s = box, box.area, time_s - step_s
        else:
            hull, largest = wider, max(largest, box.area)
        end_s = time_s + step_s
    return [*blurs, *_blur(hull, start_s, end_s, duration_s)]


def _blur(box: Box, start_s: float, end_s: float, duration_s: float) -> list[Blur]:
    start_ms, end_ms = max(0, round(start_s * 1000)), round(min(end_s, duration_s) * 1000)
    if box.area <= 0 or start_ms >= end_ms:
        return []
    width, height = box.right - box.left, box.bottom - box.top
    return [Blur(Interval(start_ms, end_ms), box.left, box.top, width, height)]
