"""The product on a real socket, in a process of its own, with people and visits in it: for those who ask over HTTP.

with ServedWorld(database_url) as served:
    served.url, served.tokens["alice"], served.ids["visit_id"]
"""

import asyncio
import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx2
import uvicorn

from app.examples import VISIT
from app.identity.passwords import Passwords
from app.kit import logs
from app.kit.patience import patient
from app.kit.storage.s3 import S3Storage
from app.main import create_app
from app.settings import Settings
from tests.support.population import populate
from tests.support.waiting import DEADLINE_S
from tests.support.world import FakeClock, World

ROOT = Path(__file__).parents[2]
WORDS = {
    "code": ["flagship", "short-hall"],
    "if-match": ['"1"', '"2"', '"3"'],
    "item": ["no-smoking", "greeting"],
    "month": ["2026-05"],
    "number": ["1"],
    "visit": [VISIT],
}


@dataclass(frozen=True, slots=True)
class Served:
    """Where it listens, an access token of each person by name, and ids of what is there by parameter.

    alice is not among the people: the one who asks as her should stay what she is.
    """

    url: str
    store: str  # the address of the object store
    tokens: Mapping[str, str]
    ids: Mapping[str, list[str]]


class ServedWorld:
    """A context manager around the process; gives the facts about it."""

    module = "tests.support.served"

    def __init__(self, database_url: str, data_dir: Path) -> None:
        program = [sys.executable, "-W", "error", "-m", self.module]
        self._arguments = [*program, database_url, str(data_dir)]

    def __enter__(self) -> Served:
        self._process = subprocess.Popen(self._arguments, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the server ended before it listened: see its errors above"
        return Served(**json.loads(line))

    @property
    def pid(self) -> int:
        return self._process.pid

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.communicate(timeout=DEADLINE_S)


class Announced(uvicorn.Server):
    """Tells its facts once it really listens."""

    def tell(self, store: str, tokens: Mapping[str, str], ids: Mapping[str, list[str]]) -> Self:
        self._facts = {"store": store, "tokens": tokens, "ids": ids}
        return self

    async def startup(self, *arguments: object, **named: object) -> None:
        await super().startup(*arguments, **named)  # type: ignore[arg-type]  # uvicorn's own, handed through
        host, port = self.servers[0].sockets[0].getsockname()
        print(json.dumps({"url": f"http://{host}:{port}", **self._facts}), flush=True)  # noqa: T201 (the answer)


async def _serve(database_url: str, data_dir: Path) -> None:
    logs.configure("WARNING", stream=sys.stderr)
    settings = Settings(
        _env_file=None,
        database_url=database_url,
        data_dir=data_dir,
        s3_port=0,
        run_jobs=False,
        webhooks_to_loopback=True,
    )
    clock = FakeClock()
    app = create_app(settings, clock=clock, passwords=Passwords(cheap=True))
    # The lifespan is ours, so that people and visits can be made before anybody else calls.
    async with app.router.lifespan_context(app):
        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://plainclothes.test") as client:
            world = World(app, client, clock)
            people = await populate(world)
            ids = people.ids | WORDS
            ids["person_id"] = [one for one in ids["person_id"] if one != str(people.person("alice").id)]
        config = uvicorn.Config(
            app, port=0, http=patient(settings), ws="none", lifespan="off", log_config=None
        )
        tokens = {name: who.token for name, who in world.callers.items()}
        storage: S3Storage = app.state.storage
        server = Announced(config).tell(storage.endpoint_url, tokens, ids)
        await server.serve()


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1], Path(sys.argv[2])))
