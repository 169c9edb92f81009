"""One visit, whole, as the people around it live it: the table of contents."""

from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

import httpx2

from app.demo import (
    arranging,
    auditing,
    disputing,
    field,
    mending,
    network,
    planning_ahead,
    reviewing,
    sending,
    watching,
)
from app.demo.account import Account
from app.demo.field import Stay
from app.demo.people import House, found, move_in
from app.demo.phone import Haul
from app.demo.scene import Scene
from app.demo.server import Surroundings
from app.kit.clock import Clock
from app.visits.schemas import ScoreOut, VisitOut


@dataclass(frozen=True, slots=True)
class Done:
    """What a visit that was handed in leaves behind."""

    haul: Haul
    stay: Stay
    score: ScoreOut


def play(
    around: Surroundings,
    http: httpx2.Client,
    *,
    organisation: str,
    recorded: Future[Haul],
    log: Path,
    account: Account,
    clock: Clock,
) -> None:
    """Play it against the server that `http` leads to. Raises `Unexpected` at the first thing that is not as it should be."""
    with account.chapter("The organisation sets up"):
        house = _house(around, http, organisation, account)
        scene = Scene(house, network.set_up(house, account, now=clock()), account)
    with account.chapter("The supervisor arranges a visit"):
        visit = arranging.arrange(scene, now=clock())
    with account.chapter("The inspector goes there"):
        done = _go(scene, visit, recorded.result(), clock)
    with account.chapter("The recording travels"):
        sending.send(scene, visit, done.haul)
    with account.chapter("The server works on it"):
        sending.watch_processing(scene, visit, done.haul)
    with account.chapter("The reviewer decides"):
        reviewing.review(scene, visit, done.haul)
        published = reviewing.publish(scene, visit)
    with account.chapter("The outlet manager reads and watches"):
        report = watching.read_report(scene, published, done.score)
        watching.watch(scene, report)
        watching.try_in_vain(scene, visit, done.haul)
        watching.require_blind(scene, visit, done.haul, done.stay)
    with account.chapter("The outlet disputes it, and a panel decides"):
        disputing.dispute(scene, report)
    with account.chapter("What is below the target is put right"):
        action = mending.put_right(scene)
        mending.find_in_order(scene, action, done.haul, now=clock())
    with account.chapter("The supervisor plans the next month"):
        planning_ahead.plan_ahead(scene, now=clock())
    with account.chapter("The auditor checks, and whoever runs the product"):
        auditing.audit(scene, visit, done.haul, around=around)
        auditing.look_at_log(scene, log)


def _house(around: Surroundings, http: httpx2.Client, organisation: str, account: Account) -> House:
    house = move_in(http, organisation, found(around, organisation))
    account.shown(
        "organisation founded; alice invited sam, ivy, ian, nina, ben, rita, mona and otto, who all accepted"
    )
    return house


def _go(scene: Scene, visit: VisitOut, haul: Haul, clock: Clock) -> Done:
    brief = field.prepare(scene, visit)
    scene.account.told(
        "two cameras run: one records well, the other has a covered lens and a dead microphone"
    )
    stay = field.go_in(scene, visit, now=clock())
    field.answer(scene, visit, brief, haul=haul, stay=stay)
    field.leave(scene, visit, haul=haul, stay=stay)
    return Done(haul, stay, field.submit(scene, visit))
