"""Fixtures every test may ask for: a real database of each kind, built by the migrations."""

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
import structlog

from tests.support.databases import (
    Backend,
    make_postgres_template,
    make_sqlite_template,
    postgres_copy,
    sqlite_copy,
)
from tests.support.postgres import PostgresServer
from tests.support.scratch import fast_directory

pytest_plugins = (
    "tests.support.s3",
    "tests.support.application",
    "tests.support.recordings",
)  # in order of their imports


# Read when the first temporary directory is made; whoever names a place of their own keeps it.
if (in_memory := fast_directory()) is not None:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(in_memory))

# What tests and product consist of is there for good: nobody need look for rubbish in it, neither while it is imported nor later.
gc.disable()


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()


# How long an example takes says more about the other tests on this machine than about the code.
hypothesis.settings.register_profile("plainclothes", deadline=None, print_blob=True)
hypothesis.settings.load_profile("plainclothes")

# A traceback with the values of all variables took minutes to write, once for each unexpected exception.
structlog.get_config()["processors"][-1].exception_formatter = structlog.dev.plain_traceback


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """One PostgreSQL cluster for the test process; the failure says how to install one."""
    with PostgresServer() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_template(postgres_server: PostgresServer) -> str:
    return make_postgres_template(postgres_server)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_sqlite_template(tmp_path_factory.mktemp("template") / "migrated.sqlite")


@pytest.fixture(params=list(Backend), ids=str)
def backend(request: pytest.FixtureRequest) -> Backend:
    """Asking for it runs the test once on each database."""
    return Backend(request.param)


@pytest.fixture
def database_url(backend: Backend, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a fresh, migrated database of the test's own."""
    # Asked for by name: a run of one backend must not start the other's server.
    match backend:
        case Backend.SQLITE:
            with sqlite_copy(tmp_path, request.getfixturevalue("sqlite_template")) as url:
                yield url
        case Backend.POSTGRESQL:
            server: PostgresServer = request.getfixturevalue("postgres_server")
            with postgres_copy(server, request.getfixturevalue("postgres_template")) as url:
                yield url


@pytest.fixture
def empty_database_url(backend: Backend, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a database on which no migration has run."""
    match backend:
        case Backend.SQLITE:
            with sqlite_copy(tmp_path, None) as url:
                yield url
        case Backend.POSTGRESQL:
            with postgres_copy(request.getfixturevalue("postgres_server"), "template1") as url:
                yield url
