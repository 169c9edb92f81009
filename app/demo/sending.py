"""How the files travel: straight to the object store, over a line that breaks, and on from where the store is."""

import time

import httpx2

from app.client.uploading import Sent, Uploader
from app.demo.account import Unexpected, expect, require
from app.demo.broken_line import BrokenLine, LineBroke
from app.demo.client import Api, path_of
from app.demo.people import IVY
from app.demo.phone import Haul, Taken
from app.demo.scene import Scene
from app.recordings.rules import Kind, State
from app.recordings.schemas import RecordingIn, RecordingOut
from app.recordings.upload_rules import PART_BYTES
from app.visits.schemas import VisitOut
from app.visits.schemas_recordings import EvidenceOut

BREAKS_AFTER_BYTES = int(1.6 * PART_BYTES)  # one part is through, the next is half way
STORE_PATIENCE_S = 60.0
PROCESSED_WITHIN_S = 300.0
PAUSE_S = 0.2
MIB = 1024 * 1024


def send(scene: Scene, visit: VisitOut, haul: Haul) -> None:
    """The recording with a break and a lost phone; the photos without."""
    _interrupted(scene, visit, haul.good)
    _resumed(scene, haul.good)
    with httpx2.Client(timeout=STORE_PATIENCE_S) as store:
        for photo in haul.photos:
            _declare(scene.house.ivy.api, visit, photo)
            Uploader(scene.house.ivy.api, store).send(photo.id, photo.path)
    scene.account.shown(f"{len(haul.photos)} photos uploaded")


def watch_processing(scene: Scene, visit: VisitOut, haul: Haul) -> None:
    """Progress until every file is processed, as the inspector's phone sees it."""
    recording = _processed(scene, haul.good, tell=True)
    require(
        recording.may_free_copy, "the phone may free its copy once the server has read and hashed all bytes"
    )
    for photo in haul.photos:
        _processed(scene, photo, tell=False)
    evidence = scene.house.sam.api.get(path_of("visits", visit.id, "recordings"), EvidenceOut)
    expect("nothing declared is missing", evidence.missing, [])
    (found,) = [one for one in evidence.recordings if one.id == haul.good.id]
    require(
        found.report is not None and not found.report.black and not found.report.silent,
        "the recording is good",
    )
    renditions = ", ".join(sorted(found.renditions))
    scene.account.shown(
        f"SHA-256 verified, the phone may free its copy; sealed original and renditions: {renditions}"
    )


def _interrupted(scene: Scene, visit: VisitOut, taken: Taken) -> None:
    declared = _declare(scene.house.ivy.api, visit, taken)
    again = _declare(scene.house.ivy.api, visit, taken)
    expect("a declaration sent again is the same upload (D11)", again.id, declared.id)
    line = httpx2.Client(transport=BrokenLine(after_bytes=BREAKS_AFTER_BYTES), timeout=STORE_PATIENCE_S)
    try:
        Uploader(scene.house.ivy.api, line).send(taken.id, taken.path)
    except LineBroke:
        scene.account.shown(
            f"upload of {taken.size_bytes / MIB:.1f} MiB in {declared.part_count} parts: line cut inside the second"
        )
    else:
        raise Unexpected("the line should have been cut in the middle of the upload")
    finally:
        line.close()


def _resumed(scene: Scene, taken: Taken) -> None:
    """The app was reinstalled: nothing is known but who one is, the recording's id and the file."""
    anew = scene.house.log_in(IVY, phone=scene.house.phone)
    with httpx2.Client(timeout=STORE_PATIENCE_S) as store:
        sent = Uploader(anew, store).send(taken.id, taken.path)
        twice = Uploader(anew, store).send(taken.id, taken.path)
    expect("what arrived before the cut is not sent again", sent.parts_found, 1)
    expect("a completed upload has nothing left to send", twice.parts_sent, 0)
    _require_stored(sent)
    scene.account.shown(
        f"all memory lost but the id and the file; the store's list says {sent.parts_found} part is there: "
        f"{sent.parts_sent} sent, completed ({sent.recording.state})"
    )


def _require_stored(sent: Sent) -> None:
    arrived = {State.STORED, State.VERIFIED, State.PROCESSED}
    require(sent.recording.state in arrived, f"the upload is complete, and is {sent.recording.state}")


def _declare(ivy: Api, visit: VisitOut, taken: Taken) -> RecordingOut:
    body = RecordingIn(
        id=taken.id,
        medium=Kind(taken.medium),
        content_type=taken.content_type,
        device_kind=taken.device,
        size_bytes=taken.size_bytes,
        sha256=taken.sha256,
    )
    return ivy.post(path_of("visits", visit.id, "recordings"), RecordingOut, body)


def _processed(scene: Scene, taken: Taken, *, tell: bool) -> RecordingOut:
    deadline = time.monotonic() + PROCESSED_WITHIN_S
    last = ""
    while time.monotonic() < deadline:
        recording = scene.house.ivy.api.get(path_of("recordings", taken.id), RecordingOut)
        if recording.rejected is not None:
            raise Unexpected(f"{taken.path.name} was rejected: {recording.rejected.en}")
        now = f"{recording.state}, {recording.progress:.0%}"
        if tell and now != last:
            scene.account.told(now)
        if recording.state is State.PROCESSED:
            return recording
        last = now
        time.sleep(PAUSE_S)
    raise Unexpected(f"{taken.path.name} was not processed within {PROCESSED_WITHIN_S:.0f} s: {last}")
