"""Letters for PDFs: Chinese ones too, drawn from TrueType outlines, which are what gets embedded.

Debian's `fonts-noto-cjk` has other outlines and cannot be used. A PDF is the same, byte for byte, where the font is the same.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont

# Where systems keep one that covers both languages: Debian's fonts-wqy-microhei, macOS. (Droid Sans Fallback has no Latin
# letters.)
PLACES: Sequence[str] = (
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/System/Library/Fonts/STHeiti Light.ttc",
    "/System/Library/Fonts/Supplemental/Arial Unicode.ttf",
    "/Library/Fonts/Arial Unicode.ttf",
)


class NoFont(Exception):
    """No font with Chinese letters was found."""


@cache
def letters(given: str = "") -> str:
    """The name under which a font with Chinese letters is registered: `given`, a file, or the system's. Raises `NoFont`."""
    for number, place in enumerate([given] if given else PLACES):
        if Path(place).is_file():
            name = f"letters-{number}-{Path(place).stem}"
            try:
                pdfmetrics.registerFont(TTFont(name, place))
            except TTFError:  # other outlines, or damaged: the next one may do
                continue
            return name
    raise NoFont(
        "no TrueType font with Chinese letters: install fonts-wqy-microhei, or name one in PLAINCLOTHES_REPORT_FONT"
    )
