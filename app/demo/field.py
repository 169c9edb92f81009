"""What the inspector does: read, accept, go in, answer without a network, be held at the gate, leave, hand in."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain

from app.demo.account import expect, require
from app.demo.client import path_of
from app.demo.filling import BREACHED, fill, in_batches
from app.demo.phone import Haul, Taken
from app.demo.scene import Scene
from app.kit.ids import new_id
from app.kit.paging import Page
from app.outlets.positions import Datum, Position, to_wgs84
from app.outlets.schemas import OutletOut
from app.visits.rules import State
from app.visits.schemas import BriefOut, CheckInIn, CheckInOut, LeaveIn, PositionIn, ScoreOut, VisitOut
from app.visits.schemas_answers import AnswersOut
from app.visits.schemas_leaving import GateOut

STAY = timedelta(seconds=66)
STEPS_AWAY = 0.0004  # degrees of latitude, about 45 m: outside, out of sight of the staff (D7.2)
CLOCK_OFFSET = timedelta(seconds=-41)  # server minus phone: the phone is fast


@dataclass(frozen=True, slots=True)
class Stay:
    """When the inspector went in and out, by the true time."""

    entered_at: datetime

    @property
    def left_at(self) -> datetime:
        return self.entered_at + STAY


def prepare(scene: Scene, visit: VisitOut) -> BriefOut:
    """Read the brief and say yes."""
    ivy = scene.house.ivy.api
    mine = ivy.get(path_of("visits"), Page[VisitOut]).items
    expect("an inspector sees the own visits and no others (D6.6)", [each.id for each in mine], [visit.id])
    brief = ivy.get(path_of("visits", visit.id, "brief"), BriefOut)
    require(BREACHED in brief.veto_items, f"{BREACHED} should be among the basic norms of the brief")
    demands = brief.demands
    scene.account.shown(
        f"brief read: {len(brief.required_items)} required answers, {len(brief.veto_items)} basic norms to know first, "
        f"{demands.recording_minutes:g} min of {demands.recording}, {demands.photos} photos, good offline until {brief.offline_until:%d %b}"
    )
    accepted = ivy.post(path_of("visits", visit.id, "accept"), VisitOut)
    expect("the inspector said yes", accepted.state, State.ACCEPTED)
    scene.account.shown("accepted")
    return brief


def go_in(scene: Scene, visit: VisitOut, *, now: datetime) -> Stay:
    """Check in, told afterwards: there was no network inside."""
    stay = Stay(now - STAY - timedelta(seconds=5))
    body = presence(scene.network.outlet, stay.entered_at)
    path = path_of("visits", visit.id, "check-ins")
    check = scene.house.ivy.api.post(path, CheckInOut, body)
    again = scene.house.ivy.api.post(path, CheckInOut, body)
    expect("a check-in sent again is the same check-in (D11)", again, check)
    require(
        check.distance_m is not None and check.distance_m < 100, f"{check.distance_m} m away from the outlet?"
    )
    scene.account.shown(
        f"checked in {check.distance_m:.0f} m from the outlet (map in GCJ-02, phone in WGS-84); "
        f"phone {-CLOCK_OFFSET.total_seconds():.0f} s fast, put right; sent twice, kept once"
    )
    return stay


def answer(scene: Scene, visit: VisitOut, brief: BriefOut, *, haul: Haul, stay: Stay) -> None:
    """Every item, in batches as the network allows; one of them twice."""
    purpose = visit.purpose or ""
    answers = fill(brief.checklist, purpose=purpose, haul=haul, at=by_phone(stay.left_at))
    batches = list(in_batches(answers))
    path = path_of("visits", visit.id, "answers")
    for batch in chain(batches, batches[1:2]):
        kept = scene.house.ivy.api.put(path, AnswersOut, batch)
    expect("a batch sent twice doubles nothing", len(kept.answers), len(answers))
    expect("every required answer is there", kept.progress.missing, [])
    expect("the breach has its evidence (D4.3)", kept.progress.vetoes_without_evidence, [])
    scene.account.shown(
        f"{len(answers)} answers in {len(batches)} batches, the second sent twice: nothing doubled, nothing missing"
    )
    scene.account.told(
        f"basic norm breached: {BREACHED}, with a second of the recording and a photo as evidence"
    )


def leave(scene: Scene, visit: VisitOut, *, haul: Haul, stay: Stay) -> None:
    """The gate refuses the covered camera's clip and lets the phone's pass (D7.3)."""
    path = path_of("visits", visit.id, "leave")
    for sentence in haul.covered.sentences[:2]:
        scene.account.told(f"button camera, looked into on site: {sentence}")
    held = scene.house.ivy.api.refused(
        "POST", path, "leave-gate-shut", departure(scene.network.outlet, stay, haul.covered, haul)
    )
    unmet = held.member("unmet")
    require(isinstance(unmet, list), "the refusal lists every unmet rule")
    assert isinstance(unmet, list)
    rules = [rule["rule"] for rule in unmet]
    wanted = {"recording-not-black", "recording-not-silent", "recording-length"}
    require(wanted <= set(rules), f"the gate should name {sorted(wanted)}, and named {rules}")
    scene.account.shown(f"leave gate shut: {', '.join(rules)}")

    gone = scene.house.ivy.api.post(path, VisitOut, departure(scene.network.outlet, stay, haul.good, haul))
    expect("with the phone's clip the inspector may leave", gone.state, State.LEFT)
    gate = scene.house.ivy.api.get(path_of("visits", visit.id, "gate"), GateOut)
    require(gate.may_leave and gate.coverage >= 0.9, f"the gate is open, and says {gate.model_dump_json()}")
    scene.account.shown(
        f"with the phone's clip: may leave; {gate.recorded_minutes:.1f} min recorded, {gate.coverage:.0%} of the stay covered"
    )


def submit(scene: Scene, visit: VisitOut) -> ScoreOut:
    """Hand in; the recordings may follow."""
    handed_in = scene.house.ivy.api.post(path_of("visits", visit.id, "submit"), VisitOut)
    expect("handed in", handed_in.state, State.SUBMITTED)
    (score,) = scene.house.sam.api.get(path_of("visits", visit.id, "scores"), list[ScoreOut])
    require(score.total is not None and score.total_without_vetoes is not None, "the visit has a score")
    assert score.total is not None
    assert score.total_without_vetoes is not None
    require(score.total < score.total_without_vetoes, "a veto that fires lowers the total (D4)")
    scene.account.shown(
        f"submitted; score {score.total:.2f}, without vetoes {score.total_without_vetoes:.2f} "
        f"(profile {score.weight_profile}, completeness {score.completeness:.0%})"
    )
    return score


def departure(outlet: OutletOut, stay: Stay, video: Taken, haul: Haul) -> LeaveIn:
    return LeaveIn(
        check_out=presence(outlet, stay.left_at),
        files=[
            video.declared(started_at=by_phone(stay.entered_at)),
            *(photo.declared(started_at=by_phone(stay.left_at)) for photo in haul.photos),
        ],
    )


def presence(outlet: OutletOut, at: datetime) -> CheckInIn:
    """A few steps beside the door, by the phone's own clock."""
    assert outlet.position is not None
    here = outlet.position
    door = to_wgs84(Position(here.latitude, here.longitude, Datum(here.datum)))
    return CheckInIn(
        id=new_id(),
        device_at=by_phone(at),
        clock_offset_ms=round(CLOCK_OFFSET.total_seconds() * 1000),
        position=PositionIn(latitude=door.latitude + STEPS_AWAY, longitude=door.longitude, accuracy_m=12.0),
    )


def by_phone(at: datetime) -> datetime:
    return at - CLOCK_OFFSET
