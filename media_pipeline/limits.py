"""What one file may cost us. Recordings come from phones we do not control."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Hard caps: a file beyond the first three is refused, a tool beyond the others is stopped."""

    max_duration_s: float = 4 * 3600.0  # a visit takes about half an hour; recorders are forgotten running
    max_pixels: int = 35_389_440  # 8192 × 4320; 12000 × 12000 took 1.5 GB to decode
    max_streams: int = 32  # a phone writes up to seven; ffmpeg looks into each, which took 50 s for 990
    memory_bytes: int = 4 * 1024**3  # address space; one decode of 1080p with x264 stays under 1 GiB resident
    deadline_base_s: float = 120.0
    deadline_per_media_s: float = (
        8.0  # seconds of wall time per second of media; x264 on a busy core needs 1–2
    )
    threads: int = 4  # fixed, because x264's output depends on it and renditions must be reproducible

    def deadline_s(self, duration_s: float) -> float:
        return self.deadline_base_s + self.deadline_per_media_s * duration_s
