"""What was found, in words. Times are minutes and seconds of the recording."""

from media_pipeline.thresholds import CheckKind
from media_pipeline.timeline import Intervals, total_ms

_SHOWN = 3  # intervals named one by one; the rest are counted

_ZH: dict[CheckKind, str] = {
    CheckKind.COVERED: "镜头被遮挡或画面全黑",
    CheckKind.FROZEN: "画面静止不动",
    CheckKind.TOO_DARK: "画面过暗",
    CheckKind.BLURRED: "画面模糊，难以辨认",
    CheckKind.SHAKEN: "画面抖动剧烈，难以辨认",
    CheckKind.INTERRUPTED: "录制中断，文件中缺少这段画面或声音",
    CheckKind.SILENT: "没有声音",
    CheckKind.MUFFLED: "声音发闷，麦克风可能被衣物遮住",
    CheckKind.CLIPPED: "声音过载失真",
    CheckKind.NO_SPEECH: "没有人说话",
    CheckKind.TOO_SHORT: "录制时间太短",
    CheckKind.TRUNCATED: "文件结尾缺失",
    CheckKind.DAMAGED: "文件有损坏，部分内容无法解码",
    CheckKind.NO_SOUND: "录像没有声音轨道",
    CheckKind.NO_PICTURE: "只有声音，没有画面",
    CheckKind.WIND: "风噪明显",
    CheckKind.EDITED: "有剪辑过的痕迹",
    CheckKind.DUPLICATE: "与以前的录制内容相同",
    CheckKind.GAP: "两段录制之间有空缺",
    CheckKind.COVERAGE: "录制没有覆盖从进店到离店的全过程",
    CheckKind.CLOCK: "录制时间与签到时间不符",
}

_EN: dict[CheckKind, str] = {
    CheckKind.COVERED: "The lens was covered or saw nothing but black",
    CheckKind.FROZEN: "The picture stood still",
    CheckKind.TOO_DARK: "The picture was too dark",
    CheckKind.BLURRED: "The picture was too blurred to make anything out",
    CheckKind.SHAKEN: "The picture was shaken too much to make anything out",
    CheckKind.INTERRUPTED: "The recording was interrupted: the file holds no picture or no sound for this time",
    CheckKind.SILENT: "There was no sound",
    CheckKind.MUFFLED: "The sound was muffled, as by a microphone inside cloth",
    CheckKind.CLIPPED: "The sound was overdriven and distorted",
    CheckKind.NO_SPEECH: "Nobody was heard speaking",
    CheckKind.TOO_SHORT: "The recording is too short",
    CheckKind.TRUNCATED: "The end of the file is missing",
    CheckKind.DAMAGED: "The file is damaged: parts of it could not be decoded",
    CheckKind.NO_SOUND: "The recording has no sound track",
    CheckKind.NO_PICTURE: "The recording has sound only, no picture",
    CheckKind.WIND: "Wind drowned the sound",
    CheckKind.EDITED: "There are signs of editing",
    CheckKind.DUPLICATE: "The same was recorded before",
    CheckKind.GAP: "There is a gap between two segments",
    CheckKind.COVERAGE: "The recording does not cover the visit from entry to exit",
    CheckKind.CLOCK: "The time of the recording contradicts the check-in",
}

# Said of the file as a whole: naming a stretch of it would only confuse.
_WHOLE = frozenset({CheckKind.NO_SOUND, CheckKind.NO_PICTURE, CheckKind.DAMAGED})


def sentence_zh(kind: CheckKind, intervals: Intervals, share: float) -> str:
    if kind in _WHOLE or not intervals:
        return f"{_ZH[kind]}。"
    spans = "、".join(f"{_clock(piece.start_ms)}–{_clock(piece.end_ms)}" for piece in intervals[:_SHOWN])
    more = f"等 {len(intervals)} 处" if len(intervals) > _SHOWN else ""
    return f"{_ZH[kind]}：{spans}{more}，共 {_seconds(intervals)} 秒（占 {share:.0%}）。"


def sentence_en(kind: CheckKind, intervals: Intervals, share: float) -> str:
    if kind in _WHOLE or not intervals:
        return f"{_EN[kind]}."
    spans = ", ".join(f"{_clock(piece.start_ms)}–{_clock(piece.end_ms)}" for piece in intervals[:_SHOWN])
    more = f" and {len(intervals) - _SHOWN} more" if len(intervals) > _SHOWN else ""
    return f"{_EN[kind]}: {spans}{more}, {_seconds(intervals)} s in all ({share:.0%})."


def _seconds(intervals: Intervals) -> int:
    return max(1, round(total_ms(intervals) / 1000))


def _clock(ms: int) -> str:
    hours, seconds = divmod(ms // 1000, 3600)
    minutes, seconds = divmod(seconds, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
