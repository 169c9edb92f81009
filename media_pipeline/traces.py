"""What a file gives away of having been cut, joined or saved again since a device recorded it.

None of it proves anything: a clean file may have been edited with care, and an honest one forwarded by a messenger.
"""

from dataclasses import dataclass
from enum import StrEnum

from media_pipeline.timeline import Intervals


class TraceKind(StrEnum):
    """Values are stable: they travel to clients."""

    EDITOR = "editor"
    JOINED = "joined"
    TRIMMED_START = "trimmed_start"
    TRIMMED_END = "trimmed_end"
    TIME_STANDS_STILL = "time_stands_still"
    TIME_JUMPS = "time_jumps"
    SAVED_BY_PROGRAM = "saved_by_program"
    CHANGED_LATER = "changed_later"
    TRACKS_MADE_APART = "tracks_made_apart"
    UNDATED = "undated"


# What no recorder does by itself. The rest happens to honest files too, and is only mentioned.
STRONG = frozenset(
    {
        TraceKind.EDITOR,
        TraceKind.JOINED,
        TraceKind.TRIMMED_START,
        TraceKind.TRIMMED_END,
        TraceKind.TIME_STANDS_STILL,
    }
)
HINTS = frozenset({TraceKind.UNDATED})  # told beside other traces, no trace by themselves


@dataclass(frozen=True, slots=True)
class Trace:
    """`detail` is a name, a time or a number of seconds, as the kind has it; `at` is where, if it has a place."""

    kind: TraceKind
    detail: str = ""
    at: Intervals = ()


_ZH: dict[TraceKind, str] = {
    TraceKind.EDITOR: "由剪辑软件 {} 保存",
    TraceKind.JOINED: "由多段拼接而成",
    TraceKind.TRIMMED_START: "开头有 {} 秒被隐藏",
    TraceKind.TRIMMED_END: "结尾有 {} 秒被隐藏",
    TraceKind.TIME_STANDS_STILL: "时间戳停滞或倒退",
    TraceKind.TIME_JUMPS: "声音的时间戳有跳跃",
    TraceKind.SAVED_BY_PROGRAM: "由程序 {} 重新保存",
    TraceKind.CHANGED_LATER: "录制结束后又在 {} 被修改",
    TraceKind.TRACKS_MADE_APART: "声音与画面的创建时间不同",
    TraceKind.UNDATED: "没有创建时间",
}
_EN: dict[TraceKind, str] = {
    TraceKind.EDITOR: "saved by the editor {}",
    TraceKind.JOINED: "joined from several parts",
    TraceKind.TRIMMED_START: "the first {} s are hidden",
    TraceKind.TRIMMED_END: "the last {} s are hidden",
    TraceKind.TIME_STANDS_STILL: "its timestamps stand still or run back",
    TraceKind.TIME_JUMPS: "the timestamps of the sound jump",
    TraceKind.SAVED_BY_PROGRAM: "saved again by the program {}",
    TraceKind.CHANGED_LATER: "changed on {}, after the recording had ended",
    TraceKind.TRACKS_MADE_APART: "sound and picture were not made at the same time",
    TraceKind.UNDATED: "it does not say when it was made",
}


def is_strong(traces: tuple[Trace, ...]) -> bool:
    return any(trace.kind in STRONG for trace in traces)


def worth_telling(traces: tuple[Trace, ...]) -> bool:
    return any(trace.kind not in HINTS for trace in traces)


def told_zh(traces: tuple[Trace, ...]) -> str:
    head = "有剪辑过的痕迹" if is_strong(traces) else "文件可能不是设备录制的原件"
    return f"{head}：{'；'.join(_ZH[trace.kind].format(trace.detail) for trace in traces)}。"


def told_en(traces: tuple[Trace, ...]) -> str:
    head = "There are signs of editing" if is_strong(traces) else "The file may not be as the device left it"
    return f"{head}: {'; '.join(_EN[trace.kind].format(trace.detail) for trace in traces)}."
