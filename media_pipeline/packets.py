"""The times of a file's packets: how long it is, where key frames lie, and where its clock stumbles."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from media_pipeline.blame import judged
from media_pipeline.confinement import Confinement, Scratch, confined
from media_pipeline.graphs import packet_scan
from media_pipeline.limits import Limits
from media_pipeline.processes import run
from media_pipeline.timeline import Interval, Intervals
from media_pipeline.tools import Tools

_GAP_S = 0.5  # shorter ones are dropped frames
_GAP_STEPS = 4.0  # and where packets are long by themselves, as many of them
_JUMP_S = 0.015
_JUMP_STEPS = 0.5  # more or less than usual
_JUMPS_ONE_IN_S = 10.0  # more of them are how that device keeps time
_EDGE_PACKETS = 5  # codecs begin and end with packets of odd lengths
_STILL_PACKETS = 5
_MOST_NOTED = 5_000_000  # packets: 80 MB; four hours have a fifth of that

_Times = NDArray[np.float64]


def _longs() -> "array[int]":
    return array("q")


@dataclass(slots=True)
class Track:
    """Filled packet by packet, in decoding order, in ticks; asked in seconds or milliseconds."""

    ticks_per_s: float = 1.0
    packets: int = 0
    end: int = 0
    decoded_at: "array[int]" = field(default_factory=_longs)
    shown_at: "array[int]" = field(default_factory=_longs)
    keys: "array[int]" = field(default_factory=_longs)

    def add(self, *, decoded_at: int, shown_at: int, length: int, is_key: bool) -> None:
        self.packets += 1
        self.end = max(self.end, shown_at + length)
        if self.packets <= _MOST_NOTED:
            self.decoded_at.append(decoded_at)
            self.shown_at.append(shown_at)
            if is_key:
                self.keys.append(shown_at)

    @property
    def end_s(self) -> float:
        return self.end / self.ticks_per_s

    def keyframe_gap_s(self) -> float | None:
        """The longest stretch without a key frame, the ends included; `None` when there is no key frame."""
        if not self.keys:
            return None
        times = np.sort(np.concatenate([[0], np.asarray(self.keys), [self.end]]))
        return round(float(np.diff(times).max()) / self.ticks_per_s, 3)

    def gaps(self) -> Intervals:
        """Where nothing was stored, in the middle of the track: from the last moment shown to the next."""
        steps = self._steps()
        if not steps.size:
            return ()
        found = np.flatnonzero(steps >= max(_GAP_S, _GAP_STEPS * float(np.median(steps))))
        last_shown = np.maximum.accumulate(np.asarray(self.shown_at))
        ends = ((int(last_shown[at]), self.shown_at[at + 1]) for at in found.tolist())
        spans = ((self._ms(start), self._ms(end)) for start, end in ends)
        return tuple(Interval(start, end) for start, end in spans if 0 <= start < end)

    def jumps(self) -> Intervals:
        """A second around each packet that comes sooner or later than the one before lets expect, gaps apart."""
        steps = self._steps()
        inner = steps[_EDGE_PACKETS:-_EDGE_PACKETS]
        if not inner.size:
            return ()
        usual = float(np.median(inner))
        off = np.abs(inner - usual)
        found = np.flatnonzero((off > max(_JUMP_S, _JUMP_STEPS * usual)) & (inner < _GAP_S))
        if found.size > 1 + self.end_s / _JUMPS_ONE_IN_S:
            return ()
        at_ms = (self._ms(self.shown_at[at + _EDGE_PACKETS + 1]) for at in found.tolist())
        return tuple(Interval(max(0, at - 500), at + 500) for at in at_ms if at >= 0)

    def stands_still(self) -> bool:
        """ffmpeg hands out times that run back as so many times the same one."""
        still = (self._steps() <= 0).astype(np.int64)
        if still.size < _STILL_PACKETS:
            return False
        return bool(np.convolve(still, np.ones(_STILL_PACKETS, np.int64), "valid").max() == _STILL_PACKETS)

    def _steps(self) -> _Times:
        """Seconds from each packet to the next."""
        return np.diff(np.asarray(self.decoded_at, dtype=np.float64)) / self.ticks_per_s

    def _ms(self, ticks: int) -> int:
        return round(ticks * 1000 / self.ticks_per_s)


async def scan(
    scratch: Scratch, tools: Tools, confinement: Confinement, limits: Limits, streams: Sequence[int]
) -> dict[int, Track]:
    """By the file's own stream numbers; reading only, nothing is decoded."""
    tracks = [Track() for _ in streams]

    def note(line: str) -> None:
        if line.startswith("#tb "):
            number, _, base = line.removeprefix("#tb ").partition(": ")
            above, _, below = base.partition("/")
            tracks[int(number)].ticks_per_s = int(below) / int(above)
        elif line and not line.startswith("#"):
            _add_packet(tracks, line.split(","))

    deadline_s = limits.deadline_s(0)
    command = packet_scan(tools.ffmpeg, streams, limits)
    walled = confined(command, scratch, confinement, limits=limits, deadline_s=deadline_s)
    finished = await run(walled, cwd=scratch.directory, deadline_s=deadline_s, on_line=note)
    if finished.returncode != 0 and not any(track.packets for track in tracks):
        raise judged(finished)
    return dict(zip(streams, tracks, strict=True))


def _add_packet(tracks: Sequence[Track], words: Sequence[str]) -> None:
    """`stream, dts, pts, duration, size, crc`, then flags unless they are just "key" (bit 0)."""
    if len(words) < 6:
        return
    flags = next((word.strip() for word in words[6:] if word.strip().startswith("F=")), "F=0x1")
    tracks[int(words[0])].add(
        decoded_at=int(words[1]),
        shown_at=int(words[2]),
        length=int(words[3]),
        is_key=bool(int(flags.removeprefix("F="), 16) & 1),
    )
