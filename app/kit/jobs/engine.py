"""How DBOS is set up: names, queues, where its tables live, and what it may log."""

import logging
from enum import StrEnum
from functools import cache

import sqlalchemy as sa
from dbos import DBOS, DBOSClient, DBOSConfig
from dbos._serialization import DBOSPortableJSONSerializer

APPLICATION = "plainclothes"
VERSION = (
    "1"  # of the workflows' shape; raise it only when a waiting workflow could not be finished by new code
)
SCHEMA = "dbos"  # on PostgreSQL; SQLite has no schemas and the tables are told by their names
POOL_SIZE = 4
THREADS = 32  # DBOS would lend asyncio.to_thread an unbounded pool
TABLE_PREFIXES = ("dbos_", "workflow_")
TABLES = frozenset({"application_versions", "notifications", "operation_outputs", "queues", "streams"})


class Queue(StrEnum):
    """Where a job waits. Heavy ones (video, planning) must not keep light ones (mail, sweeping) waiting."""

    LIGHT = "light"
    HEAVY = "heavy"


LIGHT_JOBS_AT_A_TIME = 8  # they mostly wait for the network


def sync_url(url: sa.URL | str) -> str:
    """The address of the same database for DBOS, which works with synchronous drivers."""
    parsed = sa.make_url(url)
    driver = "sqlite" if parsed.get_backend_name() == "sqlite" else "postgresql+psycopg"
    return parsed.set(drivername=driver).render_as_string(hide_password=False)


def migrate(url: sa.URL | str) -> None:
    """Create or bring up to date the tables of the job engine. Idempotent; blocks."""
    quieten()
    DBOS.migrate(sync_url(url), schema=SCHEMA)


def is_engine_table(name: str) -> bool:
    """Whether a table is the job engine's own, which our migrations must leave alone."""
    return name in TABLES or name.startswith(TABLE_PREFIXES)


def configuration(url: sa.URL, *, executor_id: str) -> DBOSConfig:
    return {
        "name": APPLICATION,
        "system_database_url": sync_url(url),
        "dbos_system_schema": SCHEMA,
        "application_version": VERSION,
        "executor_id": executor_id,
        "serializer": DBOSPortableJSONSerializer(),
        "sys_db_pool_size": POOL_SIZE,
        "max_executor_threads": THREADS,
        "run_migrations": False,
        "log_level": "WARNING",
        "enable_otlp": False,
        "notification_listener_polling_interval_sec": 0.2,
    }


def open_client(url: sa.URL) -> DBOSClient:
    """A client with connections of its own; `destroy()` when done."""
    return DBOSClient(
        system_database_url=sync_url(url),
        serializer=DBOSPortableJSONSerializer(),
        application_name=APPLICATION,
        system_database_pool_size=1,
    )


@cache
def offline_client(dialect: str) -> DBOSClient:
    """A client that never connects: it only writes statements, for transactions that others own."""
    quieten()
    engine = sa.create_engine("sqlite://" if dialect == "sqlite" else "postgresql+psycopg://")
    return DBOSClient(
        system_database_engine=engine,
        dbos_system_schema=SCHEMA,
        serializer=DBOSPortableJSONSerializer(),
        application_name=APPLICATION,
        lazy=True,
    )


def quieten() -> None:
    """Let DBOS log through our handlers, and only what an operator can act on."""
    logger = logging.getLogger("dbos")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())  # otherwise it installs its own and stops propagating
    logger.setLevel(logging.WARNING)
    if _ordinary not in logger.filters:
        logger.addFilter(_ordinary)


EXPECTED = (
    "Asyncio task cancelled for workflow or step",  # how we end jobs at shutdown; they go on later
    "is not the latest version",  # the old half of a rolling deployment
    "Could not connect to postgres database to verify existence",  # our role need not see that one
)


def _ordinary(record: logging.LogRecord) -> bool:
    message = record.getMessage()
    return not any(expected in message for expected in EXPECTED)
