"""Everybody's own inbox: what it holds, what it says, and what was read."""

from typing import Any
from uuid import UUID

import pytest

from app.events.kinds import Kind
from app.events.service import announce
from app.events.texts import MAILED, SENTENCES
from app.identity.actor import Role
from app.kit.ids import new_id
from tests.support.world import Caller, World, assert_problem

VISIT, OUTLET = new_id(), new_id()


async def happened(world: World, kind: Kind, *people: Caller, **data: Any) -> UUID:
    """An event that these find in their inbox. Gives its subject."""
    subject = new_id()
    async with world.database.writing() as session:
        announce(
            session,
            kind,
            organisation_id=people[0].actor.organisation_id,
            subject_id=subject,
            visit_id=VISIT,
            outlet_id=OUTLET,
            people=[one.id for one in people],
            data=data,
            now=world.clock.now,
        )
    world.clock.advance(minutes=1)
    return subject


async def inbox(caller: Caller, **query: str) -> list[dict[str, Any]]:
    answer = await caller.get("/v1/inbox", params=query)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


class TestTexts:
    def test_there_is_one_in_both_languages_for_every_kind(self) -> None:
        assert set(SENTENCES) == set(Kind)
        assert all(text.zh.endswith("。") and text.en.endswith(".") for text in SENTENCES.values())
        assert set(Kind) > MAILED


class TestList:
    async def test_holds_the_callers_own_entries_newest_first(self, world: World) -> None:
        ivy, ian = await world.person("ivy"), await world.person("ian")
        await happened(world, Kind.VISIT_ASSIGNED, ivy, ian)
        await happened(world, Kind.REVIEW_SENT_BACK, ivy)

        assert [one["kind"] for one in await inbox(ivy)] == ["review.sent_back", "visit.assigned"]
        assert [one["kind"] for one in await inbox(ian)] == ["visit.assigned"]

    async def test_is_paged(self, world: World) -> None:
        ivy = await world.person("ivy")
        for _ in range(3):
            await happened(world, Kind.VISIT_ASSIGNED, ivy)

        first = (await ivy.get("/v1/inbox", params={"limit": 2})).json()
        rest = (await ivy.get("/v1/inbox", params={"limit": 2, "cursor": first["next_cursor"]})).json()

        assert [len(page["items"]) for page in (first, rest)] == [2, 1]
        assert rest["next_cursor"] is None

    async def test_says_what_happened_in_both_languages_and_where_it_leads(self, world: World) -> None:
        sam = await world.person("sam")
        subject = await happened(world, Kind.ACTION_OVERDUE, sam, item="no-smoking", due_on="2026-03-17")

        (entry,) = await inbox(sam)

        assert entry["text"] == {
            "zh": "整改已逾期（检查项 no-smoking，期限 2026-03-17）。",
            "en": "An action is overdue (item no-smoking, due 2026-03-17).",
        }
        assert entry["headline"] == {"zh": "整改已逾期。", "en": "An action is overdue."}
        assert entry["about"] == {
            "subject_id": str(subject), "visit_id": str(VISIT), "outlet_id": str(OUTLET), "alias": None,
            "items": None, "item": "no-smoking", "due_on": "2026-03-17", "due_at": None,
        }  # fmt: skip

    async def test_tells_a_manager_the_alias_and_never_the_visit(self, world: World) -> None:
        """D10.1"""
        mona = await world.person("mona")
        await happened(
            world, Kind.PUBLICATION_PUBLISHED, mona, alias="7f3a", entered_at="2026-03-02T09:17:43Z"
        )

        answer = await mona.get("/v1/inbox")

        assert answer.json()["items"][0]["about"]["alias"] == "7f3a"
        assert str(VISIT) not in answer.text
        assert "09:17" not in answer.text

    async def test_hides_from_a_manager_what_was_put_there_by_mistake(self, world: World) -> None:
        """D10.1: even somebody who inspects elsewhere learns of no visit before it is published."""
        both = await world.newcomer("bo", Role.OUTLET_MANAGER, Role.INSPECTOR)
        await happened(world, Kind.VISIT_ENTERED, both)

        assert await inbox(both) == []
        assert (await both.get("/v1/inbox/count")).json() == {"unread": 0, "total": 0}


class TestRead:
    async def test_takes_an_entry_from_the_unread(self, world: World) -> None:
        ivy = await world.person("ivy")
        await happened(world, Kind.VISIT_ASSIGNED, ivy)
        await happened(world, Kind.REVIEW_SENT_BACK, ivy)
        newest, older = await inbox(ivy)

        read = await ivy.post(f"/v1/inbox/{newest['id']}/read")
        again = await ivy.post(f"/v1/inbox/{newest['id']}/read")

        assert read.json()["read_at"] == again.json()["read_at"] is not None
        assert [one["id"] for one in await inbox(ivy, unread="true")] == [older["id"]]
        assert (await ivy.get("/v1/inbox/count")).json() == {"unread": 1, "total": 2}

    async def test_of_somebody_elses_entry_finds_none(self, world: World) -> None:
        ivy, ian = await world.person("ivy"), await world.person("ian")
        await happened(world, Kind.VISIT_ASSIGNED, ivy)
        (entry,) = await inbox(ivy)

        assert_problem(await ian.post(f"/v1/inbox/{entry['id']}/read"), 404, "not-found")

    async def test_all_empties_the_unread(self, world: World) -> None:
        ivy, ian = await world.person("ivy"), await world.person("ian")
        for _ in range(3):
            await happened(world, Kind.VISIT_ASSIGNED, ivy, ian)

        assert (await ivy.post("/v1/inbox/read-all")).json() == {"read": 3}
        assert await inbox(ivy, unread="true") == []
        assert len(await inbox(ian, unread="true")) == 3


class TestPreferences:
    async def test_begin_with_what_waits_for_the_person(self, world: World) -> None:
        ivy = await world.person("ivy")

        shown = (await ivy.get("/v1/inbox/preferences")).json()

        assert shown["by_mail"] == [
            "visit.assigned",
            "visit.due_soon",
            "review.sent_back",
            "appeal.decided",
        ]
        assert "appeal.filed" not in shown["offered"]
        assert [one["kind"] for one in shown["headlines"]] == shown["offered"]
        assert shown["headlines"][0]["headline"]["en"] == "A visit was proposed."

    @pytest.mark.parametrize("wanted", [[], ["review.sent_back"]])
    async def test_are_the_persons_own(self, world: World, wanted: list[str]) -> None:
        ivy, ian = await world.person("ivy"), await world.person("ian")

        answer = await ivy.put("/v1/inbox/preferences", json={"by_mail": wanted})

        assert answer.json()["by_mail"] == wanted
        assert (await ivy.get("/v1/inbox/preferences")).json()["by_mail"] == wanted
        assert len((await ian.get("/v1/inbox/preferences")).json()["by_mail"]) == 4
