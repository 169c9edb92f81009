"""What a process needs and does not find ends in one line that names the setting, and in a code that is not 0."""

import shutil
import socket
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path

import pytest

from app.cli import serve, worker
from app.cli.lacking import sentence_of
from app.cli.terminal import Failed
from app.kit.embedded_s3.supervisor import EmbeddedS3
from app.kit.jobs import WorkerNameTaken
from app.kit.storage import StorageUnfit
from tests.support.command import plainclothes
from tests.support.postgres import PostgresServer
from tests.support.s3 import of_embedded
from tests.support.serving import free_port

NOBODY = "http://127.0.0.1:9"
BEGIN: Mapping[str, Callable[[], None]] = {"serve": serve.serve, "worker": worker.worker}


@pytest.fixture(params=list(BEGIN))
def begin(request: pytest.FixtureRequest) -> Callable[[], None]:
    """Asking for it runs the test with each kind of process, up to where it cannot go on."""
    return BEGIN[request.param]


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, sqlite_template: Path) -> Callable[..., None]:
    """Settings for what begins: a migrated database and free ports, unless told otherwise."""
    file = tmp_path / "var" / "plainclothes.sqlite"
    file.parent.mkdir()
    shutil.copyfile(sqlite_template, file)

    def give(**settings: object) -> None:
        usual = {"data_dir": file.parent, "port": 0, "s3_port": free_port()}
        for name, value in {**usual, **settings}.items():
            monkeypatch.setenv(f"PLAINCLOTHES_{name.upper()}", str(value))

    return give


@pytest.fixture
def store(embedded_s3: EmbeddedS3) -> dict[str, str]:
    """One that answers, and its keys."""
    server = of_embedded(embedded_s3)
    return {
        "s3_endpoint": server.endpoint_url,
        "s3_access_key": server.access_key,
        "s3_secret_key": server.secret_key,
    }


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that somebody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


def said(begin: Callable[[], None]) -> str:
    with pytest.raises(Failed) as failure:
        begin()
    sentence = str(failure.value)
    assert "\n" not in sentence
    return sentence


class TestObjectStore:
    def test_that_does_not_answer(self, begin: Callable[[], None], given: Callable[..., None]) -> None:
        given(s3_endpoint=NOBODY)

        sentence = said(begin)

        assert sentence.startswith("the object store does not answer: ")
        assert NOBODY in sentence
        assert "PLAINCLOTHES_S3_ENDPOINT" in sentence

    def test_that_refuses_the_keys(
        self, begin: Callable[[], None], given: Callable[..., None], store: dict[str, str]
    ) -> None:
        given(**{**store, "s3_secret_key": "another"})

        sentence = said(begin)

        assert sentence.startswith("the object store refuses: ")
        assert "PLAINCLOTHES_S3_SECRET_KEY" in sentence

    def test_that_cannot_be_started_where_its_port_is_taken(
        self, given: Callable[..., None], taken: int
    ) -> None:
        given(s3_port=taken)

        sentence = said(serve.serve)

        assert sentence.startswith("the embedded object store does not start: ")
        assert "Address already in use" in sentence
        assert "PLAINCLOTHES_S3_PORT" in sentence


class TestDatabase:
    def test_that_does_not_answer(
        self, begin: Callable[[], None], given: Callable[..., None], store: dict[str, str]
    ) -> None:
        given(**store, database_url="postgresql+psycopg://ivy:hush@127.0.0.1:9/nowhere")

        sentence = said(begin)

        assert sentence.startswith("the database does not answer: ")
        assert "PLAINCLOTHES_DATABASE_URL" in sentence
        assert "hush" not in sentence

    def test_that_takes_the_call_and_says_nothing(
        self, given: Callable[..., None], taken: int, store: dict[str, str]
    ) -> None:
        """A server that is frozen, or a firewall before it: the command ends, and so does a request."""
        url = f"postgresql+psycopg://ivy:hush@127.0.0.1:{taken}/nowhere?connect_timeout=2"
        given(**store, database_url=url)

        sentence = said(serve.serve)

        assert sentence.startswith("the database does not answer: ")
        assert "timeout" in sentence

    def test_that_refuses(
        self,
        begin: Callable[[], None],
        given: Callable[..., None],
        store: dict[str, str],
        postgres_server: PostgresServer,
    ) -> None:
        """A wrong password is refused in the same way; the tests' server asks for none."""
        given(**store, database_url=postgres_server.url("nowhere"))

        sentence = said(begin)

        assert sentence.startswith("the database refuses: ")
        assert 'database "nowhere" does not exist' in sentence
        assert "PLAINCLOTHES_DATABASE_URL" in sentence

    def test_of_a_newer_release(
        self, begin: Callable[[], None], given: Callable[..., None], tmp_path: Path, store: dict[str, str]
    ) -> None:
        given(**store)
        with closing(sqlite3.connect(tmp_path / "var" / "plainclothes.sqlite")) as database, database:
            database.execute("UPDATE alembic_version SET version_num = '9999_of_tomorrow'")
            database.execute("UPDATE schema_floor SET revision = '9999_of_tomorrow'")

        sentence = said(begin)

        assert sentence.startswith(
            "the database is at revision 9999_of_tomorrow, which this release does not know"
        )


class TestPlace:
    def test_where_somebody_listens(self, given: Callable[..., None], taken: int) -> None:
        given(port=taken)

        sentence = said(serve.serve)

        assert sentence.startswith(f"cannot listen on port {taken} of 127.0.0.1: Address already in use")
        assert "PLAINCLOTHES_PORT" in sentence

    def test_where_nobody_may_write(
        self, begin: Callable[[], None], given: Callable[..., None], tmp_path: Path
    ) -> None:
        """As a directory of somebody else's is; whoever runs these tests may be allowed everything."""
        (tmp_path / "file").touch()
        given(data_dir=tmp_path / "file" / "var")

        sentence = said(begin)

        assert sentence.startswith(f"cannot use {tmp_path / 'file' / 'var'}")
        assert "PLAINCLOTHES_DATA_DIR" in sentence


class TestProcess:
    def test_says_it_alone_and_ends_with_a_code(self, tmp_path: Path, taken: int) -> None:
        done = plainclothes("serve", "--port", taken, settings={"data_dir": tmp_path})

        assert done.returncode == 1
        assert done.stderr.startswith(f"cannot listen on port {taken} of ")
        assert done.stderr.count("\n") == 1

    def test_says_as_it_is_what_has_words_of_its_own_and_nothing_of_mistakes(self) -> None:
        assert sentence_of(WorkerNameTaken("give each its own")) == "give each its own"
        assert sentence_of(StorageUnfit("no Range requests")) == "no Range requests"
        assert sentence_of(ValueError("a mistake of ours")) is None
