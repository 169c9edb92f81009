"""The commands that run the product: serve, migrate, organisation, jobs, settings, openapi."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx2
import pyotp
import pytest

from app.audit.models import AuditEntry
from app.identity.models import Organisation
from app.identity.schemas import TokensOut
from app.kit.clock import utc_now
from app.kit.database import Database
from app.kit.ids import new_id
from app.kit.jobs import enqueue
from app.kit.mail import Letter, MailCatcher
from app.kit.migrations import missing
from app.recordings.models import LedgerHead
from tests.support.command import ROOT, environment, plainclothes, refusal
from tests.support.serving import Served, serving
from tests.support.tampering import tamper
from tests.support.waiting import DEADLINE_S

CREATE = ("organisation", "create", "northwind", "Northwind Telecom")
ALICE = ("--admin-email", "alice@northwind.example", "--admin-name", "Alice")


async def lacking(url: str) -> str | None:
    database = Database(url)
    try:
        return await missing(database)
    finally:
        await database.dispose()


def let_in_again(served: Served, token: str, settings: dict[str, object]) -> None:
    """The only admin, whose phone and recovery codes are gone: by whoever runs the product, while it runs."""
    alice = {"email": "alice@northwind.example", "password": "alice has a password"}
    log_in = f"{served.address}/v1/auth/login", {"organisation": "northwind", **alice}
    own, headers = f"{served.address}/v1/me/second-factor", {"Authorization": f"Bearer {token}"}
    proof = {"password": alice["password"]}
    secret = httpx2.post(own, json=proof, headers=headers).raise_for_status().json()["secret"]
    code = {"code": pyotp.TOTP(secret).at(utc_now())}
    httpx2.post(f"{own}/confirm", json=code, headers=headers).raise_for_status()
    assert httpx2.post(log_in[0], json=log_in[1]).json()["type"] == "second-factor-wanted"

    done = plainclothes("person", "reset-second-factor", "northwind", alice["email"], settings=settings)

    assert json.loads(done.stdout)["second_factor"] == "reset", done.stderr
    assert httpx2.post(log_in[0], json=log_in[1]).status_code == 200


class TestServe:
    @pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT], ids=["sigterm", "sigint"])
    async def test_makes_its_database_answers_and_ends_when_told(
        self, tmp_path: Path, ending: signal.Signals
    ) -> None:
        with serving(tmp_path, {}) as served:
            await served.ready()
            described = httpx2.get(f"{served.address}/openapi.json", timeout=DEADLINE_S).json()
            served.process.send_signal(ending)
            ended = served.process.wait(timeout=DEADLINE_S)

        assert described["info"]["title"] == "Plainclothes"
        assert ended == 0, served.log.read_text(encoding="utf-8")
        lines = [json.loads(line) for line in served.log.read_text(encoding="utf-8").splitlines()]
        assert {line["level"] for line in lines if line["event"] != "not ready"} == {"info"}

    async def test_makes_accounts_from_the_invitation_of_a_founded_organisation_and_lets_in_again(
        self, tmp_path: Path
    ) -> None:
        with serving(tmp_path, {}) as served:
            await served.ready()
            done = plainclothes(*CREATE, *ALICE, settings={"data_dir": tmp_path / "var"})
            accepted = httpx2.post(
                f"{served.address}/v1/invitations/accept",
                json={
                    "token": json.loads(done.stdout)["invitation_token"],
                    "password": "alice has a password",
                },
            )

            tokens = TokensOut.model_validate(accepted.json())
            let_in_again(served, tokens.access_token, {"data_dir": tmp_path / "var"})

        assert accepted.status_code == 201
        assert tokens.expires_in_s > 0

    def test_refuses_a_database_of_its_own_choice_that_is_not_migrated(self, empty_database_url: str) -> None:
        said = refusal("serve", settings={"database_url": empty_database_url})

        assert "run `plainclothes migrate`" in said

    def test_says_which_setting_is_wrong(self) -> None:
        assert refusal("serve", settings={"port": "eighty"}).startswith("PLAINCLOTHES_PORT: ")
        assert "set PLAINCLOTHES_SECRET_KEY" in refusal("serve", settings={"environment": "production"})


class TestMigrate:
    async def test_brings_an_empty_database_up_to_date_and_may_be_run_again(
        self, empty_database_url: str
    ) -> None:
        before = await lacking(empty_database_url)
        first = plainclothes("migrate", settings={"database_url": empty_database_url})
        again = plainclothes("migrate", settings={"database_url": empty_database_url})

        assert before is not None
        assert (first.returncode, again.returncode) == (0, 0), first.stderr + again.stderr
        assert await lacking(empty_database_url) is None

    async def test_makes_the_embedded_database(self, tmp_path: Path) -> None:
        done = plainclothes("migrate", settings={"data_dir": tmp_path / "new" / "var"})

        assert done.returncode == 0, done.stderr
        assert (
            await lacking(f"sqlite+aiosqlite:///{tmp_path / 'new' / 'var' / 'plainclothes.sqlite'}") is None
        )

    def test_says_when_the_database_does_not_answer(self) -> None:
        nobody = "postgresql+psycopg://user:password@127.0.0.1:1/database"

        said = refusal("migrate", settings={"database_url": nobody})

        assert said.startswith("the database does not answer: ")
        assert "password" not in said

    def test_works_from_an_installed_wheel(self, tmp_path: Path) -> None:
        build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
        subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
        (wheel,) = tmp_path.glob("*.whl")
        installed = tmp_path / "installed"
        subprocess.run([sys.executable, "-m", "zipfile", "-e", wheel, installed], check=True)

        done = subprocess.run(
            [sys.executable, "-m", "app.cli", "migrate"],
            cwd=installed,
            env={**environment({"data_dir": tmp_path / "var"}), "PYTHONPATH": str(installed)},
            capture_output=True,
            text=True,
            check=False,
        )

        assert done.returncode == 0, done.stderr
        assert (tmp_path / "var" / "plainclothes.sqlite").exists()
        assert (installed / "app" / "_data" / "checklists" / "telecom" / "hall.yaml").exists()


class TestOrganisationCreate:
    def test_prints_the_invitation_once(self, database_url: str) -> None:
        done = plainclothes(*CREATE, *ALICE, settings={"database_url": database_url})
        again = refusal(*CREATE, *ALICE, settings={"database_url": database_url})

        made = json.loads(done.stdout)
        assert made["slug"] == "northwind"
        assert len(made["invitation_token"]) >= 20
        assert again == "northwind: there is an organisation of this name already\n"

    def test_says_everything_that_is_wrong(self) -> None:
        said = refusal("organisation", "create", "north wind", "N", "--admin-email", "x", "--admin-name", "A")

        assert [line.split(":")[0] for line in said.splitlines()] == ["slug", "admin_email"]


class TestJobsListDead:
    async def test_is_empty_while_nothing_died(self, database_url: str) -> None:
        database = Database(database_url)
        async with database.writing() as session:
            await enqueue(session, "jobs.forget_finished")
        await database.dispose()

        done = plainclothes("jobs", "list-dead", settings={"database_url": database_url})

        assert (done.returncode, done.stdout, done.stderr) == (0, "[]\n", "")


class TestSettings:
    def test_shows_what_is_in_force_and_no_secret(self) -> None:
        done = plainclothes(
            "settings",
            settings={
                "port": 4711,
                "secret_key": "a secret that nobody may read in a terminal",
                "database_url": "postgresql+psycopg://user:hush@db.example/plainclothes",
            },
        )

        shown = json.loads(done.stdout)
        assert shown["PLAINCLOTHES_PORT"] == 4711
        assert shown["PLAINCLOTHES_DATABASE_URL"] == "postgresql+psycopg://user:***@db.example/plainclothes"
        assert "nobody may read" not in done.stdout


class TestOpenapi:
    def test_prints_the_description_whatever_the_environment_says(self) -> None:
        plain = plainclothes("openapi")
        elsewhere = plainclothes("openapi", settings={"environment": "production", "port": 4711})

        assert json.loads(plain.stdout)["info"]["title"] == "Plainclothes"
        assert elsewhere.stdout == plain.stdout

    def test_tells_a_stale_copy(self, tmp_path: Path) -> None:
        copy = tmp_path / "openapi.json"
        copy.write_text(plainclothes("openapi").stdout, encoding="utf-8")
        fresh = plainclothes("openapi", "--check", copy)
        copy.write_text("{}", encoding="utf-8")

        assert fresh.returncode == 0
        assert f"run: plainclothes openapi > {copy}" in refusal("openapi", "--check", copy)


class TestHelp:
    def test_of_the_whole_imports_no_command(self) -> None:
        code = "import sys; from app.cli import main; sys.argv = ['plainclothes', '--help']\n"
        code += "try: main()\nexcept SystemExit: pass\n"
        code += "print([m for m in sys.modules if m.startswith('app.') and not m.startswith('app.cli')])"

        done = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            cwd=ROOT,
            env=dict(os.environ),
        )

        assert "rotation" in done.stdout
        assert done.stdout.splitlines()[-1] == "['app.kit', 'app.kit.problems']"


class TestLedgerVerify:
    """D10.3."""

    async def test_finds_whole_chains_whole_and_names_one_whose_end_is_missing(
        self, database_url: str
    ) -> None:
        database = Database(database_url)
        home = Organisation(id=new_id(), slug="northwind", name="Northwind", created_at=utc_now())
        before = plainclothes("ledger", "verify", settings={"database_url": database_url})
        async with database.writing() as session:
            session.add(home)
            await session.flush()
            session.add(LedgerHead(organisation_id=home.id, number=1, hash="f" * 64))
        await database.dispose()

        after = plainclothes("ledger", "verify", settings={"database_url": database_url})

        assert (before.returncode, before.stdout) == (0, "[]\n")
        assert after.returncode == 1
        assert [chain["is_whole"] for chain in json.loads(after.stdout)] == [False]
        assert after.stderr == f"{home.id}: broken at entry 1: the chain does not end where its head says\n"


class TestAudit:
    async def test_a_head_kept_elsewhere_shows_a_tail_that_was_cut_off(
        self, database_url: str, tmp_path: Path
    ) -> None:
        settings = {"database_url": database_url}
        plainclothes(*CREATE, *ALICE, settings=settings)
        kept = tmp_path / "heads.json"
        kept.write_text(plainclothes("audit", "head", settings=settings).stdout)
        whole = plainclothes("audit", "verify", "--against", kept, settings=settings)
        database = Database(database_url)
        await tamper(
            database,
            "DELETE FROM audit_links",
            "DELETE FROM audit_entries",
            "DELETE FROM audit_heads",
            unguarded=("audit_links", "audit_entries"),
        )
        await database.dispose()

        alone = plainclothes("audit", "verify", settings=settings)
        against = plainclothes("audit", "verify", "--against", kept, settings=settings)

        assert [chain["is_whole"] for chain in json.loads(whole.stdout)] == [True]
        assert (whole.returncode, alone.returncode, against.returncode) == (0, 0, 1)
        assert "broken at entry 1: the chain is shorter than the known head" in against.stderr

    async def test_what_an_older_release_wrote_meanwhile_is_sealed_on_demand(self, database_url: str) -> None:
        settings = {"database_url": database_url}
        database = Database(database_url)
        home = Organisation(id=new_id(), slug="northwind", name="Northwind", created_at=utc_now())
        entry = AuditEntry(
            organisation_id=home.id, actor_id=None, action="a.b", subject_id=home.id, details={}, at=utc_now()
        )
        async with database.writing() as session:
            session.add(home)
            await session.flush()
            session.add(entry)
        await database.dispose()

        before = plainclothes("audit", "verify", settings=settings)
        sealed = plainclothes("audit", "seal", settings=settings)
        after = plainclothes("audit", "verify", settings=settings)

        assert "1 entries stand outside the chain" in before.stderr
        assert json.loads(sealed.stdout) == {str(home.id): 1}
        assert (before.returncode, after.returncode, json.loads(after.stdout)[0]["entries"]) == (1, 0, 2)

    def test_a_file_that_holds_no_heads_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "other.json").write_text("[{}]")

        assert "does not hold what `head` prints" in refusal(
            "audit", "verify", "--against", tmp_path / "other.json"
        )


class TestMail:
    async def test_lists_and_shows_what_was_caught(self, tmp_path: Path) -> None:
        here = {"data_dir": tmp_path}
        letter = Letter(
            number="0199a1b2",
            to="ivy@northwind.example",
            subject="您有新的检查任务。",
            text="您有新的检查任务。\n",
            unsubscribe_at="https://plainclothes.example/inbox",
            at=utc_now(),
        )
        await MailCatcher(tmp_path / "mail", sender="plainclothes@localhost").send(letter)

        (listed,) = json.loads(plainclothes("mail", "list", settings=here).stdout)
        shown = plainclothes("mail", "show", listed["number"], settings=here).stdout

        assert (listed["to"], listed["subject"]) == (letter.to, letter.subject)
        assert letter.text in shown

    def test_of_one_that_was_never_caught_says_where_to_look(self, tmp_path: Path) -> None:
        assert "plainclothes mail list" in refusal("mail", "show", "x", settings={"data_dir": tmp_path})
