"""The whole application in this process, on a database of each kind."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from app.identity.passwords import Passwords
from app.kit.embedded_s3.supervisor import EmbeddedS3
from app.main import create_app, equip
from app.settings import Settings
from tests.support.s3 import S3Server, of_embedded
from tests.support.world import FakeClock, World

BUCKET = "application"  # one for all tests: every key in it is random


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def object_store(embedded_s3: EmbeddedS3) -> S3Server:
    """The embedded one. Tests of uploads ask for another beside it (`object_store_by_database`)."""
    return of_embedded(embedded_s3)


@pytest.fixture
def settings(database_url: str, tmp_path: Path, object_store: S3Server) -> Settings:
    """A database of the test's own; jobs wait until the test works them (`tests.support.jobs`)."""
    return Settings(
        _env_file=None,
        database_url=database_url,
        data_dir=tmp_path / "var",
        s3_endpoint=object_store.endpoint_url,
        s3_bucket=BUCKET,
        s3_access_key=object_store.access_key,
        s3_secret_key=SecretStr(object_store.secret_key),
        run_jobs=False,
        webhooks_to_loopback=True,
    )


@pytest.fixture(scope="session")
def routes() -> FastAPI:
    """The application without anything to work with, once for all tests: nothing of it changes."""
    return create_app(Settings(_env_file=None))


@pytest.fixture
async def app(routes: FastAPI, settings: Settings, clock: FakeClock) -> AsyncIterator[FastAPI]:
    application = routes
    equip(application, settings, clock=clock, passwords=Passwords(cheap=True))
    async with application.router.lifespan_context(application):
        yield application


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://plainclothes.test") as client:
        yield client


@pytest.fixture
def world(app: FastAPI, client: httpx2.AsyncClient, clock: FakeClock) -> World:
    return World(app, client, clock)
