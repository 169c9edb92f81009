"""The checker finds what is lost: each planted loss is one more sentence of it, and a site without any has none."""

# ruff: noqa: S608 (what is planted has ids that the tests made)

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from app.kit.jobs import enqueue
from app.settings import Settings
from tests.support.tampering import tamper
from tests.support.webhooks import Message
from tests.support.world import World
from tests.torture.checking_files import broken_chains
from tests.torture.prepared import Prepared, a_site
from tests.torture.records import OLD_S

Planting = Callable[[Prepared], Awaitable[None]]
Look = Callable[[], Awaitable[set[str]]]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """A bucket of the test's own: whatever else is in it would be an orphan."""
    return settings.model_copy(update={"s3_bucket": f"torture-{uuid4()}"})


@pytest.fixture
async def site(world: World, tmp_path: Path) -> AsyncIterator[Prepared]:
    made = await a_site(world, tmp_path)
    yield made
    made.records.close()


def literal(identity: str) -> str:
    return f"'{UUID(identity).hex}'"


async def a_submission_that_is_gone(site: Prepared) -> None:
    visit = literal(site.case.visit)
    await tamper(site.database, f"UPDATE visits SET state = 'left' WHERE id = {visit}", unguarded=())


async def answers_that_are_gone(site: Prepared) -> None:
    ours = f"SELECT id FROM answers_revisions WHERE visit_id = {literal(site.case.visit)}"
    await tamper(
        site.database,
        f"DELETE FROM answers WHERE item_code = 'tidy' AND revision_id IN ({ours})",
        unguarded=("answers",),
    )


async def a_submission_that_is_there_twice(site: Prepared) -> None:
    ours = f"to_state = 'submitted' AND visit_id = {literal(site.case.visit)}"
    await site.add_again("visit_transitions", ours)


async def a_visit_that_nobody_knows(site: Prepared) -> None:
    site.tally.visits[str(uuid4())] = ("somebody", "somewhere")


async def a_report_that_is_counted_by_nobody(site: Prepared) -> None:
    visit = literal(site.case.visit)
    await tamper(site.database, f"DELETE FROM insight_visit_scores WHERE visit_id = {visit}", unguarded=())


async def a_rotation_that_is_broken(site: Prepared) -> None:
    """By a row that the database's own guard does not look at."""
    later = site.desk.world.clock.now.date() + timedelta(days=31)
    await site.add_again(
        "exposures",
        f"visit_id = {literal(site.case.visit)}",
        visit_id=None,
        visited_on=later,
        blocked_until=later + timedelta(days=92),
        guard_from=None,
        guard_until=None,
    )


async def a_play_that_is_in_no_ledger(site: Prepared) -> None:
    play = literal(site.play)
    await tamper(
        site.database,
        f"DELETE FROM play_ledger WHERE act = 'played' AND playback_id = {play}",
        unguarded=("play_ledger",),
    )


async def an_original_with_other_bytes(site: Prepared) -> None:
    await site.storage.put_bytes(sealed_key(site), b"something else", content_type="video/mp4")


async def an_original_that_is_gone(site: Prepared) -> None:
    await site.storage.delete(sealed_key(site))


async def a_rendition_with_other_bytes(site: Prepared) -> None:
    await site.storage.put_bytes(outlet_key(site), b"something else", content_type="video/mp4")


async def an_object_of_nobody(site: Prepared) -> None:
    await site.storage.put_bytes("renditions/nobody's.mp4", b"?", content_type="video/mp4")


async def an_upload_that_nobody_ended(site: Prepared) -> None:
    await site.storage.create_multipart("incoming/nobody's", token="?", content_type="video/mp4")


async def an_original_whose_time_is_over(site: Prepared) -> None:
    await site.storage.put_bytes(site.over.originals[0], b"still here", content_type="video/mp4")


async def a_deletion_without_proof(site: Prepared) -> None:
    raw = "retention_class = 'raw_recording' AND recording_id IS NOT NULL"
    first = f"SELECT min(CAST(id AS VARCHAR(36))) FROM tombstones WHERE {raw}"
    await tamper(
        site.database,
        f"UPDATE tombstones SET deleted_at = NULL WHERE CAST(id AS VARCHAR(36)) = ({first})",
        unguarded=("tombstones",),
    )


async def a_bulletin_without_one_of_its_files(site: Prepared) -> None:
    await tamper(
        site.database,
        "DELETE FROM bulletin_files WHERE language = 'zh' AND format = 'pdf'",
        unguarded=("bulletin_files",),
    )


async def a_message_that_never_came(site: Prepared) -> None:
    site.messages.remove(the_message(site, "publication.published"))


async def a_message_under_two_ids(site: Prepared) -> None:
    first = the_message(site, "visit.submitted")
    site.messages.append(replace(first, headers={**first.headers, "webhook-id": "another"}))


async def a_mark_that_is_not_followed(site: Prepared) -> None:
    site.tally.mutes.add(site.case.video)


async def a_job_that_nobody_works(site: Prepared) -> None:
    """For longer than those that come by the clock wait."""
    jobs = "workflow_status" if site.database.is_sqlite else "dbos.workflow_status"
    async with site.database.writing() as session:
        job = await enqueue(session, "jobs.forget_finished")
        earlier = (
            f"UPDATE {jobs} SET created_at = created_at - {OLD_S * 1001:.0f} WHERE workflow_uuid = '{job}'"
        )
        await session.execute(sa.text(earlier))


async def a_recording_that_nobody_is_done_with(site: Prepared) -> None:
    photo = literal(site.case.photos[0])
    await tamper(site.database, f"UPDATE recordings SET state = 'stored' WHERE id = {photo}", unguarded=())


async def a_plan_that_never_ended(site: Prepared) -> None:
    site.tally.plans.add(str(uuid4()))


PLANTED: Mapping[Planting, str] = {
    a_submission_that_is_gone: r"visit \S+ was handed in and is left",
    answers_that_are_gone: r"visit \S+: answers .* were acknowledged",
    a_submission_that_is_there_twice: r"visit \S+: steps, revisions, scores, events \(2, 1, 1, 1\)",
    a_visit_that_nobody_knows: r"visit \S+ was arranged and is gone",
    a_report_that_is_counted_by_nobody: r"visit \S+: counted 0 times in the figures",
    a_rotation_that_is_broken: r"rotation: inspector \S+ at outlet \S+ on \S+ and \S+",
    a_play_that_is_in_no_ledger: r"play \S+: opened 1 and played 0 times",
    a_deletion_without_proof: r"original of \S+: its deletion was proved 0 times and told 1 times",
    a_bulletin_without_one_of_its_files: r"bulletin \S+ is ready with 3 files",
    a_message_under_two_ids: r"webhook \S+ of \S+: 2 messages",
    a_message_that_never_came: r"webhook \S+ of \S+: 0 messages",
    a_mark_that_is_not_followed: r"marks of recording \S+: 0 renditions follow them",
    a_plan_that_never_ended: r"plan \S+ is None",
    a_job_that_nobody_works: r"job jobs.forget_finished \S+: ENQUEUED",
    a_recording_that_nobody_is_done_with: r"recording \S+: stored",
}
"""What is planted, one after the other, and what the checker says then and did not say before."""

PLANTED_IN_THE_STORE: Mapping[Planting, str] = {
    an_original_with_other_bytes: r"upload \S+: its original holds something else",
    an_original_that_is_gone: r"upload \S+: its original is not in the store|object \S+: it is not there",
    a_rendition_with_other_bytes: r"object \S+ holds something else than was made",
    an_object_of_nobody: r"object renditions/nobody's.mp4: nothing refers to it",
    an_upload_that_nobody_ended: r"upload of incoming/nobody's is pending",
    an_original_whose_time_is_over: r"object \S+: (its time is over|nothing refers to it)",
}


class TestChecking:
    async def test_each_planted_loss_is_found_and_nothing_else(self, site: Prepared) -> None:
        """In one site: to make another for each would take minutes."""

        async def look_at_rows() -> set[str]:
            return await asyncio.to_thread(site.lost_rows)

        assert [*await look_at_rows(), *await site.lost_files()] == []
        await self._plant(site, PLANTED_IN_THE_STORE, site.lost_files)
        await self._plant(site, PLANTED, look_at_rows)

        (broken,) = broken_chains(site.desk.world.settings.database_url, chains=["ledger"])
        assert broken.startswith("ledger verify: ")

    @staticmethod
    async def _plant(site: Prepared, planted: Mapping[Planting, str], look: Look) -> None:
        known = await look()
        for plant, expected in planted.items():
            await plant(site)
            found = await look()
            new = found - known
            assert new, f"{plant.__name__} was not found"
            assert all(re.match(expected, one) for one in new), (plant.__name__, new)
            known = found


def the_message(site: Prepared, kind: str) -> Message:
    """The latest that told of it."""
    return next(one for one in reversed(site.messages) if json.loads(one.content)["type"] == kind)


def sealed_key(site: Prepared) -> str:
    """Of the film."""
    statement = f"SELECT sealed_key FROM recordings WHERE id = {literal(site.case.video)}"
    (row,) = site.records.rows(statement)
    return str(row["sealed_key"])


def outlet_key(site: Prepared) -> str:
    statement = (
        f"SELECT key FROM renditions WHERE kind = 'outlet' AND recording_id = {literal(site.case.video)}"
    )
    (row,) = site.records.rows(statement)
    return str(row["key"])
