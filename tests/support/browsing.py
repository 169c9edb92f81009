"""The product as a browser meets it: pages, API, object store and jobs in a process of its own.

with ServedSite(database_url, data_dir) as site:
    site.url                                  # people log in with "NAME has a password"
    site.ids["phone_visit_id"]                # ivy's visits of today, which wait for her

What `populate` made lies in March 2026; from then on the clock is the real one, as it is for the browser.
"""

import asyncio
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx2
import uvicorn

from app.demo.server import free_port
from app.identity.passwords import Passwords
from app.kit import logs
from app.kit.clock import Clock, utc_now
from app.kit.ids import new_id
from app.main import create_app
from app.misuse.models import Alert
from app.misuse.rules import Rule
from app.programmes.rules import RecordingMode
from app.settings import Settings
from tests.support.board import a_board
from tests.support.footage import film
from tests.support.places import a_programme, an_outlet
from tests.support.population import Population, populate
from tests.support.served import Announced, Served, ServedWorld
from tests.support.visits import a_version
from tests.support.waiting import DEADLINE_S
from tests.support.world import FakeClock, World

ORGANISATION = "northwind"
HALLS = {
    "Tianhe hall": "天河营业厅",
    "Yuexiu hall": "越秀营业厅",
    "Haizhu hall": "海珠营业厅",
    "Baiyun hall": "白云营业厅",
    "Panyu hall": "番禺营业厅",
    "Liwan hall": "荔湾营业厅",
}
DESK_HALLS = {"Huangpu hall": "黄埔营业厅", "Conghua hall": "从化营业厅"}


def login_of(name: str) -> dict[str, str]:
    return {
        "organisation": ORGANISATION,
        "email": f"{name}@{ORGANISATION}.example",
        "password": f"{name} has a password",
    }


SCENARIO = "咨询家庭套餐，问清合约期与违约金；不要签约。\nAsk for a family plan, its term and the fee for leaving early; do not sign."
CHECKLISTS = Path(__file__).parents[2] / "checklists"
EASY: dict[str, Any] = {
    "minimum_video_minutes": {"own": 0},
    "recording_coverage": "0.1",
    "minimum_photos": 1,
    "summary_minimum_characters": 20,
}


class Turning:
    """A clock that is a fake one until it is let go."""

    def __init__(self, before: FakeClock) -> None:
        self._clock: Clock = before

    def let_go(self) -> None:
        self._clock = utc_now

    def __call__(self) -> datetime:
        return self._clock()


class Asking:
    """The API, asked as somebody; each question by itself, so that nothing stays open."""

    def __init__(self, site: Served, name: str) -> None:
        tokens = httpx2.post(f"{site.url}/v1/auth/login", json=login_of(name), timeout=DEADLINE_S).json()
        self._site = site
        self._bearer = {"Authorization": f"Bearer {tokens['access_token']}"}

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> httpx2.Response:
        address = self._site.url + path
        return httpx2.request(method, address, json=body, headers=self._bearer | headers).raise_for_status()

    def get(self, path: str) -> Any:
        return self.ask("GET", path).json()


class ServedSite(ServedWorld):
    """A context manager around the process; gives its address and what is there to look at."""

    module = "tests.support.browsing"


async def _serve(database_url: str, data_dir: Path) -> None:
    logs.configure("WARNING", stream=sys.stderr)
    port = free_port()  # known beforehand: the object store lets this origin in
    settings = Settings(
        _env_file=None,
        database_url=database_url,
        data_dir=data_dir,
        s3_port=0,
        port=port,
        run_jobs=True,
        webhooks_to_loopback=True,
    )
    fake = FakeClock()
    clock = Turning(fake)
    app = create_app(settings, clock=clock, passwords=Passwords(cheap=True))
    async with app.router.lifespan_context(app):
        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(transport=transport, base_url=settings.address) as client:
            world = World(app, client, fake)
            people = await populate(world)
            await _today(people)
            await _at_the_desk(people)
            await a_board(people)
            await _film(people)
            await _fresh(people)
            await _alarmed(people)
            clock.let_go()
            ids = people.ids | {f"{state}_visit_id": [visit] for state, visit in people.visits.items()}
        config = uvicorn.Config(app, host=settings.host, port=port, lifespan="off", log_config=None)
        await Announced(config).tell(app.state.storage.endpoint_url, {}, ids).serve()


async def _film(people: Population) -> None:
    """What the published report shows can be played, and what is to be reviewed and to be marked a second time."""
    video, photo = people.ids["recording_id"][:2]
    waiting = people.ids["review_video_id"]
    await people.desk.found_faces(waiting[0])
    await film(people.desk, [video, *waiting, people.ids["marked_recording_id"][0]], (photo,))


async def _fresh(people: Population) -> None:
    """A report of mona's that was published this minute, so that it can be disputed."""
    outlet, mona = people.ids["outlet_id"][3], people.desk.mona
    given = await people.person("alice").put(f"/v1/outlet-duties/{mona.id}/{outlet}")
    assert given.status_code in (200, 201, 204), given.text
    answer = await people.person("rita").post(f"/v1/visits/{people.visits['approved']}/publish")
    assert answer.status_code == 200, answer.text
    people.know("fresh_alias", answer.json()["alias"])


async def _alarmed(people: Population) -> None:
    """An alert on the list, which nobody was told of."""
    rita, now = people.person("rita"), people.world.clock.now
    alert = Alert(
        id=new_id(),
        organisation_id=rita.actor.organisation_id,
        rule=Rule.MANY_RECORDINGS,
        whose=str(rita.id),
        day=now.date(),
        people=[str(rita.id)],
        about=[people.visits["published"]],
        how_many=63,
        alert_at=40,
        since=now - timedelta(minutes=50),
        until=now,
        at=now,
    )
    await people.world.add(alert)


async def _today(people: Population) -> None:
    """Visits of ivy's that begin today: one for each test that plays one through, the last with a whole checklist.

    Their programme asks for sound, a photo and few words, so that a visit may take seconds. The second's shows no score
    while one answers.
    """
    world, scene = people.world, people.scene
    world.clock.now = datetime.now(UTC)
    on = world.clock.now.astimezone(ZoneInfo("Asia/Shanghai")).date().isoformat()
    quick = await a_programme(world, name="Quick visits", mode=RecordingMode.AUDIO, **EASY)
    blind = await a_programme(world, name="Blind visits", mode=RecordingMode.AUDIO, live_score=False, **EASY)
    whole = await a_version(world, scene.sam, (CHECKLISTS / "telecom" / "hall.yaml").read_text("utf-8"))
    for number, (english, chinese) in enumerate(HALLS.items()):
        outlet = await an_outlet(
            world,
            f"today-{number}",
            region=scene.region,
            name_zh=chinese,
            name_en=english,
            address="广州市天河路 208 号",
        )
        programme = blind if number == 1 else quick
        wanted = {"outlet_id": str(outlet.id), "programme_id": str(programme.id), "scenario": SCENARIO}
        if number == len(HALLS) - 1:
            wanted |= {"checklist_version_id": str(whole.id), "purpose": "enquiry"}
        people.know("phone_visit_id", await scene.arranged(scene.ivy, on=on, **wanted))


async def _at_the_desk(people: Population) -> None:
    """A visit of today that waits for review, and one that waits for ivy, who answers for it over HTTP."""
    scene, region = people.scene, people.scene.region
    submitted, planned = [
        await an_outlet(people.world, f"desk-{number}", region=region, name_zh=chinese, name_en=english)
        for number, (english, chinese) in enumerate(DESK_HALLS.items())
    ]
    on = people.world.clock.now.astimezone(ZoneInfo("Asia/Shanghai")).date().isoformat()
    case = await people.desk.submitted(outlet_id=str(submitted.id), on=on)
    people.know("review_visit_id", case.visit)
    people.know("review_video_id", case.video)
    people.know("live_visit_id", await scene.arranged(scene.ivy, on=on, outlet_id=str(planned.id)))


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1], Path(sys.argv[2])))
