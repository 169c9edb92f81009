"""AMR-NB in 3GP, as old telephones and small recorders write it. ffmpeg reads it but cannot write it; this library can."""

import ctypes
import subprocess
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.demo.clips import find_ffmpeg
from app.demo.voice import RATE

_LIBRARIES = ("libopencore-amrnb.so.0", "libopencore-amrnb.dylib")
_AMR_RATE = 8000
_FRAME = 160  # samples: 20 ms
_BEST_MODE = 7  # 12.2 kbit/s
_LONGEST_FRAME_BYTES = 64


def write_amr(path: Path, sound: NDArray[np.float64]) -> None:
    """`sound` at `RATE`, −1 to 1."""
    raw = path.with_suffix(".amr")
    raw.write_bytes(b"#!AMR\n" + _encoded(_at_telephone_rate(sound)))
    command = [
        find_ffmpeg(),
        "-nostdin",
        "-v",
        "error",
        "-y",
        "-i",
        str(raw),
        "-c",
        "copy",
        "-fflags",
        "+bitexact",
    ]
    subprocess.run([*command, str(path)], check=True)
    raw.unlink()


def _at_telephone_rate(sound: NDArray[np.float64]) -> NDArray[np.int16]:
    """What lies above half the rate is dropped by leaving it out of the spectrum."""
    count = sound.size * _AMR_RATE // RATE
    narrow = np.fft.irfft(np.fft.rfft(sound)[: count // 2 + 1], count) * count / sound.size
    return (np.clip(narrow, -1, 1) * 32767).astype("<i2")


def _encoded(samples: NDArray[np.int16]) -> bytes:
    library = _library()
    library.Encoder_Interface_init.restype = ctypes.c_void_p
    state = ctypes.c_void_p(library.Encoder_Interface_init(0))
    out = ctypes.create_string_buffer(_LONGEST_FRAME_BYTES)
    frames = []
    for start in range(0, samples.size - _FRAME + 1, _FRAME):
        speech = np.ascontiguousarray(samples[start : start + _FRAME]).ctypes.data_as(ctypes.c_void_p)
        length = library.Encoder_Interface_Encode(state, _BEST_MODE, speech, out, 0)
        frames.append(out.raw[:length])
    library.Encoder_Interface_exit(state)
    return b"".join(frames)


def _library() -> ctypes.CDLL:
    for name in _LIBRARIES:
        try:
            return ctypes.CDLL(name)
        except OSError:
            continue
    raise FileNotFoundError("no AMR encoder: apt-get install libopencore-amrnb0")
