"""What an outlet puts right, and the later visit that finds it in order (D8.5, D2.13)."""

import hashlib
import time
from dataclasses import replace
from datetime import datetime, timedelta

import httpx2

from app.cases.rules_actions import Origin, State
from app.cases.rules_files import ContentType
from app.cases.schemas_actions import ActionDetail, ActionOut, NoteIn
from app.cases.schemas_files import FileIn, FileOut, FileUploadOut
from app.demo import arranging
from app.demo.account import Unexpected, expect, require
from app.demo.client import Api, path_of
from app.demo.field import Stay, by_phone, departure, presence
from app.demo.filling import BREACHED, fill, in_batches
from app.demo.phone import Haul
from app.demo.scene import Scene
from app.kit.clock import local_date
from app.kit.ids import new_id
from app.kit.paging import Page
from app.review.schemas import ApprovalOut, ApproveIn
from app.review.schemas_reports import PublishedOut
from app.visits.rules import State as VisitState
from app.visits.schemas import BriefOut, CheckInOut, ReasonIn, VisitOut
from app.visits.schemas_answers import AnswersOut

A_DAY = timedelta(days=1)
SHEET = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Count 0/Kids[]>>endobj\n%%EOF\n"
FOLLOWED_WITHIN_S = 60.0
PAUSE_S = 0.2


def put_right(scene: Scene) -> ActionOut:
    """The publication opened actions; one of them is worked on and proven. Gives it."""
    mona, account = scene.house.mona.api, scene.account
    actions = mona.get(path_of("actions"), Page[ActionOut]).items
    (lifted,) = [one for one in actions if one.item == BREACHED]
    expect("what the appeal lifted needs no measure any more", lifted.state, State.CANCELLED)
    below = [one for one in actions if one.state is State.OPEN]
    require(below, "there are items below the target")
    expect("the publication opened them", {one.origin for one in below}, {Origin.RULE})
    account.shown(
        f"{len(actions)} actions opened by the publication; the one for the lifted veto is cancelled by itself, "
        f"{len(below)} are due on {below[0].due_on}"
    )
    action = below[0]
    at = path_of("actions", action.id)
    mona.post(f"{at}/start", ActionDetail, NoteIn(note="The whole team is trained on Monday."))
    mona.refused("POST", f"{at}/submit-proof", "proof-missing", NoteIn())
    _add_proof(mona, at)
    mona.post(f"{at}/submit-proof", ActionDetail, NoteIn(note="Signed by everybody."))
    accepted = scene.house.sam.api.post(f"{at}/accept-proof", ActionDetail, NoteIn())
    expect("it waits for the next visit", accepted.state, State.AWAITING_RECHECK)
    account.shown(f"{action.text.en}: started, proven with a document, accepted by sam: {accepted.state}")
    return action


def find_in_order(scene: Scene, action: ActionOut, haul: Haul, *, now: datetime) -> None:
    """ian's visit on the next day, and what its publication does. The demonstration does not wait a day: his phone is ahead."""
    visit = _arrange(scene, now=now)
    _go(scene, visit, _of_ian(haul), Stay(now + A_DAY))
    mona, at = scene.house.mona.api, path_of("actions", action.id)
    expect(
        "mona sees nothing of the visit before it is published (D6.6)",
        mona.get(at, ActionDetail).state,
        State.AWAITING_RECHECK,
    )
    published = _publish(scene, visit)
    verified = _verified(mona, at)
    require(verified.verified_by is not None, "the action names the report that verified it")
    assert verified.verified_by is not None
    expect("by the later report", verified.verified_by.alias, published.alias)
    scene.account.shown(
        f"ian's visit of {verified.verified_by.visited_on} found it in order; published, and the action is {verified.state} by itself"
    )


def _add_proof(mona: Api, at: str) -> None:
    body = FileIn(
        id=new_id(),
        content_type=ContentType.PDF,
        size_bytes=len(SHEET),
        md5=hashlib.md5(SHEET, usedforsecurity=False).hexdigest(),
    )
    wanted = mona.post(f"{at}/proofs", FileUploadOut, body)
    assert wanted.upload is not None
    sent = httpx2.request(
        wanted.upload.method, wanted.upload.url, headers=wanted.upload.headers, content=SHEET
    )
    require(sent.is_success, f"the store took the proof, and answered {sent.status_code}")
    mona.post(f"{at}/proofs/{wanted.file.number}/complete", FileOut)


def _arrange(scene: Scene, *, now: datetime) -> VisitOut:
    """Instead of ian's visit in a month: the rotation rule lets him come once (D5)."""
    sam, network = scene.house.sam.api, scene.network
    (later,) = [
        one for one in sam.get(path_of("visits"), Page[VisitOut]).items if one.state is VisitState.RESERVED
    ]
    cancel = path_of("visits", later.id, "cancel")
    sam.post(cancel, VisitOut, ReasonIn(reason="He goes there sooner."), version=later.version)
    on = local_date(now + A_DAY, network.outlet.time_zone)
    return sam.post(path_of("visits"), VisitOut, arranging.wanted(network, scene.house.ian, on=on))


def _of_ian(haul: Haul) -> Haul:
    """The same pictures under ids and hashes of their own: their bytes are never sent here."""

    def other(name: str) -> str:
        return hashlib.sha256(name.encode()).hexdigest()

    photos = [replace(one, id=new_id(), sha256=other(one.sha256)) for one in haul.photos]
    good = replace(haul.good, id=new_id(), sha256=other(haul.good.sha256))
    return replace(haul, good=good, photos=tuple(photos))


def _go(scene: Scene, visit: VisitOut, haul: Haul, stay: Stay) -> None:
    ian, outlet, at = scene.house.ian.api, scene.network.outlet, path_of("visits", visit.id)
    brief = ian.get(f"{at}/brief", BriefOut)
    ian.post(f"{at}/accept", VisitOut)
    ian.post(f"{at}/check-ins", CheckInOut, presence(outlet, stay.entered_at))
    answers = fill(
        brief.checklist,
        purpose=visit.purpose or "",
        haul=haul,
        at=by_phone(stay.left_at),
        is_faultless=True,
    )
    for batch in in_batches(answers):
        ian.put(f"{at}/answers", AnswersOut, batch)
    ian.post(f"{at}/leave", VisitOut, departure(outlet, stay, haul.good, haul))
    handed_in = ian.post(f"{at}/submit", VisitOut)
    expect("ian has handed in", handed_in.state, VisitState.SUBMITTED)


def _publish(scene: Scene, visit: VisitOut) -> PublishedOut:
    rita, at = scene.house.rita.api, path_of("visits", visit.id)
    rita.post(f"{at}/review/open", VisitOut)
    body = ApproveIn(
        summary_for_outlet="Much better; keep it up.",
        without_files_because="This part of the demonstration goes without recordings.",
    )
    rita.post(f"{at}/review/approve", ApprovalOut, body)
    return rita.post(f"{at}/publish", PublishedOut)


def _verified(mona: Api, at: str) -> ActionDetail:
    """A job does it, in the moment after the publication."""
    deadline = time.monotonic() + FOLLOWED_WITHIN_S
    while time.monotonic() < deadline:
        action = mona.get(at, ActionDetail)
        if action.state is State.VERIFIED:
            return action
        time.sleep(PAUSE_S)
    raise Unexpected(f"the action was not verified within {FOLLOWED_WITHIN_S:.0f} s")
