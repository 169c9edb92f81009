"""Playing: what the ledger tells of, what a watermark says, and where a playlist gets its bytes from. Pure."""

from datetime import UTC, datetime, timedelta
from enum import StrEnum

from app.recordings.rules import RenditionKind


class Act(StrEnum):
    """What an entry of the play ledger tells of (D10.3)."""

    OPENED = "opened"
    RENEWED = "renewed"
    PLAYED = "played"


PLAYBACK_LIFE = timedelta(hours=4)  # the longest recording; then the right to play is asked for again
LONGEST_HEARTBEAT_MS = 10 * 60 * 1000  # players tell every few seconds; a throttled tab every few minutes


def watermark_text(kind: RenditionKind, *, name: str, email: str, code: str, now: datetime) -> str:
    """Whose screen it is. Over an original name and address are shown: it was opened for a stated purpose (D10.2)."""
    who = f"{name} {email}" if kind is RenditionKind.ORIGINAL else email or name
    return f"{who} · {now.astimezone(UTC):%Y-%m-%d %H:%M} UTC · {code}"


def rewritten(playlist: str, *, name: str, url: str) -> str:
    """The same playlist whose bytes come from `url`, wherever it named the file `name`."""
    lines = []
    for line in playlist.splitlines():
        if line == name:
            lines.append(url)
        else:
            lines.append(line.replace(f'URI="{name}"', f'URI="{url}"'))
    return "\n".join(lines) + "\n"
