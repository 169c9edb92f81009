"""Covert recordings: files in, reports and renditions out. Knows no web, no database, no object store.

    report = await inspect(path)
    renditions = await render(path, out_dir, RenderProfile(mute=(Interval(83_000, 91_000),)))
    both = await process(path, out_dir)        # one decode
    faces = await find_faces(path)             # for a person to confirm, then RenderProfile(blurs=faces)
    photo = await render_photo(path, out)
    look = await look_at_samples(frames, snippets, duration_ms=900_000)    # before the file is there
    match = compare(Fingerprint.decode(report.fingerprint), Fingerprint.decode(earlier))   # .duplicate, .here

A bad file raises `UnreadableMedia`, a bad tool a `ToolError`.
"""

from media_pipeline.blurring import Blur
from media_pipeline.comparing import Match, compare
from media_pipeline.errors import (
    BadFile,
    MediaError,
    ToolError,
    ToolFailed,
    ToolMissing,
    ToolTimedOut,
    UnreadableMedia,
)
from media_pipeline.faces import FacesUnavailable
from media_pipeline.fingerprint import Fingerprint
from media_pipeline.limits import Limits
from media_pipeline.photos import Photo
from media_pipeline.pipeline import Processed, find_faces, hash_file, inspect, process, render, render_photo
from media_pipeline.renditions import RenderProfile, Rendition, Renditions
from media_pipeline.report import (
    Analysis,
    AnalysisMode,
    AudioStream,
    Check,
    CreatedSource,
    Measures,
    MediaFacts,
    Report,
    Severity,
    VideoStream,
)
from media_pipeline.sampling import Frame, QuickLook, Snippet, look_at_samples
from media_pipeline.thresholds import CheckKind, Thresholds
from media_pipeline.timeline import Interval
from media_pipeline.tools import Tools, find_tools

__all__ = [
    "Analysis",
    "AnalysisMode",
    "AudioStream",
    "BadFile",
    "Blur",
    "Check",
    "CheckKind",
    "CreatedSource",
    "FacesUnavailable",
    "Fingerprint",
    "Frame",
    "Interval",
    "Limits",
    "Match",
    "Measures",
    "MediaError",
    "MediaFacts",
    "Photo",
    "Processed",
    "QuickLook",
    "RenderProfile",
    "Rendition",
    "Renditions",
    "Report",
    "Severity",
    "Snippet",
    "Thresholds",
    "ToolError",
    "ToolFailed",
    "ToolMissing",
    "ToolTimedOut",
    "Tools",
    "UnreadableMedia",
    "VideoStream",
    "compare",
    "find_faces",
    "find_tools",
    "hash_file",
    "inspect",
    "look_at_samples",
    "process",
    "render",
    "render_photo",
]
