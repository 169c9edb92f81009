"""Whose fault it was that a tool ended badly."""

import signal

from media_pipeline.errors import BadFile, ToolFailed, UnreadableMedia
from media_pipeline.processes import Finished

# Ended by the kernel for writing more than the file's size allows; bwrap tells it as shells do. Too much processor time
# ends in SIGKILL, which may also come from outside and proves nothing against the file.
_BEYOND_ITS_SHARE = frozenset({-signal.SIGXFSZ, 128 + signal.SIGXFSZ})
_COMPLAINTS = (
    ("exceeds max_streams", BadFile.TOO_MANY_STREAMS),
    ("Cannot allocate memory", BadFile.TOO_COSTLY),
    ("moov atom not found", BadFile.INCOMPLETE),
    ("not on whitelist", BadFile.FORMAT_REFUSED),
    ("not in whitelist", BadFile.FORMAT_REFUSED),
    ("Format not on", BadFile.FORMAT_REFUSED),
    ("Invalid data found", BadFile.NOT_MEDIA),
    ("Decoder (", BadFile.UNDECODABLE),
    ("Decode error rate", BadFile.UNDECODABLE),
    ("Decoding requested, but no decoder", BadFile.UNDECODABLE),
    ("End of file", BadFile.NOT_MEDIA),
    ("could not find codec parameters", BadFile.NOT_MEDIA),
    ("Picture size", BadFile.TOO_MANY_PIXELS),
)


def judged(finished: Finished) -> UnreadableMedia | ToolFailed:
    """Whose fault it was that a tool ended badly, told from how it was ended, or from its last words."""
    if finished.returncode in _BEYOND_ITS_SHARE:
        return UnreadableMedia(BadFile.TOO_COSTLY)
    for words, reason in _COMPLAINTS:
        if words in finished.stderr_tail:
            return UnreadableMedia(reason)
    last = finished.stderr_tail.splitlines()[-1] if finished.stderr_tail else "no word why"
    return ToolFailed(
        f"ffmpeg ended with code {finished.returncode}: {last}",
        returncode=finished.returncode,
        stderr_tail=finished.stderr_tail,
    )
