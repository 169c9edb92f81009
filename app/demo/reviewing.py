"""What the reviewer does: look, confirm the breach as a second person, approve, publish."""

from app.demo import second_marking
from app.demo.account import expect, require
from app.demo.client import path_of
from app.demo.filling import BREACH_AT_MS, BREACHED
from app.demo.phone import Haul
from app.demo.scene import Scene
from app.kit.paging import Page
from app.recordings.schemas import HeartbeatIn, PlaybackOut, PlayIn
from app.review.rules import Verdict
from app.review.schemas import ApprovalOut, ApproveIn, FiredVetoOut, QueuedOut, ReviewOut, VerdictIn
from app.review.schemas_reports import PublishedOut
from app.visits.rules import State
from app.visits.schemas import VisitOut

WATCHED_MS = 4_000
SUMMARY = (
    "Tidy hall, patient and complete advice. Private phone use at a counter has to stop while customers wait."
)


def review(scene: Scene, visit: VisitOut, haul: Haul) -> None:
    """Nothing is approved before a second person has confirmed what takes points away (D4.3)."""
    rita, account = scene.house.rita.api, scene.account
    queue = rita.get(path_of("reviews"), Page[QueuedOut]).items
    expect("the visit waits for review", [one.visit.id for one in queue], [visit.id])
    account.shown(f"in rita's queue, due {queue[0].due_at:%d %b %H:%M} UTC (D8.1)")
    opened = rita.post(path_of("visits", visit.id, "review", "open"), VisitOut)
    expect("the review is open", opened.state, State.IN_REVIEW)
    sheet = rita.get(path_of("visits", visit.id, "review"), ReviewOut)
    expect("the breached norm is on the sheet", [one.item for one in sheet.vetoes], [BREACHED])

    approve = path_of("visits", visit.id, "review", "approve")
    body = ApproveIn(summary_for_outlet=SUMMARY)
    refusal = rita.refused("POST", approve, "approval-blocked", body)
    require(
        "veto-unconfirmed" in str(refusal.member("blocks")),
        "an unconfirmed veto stands between, and is named",
    )
    account.shown("approval refused before the veto is confirmed: veto-unconfirmed (D4.3)")

    _watch(scene, visit, haul)
    verdict = VerdictIn(verdict=Verdict.CONFIRMED, reason="Seen at 0:31: a phone game at counter 3.")
    vetoes = rita.post(
        path_of("visits", visit.id, "review", "vetoes", BREACHED, "verdict"), list[FiredVetoOut], verdict
    )
    expect("the veto is confirmed", [one.verdict for one in vetoes], [Verdict.CONFIRMED])
    refusal = rita.refused("POST", approve, "approval-blocked", body)
    require("second-marking-missing" in str(refusal.member("blocks")), "a second marking is awaited")
    second_marking.mark(scene, visit, haul)
    sheet = rita.get(path_of("visits", visit.id, "review"), ReviewOut)
    differing = [one.item for one in sheet.second_marking.pairs if one.differs]
    expect("rita sees where sam saw it otherwise", differing, [second_marking.DIFFERENT])
    account.shown(f"rita reads both beside each other: {len(sheet.second_marking.pairs)} items, 1 differs")
    approval = rita.post(approve, ApprovalOut, body)
    expect("approved", approval.state, State.APPROVED)
    account.shown("veto watched and confirmed by rita, visit approved; nothing is ever approved by itself")


def publish(scene: Scene, visit: VisitOut) -> PublishedOut:
    published = scene.house.rita.api.post(path_of("visits", visit.id, "publish"), PublishedOut)
    scene.account.shown(f"published under the random alias {published.alias}")
    return published


def _watch(scene: Scene, visit: VisitOut, haul: Haul) -> None:
    """Play the moment of the breach; the ledger keeps who, what, which seconds, why (D10.3)."""
    rita = scene.house.rita.api
    path = path_of("visits", visit.id, "recordings", haul.good.id, "play")
    player = rita.post(path, PlaybackOut, PlayIn(purpose="review of the visit"))
    beat = HeartbeatIn(from_ms=BREACH_AT_MS, to_ms=BREACH_AT_MS + WATCHED_MS, ended=True)
    rita.tell(path_of("playbacks", player.id, "heartbeat"), beat)
