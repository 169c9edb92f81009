"""compose.yaml as far as it goes without containers: its processes apart, on PostgreSQL and a separate S3 server."""

import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import pytest

from app.bulletins.rules import Cadence, State
from app.bulletins.schemas import BulletinIn, BulletinOut
from app.demo.client import Api, path_of, visitors
from app.demo.people import ALICE
from app.identity.schemas import AcceptIn, TokensOut
from app.kit.ids import new_id
from app.programmes.schemas import ProgrammeIn, ProgrammeOut
from tests.support.command import MODULE
from tests.support.composed import Composed, composed, filled_in
from tests.support.databases import postgres_copy
from tests.support.postgres import PostgresServer
from tests.support.s3 import S3Server
from tests.support.waiting import until

WORKED_WITHIN_S = 120.0


def test_a_value_that_must_be_given_is_asked_for_by_its_name() -> None:
    assert filled_in("${A:-one}/${B:?set it}", {"B": "two"}) == "one/two"
    with pytest.raises(KeyError, match="B"):
        filled_in("${B:?set it}", {})


class TestProcesses:
    @pytest.mark.timeout(600)
    async def test_serve_and_work_apart_and_stop_in_order(
        self, tmp_path: Path, postgres_server: PostgresServer, ceph_s3: S3Server
    ) -> None:
        with (
            postgres_copy(postgres_server, "template1") as url,
            composed(tmp_path, database_url=url, objects=ceph_s3) as product,
        ):
            await product.web.ready()
            with visitors(product.web.address) as http:
                await drawn_up(settled_in(product, tmp_path, http))

            for each in (product.web, product.worker):
                each.process.terminate()
                assert each.process.wait(60) == 0, each.log.read_text(encoding="utf-8")


def settled_in(product: Composed, directory: Path, http: httpx2.Client) -> Api:
    """An organisation with a programme; what its admin does."""
    made = subprocess.run(
        [*MODULE, "organisation", "create", "northwind", "Northwind", "--admin-email", ALICE.email,
         "--admin-name", ALICE.name],
        env=dict(product.environment), cwd=directory, check=True, capture_output=True, encoding="utf-8",
    )  # fmt: skip
    accepted = AcceptIn(
        token=json.loads(made.stdout)["invitation_token"], password=ALICE.password, language="en"
    )
    alice = Api(http, Api(http).post("/v1/invitations/accept", TokensOut, accepted).access_token)
    programme = ProgrammeIn(id=new_id(), name="Halls", starts_on=datetime.now(UTC).date())
    alice.post("/v1/programmes", ProgrammeOut, programme)
    return alice


async def drawn_up(alice: Api) -> None:
    """A report of the network, by a worker: the web process of compose.yaml works no jobs."""
    asked = alice.post("/v1/bulletins", BulletinOut, BulletinIn(cadence=Cadence.MONTHLY))

    def ready() -> bool:
        return alice.get(path_of("bulletins", asked.id), BulletinOut).state is State.READY

    await until(ready, within_s=WORKED_WITHIN_S)
