"""Back from PostgreSQL and S3 by the words of OPERATIONS.md, while people went on working after the copy."""

import asyncio
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import httpx2
import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from app.kit.clock import utc_now
from app.kit.database import Database
from app.kit.jobs import count_jobs, enqueue, list_dead
from app.kit.storage.s3 import S3Storage
from app.recordings.models import Recording, Rendition
from app.retention.jobs import DELETE
from app.retention.models import Tombstone
from app.settings import Settings
from app.tables import metadata
from tests.support.command import ROOT
from tests.support.composed import SECRET_KEY, Composition
from tests.support.databases import postgres_copy
from tests.support.jobs import jobs_done, working
from tests.support.places import an_outlet
from tests.support.postgres import PostgresServer, program_directory
from tests.support.recordings import PART, Phone, dead_jobs, resources_of, storage_of, worked
from tests.support.retained import Ended, a_published_end, asked_for
from tests.support.review import Desk, a_desk
from tests.support.s3 import S3Server
from tests.support.waiting import DEADLINE_S, eventually, until
from tests.support.webhooks import Receiver, a_webhook
from tests.support.world import Caller, World, assert_problem

SPENT = 20_000  # transactions: more than the new server will have counted
DONE_WITHIN_S = 120.0
HERE = {
    "PLAINCLOTHES_ENVIRONMENT": "development",
    "PLAINCLOTHES_WEBHOOKS_TO_LOOPBACK": "true",  # refused elsewhere
}

Rows = dict[str, list[str]]


@pytest.fixture
def database_url(postgres_server: PostgresServer, postgres_template: str) -> Iterator[str]:
    """On a server that has long been used."""
    postgres_server.spend("postgres", transactions=SPENT)
    with postgres_copy(postgres_server, postgres_template) as url:
        yield url


@pytest.fixture
def object_store(ceph_s3: S3Server) -> S3Server:
    """Its buckets are made with object lock, so that they keep versions."""
    return ceph_s3


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """The installation that is copied; the one that it becomes has the same key."""
    own = {"s3_bucket": f"source-{uuid4()}", "secret_key": SecretStr(SECRET_KEY)}
    return settings.model_copy(update=own)


def documented() -> tuple[list[str], list[str]]:
    """The commands of OPERATIONS.md: those of the copy, and those of the way back."""
    text = (ROOT / "OPERATIONS.md").read_text(encoding="utf-8")
    section = text.partition("**PostgreSQL and S3.**")[2].partition("\n## ")[0]
    there, back = (block.splitlines() for block in re.findall(r"```sh\n(.*?)\n```", section, re.DOTALL))
    return there, back


def shell(command: str, environment: Mapping[str, str], directory: Path) -> None:
    """As an operator types it. Blocks."""
    programs = os.pathsep.join(map(str, (Path(sys.executable).parent, program_directory())))
    done = subprocess.run(
        ["/bin/sh", "-c", command],
        env={**environment, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"},
        cwd=directory,
        check=False,
        capture_output=True,
        encoding="utf-8",
        timeout=DONE_WITHIN_S,
    )
    assert done.returncode == 0, f"{command}: {done.stdout} {done.stderr}"


async def typed(commands: Sequence[str], product: Composition) -> None:
    """Side by side where they only look."""
    environment = {
        **product.settings("migrate"),
        "DATABASE": product.database_url.replace("+psycopg", ""),
    }
    await asyncio.gather(*(asyncio.to_thread(shell, one, environment, product.directory) for one in commands))


def rows_of(url: str) -> Rows:
    """Everything that the product itself keeps, by table."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        found = {
            name: sorted(map(repr, connection.execute(sa.select(table))))
            for name, table in metadata.tables.items()
        }
    engine.dispose()
    return found


async def copied(source: S3Storage, target: S3Storage) -> None:
    """As a tool that goes from bucket to bucket does."""
    bucket = source._bucket
    for key in [one.key async for one in source.list_keys("")]:
        place = {"Bucket": bucket, "Key": key}
        await asyncio.to_thread(
            target._s3.copy_object,
            Bucket=target._bucket,
            Key=key,
            CopySource=place,  # type: ignore[arg-type]
        )


@dataclass
class Hold:
    """The store takes its time with the first copy: whoever asked for it waits until it is let go."""

    reached: threading.Event
    gate: threading.Event

    def __call__(self, **_: object) -> None:
        self.reached.set()
        assert self.gate.wait(DEADLINE_S)


@contextmanager
def slow_copies(storage: S3Storage) -> Iterator[Hold]:
    hold = Hold(threading.Event(), threading.Event())
    storage._s3.meta.events.register("before-call.s3.CopyObject", hold)
    try:
        yield hold
    finally:
        hold.gate.set()
        storage._s3.meta.events.unregister("before-call.s3.CopyObject", hold)


@dataclass
class Work:
    """What there was at T: a report whose originals' time is over, and ivy's files in every state."""

    desk: Desk
    over: Ended
    ready: Phone
    in_work: Phone
    under_way: Phone
    cursor: str

    @property
    def world(self) -> World:
        return self.desk.world


async def some_work(world: World, picture: bytes, receiver: Receiver) -> Work:
    """A visit that ended three months ago, one of today, and what ivy brings of it."""
    now = utc_now()
    long_ago = now - timedelta(days=101 + now.weekday())  # a Monday
    world.clock.now = long_ago.replace(hour=9, minute=0, second=0, microsecond=0)
    desk = await a_desk(world)
    await a_webhook(await world.person("alice"), receiver.url, "recording.processed")
    over = await a_published_end(desk, await desk.submitted(on=today(world)))
    world.clock.now = utc_now()
    await played(desk, over)
    visit = await a_visit(desk, desk.scene.ivy, "hall-1")

    def photo(of: bytes) -> Phone:
        return Phone(desk.scene.ivy, visit, of, medium="photo", content_type="image/jpeg")

    ready, in_work = photo(picture), photo(picture + b"another")
    under_way = Phone(
        desk.scene.ivy, visit, os.urandom(PART + 99), medium="document", content_type="application/pdf"
    )
    await ready.upload()
    assert await worked(world) == []
    await under_way.begin()
    await under_way.send(1)
    synced = await desk.scene.ivy.get("/v1/sync")
    return Work(desk, over, ready, in_work, under_way, synced.json()["cursor"])


def today(world: World) -> str:
    return (world.clock.now + timedelta(hours=8)).date().isoformat()


async def a_visit(desk: Desk, who: Caller, code: str) -> str:
    """Entered now."""
    hall = await an_outlet(desk.world, code, region=desk.scene.region)
    visit = await desk.scene.arranged(who, outlet_id=str(hall.id), on=today(desk.world))
    await desk.scene.entered(visit, who)
    return visit


async def played(desk: Desk, over: Ended) -> None:
    """So that the ledger has something to verify."""
    at = f"/v1/visits/{over.case.visit}/recordings/{over.case.video}/play"
    begun = await desk.rita.post(at, json={"purpose": "review of the visit"})
    assert begun.status_code == 201, begun.text


async def went_on(work: Work, picture: bytes) -> None:
    """After T: a submission, uploads, and the deletion of what was due."""
    ian = work.desk.scene.ian
    visit = await a_visit(work.desk, ian, "hall-2")
    await work.under_way.send(2)
    assert (await work.under_way.complete()).status_code == 200
    await Phone(ian, visit, picture + b"later", medium="photo", content_type="image/jpeg").upload()
    await work.desk.scene.left(visit, ian)
    await work.desk.scene.submitted(visit, ian)
    await asked_for(work.world)
    await jobs_done(work.world.database)
    assert await dead_jobs(work.world.database) == []


class TestRestored:
    @pytest.mark.timeout(600)
    async def test_has_what_was_acknowledged_before_the_copy_and_goes_on(
        self, world: World, a_picture: bytes, tmp_path: Path, ceph_s3: S3Server
    ) -> None:
        there, back = documented()
        bucket = f"restored-{uuid4()}"
        with Receiver() as receiver, PostgresServer() as server:
            server.create("restored")
            source = Composition(
                tmp_path, world.settings.database_url, ceph_s3, world.settings.s3_bucket, HERE
            )
            target = Composition(tmp_path, server.url("restored"), ceph_s3, bucket, HERE)
            work = await some_work(world, a_picture, receiver)

            with slow_copies(storage_of(world)) as hold:
                async with working(resources_of(world)):
                    await work.in_work.upload()
                    await until(hold.reached.is_set)
                    before = rows_of(source.database_url)
                    await typed(there, source)
                    hold.gate.set()
                    await went_on(work, a_picture)
            storage = S3Storage(ceph_s3.settings(bucket))
            await storage.ensure_bucket()
            await copied(storage_of(world), storage)

            await typed(back[:1], target)
            assert rows_of(target.database_url) == before
            assert before["tombstones"] == []
            await typed(back[1:2], target)
            await asyncio.gather(typed(back[2:], target), unknown_are_named_and_end(target, storage))
            with target.started("worker"), target.started("web") as web:
                await web.ready()
                await goes_on(work, storage, Database(target.database_url), web.address, receiver)


async def goes_on(
    work: Work, storage: S3Storage, database: Database, address: str, receiver: Receiver
) -> None:
    async with httpx2.AsyncClient(base_url=address, timeout=DEADLINE_S) as client:
        ivy = replace(work.desk.scene.ivy, client=client)
        phones = [replace(one, who=ivy) for one in (work.ready, work.in_work, work.under_way)]
        await under_way_begins_anew(phones[2])
        fresh = replace(work.ready, who=ivy, id=str(uuid4()))
        await fresh.upload()
        for phone in (*phones, fresh):
            await eventually(lambda one=phone: is_processed(one), within_s=DONE_WITHIN_S)  # type: ignore[misc]
            await is_kept(phone, storage, database)
        await copies_begin_again(ivy, work.cursor)
        await is_deleted_again(work.over, storage, database)
        await until(lambda: any(fresh.id.encode() in one.content for one in receiver.messages))
        await eventually(lambda: nothing_waits(database), within_s=DONE_WITHIN_S)
    await database.dispose()


async def unknown_are_named_and_end(product: Composition, storage: S3Storage) -> None:
    """Two originals came after T: the one that was under way, and that of the later visit."""
    there = {one.key async for one in storage.list_keys("sealed/")}
    named = json.loads(await asyncio.to_thread(product.run, "retention", "unknown", "--delete"))

    assert len(named) == 2
    assert {one.key async for one in storage.list_keys("sealed/")} == there - {one["key"] for one in named}


async def under_way_begins_anew(phone: Phone) -> None:
    """The parts are in no copy: the phone finds that none has arrived, and sends them."""
    assert (await phone.begin())["state"] == "uploading"
    listed = (await phone.who.get(f"{phone.at}/parts")).json()
    assert listed["unfinished"] == [1, 2]
    await phone.send(*listed["unfinished"])
    assert (await phone.complete()).status_code == 200


async def is_processed(phone: Phone) -> bool:
    return bool((await phone.look())["state"] == "processed")


async def is_kept(phone: Phone, storage: S3Storage, database: Database) -> None:
    """Byte by byte, and what was made of it."""
    async with database.reading() as session:
        recording = await session.get_one(Recording, UUID(phone.id))
        made = await session.scalars(
            sa.select(Rendition.key).where(
                Rendition.recording_id == recording.id, Rendition.replaced_at.is_(None)
            )
        )
        keys = list(made)
    assert recording.sealed_key is not None
    assert await storage.get_bytes(recording.sealed_key) == phone.content
    for key in keys:
        assert await storage.head(key) is not None


async def copies_begin_again(ivy: Caller, cursor: str) -> None:
    """They may hold what came after T."""
    assert_problem(await ivy.get("/v1/sync", params={"cursor": cursor}), 410, "sync-cursor-expired")
    synced = await ivy.get("/v1/sync")
    assert synced.status_code == 200
    assert len(synced.json()["visits"]) > 0


async def is_deleted_again(over: Ended, storage: S3Storage, database: Database) -> None:
    """D10.4: deleted after T, its rows came back without objects; the next run proves it again."""
    there = [key for key in over.originals if await storage.head(key) is not None]
    async with database.writing() as session:
        await enqueue(session, DELETE)
        await enqueue(session, "webhooks.fan-out")  # in ten seconds it would come by itself

    async def proved() -> bool:
        async with database.reading() as session:
            of_files = sa.select(Tombstone.deleted_at).where(Tombstone.recording_id.is_not(None))
            stones = list(await session.scalars(of_files))
        return len(stones) == len(over.originals) and None not in stones

    await eventually(proved, within_s=DONE_WITHIN_S)
    assert there == []
    assert [key for key in over.made if await storage.head(key) is None] == []


async def nothing_waits(database: Database) -> bool:
    async with database.reading() as session:
        assert await list_dead(session) == []
        return not {one.status for one in await count_jobs(session)} & {"enqueued", "pending"}
