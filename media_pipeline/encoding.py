"""How the outlet's rendition is encoded: options for ffmpeg's encoders and muxers, of which `graphs.py` makes commands."""

from dataclasses import dataclass

from media_pipeline.limits import Limits
from media_pipeline.timeline import Intervals

_RATE = 48_000
_MUTE_FRAME = 256  # a mute begins and ends on a frame's border: 5 ms at 48 kHz instead of 21
_MUTE_MARGIN_S = 0.03
# Slices, parameter sets, delimiters and ends. Not SEI (6), in which x264 writes its options and anybody anything, nor
# fillers (12) and the kinds that H.264 leaves open (24–31), which hold whatever somebody put there.
_PICTURE_UNITS = "1-5|7-11"


@dataclass(frozen=True, slots=True)
class Pitch:
    """Voices moved by `semitones`, their speed kept: by librubberband, or by resampling where ffmpeg lacks it."""

    semitones: float
    rubberband: bool


@dataclass(frozen=True, slots=True)
class EncodeAudio:
    """AAC. `None` in its place means: copy the stream."""

    kbps: int
    channels: int
    pitch: Pitch | None = None


@dataclass(frozen=True, slots=True)
class EncodeVideo:
    """x264 at this size. `None` in its place means: copy the stream."""

    width: int
    height: int
    crf: int
    preset: str


@dataclass(frozen=True, slots=True)
class Outlet:
    """The rendition file: which stream is copied, which is encoded."""

    name: str
    encode_video: EncodeVideo | None
    encode_audio: EncodeAudio | None
    mute: Intervals
    masked: bool = False  # a mask lies ready, and hides parts of the picture (`blurring.py`)


def anonymous() -> dict[str, object]:
    """Nothing of the original but picture and sound, and the same bytes each time.

    `map_metadata` alone leaves the encoder's name, chapters, and what stands between the pictures (`_PICTURE_UNITS`).
    """
    return {
        "map_metadata": -1,
        "map_chapters": -1,
        "dn": None,
        "sn": None,
        "fflags": "+bitexact",
        "flags:v": "+bitexact",
        "flags:a": "+bitexact",
    }


def video_options(encode: EncodeVideo | None, limits: Limits) -> dict[str, object]:
    clean: dict[str, object] = {"bsf:v": f"filter_units=pass_types={_PICTURE_UNITS}"}
    if encode is None:
        return clean | {"c:v": "copy"}
    return (
        clean
        | {
            "c:v": "libx264",
            "preset": encode.preset,
            "crf": encode.crf,
            "pix_fmt": "yuv420p",
            "profile:v": "high",
            "threads:v": limits.threads,
            "x264-params": "sync-lookahead=0",  # its own thread made 1 encode in 10 differ under load; free of cost
            "fpsmax": 30,
            "metadata:s:v": "encoder=AVC",  # else the muxer writes the encoder's name into the sample entry
        }
    )


def audio_options(outlet: Outlet) -> dict[str, object]:
    encode = outlet.encode_audio
    if encode is None:
        return {"c:a": "copy"}
    # What is muted is gone before the pitch is moved: a shifted voice could be shifted back, silence cannot.
    filters = [f"aresample={_RATE}:async=1", *_muting(outlet.mute), *_shifting(encode.pitch)]
    return {
        "c:a": "aac",
        "b:a": f"{encode.kbps}k",
        "ac": encode.channels,
        "filter:a": ",".join(filters),
    }


def _muting(mute: Intervals) -> list[str]:
    if not mute:
        return []
    spans = "+".join(
        f"between(t,{max(0.0, piece.start_ms / 1000 - _MUTE_MARGIN_S):.3f},{piece.end_ms / 1000 + _MUTE_MARGIN_S:.3f})"
        for piece in mute
    )
    return [f"asetnsamples=n={_MUTE_FRAME}:p=0", f"volume=volume=0:enable='{spans}'"]


def _shifting(pitch: Pitch | None) -> list[str]:
    if pitch is None:
        return []
    factor = 2 ** (pitch.semitones / 12)
    if pitch.rubberband:
        return [f"rubberband=pitch={factor:.6f}"]
    return [f"asetrate={round(_RATE * factor)}", f"aresample={_RATE}", f"atempo={1 / factor:.6f}"]
