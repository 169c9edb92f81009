"""What comes by mail too: once, to who wants it, and without a word that an outlet must not read."""

from email import policy
from email.parser import BytesParser
from pathlib import Path

from app.events.jobs import decide_all
from app.events.kinds import Kind
from app.kit.mail import Caught, caught
from app.kit.sealing import seal
from tests.app.events.test_inbox import happened
from tests.support.recordings import resources_of, worked
from tests.support.world import World, assert_problem


async def mailed(world: World) -> list[Caught]:
    """What was mailed so far."""
    await decide_all(resources_of(world))
    assert await worked(world) == []
    return list(caught(world.settings.data_dir / "mail"))


def file_of(world: World, letter: Caught) -> Path:
    return world.settings.data_dir / "mail" / f"{letter.number}.eml"


class TestMailing:
    async def test_sends_each_entry_once_to_those_who_want_it(self, world: World) -> None:
        ivy, ian = await world.person("ivy"), await world.person("ian")
        await ian.put("/v1/inbox/preferences", json={"by_mail": []})
        await happened(world, Kind.VISIT_ASSIGNED, ivy, ian)
        await happened(world, Kind.VISIT_ACCEPTED, ivy)

        (letter,) = await mailed(world)
        kept = file_of(world, letter).stat().st_mtime_ns
        again = await mailed(world)

        assert (letter.to, letter.subject) == ("ivy@northwind.example", "A visit was assigned to you.")
        assert [one.number for one in again] == [letter.number]
        assert file_of(world, letter).stat().st_mtime_ns == kept

    async def test_tells_no_detail_and_to_a_manager_nothing_the_role_may_not_know(self, world: World) -> None:
        """D10.1"""
        mona = await world.person("mona")
        await happened(
            world,
            Kind.PUBLICATION_PUBLISHED,
            mona,
            alias="7f3a01c2",
            visited_on="2026-03-02",
            inspector="Ivy",
        )
        await world.person("ivy")
        await mona.put("/v1/inbox/preferences", json={"by_mail": ["publication.published", "visit.entered"]})
        await happened(world, Kind.VISIT_ENTERED, mona)

        letters = await mailed(world)

        assert [letter.subject for letter in letters] == ["A report was published."]
        assert not [word for word in ("7f3a01c2", "2026-03-02", "Ivy") if word in letters[0].text]


class TestUnsubscribing:
    async def test_by_one_click_without_logging_in_ends_the_readers_mails_and_nobody_elses(
        self, world: World
    ) -> None:
        """RFC 8058: the mail program posts what stands in the letter's header to where it points."""
        ivy, ian = await world.person("ivy"), await world.person("ian")
        await happened(world, Kind.VISIT_ASSIGNED, ivy)
        (letter,) = await mailed(world)
        head = BytesParser(policy=policy.default).parsebytes(file_of(world, letter).read_bytes())
        assert head["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        address = str(head["List-Unsubscribe"]).strip("<>").removeprefix(world.settings.address)
        assert ivy.id.hex not in address

        looked = await world.client.get(address)
        before = (await ivy.get("/v1/inbox/preferences")).json()["by_mail"]
        clicked = await world.client.post(address, data={"List-Unsubscribe": "One-Click"})

        assert (looked.status_code, clicked.status_code) == (200, 200)
        assert "Unsubscribe" in looked.text
        assert before != []
        assert (await ivy.get("/v1/inbox/preferences")).json()["by_mail"] == []
        assert (await ian.get("/v1/inbox/preferences")).json()["by_mail"] != []
        await happened(world, Kind.VISIT_ASSIGNED, ivy)
        assert [one.number for one in await mailed(world)] == [letter.number]

    async def test_with_a_token_that_is_not_ours_ends_nothing(self, world: World) -> None:
        key = world.settings.secret_key.get_secret_value()
        person_id = (await world.person("ivy")).id.hex
        for token in ("AAAA", person_id, seal(person_id, key=key, purpose="webhook")):
            for ask in (world.client.get, world.client.post):
                assert_problem(await ask(f"/v1/inbox/unsubscribe/{token}"), 404, "not-found")
