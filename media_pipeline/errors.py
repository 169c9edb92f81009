"""What can go wrong, told apart by whose fault it is: the file's, or the tools'."""

from enum import StrEnum


class MediaError(Exception):
    """Anything this package raises on purpose."""


class BadFile(StrEnum):
    """Why a file cannot be used. The values are stable: they travel to clients."""

    MISSING = "missing"
    EMPTY = "empty"
    NOT_MEDIA = "not_media"
    FORMAT_REFUSED = "format_refused"
    INCOMPLETE = "incomplete"
    NO_CONTENT = "no_content"
    UNDECODABLE = "undecodable"
    TOO_COSTLY = "too_costly"
    TOO_MANY_PIXELS = "too_many_pixels"
    TOO_LONG = "too_long"
    TOO_MANY_STREAMS = "too_many_streams"


_SENTENCES: dict[BadFile, tuple[str, str]] = {
    BadFile.MISSING: ("文件不存在。", "There is no such file."),
    BadFile.EMPTY: ("文件是空的。", "The file is empty."),
    BadFile.NOT_MEDIA: (
        "这不是可以识别的录音、录像或照片。",
        "This is not a recording or photo we can read.",
    ),
    BadFile.FORMAT_REFUSED: ("不接受这种文件格式。", "Files of this format are not accepted."),
    BadFile.INCOMPLETE: (
        "文件不完整，缺少目录部分，无法播放。",
        "The file is incomplete: its index is missing, so it cannot be played.",
    ),
    BadFile.NO_CONTENT: ("文件中没有画面也没有声音。", "The file holds neither picture nor sound."),
    BadFile.UNDECODABLE: ("文件内容无法解码。", "The file's content cannot be decoded."),
    BadFile.TOO_COSTLY: (
        "解码该文件所需的资源超出上限。",
        "Decoding the file takes more memory than we allow.",
    ),
    BadFile.TOO_MANY_PIXELS: ("画面尺寸超出上限。", "The picture is larger than we accept."),
    BadFile.TOO_MANY_STREAMS: ("文件中的音视频轨道过多。", "The file holds more streams than we accept."),
    BadFile.TOO_LONG: ("录制时间超出上限。", "The recording is longer than we accept."),
}


class UnreadableMedia(MediaError):
    """The file is bad. Trying again with the same bytes gives the same answer."""

    def __init__(self, reason: BadFile, detail: str = "") -> None:
        self.reason = reason
        self.detail = detail
        self.zh, self.en = _SENTENCES[reason]
        super().__init__(f"{self.en} ({detail})" if detail else self.en)


class ToolError(MediaError):
    """The tools, not the file, are at fault: worth another try, or an operator's look."""


class ToolMissing(ToolError):
    """ffmpeg is not installed; the message says how to get it."""


class ToolFailed(ToolError):
    """A tool ended badly on a file that had been found readable."""

    def __init__(self, message: str, *, returncode: int | None = None, stderr_tail: str = "") -> None:
        self.returncode = returncode
        self.stderr_tail = stderr_tail
        super().__init__(message)


class ToolSaidTooMuch(ToolFailed):
    """A tool wrote more than fits what we ask it: it repeats what the file says."""


class ToolTimedOut(ToolError):
    """A tool was still running at its deadline and was killed, with everything it had started."""

    def __init__(self, tool: str, deadline_s: float) -> None:
        self.deadline_s = deadline_s
        super().__init__(f"{tool} was still running after {deadline_s:.1f} s and was stopped")
