"""The chain of the audit trail: every entry has its place, and whoever meddles with it is found out."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import closing
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.audit import chain
from app.audit.models import AuditEntry, AuditLink
from app.audit.service import JsonValue, record_by_itself
from app.identity.models import Organisation
from app.kit import chains
from app.kit.chains import Anchor, ChainReport, anchors_of, verify_all, verify_chain
from app.kit.database import Database
from app.kit.ids import new_id
from tests.support.tampering import tamper
from tests.support.world import MONDAY


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    yield database
    await database.dispose()


async def founded(database: Database, slug: str) -> UUID:
    home = Organisation(id=new_id(), slug=slug, name=slug.title(), created_at=MONDAY)
    async with database.writing() as session:
        session.add(home)
    return home.id


@pytest.fixture
async def northwind(database: Database) -> UUID:
    return await founded(database, "northwind")


def note(session: AsyncSession, home: UUID, action: str, **details: JsonValue) -> None:
    record_by_itself(session, home, action, subject_id=home, now=MONDAY, details=details)


async def noted(database: Database, home: UUID, *actions: str) -> None:
    """Each in a transaction of its own."""
    for action in actions:
        async with database.writing() as session:
            note(session, home, action)


async def verified(database: Database, home: UUID, *, anchors: Sequence[Anchor] = ()) -> ChainReport:
    async with database.reading() as session:
        return await verify_chain(session, chain.TRAIL, home, anchors=anchors)


async def heads(database: Database) -> list[Anchor]:
    async with database.reading() as session:
        return await anchors_of(session, chain.TRAIL)


async def in_order(database: Database, home: UUID) -> list[str]:
    """The actions in the order of their places."""
    async with database.reading() as session:
        rows = await session.scalars(
            sa.select(AuditEntry.action)
            .join(AuditLink, AuditLink.entry_id == AuditEntry.id)
            .where(AuditLink.organisation_id == home)
            .order_by(AuditLink.number)
        )
        return list(rows)


class TestRecord:
    async def test_entries_get_places_without_gaps_when_their_transaction_ends(
        self, database: Database, northwind: UUID
    ) -> None:
        async with database.writing() as session:
            note(session, northwind, "outlet.entered")
            note(session, northwind, "outlet.edited")
        await noted(database, northwind, "outlet.closed")

        assert await in_order(database, northwind) == ["outlet.entered", "outlet.edited", "outlet.closed"]
        assert await verified(database, northwind) == ChainReport(northwind, 3, is_whole=True)

    async def test_what_was_taken_back_leaves_no_gap(self, database: Database, northwind: UUID) -> None:
        async with database.opened() as session:
            note(session, northwind, "visit.never_happened")
            await session.flush()
            await session.rollback()
            note(session, northwind, "visit.planned")
            await session.commit()

        assert await in_order(database, northwind) == ["visit.planned"]
        assert (await verified(database, northwind)).is_whole

    async def test_what_a_savepoint_took_back_gets_no_place(
        self, database: Database, northwind: UUID
    ) -> None:
        async with database.writing() as session:
            note(session, northwind, "first")
            async with session.begin_nested():
                note(session, northwind, "kept")
            inner = await session.begin_nested()
            note(session, northwind, "taken_back")
            await inner.rollback()

        assert await in_order(database, northwind) == ["first", "kept"]
        assert (await verified(database, northwind)).is_whole

    async def test_each_organisation_has_a_chain_of_its_own(
        self, database: Database, northwind: UUID
    ) -> None:
        southgate = await founded(database, "southgate")
        async with database.writing() as session:
            for home in (southgate, northwind, southgate):
                note(session, home, "outlet.entered")

        assert (await verified(database, northwind)).entries == 1
        assert (await verified(database, southgate)).entries == 2

    async def test_writers_at_the_same_time_make_one_chain(self, database: Database, northwind: UUID) -> None:
        southgate = await founded(database, "southgate")

        async def write(number: int) -> None:
            async with database.opened() as session:
                for home in (northwind, southgate)[:: (-1) ** number]:  # both orders: no deadlock
                    note(session, home, f"writer.{number}")
                await session.flush()
                await (session.rollback() if number % 5 == 0 else session.commit())

        await asyncio.gather(*(write(number) for number in range(20)))

        for home in (northwind, southgate):
            assert await verified(database, home) == ChainReport(home, 16, is_whole=True)

    async def test_all_that_details_may_hold_is_the_same_when_it_is_read_back(
        self, database: Database, northwind: UUID
    ) -> None:
        """PostgreSQL keeps numbers as numerics and sorts keys; SQLite keeps the text."""
        async with database.writing() as session:
            note(
                session,
                northwind,
                "checklist.published",
                zh="检查项目 \u2028\U0001f600",
                numbers=[0, -1, 2**60, 1.0, 0.1, 1e22, -0.0, 1.5e-7],
                nested={"b": None, "a": [True, False, {"z": "", "Ä": "ä"}]},
            )

        assert (await verified(database, northwind)).is_whole


@pytest.fixture
async def five(database: Database, northwind: UUID) -> UUID:
    """A chain of five."""
    await noted(database, northwind, *(f"step.number_{number}" for number in range(1, 6)))
    return northwind


TRAIL = ("audit_entries", "audit_links")


class TestVerify:
    async def test_a_chain_nobody_touched_is_whole(
        self, database: Database, five: UUID, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(chains, "BATCH", 2)

        async with database.reading() as session:
            assert await verify_all(session, chain.TRAIL) == [ChainReport(five, 5, is_whole=True)]

    @pytest.mark.parametrize("table", TRAIL)
    @pytest.mark.parametrize("change", ["UPDATE {} SET organisation_id = organisation_id", "DELETE FROM {}"])
    async def test_the_database_refuses_to_change_or_forget(
        self, database: Database, five: UUID, table: str, change: str
    ) -> None:
        with pytest.raises(sa.exc.DBAPIError, match=f"{table}_is_append_only"):
            async with database.writing() as session:
                await session.execute(sa.text(change.format(table)))

    @pytest.mark.parametrize(
        ("statements", "where", "fault"),
        [
            (
                [
                    "UPDATE audit_entries SET action = 'step.9' WHERE id = (SELECT entry_id FROM audit_links WHERE number = 3)"
                ],
                3,
                "content was changed",
            ),
            (
                [
                    "UPDATE audit_entries SET details = '{\"n\": 1}' WHERE id = (SELECT entry_id FROM audit_links WHERE number = 1)"
                ],
                1,
                "content was changed",
            ),
            (["DELETE FROM audit_links WHERE number = 2"], 2, "entry 2 is missing"),
            (["DELETE FROM audit_links WHERE number = 5"], 5, "does not end where"),
            (["DELETE FROM audit_links"], 1, "does not end where"),
            (
                [
                    "CREATE TABLE spare AS SELECT * FROM audit_links",
                    "DELETE FROM audit_links WHERE number IN (2, 3)",
                    """INSERT INTO audit_links SELECT organisation_id, 5 - number, entry_id, previous_hash, hash
                        FROM spare WHERE number IN (2, 3)""",
                ],
                2,
                "does not follow",
            ),
            (
                [
                    """INSERT INTO audit_entries
                        SELECT organisation_id, organisation_id, actor_id, 'step.put_in', subject_id, details, at
                        FROM audit_entries WHERE action = 'step.number_2'"""
                ],
                6,
                "1 entries stand outside",
            ),
            (["UPDATE audit_links SET previous_hash = hash WHERE number = 4"], 4, "does not follow"),
            (["UPDATE audit_heads SET number = 4"], 6, "does not end where"),
            (["DELETE FROM audit_heads"], 6, "does not end where"),
        ],
        ids=[
            "action",
            "details",
            "left out",
            "cut off",
            "all gone",
            "moved",
            "put in",
            "another link",
            "head",
            "no head",
        ],
    )
    async def test_whoever_gets_around_that_is_found_out(
        self, database: Database, five: UUID, statements: list[str], where: int, fault: str
    ) -> None:
        await tamper(database, *statements, unguarded=TRAIL)

        report = await verified(database, five)

        assert (report.is_whole, report.broken_at) == (False, where)
        assert fault in (report.fault or "")

    async def test_an_entry_that_is_gone_with_its_foreign_key_is_missed(
        self, database: Database, five: UUID
    ) -> None:
        gone = "DELETE FROM audit_entries WHERE action = 'step.number_4'"
        if database.is_sqlite:
            await tamper(database, unguarded=TRAIL)
            with closing(sqlite3.connect(str(database.url.database))) as connection:
                connection.execute(gone)  # a connection of one's own enforces no foreign keys
                connection.commit()
        else:
            unkeyed = "ALTER TABLE audit_links DROP CONSTRAINT fk_audit_links_entry_id"
            await tamper(database, unkeyed, gone, unguarded=TRAIL)

        report = await verified(database, five)

        assert (report.broken_at, report.fault) == (4, "the entry's content is missing")


class TestAnchor:
    """Whoever can write the whole database can make another chain that is whole. A head kept elsewhere shows it."""

    CUT = (
        "CREATE TABLE spare AS SELECT entry_id FROM audit_links WHERE number > 3",
        "DELETE FROM audit_links WHERE number > 3",
        "DELETE FROM audit_entries WHERE id IN (SELECT entry_id FROM spare)",
        "UPDATE audit_heads SET number = 3, hash = (SELECT hash FROM audit_links WHERE number = 3)",
    )

    async def test_a_head_that_the_chain_holds_is_found_in_it_for_ever(
        self, database: Database, five: UUID
    ) -> None:
        known = await heads(database)
        await noted(database, five, "step.number_6")

        assert [one.number for one in known] == [5]
        assert (await verified(database, five, anchors=known)).is_whole

    async def test_a_tail_cut_off_together_with_the_head_is_noticed(
        self, database: Database, five: UUID
    ) -> None:
        known = await heads(database)
        await tamper(database, *self.CUT, unguarded=TRAIL)

        assert (await verified(database, five)).is_whole  # by itself nobody could tell
        report = await verified(database, five, anchors=known)
        assert (report.broken_at, report.fault) == (
            4,
            "the chain is shorter than the known head, entry 5",
        )

    async def test_a_tail_made_anew_is_noticed(self, database: Database, five: UUID) -> None:
        known = await heads(database)
        await tamper(database, *self.CUT, unguarded=TRAIL)
        await noted(database, five, "step.invented", "step.invented_too")

        assert (await verified(database, five)).is_whole
        report = await verified(database, five, anchors=known)
        assert (report.broken_at, report.fault) == (5, "the entry is not the one that the known head names")

    async def test_a_chain_that_is_gone_altogether_is_noticed(self, database: Database, five: UUID) -> None:
        known = await heads(database)
        gone = ["DELETE FROM audit_links", "DELETE FROM audit_entries", "DELETE FROM audit_heads"]
        await tamper(database, *gone, unguarded=TRAIL)

        async with database.reading() as session:
            (report,) = await verify_all(session, chain.TRAIL, anchors=known)

        assert (report.organisation_id, report.is_whole, report.broken_at) == (five, False, 1)


class TestSealOutside:
    async def test_takes_what_an_older_release_wrote_into_the_chain_and_says_so(
        self, database: Database, five: UUID
    ) -> None:
        async with database.writing() as session:
            for number in range(3):
                session.add(
                    AuditEntry(
                        id=new_id(),
                        organisation_id=five,
                        actor_id=None,
                        action=f"older.wrote_{number}",
                        subject_id=five,
                        details={},
                        at=MONDAY,
                    )
                )
        assert (await verified(database, five)).fault == "3 entries stand outside the chain"

        async with database.writing() as session:
            assert await chain.seal_outside(session, five, now=MONDAY) == 3

        assert await verified(database, five) == ChainReport(five, 9, is_whole=True)
        assert (await in_order(database, five))[-4:] == [
            "older.wrote_0",
            "older.wrote_1",
            "older.wrote_2",
            "audit.sealed_late",
        ]

    async def test_does_nothing_when_nothing_stands_outside(self, database: Database, five: UUID) -> None:
        async with database.writing() as session:
            assert await chain.seal_outside(session, five, now=MONDAY) == 0

        assert (await verified(database, five)).entries == 5
