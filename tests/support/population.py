"""A small network with people of every role and visits in several states, for tests that look at everything at once.

South: sam supervises, rita reviews, mona manages gz-1, otto has a grant. North: sue supervises, nina manages bj-1.
olga is an auditor without a grant, bea a backup; bob is the admin of another organisation. ivy's visits are in the south, one of
them published; ian's one is in the north.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from app.bulletins.models import Bulletin, BulletinFile
from app.bulletins.rules import files_wanted
from app.events.kinds import Kind
from app.events.service import announce
from app.identity.actor import Role
from app.identity.models import Device, Invitation
from app.identity.tokens import fingerprint
from app.kit.ids import new_id
from app.outlets.models import Outlet, OutletClosure
from tests.support.cases import PDF, PNG, Court
from tests.support.places import a_grant, a_programme, a_region, an_outlet, in_charge
from tests.support.planned import asked
from tests.support.review import Case, Desk, a_desk
from tests.support.visits import SHA, Scene
from tests.support.webhooks import a_webhook
from tests.support.world import Caller, World

NEWCOMERS = {"sue": Role.SUPERVISOR, "nina": Role.OUTLET_MANAGER, "olga": Role.AUDITOR, "bea": Role.INSPECTOR}
NOTICED = {"gaps": [{"from_ms": 30_000, "to_ms": 36_000, "why": "muted"}], "markers_ms": [82_000]}
TUESDAY = "2026-03-03"  # a day after the first visit, which is published by then
INVITATION_TOKEN = "an-invitation-nobody-has-used-yet"


@dataclass
class Population:
    """`ids` lists ids by the name of the parameter that takes them, the south's first; `visits` by their state.

    `elsewhere` has those that belong to the other organisation.
    """

    desk: Desk
    ids: dict[str, list[str]] = field(default_factory=dict)
    visits: dict[str, str] = field(default_factory=dict)
    elsewhere: set[str] = field(default_factory=set)

    @property
    def world(self) -> World:
        return self.desk.world

    @property
    def scene(self) -> Scene:
        return self.desk.scene

    def know(self, name: str, *ids: UUID | str) -> None:
        self.ids.setdefault(name, []).extend(str(one) for one in ids)

    def person(self, name: str) -> Caller:
        return self.world.callers[name]


async def populate(world: World) -> Population:
    desk = await a_desk(world)
    for name in ("alice", "otto", "bob"):
        await world.person(name)
    for name, role in NEWCOMERS.items():
        await world.newcomer(name, role)
    people = Population(desk)
    scene = desk.scene
    everybody = ("ivy", "ian", "sam", "rita", "mona", "otto", "sue", "nina", "olga", "alice", "bob")
    people.know("person_id", *(people.person(name).id for name in everybody))
    people.know("inspector_id", scene.ivy.id, scene.ian.id)
    people.know("version_id", scene.version.id)
    people.know("checklist_version_id", scene.version.id)
    people.know("programme_id", scene.programme.id)
    await _papers(people)
    await _south(people)
    await _north(people)
    await _elsewhere(people)
    return people


async def _south(people: Population) -> None:
    """Outlets, and a visit of ivy's in each state of its life."""
    scene, desk = people.scene, people.desk
    others = [await an_outlet(people.world, f"gz-{number}", region=scene.region) for number in range(2, 9)]
    people.know("region_id", scene.region.id)
    people.know("outlet_id", scene.outlet.id, *(outlet.id for outlet in others))
    published = await desk.submitted(noticed=NOTICED)
    hall = await an_outlet(people.world, "gz-9", region=scene.region)
    await in_charge(people.world, desk.mona, outlet=hall)
    second = await desk.submitted(outlet_id=str(hall.id))
    await desk.approved(second)
    people.know("alias", await desk.published(published), await desk.published_too(second))
    cases = [await desk.submitted(outlet_id=str(outlet.id), on=TUESDAY) for outlet in others[:3]]
    await desk.opened(cases[1])
    await desk.excused(cases[1])
    assert (await desk.judge(cases[1])).status_code == 200
    await desk.approved(cases[2])
    crew = [
        {"person_id": str(people.person(name).id), "role": role}
        for name, role in (("ivy", "lead"), ("bea", "backup"))
    ]
    reserved, entered, left = [
        await scene.arranged(scene.ivy, outlet_id=str(outlet.id), on=TUESDAY, crew=crew)
        for outlet in others[3:6]
    ]
    await scene.entered(entered)
    await scene.entered(left)
    await scene.left(left)
    corrected = await _corrected(people, others[6])
    people.visits = {
        "corrected": corrected.visit,
        "published": published.visit,
        **dict(zip(("submitted", "in_review", "approved"), (case.visit for case in cases), strict=True)),
        "reserved": reserved,
        "entered": entered,
        "left": left,
    }
    people.know("visit_id", published.visit, *people.visits.values())
    people.know("marker_id", scene.sam.id)
    people.know("marking_id", await desk.assigned(corrected, desk.rita))
    people.know("marked_recording_id", corrected.video)
    people.world.clock.advance(hours=25)
    people.know("recording_id", published.video, published.photos[0], cases[0].video)
    await _watching(people, published)
    await _bulletin(people)
    await _remark(people)
    await _disputes(people)


async def _corrected(people: Population, outlet: Outlet) -> Case:
    """A visit that sam sent back, with a second revision of its answers; rita is to mark it a second time."""
    scene, desk = people.scene, people.desk
    case = await desk.submitted(outlet_id=str(outlet.id), on=TUESDAY)
    body = {"reason": "Look at the floor.", "items": [{"item": "tidy", "reason": "It is dirty."}]}
    sent = await scene.sam.post(f"/v1/visits/{case.visit}/review/send-back", json=body)
    assert sent.status_code == 200, sent.text
    people.world.clock.advance(minutes=1)
    await scene.answered(case.visit, None, tidy=False, **{"no-smoking": True})
    await scene.submitted(case.visit)
    return case


async def _bulletin(people: Population) -> None:
    """The south's report of the month before, as the job leaves it, but for the files themselves."""
    world, south = people.world, str(people.scene.region.id)
    asked = await people.scene.sam.post("/v1/bulletins", json={"cadence": "monthly", "region_id": south})
    assert asked.status_code == 202, asked.text
    bulletin_id = UUID(asked.json()["id"])
    async with world.database.writing() as session:
        row = await session.get_one(Bulletin, bulletin_id)
        row.as_of = row.ready_at = world.clock.now
        row.content_sha256, row.score_revisions = SHA, 1
        for language, format_ in files_wanted():
            file = BulletinFile(bulletin_id=bulletin_id, language=language, format=format_)
            file.size_bytes, file.sha256, file.drawn_at = 40_000, SHA, world.clock.now
            session.add(file)
    people.know("bulletin_id", bulletin_id)
    people.know("language", "zh")
    people.know("format", "pdf")


async def _watching(people: Population, case: Case) -> None:
    body = {"purpose": "review of the visit"}
    address = f"/v1/visits/{case.visit}/recordings/{case.video}/play"
    begun = await people.person("rita").post(address, json=body)
    assert begun.status_code == 201, begun.text
    people.know("playback_id", begun.json()["id"])


async def _remark(people: Population) -> None:
    """mona says something at a second of the report."""
    comment = str(new_id())
    body = {"id": comment, "at_ms": 83_000, "text": "The smoke came in from the street."}
    at = f"/v1/reports/{people.ids['alias'][0]}/recordings/1/comments"
    said = await people.desk.mona.post(at, json=body)
    assert said.status_code == 201, said.text
    people.know("comment_id", comment)


async def _disputes(people: Population) -> None:
    """Two appeals against reports of ivy's, one that waits for the desk and one before sue and olga; actions in three states."""
    court = Court(people.desk, *(people.person(name) for name in ("sue", "olga", "nina")))
    await court.followed_up()
    first, second = people.ids["alias"]
    filed = await court.filed(first, "tidy")
    await court.attached(f"/v1/appeals/{filed}/attachments", PDF, "application/pdf", by=court.mona)
    admitted = await court.admitted(second, "no-smoking")
    people.know("appeal_id", filed, admitted)
    people.know("owner_id", court.mona.id)
    found = {(one["report"]["alias"], one["item"]): one["id"] for one in await court.actions()}
    begun, proven = [found[first, item] for item in ("no-smoking", "patience")]
    people.know("action_id", begun, proven, found[second, "patience"])
    assert (await court.act(begun, "start")).status_code == 200
    for action in (begun, proven):
        await court.attached(f"/v1/actions/{action}/proofs", PNG, "image/png", by=court.mona)
    assert (await court.act(proven, "submit-proof")).status_code == 200


async def _north(people: Population) -> None:
    scene, world = people.scene, people.world
    north = await a_region(world, "north", jurisdiction="CN-11")
    outlet = await an_outlet(world, "bj-1", region=north)
    await in_charge(world, people.person("sue"), region=north)
    await in_charge(world, people.person("nina"), outlet=outlet)
    body = scene.body(scene.ian, outlet_id=str(outlet.id), on=TUESDAY)
    made = await people.person("sue").post("/v1/visits", json=body)
    assert made.status_code == 201, made.text
    people.know("region_id", north.id)
    people.know("outlet_id", outlet.id)
    people.know("visit_id", made.json()["id"])


async def _elsewhere(people: Population) -> None:
    """What another organisation has."""
    world = people.world
    region = await a_region(world, "centre", organisation="southgate")
    outlet = await an_outlet(world, "sg-1", region=region)
    programme = await a_programme(world, organisation="southgate")
    people.know("region_id", region.id)
    people.know("outlet_id", outlet.id)
    people.know("programme_id", programme.id)
    people.elsewhere = {str(one.id) for one in (region, outlet, programme, people.person("bob"))}


async def _papers(people: Population) -> None:
    """A grant, an invitation, a closure, a waiver and a phone."""
    scene, world = people.scene, people.world
    now = world.clock.now
    alice, ivy = people.person("alice"), people.person("ivy")
    grant = await a_grant(world, people.person("otto"), region=scene.region)
    invitation = Invitation(
        id=new_id(),
        organisation_id=alice.actor.organisation_id,
        email="newcomer@northwind.example",
        name="Newcomer",
        roles=[Role.INSPECTOR],
        token_hash=fingerprint(INVITATION_TOKEN),
        invited_by=alice.id,
        created_at=now,
        expires_at=now + timedelta(days=3),
    )
    closure = _closure(scene.outlet)
    device = Device(
        id=new_id(), person_id=ivy.id, name="Phone", platform="android", created_at=now, last_seen_at=now
    )
    await world.add(invitation, closure, device)
    people.know("grant_id", grant.id)
    people.know("invitation_id", invitation.id)
    people.know("closure_id", closure.id)
    people.know("device_id", device.id)
    people.know("listing", "reports")
    await _hold(people)
    await _recorder(people)
    await _supply(people)
    await _webhook(people)
    await _entry(people)


async def _entry(people: Population) -> None:
    """In ivy's inbox."""
    ivy, entry_id = people.person("ivy"), new_id()
    async with people.world.database.writing() as session:
        announce(
            session,
            Kind.VISIT_ASSIGNED,
            organisation_id=ivy.actor.organisation_id,
            subject_id=entry_id,
            people=[ivy.id],
            now=people.world.clock.now,
        )
    (entry,) = (await ivy.get("/v1/inbox")).json()["items"]
    people.know("entry_id", entry["id"])


async def _webhook(people: Population) -> None:
    """A subscriber nobody listens at, and a message to it."""
    made = await a_webhook(people.person("alice"), "http://127.0.0.1:9/hooks")
    pinged = await people.person("alice").post(f"/v1/webhooks/{made['id']}/ping")
    assert pinged.status_code == 202, pinged.text
    people.know("webhook_id", made["id"])
    people.know("delivery_id", pinged.json()["id"])


async def _hold(people: Population) -> None:
    body = {"reason": "Labour dispute 2026-114", "outlet_id": str(people.scene.outlet.id)}
    held = await people.person("alice").post("/v1/legal-holds", json=body)
    assert held.status_code == 201, held.text
    people.know("hold_id", held.json()["id"])


async def _recorder(people: Population) -> None:
    """One of the south, in ivy's hands."""
    alice, ivy = people.person("alice"), people.person("ivy")
    device = {"code": "recorder-1", "kind": "recorder", "region_id": str(people.scene.region.id)}
    made = await alice.post("/v1/devices", json=device)
    assert made.status_code == 201, made.text
    at = (people.world.clock.now - timedelta(days=1)).isoformat()
    hand_over = {"giver_id": None, "receiver_id": str(ivy.id), "at": at}
    handed = await alice.post(f"/v1/devices/{made.json()['id']}/hand-overs", json=hand_over)
    assert handed.status_code == 200, handed.text
    people.know("recording_device_id", made.json()["id"])


async def _supply(people: Population) -> None:
    """ivy's time, as the planner knows it."""
    alice, ivy = people.person("alice"), people.person("ivy")
    profile = {
        "home": {"latitude": 23.1, "longitude": 113.2, "datum": "wgs84"},
        "region_id": str(people.scene.region.id),
    }
    profile |= {
        "shifts": {"mon": {"starts": "09:00", "ends": "18:00"}},
        "languages": ["zh"],
        "active_from": "2026-01-01",
    }
    described = await alice.put(f"/v1/planning/inspectors/{ivy.id}", json=profile)
    assert described.status_code == 201, described.text
    leave = {"starts_on": "2026-08-01", "ends_on": "2026-08-14", "reason": "Annual leave"}
    entered = await alice.post(f"/v1/planning/inspectors/{ivy.id}/leave", json=leave)
    assert entered.status_code == 201, entered.text
    people.know("leave_id", entered.json()["id"])
    rules = f"/v1/planning/programmes/{people.scene.programme.id}/rules"
    ruled = await alice.put(rules, json={"checklist_code": "short-hall"}, headers={"If-Match": '"0"'})
    assert ruled.status_code == 200, ruled.text
    plan = await asked(people.scene)
    people.know("plan_id", plan["id"])
    people.know("other_id", plan["id"])


def _closure(outlet: Outlet) -> OutletClosure:
    return OutletClosure(
        id=new_id(),
        organisation_id=outlet.organisation_id,
        outlet_id=outlet.id,
        starts_on=date(2026, 10, 1),
        ends_on=date(2026, 10, 7),
        reason="National Day",
    )
