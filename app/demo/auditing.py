"""What the auditor does, and whoever runs the product: an original with a purpose, a whole ledger, a quiet log."""

from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from pydantic import BaseModel, TypeAdapter

from app.demo.account import expect, require
from app.demo.client import path_of
from app.demo.people import CAST
from app.demo.phone import Haul
from app.demo.scene import Scene
from app.demo.server import Surroundings, complaints
from app.recordings.rules import RenditionKind
from app.recordings.schemas import PlaybackOut, PlayIn
from app.visits.schemas import VisitOut

PLAYS = (
    8  # at least: rita's, mona's of the recording and of each photo, otto's; with the seconds they told of
)


class Chain(BaseModel):
    """What `plainclothes ledger verify` says of an organisation's chain."""

    organisation_id: UUID
    entries: int
    is_whole: bool


def audit(scene: Scene, visit: VisitOut, haul: Haul, *, around: Surroundings) -> None:
    """Originals are for auditors alone, with a purpose (D10.2); every play is in the chain (D10.3)."""
    path = path_of("visits", visit.id, "recordings", haul.good.id, "play")
    original = PlayIn(purpose="audit of the appeal practice", rendition=RenditionKind.ORIGINAL)
    scene.house.sam.api.refused("POST", path, "forbidden", original)
    scene.house.otto.api.post(path, PlaybackOut, original)
    scene.account.shown("the original: refused to sam, opened for otto, whose grant covers the region")

    printed = around.run(["ledger", "verify"])
    chains: Sequence[Chain] = TypeAdapter(list[Chain]).validate_json(printed)
    me = scene.house.otto.api.me()
    (chain,) = [one for one in chains if one.organisation_id == me.organisation.id]
    expect("the chain of plays is whole", chain.is_whole, True)
    require(
        chain.entries >= PLAYS, f"{chain.entries} entries in the ledger, at least {PLAYS} plays were made"
    )
    scene.account.shown(
        f"play ledger verified: {chain.entries} entries, each chained to the one before, none missing"
    )


def look_at_log(scene: Scene, log: Path) -> None:
    """All went well, and nobody is named."""
    expect("the server warned of nothing", complaints(log), [])
    text = log.read_text(encoding="utf-8")
    named = [member.key for member in CAST if member.name in text or member.email in text]
    expect("no personal data is in the log", named, [])
    scene.account.shown(f"the server's log: {text.count(chr(10))} lines, no warning, nobody named")
