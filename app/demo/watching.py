"""What the outlet manager does: read the report, see what it cost, watch the second that shows it."""

import re

import httpx2

from app.demo.account import Unexpected, expect, require
from app.demo.blindness import clues, require_absent, require_found
from app.demo.client import Api, Witness, path_of
from app.demo.field import Stay
from app.demo.filling import BREACH_AT_MS, BREACHED
from app.demo.people import SAM
from app.demo.phone import Haul
from app.demo.scene import Scene
from app.kit.paging import Page
from app.recordings.schemas import HeartbeatIn, PlaybackOut
from app.review.rules import PublishedMedium
from app.review.schemas_reports import PublishedOut, ReportDetail, ReportOut
from app.visits.schemas import CheckInOut, ScoreOut, VisitOut

WATCHED_MS = 3_000
PIECE_BYTES = 256 * 1024
CONTENT_RANGE = re.compile(r"bytes \d+-\d+/(\d+)")


def read_report(scene: Scene, published: PublishedOut, score: ScoreOut) -> ReportDetail:
    """The list, and the report that explains its score (D3.6, D8.3)."""
    mona, account = scene.house.mona.api, scene.account
    listed = mona.get(path_of("reports"), Page[ReportOut]).items
    expect("the manager's list has the published visit", [one.alias for one in listed], [published.alias])
    report = mona.get(path_of("reports", published.alias), ReportDetail)
    expect("the published total is the score's", report.total, score.total)
    expect("and so is the total without vetoes", report.total_without_vetoes, score.total_without_vetoes)
    account.shown(
        f"mona's report: {report.outlet.name_en}, {report.visited_on}, {report.day_part}: "
        f"{report.total:.2f} points, {report.total_without_vetoes:.2f} without vetoes"
    )
    for dimension in report.dimensions:
        took = f", vetoed by {', '.join(dimension.vetoed_by)}" if dimension.vetoed_by else ""
        account.told(
            f"{dimension.title.zh} {dimension.title.en}: {dimension.contribution:.2f} of {dimension.available:.2f}{took}"
        )
    (veto,) = report.veto_list
    shown = [(one.recording, one.at_ms) for one in veto.evidence if one.recording is not None]
    expect(
        "the veto names its rule and the second that shows it",
        (veto.item, shown),
        (BREACHED, [(1, BREACH_AT_MS)]),
    )
    account.shown(
        f"veto: {veto.text.zh} ({veto.scope} {veto.target}), shown at 0:31 of recording 1 and in a photo"
    )
    return report


def watch(scene: Scene, report: ReportDetail) -> None:
    """The rendition from the second of the breach on, by Range; the photos; what is beside the player."""
    mona, witness = scene.house.mona.api, scene.house.witness
    (recording,) = [one for one in report.files if one.medium is PublishedMedium.RECORDING]
    with httpx2.Client(event_hooks={"response": [witness.hear]}, timeout=60) as browser:
        player = mona.post(path_of("reports", report.alias, "recordings", "1", "play"), PlaybackOut)
        size = _piece(browser, player.url, start=0)
        start = size * BREACH_AT_MS // (recording.duration_ms or 1)
        _piece(browser, player.url, start=start)
        mona.tell(
            path_of("playbacks", player.id, "heartbeat"),
            HeartbeatIn(from_ms=BREACH_AT_MS, to_ms=BREACH_AT_MS + WATCHED_MS, ended=True),
        )
        scene.account.shown(
            f"plays the rendition from 0:31: Range bytes={start}- of {size}, 206; heartbeat: {WATCHED_MS // 1000} s noted"
        )
        links = [player.url, *player.companions.values(), *_photos(mona, report)]
        for link in links:
            response = browser.get(link)
            require(response.is_success, f"{response.status_code} for {link}")
    beside = ", ".join(sorted(player.companions))
    photos = sum(one.medium is PublishedMedium.PHOTO for one in report.files)
    scene.account.shown(f"beside it: {beside}; {photos} photos")


def try_in_vain(scene: Scene, visit: VisitOut, haul: Haul) -> None:
    """What is not the manager's: the visit itself, future ones, originals."""
    mona = scene.house.mona.api
    expect(
        "the manager sees no visits, past or future (D6.6)",
        mona.get(path_of("visits"), Page[VisitOut]).items,
        [],
    )
    for path in (
        path_of("visits", visit.id),
        path_of("visits", visit.id, "recordings"),
        path_of("recordings", haul.good.id),
        path_of("people", scene.house.ivy.id),
    ):
        mona.refused("GET", path, "not-found")
    scene.account.shown("visits, plans, originals, people: not found for mona, whatever id she tries")


def require_blind(scene: Scene, visit: VisitOut, haul: Haul, stay: Stay) -> None:
    """Nothing of the inspector is in anything mona was given; the same search finds her in what sam gets (D10.1)."""
    sams = Witness()
    sam = scene.house.log_in(SAM, witness=sams)
    checks = sam.get(path_of("visits", visit.id, "check-ins"), list[CheckInOut])
    sam.get(path_of("visits", visit.id), VisitOut)
    looked_for = clues(scene.house, visit, haul, entered_at=stay.entered_at, checks=checks)
    searched = require_absent(looked_for, scene.house.witness)
    for clue in (looked_for["person id"], looked_for["check-in id 1"]):
        require_found(clue, sams)
    scene.account.shown(
        f"{len(looked_for)} traces of the inspector looked for in all {searched / 2**20:.1f} MiB that mona got, "
        "headers and files included: none (the same search finds them in what sam gets)"
    )


def _photos(mona: Api, report: ReportDetail) -> list[str]:
    numbers = [one.number for one in report.files if one.medium is PublishedMedium.PHOTO]
    return [
        mona.post(path_of("reports", report.alias, "photos", str(number), "play"), PlaybackOut).url
        for number in numbers
    ]


def _piece(browser: httpx2.Client, url: str, *, start: int) -> int:
    """One piece of a file by Range. Gives the size of the whole."""
    response = browser.get(url, headers={"Range": f"bytes={start}-{start + PIECE_BYTES - 1}"})
    whole = CONTENT_RANGE.fullmatch(response.headers.get("content-range", ""))
    if response.status_code != httpx2.codes.PARTIAL_CONTENT or whole is None:
        raise Unexpected(f"a Range request should be answered with 206, and was with {response.status_code}")
    return int(whole[1])
