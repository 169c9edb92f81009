"""From a file's wrapping and the times of its packets to the traces of editing in them."""

from collections.abc import Iterator
from datetime import timedelta

from media_pipeline.container import Container
from media_pipeline.timeline import Intervals
from media_pipeline.traces import Trace, TraceKind

# A codec's priming and reordered pictures hide a tenth of a second; cutting on key frames hides half of one and more.
_HIDDEN_S = 0.5
# Phones write the time of change as recording ends or, by a slow card, a little later.
_WRITING = timedelta(minutes=2)
_APART = timedelta(minutes=1)


def find_traces(
    container: Container, *, duration_s: float, jumps: Intervals, stands_still: bool
) -> tuple[Trace, ...]:
    """Strongest first. `jumps` is where the sound's timestamps leave their step."""
    found = [*_by_name(container), *_by_edits(container)]
    if stands_still:
        found.append(Trace(TraceKind.TIME_STANDS_STILL))
    if jumps:
        found.append(Trace(TraceKind.TIME_JUMPS, at=jumps))
    found += _by_time(container, timedelta(seconds=duration_s))
    order = list(TraceKind)
    return tuple(sorted(found, key=lambda trace: order.index(trace.kind)))


def _by_name(container: Container) -> Iterator[Trace]:
    if container.editors:
        yield Trace(TraceKind.EDITOR, ", ".join(container.editors))
    if container.programs:
        yield Trace(TraceKind.SAVED_BY_PROGRAM, ", ".join(container.programs))


def _by_edits(container: Container) -> Iterator[Trace]:
    if any(track.descriptions > 1 or len(track.edits) > 1 for track in container.tracks):
        yield Trace(TraceKind.JOINED)
    single = [(track, track.edits[0]) for track in container.tracks if len(track.edits) == 1]
    before_s = max((start for _, (start, _) in single), default=0.0)
    after_s = max((track.length_s - start - length for track, (start, length) in single if length), default=0)
    if before_s > _HIDDEN_S:
        yield Trace(TraceKind.TRIMMED_START, f"{before_s:.1f}")
    if after_s > _HIDDEN_S:
        yield Trace(TraceKind.TRIMMED_END, f"{after_s:.1f}")


def _by_time(container: Container, duration: timedelta) -> Iterator[Trace]:
    made, changed = container.made_at, container.changed_at
    if made is not None and changed is not None and changed > made + duration + _WRITING:
        yield Trace(TraceKind.CHANGED_LATER, f"{changed:%Y-%m-%d %H:%M} UTC")
    moments = [moment for moment in (made, *(track.made_at for track in container.tracks)) if moment]
    if moments and max(moments) - min(moments) > _APART:
        yield Trace(TraceKind.TRACKS_MADE_APART)
    if container.dated and made is None:
        yield Trace(TraceKind.UNDATED)
