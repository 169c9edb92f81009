"""The facade: inspect a recording, render it for an outlet, or both in one decode; and render photos."""

import asyncio
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from media_pipeline.blurring import MASK_FILE, Blurs, write_mask
from media_pipeline.digests import sha256_of
from media_pipeline.encoding import Outlet
from media_pipeline.errors import BadFile, UnreadableMedia
from media_pipeline.faces import FaceFinder
from media_pipeline.fingerprint import take_fingerprint
from media_pipeline.finishing import finish_photo, finish_renditions
from media_pipeline.graphs import PICTURE_FILE, SMALL_FILE, SOUND_FILE, Pass, compile_photo
from media_pipeline.jpeg import orientation
from media_pipeline.judgement import Measured, judge, summarise
from media_pipeline.limits import Limits
from media_pipeline.looking import find_faces_in
from media_pipeline.photos import HEAD_BYTES, TURNS, Photo, demuxer_for, read_photo
from media_pipeline.picture import read_samples
from media_pipeline.probe import read_facts
from media_pipeline.progress import Listener, Progress
from media_pipeline.renditions import RenderProfile, Renditions, plan_outlet, plan_thumbnails
from media_pipeline.report import Analysis, AnalysisMode, MediaFacts, Report
from media_pipeline.shaking import open_frames
from media_pipeline.sound import measure, open_samples
from media_pipeline.speech import listen
from media_pipeline.thresholds import Thresholds
from media_pipeline.tools import Tools
from media_pipeline.workshop import Workshop, open_workshop, run_pass

KEYFRAMES_SUFFICE_S = 2.0  # below this gap key frames alone find the same events, in a fifth of the time
LONGEST_PHOTO_SIDE = 2560
_PHOTO_DEADLINE_S = 60.0
# What of the whole each stage takes, roughly: reading packets, the pass, listening for speech, the rest; and, where
# faces are looked for, that before the pass.
_READ, _PASSED, _HEARD = 0.05, 0.85, 0.97
_LOOKED = 0.4


@dataclass(frozen=True, slots=True)
class Processed:
    report: Report
    renditions: Renditions


@dataclass(frozen=True, slots=True)
class _Decoded:
    """A pass that has been run, and what is known of the file besides."""

    facts: MediaFacts
    work: Pass
    blurs: Blurs
    complaints: int
    started: float


async def inspect(
    path: Path,
    *,
    thresholds: Thresholds | None = None,
    limits: Limits | None = None,
    tools: Tools | None = None,
    progress: Listener | None = None,
    sha256: str | None = None,
) -> Report:
    """Look at and listen to the whole recording.

    `progress` is called in the event loop, forwards, last with 1.0. `sha256` is recorded as given.
    Raises `UnreadableMedia` for a bad file and a `ToolError` for bad tools.
    """
    steps = Progress(progress)
    async with open_workshop(path, limits=limits or Limits(), tools=tools) as workshop:
        decoded = await _decode(workshop, steps, profile=None, statistics=True, sha256=sha256)
        report = await _report(workshop, decoded, thresholds or Thresholds(), steps)
    steps.finish()
    return report


async def render(
    path: Path,
    out_dir: Path,
    profile: RenderProfile | None = None,
    *,
    limits: Limits | None = None,
    tools: Tools | None = None,
    progress: Listener | None = None,
) -> Renditions:
    """Write the outlet's rendition, poster, thumbnails and peaks into `out_dir`, replacing earlier ones.

    Each file appears whole or not at all. Raises as `inspect`.
    """
    steps = Progress(progress)
    chosen = profile or RenderProfile()
    async with open_workshop(path, limits=limits or Limits(), tools=tools, near=out_dir) as workshop:
        decoded = await _decode(workshop, steps, profile=chosen, statistics=False, sha256=None)
        renditions = await finish_renditions(
            workshop, decoded.facts, decoded.work, out_dir, stream_from_s=chosen.stream_from_s
        )
        renditions = replace(renditions, blurs=decoded.blurs)
    steps.finish()
    return renditions


async def process(
    path: Path,
    out_dir: Path,
    profile: RenderProfile | None = None,
    *,
    thresholds: Thresholds | None = None,
    limits: Limits | None = None,
    tools: Tools | None = None,
    progress: Listener | None = None,
    sha256: str | None = None,
) -> Processed:
    """`inspect` and `render` for the price of one decode."""
    steps = Progress(progress)
    chosen = profile or RenderProfile()
    async with open_workshop(path, limits=limits or Limits(), tools=tools, near=out_dir) as workshop:
        decoded = await _decode(workshop, steps, profile=chosen, statistics=True, sha256=sha256)
        report = await _report(workshop, decoded, thresholds or Thresholds(), steps)
        renditions = await finish_renditions(
            workshop, decoded.facts, decoded.work, out_dir, stream_from_s=chosen.stream_from_s
        )
        renditions = replace(renditions, blurs=decoded.blurs)
    steps.finish()
    return Processed(report, renditions)


async def find_faces(
    path: Path,
    *,
    limits: Limits | None = None,
    tools: Tools | None = None,
    progress: Listener | None = None,
) -> Blurs:
    """Where `RenderProfile.blur_faces` would hide something, for a person to confirm, take from and add to.

    Raises as `inspect`, and `FacesUnavailable` where the model is not installed.
    """
    steps = Progress(progress)
    bounds = limits or Limits()
    finder = await asyncio.to_thread(FaceFinder, threads=bounds.threads)
    async with open_workshop(path, limits=bounds, tools=tools) as workshop:
        facts = await read_facts(
            workshop.scratch, workshop.tools, workshop.confinement, workshop.limits, sha256=None
        )
        found = await find_faces_in(workshop, facts, finder, steps.stage(_READ, 1.0))
    steps.finish()
    return found


async def render_photo(
    path: Path,
    out: Path,
    *,
    longest_side: int = LONGEST_PHOTO_SIDE,
    limits: Limits | None = None,
    tools: Tools | None = None,
) -> Photo:
    """Re-encode a JPEG, PNG, WebP (HEIC from ffmpeg 7 on) as an upright JPEG without any metadata."""
    async with open_workshop(path, limits=limits or Limits(), tools=tools, near=out.parent) as workshop:
        data = await asyncio.to_thread(read_photo, path)
        demuxer = demuxer_for(data[:HEAD_BYTES])
        if isinstance(demuxer, BadFile):
            raise UnreadableMedia(demuxer)
        command = compile_photo(
            workshop.tools.ffmpeg,
            demuxer=demuxer,
            turn=TURNS[orientation(data)],
            longest=longest_side,
            name="photo.jpg",
            limits=workshop.limits,
        )
        await workshop.run(command, deadline_s=_PHOTO_DEADLINE_S)
        return await asyncio.to_thread(finish_photo, workshop.at("photo.jpg"), out)


async def hash_file(path: Path) -> str:
    """SHA-256 in hexadecimal, off the event loop. Raises `UnreadableMedia` when there is no such file."""
    try:
        return await asyncio.to_thread(sha256_of, path)
    except (FileNotFoundError, IsADirectoryError) as error:
        raise UnreadableMedia(BadFile.MISSING) from error


async def _decode(
    workshop: Workshop,
    steps: Progress,
    *,
    profile: RenderProfile | None,
    statistics: bool,
    sha256: str | None,
) -> _Decoded:
    started = time.monotonic()
    # Before anything else: a profile that cannot be kept is refused, never rendered with its faces shown.
    finder = None
    if profile is not None and profile.blur_faces:
        finder = await asyncio.to_thread(FaceFinder, threads=workshop.limits.threads)
    facts = await read_facts(
        workshop.scratch, workshop.tools, workshop.confinement, workshop.limits, sha256=sha256
    )
    steps.stage(0, _READ)(1.0)
    if finder is not None and profile is not None:
        found = await find_faces_in(workshop, facts, finder, steps.stage(_READ, _LOOKED))
        profile = replace(profile, blurs=(*profile.blurs, *found))
    work = _plan(facts, profile, statistics=statistics, rubberband=workshop.tool.rubberband)
    blurs = profile.blurs if profile is not None and work.outlet is not None and work.outlet.masked else ()
    if blurs:
        await asyncio.to_thread(
            write_mask, workshop.at(MASK_FILE), blurs, duration_ms=round(facts.duration_s * 1000)
        )
    finished = await run_pass(
        workshop,
        work,
        duration_s=facts.duration_s,
        progress=steps.stage(_READ if finder is None else _LOOKED, _PASSED),
    )
    return _Decoded(facts, work, blurs, finished.stderr_lines, started)


def _plan(facts: MediaFacts, profile: RenderProfile | None, *, statistics: bool, rubberband: bool) -> Pass:
    outlet: Outlet | None = plan_outlet(facts, profile, rubberband=rubberband) if profile else None
    gap_s = facts.max_keyframe_gap_s
    encodes = outlet is not None and outlet.encode_video is not None
    keyframes_only = gap_s is not None and gap_s <= KEYFRAMES_SUFFICE_S and not encodes
    return Pass(
        video=facts.video.index if facts.video else None,
        audio=facts.audio.index if facts.audio else None,
        keyframes_only=keyframes_only,
        freeze_s=_shortest_freeze_s(gap_s if keyframes_only else None),
        statistics=statistics,
        sound=True,
        thumbnails=plan_thumbnails(facts, profile) if profile else None,
        outlet=outlet,
    )


def _shortest_freeze_s(keyframe_gap_s: float | None) -> float:
    """In a full decode a freeze is pieced together, for each key frame of a frozen picture looks a bit different.

    Of key frames alone, two that look alike may be chance: three must.
    """
    return 1.0 if keyframe_gap_s is None else max(2.0, 1.5 * keyframe_gap_s)


async def _report(workshop: Workshop, decoded: _Decoded, thresholds: Thresholds, steps: Progress) -> Report:
    loop, heard = asyncio.get_running_loop(), steps.stage(_PASSED, _HEARD)

    def tell(fraction: float) -> None:  # listeners are promised the event loop's thread
        loop.call_soon_threadsafe(heard, fraction)

    measured = await asyncio.to_thread(_measure, workshop, decoded, thresholds, tell)
    checks, performed = judge(decoded.facts, measured, thresholds)
    return Report(
        facts=decoded.facts,
        measures=summarise(measured),
        checks=checks,
        performed=performed,
        analysis=_analysis(workshop, decoded),
        fingerprint=await asyncio.to_thread(_fingerprint, workshop, decoded.facts, measured),
    )


def _fingerprint(workshop: Workshop, facts: MediaFacts, measured: Measured) -> str | None:
    picture = measured.picture
    taken = take_fingerprint(
        open_samples(workshop.at(SOUND_FILE)) if facts.audio else None,
        open_frames(workshop.at(SMALL_FILE)) if picture else None,
        picture.times_s if picture else np.zeros(0),
    )
    return taken.encode() if taken else None


def _measure(workshop: Workshop, decoded: _Decoded, thresholds: Thresholds, progress: Listener) -> Measured:
    duration_ms = max(1, round(decoded.facts.duration_s * 1000))
    picture = None
    if decoded.facts.video:
        picture = read_samples(workshop.at(PICTURE_FILE), open_frames(workshop.at(SMALL_FILE)))
    measured = Measured(picture, None, None, decoded.complaints)
    if decoded.facts.audio is None:
        return measured
    samples = open_samples(workshop.at(SOUND_FILE))
    windows = measure(samples, duration_ms=duration_ms)
    speech = listen(samples, windows, thresholds, duration_ms=duration_ms, progress=progress)
    return replace(measured, sound=windows, speech=speech)


def _analysis(workshop: Workshop, decoded: _Decoded) -> Analysis:
    mode = AnalysisMode.KEYFRAMES if decoded.work.keyframes_only else AnalysisMode.FULL
    return Analysis(
        mode=mode if decoded.facts.video else AnalysisMode.SOUND_ONLY,
        tool=workshop.tool.version,
        sandboxed=workshop.confinement.sandboxed,
        elapsed_s=round(time.monotonic() - decoded.started, 3),
        notes=workshop.confinement.notes,
    )
