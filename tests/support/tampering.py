"""Changing what may not be changed, as somebody with the database's password could: guards off, and on again."""

import sqlalchemy as sa

from app.kit import guards
from app.kit.database import Database


async def tamper(database: Database, *statements: str, unguarded: tuple[str, ...]) -> None:
    """Run the statements in one transaction; `unguarded` are append-only tables that lose their triggers
    meanwhile; without statements for good.
    """
    async with database.writing() as session:
        for table in unguarded:
            if database.is_sqlite:
                for event in ("update", "delete"):
                    await session.execute(sa.text(f"DROP TRIGGER {table}_is_append_only_{event}"))
            else:
                await session.execute(sa.text(f"DROP TRIGGER {table}_is_append_only ON {table}"))
        for statement in statements:
            await session.execute(sa.text(statement))
        if statements:
            await (await session.connection()).run_sync(guards.install)
