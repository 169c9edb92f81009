"""Whom the product serves under torture, what is there before, and what their requests travel over."""

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import httpx2
from pydantic import SecretStr

from app.identity.actor import Role
from app.identity.passwords import Passwords
from app.kit.clock import utc_now
from app.main import create_app
from app.outlets.models import Outlet
from app.settings import Settings
from tests.support.places import an_outlet
from tests.support.planning import a_profile
from tests.support.retained import Ended, a_published_end
from tests.support.review import Desk, a_desk
from tests.support.s3 import ACCESS_KEY, SECRET_KEY
from tests.support.webhooks import Receiver, a_webhook
from tests.support.world import Caller, FakeClock, World
from tests.torture.rough import RoughRoad
from tests.torture.site import BUCKET, Site
from tests.torture.tally import Tally

INSPECTORS, OUTLETS, ENDED = 4, 24, 8
FREE = 2  # of those whose time is up; the others are held, and let go one after the other


@dataclass(frozen=True)
class Cast:
    """Everybody's requests travel over `road`; `over` are visits whose originals' time is up, some of them on hold."""

    desk: Desk
    alice: Caller
    inspectors: list[Caller]
    outlets: list[Outlet]
    over: list[Ended]
    holds: list[str]
    secret: str
    road: RoughRoad

    @property
    def world(self) -> World:
        return self.desk.world


@asynccontextmanager
async def people(site: Site, receiver: Receiver, chance: random.Random, tally: Tally) -> AsyncIterator[Cast]:
    """Written by an application in this process, which nobody speaks to afterwards."""
    clock = FakeClock()
    app = create_app(_settings(site), clock=clock, passwords=Passwords(cheap=True))
    async with app.router.lifespan_context(app):
        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://torture.test") as client:
            world = World(app, client, clock)
            desk = await a_desk(world, minimum_photos=1, publication_delay_hours=0)
            over = await _over(desk)
            clock.now = utc_now()
            cast = await _now(
                desk, over, receiver, RoughRoad([web.address for web in site.webs], chance, tally)
            )
        async with httpx2.AsyncClient(transport=cast.road, base_url="http://torture.test") as rough:
            world.client = rough
            for caller in world.callers.values():
                caller.client = rough
            yield cast


def _settings(site: Site) -> Settings:
    return Settings(
        _env_file=None,
        database_url=site.database_url,
        data_dir=site.directory / "seed",
        s3_endpoint=site.store.endpoint_url,
        s3_bucket=BUCKET,
        s3_access_key=ACCESS_KEY,
        s3_secret_key=SecretStr(SECRET_KEY),
        run_jobs=False,
        webhooks_to_loopback=True,
    )


async def _over(desk: Desk) -> list[Ended]:
    """Of last spring: retention has work to do from the first night on."""
    found = []
    for number in range(ENDED):
        hall = await an_outlet(desk.world, f"old-{number}", region=desk.scene.region)
        on = (desk.world.clock.now + timedelta(hours=8)).date().isoformat()
        found.append(await a_published_end(desk, await desk.submitted(outlet_id=str(hall.id), on=on)))
    return found


async def _now(desk: Desk, over: list[Ended], receiver: Receiver, road: RoughRoad) -> Cast:
    world, region = desk.world, desk.scene.region
    alice = await world.person("alice")
    inspectors = [await world.newcomer(f"inspector-{number}", Role.INSPECTOR) for number in range(INSPECTORS)]
    for person in inspectors:
        await a_profile(world, person)
    outlets = [await an_outlet(world, f"hall-{number}", region=region) for number in range(OUTLETS)]
    async with world.database.writing() as session:
        (await session.merge(desk.scene.programme)).checklist_codes = ["short-hall"]
    holds = [await _held(alice, ended) for ended in over[FREE:]]
    hook = await a_webhook(alice, receiver.url, "visit.submitted", "publication.published")
    return Cast(desk, alice, inspectors, outlets, over, holds, hook["secret"], road)


async def _held(alice: Caller, ended: Ended) -> str:
    """So that retention has something to delete each time it runs, and not everything the first time."""
    placed = await alice.post("/v1/legal-holds", json={"visit_id": ended.case.visit, "reason": "A dispute."})
    assert placed.status_code == 201, placed.text
    return str(placed.json()["id"])
