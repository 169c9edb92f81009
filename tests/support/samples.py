"""Samples of a recording as a phone takes them: small JPEGs, and snippets of WAV at 16 kHz."""

import io
import subprocess
import tempfile
import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.demo.clips import find_ffmpeg
from media_pipeline import Frame, Snippet

FRAMES = 12


def samples_of(clip: Path, *, duration_ms: int, snippets: int = 2) -> tuple[list[Frame], list[Snippet]]:
    """A dozen pictures, spread evenly, and the sound in so many pieces but for half a second of each."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        every_ms = duration_ms / FRAMES
        small = ("-vf", f"fps={1000 / every_ms:.6f},scale=160:-2", "-frames:v", str(FRAMES), "-q:v", "4")
        _ffmpeg("-i", str(clip), *small, str(directory / "%02d.jpg"))
        frames = [
            Frame(round(every_ms * index), path.read_bytes())
            for index, path in enumerate(sorted(directory.glob("*.jpg")))
        ]
        length_ms = duration_ms // snippets
        heard = [
            Snippet(start, _snippet(clip, directory / "sound.wav", start, length_ms - 500))
            for start in range(0, length_ms * snippets, length_ms)
        ]
        return frames, heard


def wav(samples: NDArray[np.int16], *, rate: int = 16_000, channels: int = 1) -> bytes:
    held = io.BytesIO()
    with wave.open(held, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.astype("<i2").tobytes())
    return held.getvalue()


def _snippet(clip: Path, path: Path, start_ms: int, length_ms: int) -> bytes:
    span = ("-ss", f"{start_ms / 1000:.3f}", "-t", f"{length_ms / 1000:.3f}")
    _ffmpeg("-i", str(clip), *span, "-vn", "-ac", "1", "-ar", "16000", "-c:a", "pcm_s16le", str(path))
    return path.read_bytes()


def _ffmpeg(*arguments: str) -> None:
    subprocess.run([find_ffmpeg(), "-nostdin", "-v", "error", "-y", *arguments], check=True)
