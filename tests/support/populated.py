"""The whole application on any database, with everybody and everything in it, for commands: `async with populated(url)`."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2

from app.identity.passwords import Passwords
from app.main import create_app
from app.settings import Settings
from tests.support.asking import Unchanging
from tests.support.population import Population, populate
from tests.support.world import FakeClock, World
from tests.test_access import with_what_bodies_need


@asynccontextmanager
async def populated(url: str) -> AsyncIterator[Population]:
    """From then on requests are answered and change nothing, as in the tests of access."""
    with tempfile.TemporaryDirectory() as directory:
        settings = Settings(
            _env_file=None,
            database_url=url,
            data_dir=Path(directory),
            s3_port=0,
            run_jobs=False,
            webhooks_to_loopback=True,
        )
        clock = FakeClock()
        app = create_app(settings, clock=clock, passwords=Passwords(cheap=True))
        transport = httpx2.ASGITransport(app=app)
        async with (
            app.router.lifespan_context(app),
            httpx2.AsyncClient(transport=transport, base_url="http://plainclothes.test") as client,
        ):
            people = await populate(World(app, client, clock))
            with_what_bodies_need(people)
            unchanging = app.state.database = Unchanging(url)
            yield people
            await unchanging.dispose()
