"""Alembic's way into the product: the same tables, the same settings, and the guards after every upgrade."""

import sqlalchemy as sa
from alembic import context

from app.kit import guards, jobs
from app.kit.database import prepare_sqlite
from app.settings import Settings
from app.tables import metadata

LOCK_TIMEOUT = "5s"  # a migration waits no longer than that for a table somebody works on


def database_url() -> sa.URL:
    """The URL given by the caller (`attributes["url"]`), else that of the settings. Synchronous driver."""
    given = context.config.attributes.get("url")
    url = sa.make_url(given or Settings().database)
    return url.set(drivername="sqlite" if url.get_backend_name() == "sqlite" else "postgresql+psycopg")


def _ours(name: str | None, kind: str, _parents: object) -> bool:
    return not (kind == "table" and name is not None and jobs.is_engine_table(name))


def run() -> None:
    url = database_url()
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", prepare_sqlite)
        sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    with engine.connect() as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"))
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(hashtext('plainclothes-migrations'))"))
        context.configure(
            connection=connection,
            target_metadata=metadata,
            render_as_batch=connection.dialect.name == "sqlite",
            compare_type=True,
            include_name=_ours,
        )
        context.run_migrations()
        guards.install(connection)
    engine.dispose()
    jobs.migrate(url)  # so that a process that only enqueues can do so before a worker ever ran


run()
