"""Looking for the inspector in everything the outlet's side was given (D10.1)."""

import base64
import re
import urllib.parse
from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from app.demo.account import Unexpected
from app.demo.client import Witness
from app.demo.clips import TELLTALE
from app.demo.filling import SUMMARY, WORDS
from app.demo.people import House
from app.demo.phone import LABELS, Haul
from app.demo.pictures import TELLTALE_EXIF
from app.visits.schemas import CheckInOut, VisitOut

MINUTE = "%Y-%m-%dT%H:%M"
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
FEW_WORDS = 12  # of the inspector's prose: as much as nobody else would write by chance


def clues(
    house: House, visit: VisitOut, haul: Haul, *, entered_at: datetime, checks: Iterable[CheckInOut]
) -> dict[str, str]:
    """Everything that would lead to the inspector, by what it is."""
    at_the_outlet = entered_at.astimezone(ZoneInfo(visit.outlet.time_zone))
    return {
        "name": "Li Xiaolong",
        "name in Chinese": "李小珑",
        "e-mail": house.ivy.member.email,
        "person id": str(house.ivy.id),
        "device id": str(house.phone.id),
        "device name": house.phone.name,
        "visit id": str(visit.id),
        "recording id": str(haul.good.id),
        "recording's file name": haul.good.path.name,
        "recording's hash": haul.good.sha256,
        "summary": SUMMARY[:FEW_WORDS],
        "words of an answer": WORDS[:FEW_WORDS],
        "minute of entry": f"{entered_at:{MINUTE}}",
        "minute of entry at the outlet": f"{at_the_outlet:{MINUTE}}",
        "second of entry": str(int(entered_at.timestamp())),
        **{f"label of the {device}": label for device, label in LABELS.items()},
        **{f"photo id {n}": str(photo.id) for n, photo in enumerate(haul.photos, start=1)},
        **{f"photo hash {n}": photo.sha256 for n, photo in enumerate(haul.photos, start=1)},
        **{f"check-in id {n}": str(check.id) for n, check in enumerate(checks, start=1)},
        **{f"metadata {name}": text for name, text in TELLTALE.items()},
        **{f"EXIF {tag:04x}": text for tag, text in TELLTALE_EXIF.items()},
    }


def require_absent(clues_by_name: Mapping[str, str], witness: Witness) -> int:
    """How many bytes were searched. Raises `Unexpected` naming each clue that was found, and where."""
    found = [
        f"{name} ({text!r}) in {where}"
        for name, text in clues_by_name.items()
        for where, content in witness.heard
        if any(form in content for form in _forms(text))
    ]
    if found:
        raise Unexpected("the outlet's side can tell who came:\n  " + "\n  ".join(found))
    return sum(len(content) for _where, content in witness.heard)


def require_found(clue: str, witness: Witness) -> None:
    """The search itself works: it finds `clue` where it has to be."""
    if not any(form in content for form in _forms(clue) for _where, content in witness.heard):
        raise Unexpected(f"the search does not find {clue!r} even where it is")


def _forms(text: str) -> Iterable[bytes]:
    """The ways in which a text may hide in bytes."""
    forms = [
        text.encode(),
        text.encode("utf-16-le"),
        base64.b64encode(text.encode()).rstrip(b"="),
        urllib.parse.quote(text).encode(),
        text.encode("unicode_escape"),
    ]
    if _UUID.fullmatch(text):
        identity = UUID(text)
        forms += [
            identity.hex.encode(),
            identity.bytes,
            base64.urlsafe_b64encode(identity.bytes).rstrip(b"="),
        ]
    return dict.fromkeys(forms)
