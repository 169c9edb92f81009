"""Other systems are told what happened: signed, at least once, and no more than the eyes they were given may see.

alice is the admin; sam's south holds the hall where ivy goes, the north another. Jobs run when the test says so.
"""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from standardwebhooks.webhooks import WebhookVerificationError

from app.events.kinds import Kind
from app.events.models import InboxEntry
from app.events.service import announce
from app.kit.clock import utc_now
from app.kit.ids import new_id
from app.kit.sealing import seal
from app.webhooks.jobs import forget_old
from app.webhooks.models import WebhookSecret
from app.webhooks.rules import GIVEN_UP_AFTER, LOG_KEPT_FOR, RETRY_AFTER
from tests.support.places import a_region, an_outlet
from tests.support.recordings import resources_of, worked
from tests.support.visits import Scene, a_scene
from tests.support.webhooks import Receiver, a_webhook, told, told_by_jobs, webhook_body
from tests.support.world import Caller, World, assert_problem


@pytest.fixture
async def scene(world: World) -> Scene:
    world.clock.now = utc_now()  # signatures are good for minutes, by the real clock
    return await a_scene(world)


@pytest.fixture
async def alice(world: World) -> Caller:
    return await world.person("alice")


async def happened(scene: Scene, kind: Kind = Kind.APPEAL_FILED, **data: Any) -> None:
    """An event at the hall in the south."""
    async with scene.world.database.writing() as session:
        announce(
            session,
            kind,
            organisation_id=scene.outlet.organisation_id,
            subject_id=new_id(),
            outlet_id=scene.outlet.id,
            visit_id=new_id(),
            data=data,
            now=scene.world.clock.now,
        )


async def deliveries(alice: Caller, hook: dict[str, Any], **query: str) -> list[dict[str, Any]]:
    answer = await alice.get(f"/v1/webhooks/{hook['id']}/deliveries", params=query)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


class TestSubscribe:
    async def test_shows_the_secret_once_and_keeps_it_sealed(self, scene: Scene, alice: Caller) -> None:
        made = await a_webhook(alice, "http://127.0.0.1:9/")

        assert made["secret"].startswith("whsec_")
        shown = (await alice.get(f"/v1/webhooks/{made['id']}")).text
        listed = (await alice.get("/v1/webhooks")).text
        assert "secret" not in shown
        assert "secret" not in listed
        async with scene.world.database.reading() as session:
            kept = (await session.scalars(sa.select(WebhookSecret))).one().sealed
        assert made["secret"].removeprefix("whsec_") not in kept

    @pytest.mark.parametrize(
        "url",
        [
            "http://10.0.0.1/", "https://169.254.169.254/latest/meta-data/", "https://[fd00:ec2::254]/",
            "https://[fe80::1]/", "https://192.168.1.1/", "https://100.100.100.200/", "https://[::ffff:10.0.0.1]/",
            "https://0.0.0.0/", "ftp://127.0.0.1/", "https://u:p@127.0.0.1/", "https://127.0.0.1/#x",
        ],
    )  # fmt: skip
    async def test_refuses_addresses_that_are_not_public(self, alice: Caller, url: str) -> None:
        answer = await alice.post("/v1/webhooks", json=webhook_body(url))

        assert_problem(answer, 422, "webhook-address-refused")

    async def test_refuses_kinds_the_role_may_not_be_told_of(self, scene: Scene, alice: Caller) -> None:
        """D10.1: before publication the outlet's side knows of nothing."""
        body = webhook_body(
            "http://127.0.0.1:9/",
            "visit.entered",
            "publication.published",
            role="outlet_manager",
            outlet_ids=[str(scene.outlet.id)],
        )

        problem = assert_problem(
            await alice.post("/v1/webhooks", json=body), 422, "webhook-kinds-not-for-role"
        )
        assert problem["kinds"] == ["visit.entered"]

    @pytest.mark.parametrize("role", ["inspector", "auditor"])
    async def test_refuses_eyes_that_are_one_persons_own(self, alice: Caller, role: str) -> None:
        body = webhook_body("http://127.0.0.1:9/", role=role)

        assert_problem(await alice.post("/v1/webhooks", json=body), 422, "webhook-kinds-not-for-role")

    @pytest.mark.parametrize(
        ("role", "kind"), [("supervisor", "visit.left"), ("outlet_manager", "appeal.filed")]
    )
    async def test_wants_to_know_how_far_the_eyes_reach(self, alice: Caller, role: str, kind: str) -> None:
        body = webhook_body("http://127.0.0.1:9/", kind, role=role)

        assert_problem(await alice.post("/v1/webhooks", json=body), 422, "webhook-scope-missing")

    async def test_refuses_regions_of_others(self, world: World, alice: Caller) -> None:
        foreign = await a_region(world, "centre", organisation="southgate")
        body = webhook_body("http://127.0.0.1:9/", role="supervisor", region_ids=[str(foreign.id)])

        assert_problem(await alice.post("/v1/webhooks", json=body), 404, "not-found")

    async def test_refuses_an_id_that_is_taken(self, alice: Caller) -> None:
        made = await a_webhook(alice, "http://127.0.0.1:9/")
        again = await alice.post("/v1/webhooks", json=webhook_body("http://127.0.0.1:9/", id=made["id"]))

        assert_problem(again, 409, "already-exists")


class TestDelivery:
    async def test_is_signed_as_standard_webhooks_say(
        self, world: World, scene: Scene, alice: Caller
    ) -> None:
        with Receiver() as receiver:
            hook = await a_webhook(alice, receiver.url, "visit.accepted")
            visit = await scene.arranged(scene.ivy)
            await scene.ivy.post(f"/v1/visits/{visit}/accept")
            await told_by_jobs(world)

        (message,) = receiver.messages
        body = message.verified(hook["secret"])
        assert body["type"] == "visit.accepted"
        assert body["data"] == {
            "subject_id": visit,
            "visit_id": visit,
            "outlet_id": str(scene.outlet.id),
            "earlier": "reserved",
        }
        (delivery,) = await deliveries(alice, hook)
        assert (delivery["webhook_message_id"], delivery["state"]) == (message.id, "delivered")
        whole = (await alice.get(f"/v1/webhooks/{hook['id']}/deliveries/{delivery['id']}")).json()
        assert whole["payload"].encode() == message.content
        assert [(one["status"], one["error"]) for one in whole["log"]] == [(204, None)]

    async def test_with_another_secret_does_not_verify(
        self, world: World, scene: Scene, alice: Caller
    ) -> None:
        with Receiver() as receiver:
            await a_webhook(alice, receiver.url, "appeal.filed")
            other = await a_webhook(alice, "http://127.0.0.1:9/", "appeal.returned")
            await happened(scene)
            await told(world)

        with pytest.raises(WebhookVerificationError):
            receiver.messages[0].verified(other["secret"])

    async def test_happens_once_for_each_event_however_often_it_is_looked(
        self, world: World, scene: Scene, alice: Caller
    ) -> None:
        with Receiver() as receiver:
            await a_webhook(alice, receiver.url, "appeal.filed")
            for _ in range(3):
                await happened(scene)
            await told_by_jobs(world)
            await told_by_jobs(world)

        assert len({message.id for message in receiver.messages}) == len(receiver.messages) == 3

    async def test_tells_of_chosen_kinds_of_the_own_organisation_only(
        self, world: World, scene: Scene, alice: Caller
    ) -> None:
        bob = await world.person("bob")
        with Receiver() as receiver, Receiver() as of_bob:
            await a_webhook(alice, receiver.url, "appeal.decided")
            await a_webhook(bob, of_bob.url, "appeal.decided", "appeal.filed")
            await happened(scene, Kind.APPEAL_FILED)
            await happened(scene, Kind.APPEAL_DECIDED)
            await told(world)

        assert [json.loads(one.content)["type"] for one in receiver.messages] == ["appeal.decided"]
        assert of_bob.messages == []

    async def test_is_tried_again_later_under_the_same_id(
        self, world: World, scene: Scene, alice: Caller
    ) -> None:
        with Receiver([500, 503]) as receiver:
            hook = await a_webhook(alice, receiver.url, "appeal.filed")
            await happened(scene)
            await told(world)
            assert len(receiver.messages) == 1
            assert (await alice.get(f"/v1/webhooks/{hook['id']}")).json()["failing_since"] is not None
            for expected in (2, 3):
                await told(world)  # not yet: it is left alone for a while
                world.clock.advance(minutes=2)
                await told(world)
                assert len(receiver.messages) == expected

        assert len({message.id for message in receiver.messages}) == 1
        (delivery,) = await deliveries(alice, hook, state="delivered")
        assert delivery["attempts"] == 3
        assert (await alice.get(f"/v1/webhooks/{hook['id']}")).json()["failing_since"] is None

    async def test_is_given_up_after_a_day(self, world: World, scene: Scene, alice: Caller) -> None:
        with Receiver([400] * (len(RETRY_AFTER) + 1)) as receiver:
            hook = await a_webhook(alice, receiver.url, "appeal.filed")
            await happened(scene)
            began = world.clock.now
            await told(world)
            for wait in RETRY_AFTER:
                world.clock.now += wait
                await told(world)
            world.clock.advance(days=2)
            await told(world)

        (delivery,) = await deliveries(alice, hook, state="failed")
        assert delivery["attempts"] == len(receiver.messages) == len(RETRY_AFTER) + 1
        assert delivery["due_at"] is None
        assert world.clock.now - began > timedelta(days=3)

    async def test_one_refused_message_does_not_hold_up_the_next(
        self, world: World, scene: Scene, alice: Caller
    ) -> None:
        with Receiver([400]) as receiver:
            hook = await a_webhook(alice, receiver.url, "appeal.filed")
            await happened(scene)
            await happened(scene)
            await told(world)

        assert [one["state"] for one in await deliveries(alice, hook)] == ["delivered", "waiting"]

    async def test_one_that_is_down_is_left_alone_with_all_its_messages(
        self, world: World, scene: Scene, alice: Caller
    ) -> None:
        with Receiver([500]) as receiver, Receiver() as other:
            await a_webhook(alice, receiver.url, "appeal.filed")
            await a_webhook(alice, other.url, "appeal.filed")
            for _ in range(3):
                await happened(scene)
            await told_by_jobs(world)

        assert (len(receiver.messages), len(other.messages)) == (1, 3)

    async def test_after_days_of_failures_it_is_switched_off_and_the_admins_find_it_in_their_inbox(
        self, world: World, scene: Scene, alice: Caller
    ) -> None:
        with Receiver([500] * 9) as receiver:
            hook = await a_webhook(alice, receiver.url, "appeal.filed")
            await happened(scene)
            await told(world)
            world.clock.now += GIVEN_UP_AFTER
            await told(world)
            await happened(scene)
            await told(world)

        shown = (await alice.get(f"/v1/webhooks/{hook['id']}")).json()
        assert (shown["enabled"], shown["disabled_at"] is not None) == (False, True)
        assert len(receiver.messages) == 2
        async with world.database.reading() as session:
            entries = (await session.scalars(sa.select(InboxEntry.person_id))).all()
        assert entries == [alice.id]


class TestEyes:
    async def test_of_a_supervisor_reach_the_named_regions_and_what_lies_below(
        self, world: World, scene: Scene, alice: Caller
    ) -> None:
        north = await a_region(world, "north", jurisdiction="CN-11")
        with Receiver() as of_south, Receiver() as of_north:
            for receiver, region in ((of_south, scene.region), (of_north, north)):
                await a_webhook(
                    alice, receiver.url, "visit.accepted", role="supervisor", region_ids=[str(region.id)]
                )
            visit = await scene.arranged(scene.ivy)
            await scene.ivy.post(f"/v1/visits/{visit}/accept")
            await told(world)

        assert (len(of_south.messages), len(of_north.messages)) == (1, 0)

    async def test_reach_recordings_through_their_visit(
        self, world: World, scene: Scene, alice: Caller
    ) -> None:
        """Recordings know no outlet; the subscriber is bounded by regions all the same."""
        visit = await scene.arranged(scene.ivy)
        with Receiver() as receiver:
            await a_webhook(
                alice,
                receiver.url,
                "recording.stored",
                role="supervisor",
                region_ids=[str(scene.region.id)],
            )
            async with world.database.writing() as session:
                announce(
                    session,
                    Kind.RECORDING_STORED,
                    organisation_id=scene.outlet.organisation_id,
                    subject_id=new_id(),
                    visit_id=UUID(visit),
                    data={"medium": "video"},
                    now=world.clock.now,
                )
            await told(world)

        assert json.loads(receiver.messages[0].content)["data"]["outlet_id"] == str(scene.outlet.id)

    async def test_of_a_manager_see_the_alias_and_never_the_visit(
        self, world: World, scene: Scene, alice: Caller
    ) -> None:
        """D10.1"""
        other = await an_outlet(world, "gz-2", region=scene.region)
        with Receiver() as receiver, Receiver() as of_other:
            for one, outlet in ((receiver, scene.outlet), (of_other, other)):
                await a_webhook(
                    alice,
                    one.url,
                    "publication.published",
                    role="outlet_manager",
                    outlet_ids=[str(outlet.id)],
                )
            await happened(
                scene,
                Kind.PUBLICATION_PUBLISHED,
                alias="7f3a",
                visited_on="2026-03-02",
                entered_at="2026-03-02T09:17:43+00:00",
                inspector_id=str(scene.ivy.id),
                device="Phone 3",
            )
            await told(world)

        assert json.loads(receiver.messages[0].content)["data"] == {
            "alias": "7f3a",
            "visited_on": "2026-03-02",
            "outlet_id": str(scene.outlet.id),
        }
        assert of_other.messages == []

    async def test_narrowed_while_messages_wait_hide_what_they_may_no_longer_see(
        self, world: World, scene: Scene, alice: Caller
    ) -> None:
        with Receiver([500]) as receiver:
            hook = await a_webhook(alice, receiver.url, "appeal.filed", "visit.left")
            await happened(scene, Kind.APPEAL_FILED, alias="7f3a")
            await happened(scene, Kind.VISIT_LEFT)
            await told(world)
            narrowed = webhook_body(
                receiver.url,
                "appeal.filed",
                role="outlet_manager",
                outlet_ids=[str(scene.outlet.id)],
                enabled=True,
            )
            narrowed.pop("id")
            edited = await alice.put(f"/v1/webhooks/{hook['id']}", json=narrowed, headers={"If-Match": '"1"'})
            assert edited.status_code == 200, edited.text
            world.clock.advance(hours=1)
            await told(world)

        sent = [json.loads(message.content) for message in receiver.messages[1:]]
        assert [one["type"] for one in sent] == ["appeal.filed"]
        assert "visit_id" not in sent[0]["data"]


class TestRotation:
    async def test_signs_with_both_secrets_until_the_old_one_expires(
        self, world: World, scene: Scene, alice: Caller
    ) -> None:
        with Receiver() as receiver:
            hook = await a_webhook(alice, receiver.url, "appeal.filed")
            answer = await alice.post(f"/v1/webhooks/{hook['id']}/rotate-secret", json={"overlap_hours": 1})
            assert answer.status_code == 200, answer.text
            new = answer.json()["secret"]
            await happened(scene)
            await told(world)
            receiver.messages[0].verified(hook["secret"])
            receiver.messages[0].verified(new)

            expired = await alice.post(f"/v1/webhooks/{hook['id']}/rotate-secret", json={"overlap_hours": 0})
            await happened(scene)
            await told(world)

        receiver.messages[1].verified(expired.json()["secret"])
        for old in (hook["secret"], new):
            with pytest.raises(WebhookVerificationError):
                receiver.messages[1].verified(old)


class TestReplay:
    async def test_sends_one_again_under_the_same_id(self, world: World, scene: Scene, alice: Caller) -> None:
        with Receiver() as receiver:
            hook = await a_webhook(alice, receiver.url, "appeal.filed")
            await happened(scene)
            await told(world)
            (delivery,) = await deliveries(alice, hook)
            again = await alice.post(f"/v1/webhooks/{hook['id']}/deliveries/{delivery['id']}/replay")
            assert again.status_code == 202, again.text
            assert await worked(world) == []

        first, second = receiver.messages
        assert (first.id, first.content) == (second.id, second.content)

    async def test_sends_a_stretch_of_time_also_what_was_before_the_webhook(
        self, world: World, scene: Scene, alice: Caller
    ) -> None:
        since = world.clock.now
        await happened(scene)
        await told(world)
        with Receiver() as receiver:
            hook = await a_webhook(alice, receiver.url, "appeal.filed")
            await happened(scene)
            await told(world)
            world.clock.advance(minutes=1)
            body = {"since": since.isoformat(), "until": world.clock.now.isoformat()}
            again = await alice.post(f"/v1/webhooks/{hook['id']}/replay", json=body)
            assert (again.status_code, again.json()) == (202, {"deliveries": 2})
            await told(world)

        assert len(receiver.messages) == 3
        assert len({message.id for message in receiver.messages}) == 2

    async def test_of_what_was_not_reached_yet_sends_it_once_and_holds_up_nobody(
        self, world: World, scene: Scene, alice: Caller
    ) -> None:
        with Receiver() as receiver, Receiver() as of_another:
            hook = await a_webhook(alice, receiver.url, "appeal.filed")
            await a_webhook(alice, of_another.url, "appeal.filed")
            since = world.clock.now
            await happened(scene)
            world.clock.advance(minutes=1)
            body = {"since": since.isoformat(), "until": world.clock.now.isoformat()}
            again = await alice.post(f"/v1/webhooks/{hook['id']}/replay", json=body)
            assert (again.status_code, again.json()) == (202, {"deliveries": 1})

            await told(world)

        assert (len(receiver.messages), len(of_another.messages)) == (1, 1)

    async def test_of_what_is_out_of_sight_by_now_is_refused(
        self, world: World, scene: Scene, alice: Caller
    ) -> None:
        with Receiver() as receiver:
            hook = await a_webhook(alice, receiver.url, "appeal.filed")
            await happened(scene)
            await told(world)
            body = webhook_body(receiver.url, "appeal.decided", enabled=True)
            body.pop("id")
            await alice.put(f"/v1/webhooks/{hook['id']}", json=body, headers={"If-Match": '"1"'})
            (delivery,) = await deliveries(alice, hook)
            again = await alice.post(f"/v1/webhooks/{hook['id']}/deliveries/{delivery['id']}/replay")

        assert_problem(again, 409, "webhook-message-out-of-sight")

    async def test_to_one_that_is_off_is_refused(self, scene: Scene, alice: Caller) -> None:
        body = webhook_body("http://127.0.0.1:9/", "appeal.filed")
        hook = await a_webhook(alice, "http://127.0.0.1:9/")
        body |= {"enabled": False}
        body.pop("id")
        off = await alice.put(f"/v1/webhooks/{hook['id']}", json=body, headers={"If-Match": '"1"'})
        assert off.status_code == 200, off.text

        assert_problem(await alice.post(f"/v1/webhooks/{hook['id']}/ping"), 409, "webhook-is-off")


class TestPing:
    async def test_sends_a_message_that_says_nothing(self, world: World, scene: Scene, alice: Caller) -> None:
        with Receiver() as receiver:
            hook = await a_webhook(alice, receiver.url)
            pinged = await alice.post(f"/v1/webhooks/{hook['id']}/ping")
            assert pinged.status_code == 202, pinged.text
            assert await worked(world) == []

        body = receiver.messages[0].verified(hook["secret"])
        assert (body["type"], body["data"]) == ("webhook.ping", {})


class TestRemove:
    async def test_tells_it_nothing_any_more(self, world: World, scene: Scene, alice: Caller) -> None:
        with Receiver() as receiver:
            hook = await a_webhook(alice, receiver.url, "appeal.filed")
            assert (await alice.delete(f"/v1/webhooks/{hook['id']}")).status_code == 204
            await happened(scene)
            await told(world)

        assert receiver.messages == []
        assert_problem(await alice.get(f"/v1/webhooks/{hook['id']}"), 404, "not-found")


class TestForget:
    async def test_takes_messages_settled_long_ago_out_of_the_log(
        self, world: World, scene: Scene, alice: Caller
    ) -> None:
        with Receiver([204, 500]) as receiver:
            hook = await a_webhook(alice, receiver.url, "appeal.filed")
            await happened(scene)
            await told(world)
            await happened(scene)
            await told(world)
        resources = resources_of(world)

        world.clock.now += LOG_KEPT_FOR
        await forget_old(resources)
        kept = len(await deliveries(alice, hook))
        world.clock.advance(minutes=1)
        await forget_old(resources)

        assert kept == 2
        assert [one["state"] for one in await deliveries(alice, hook)] == ["waiting"]


class TestSecrets:
    async def test_sealed_under_another_key_are_told_in_the_log_and_mended_by_rotation(
        self, world: World, scene: Scene, alice: Caller
    ) -> None:
        """The operator changed PLAINCLOTHES_SECRET_KEY."""
        with Receiver() as receiver:
            hook = await a_webhook(alice, receiver.url, "appeal.filed")
            async with world.database.writing() as session:
                other = seal("whsec_eA==", key="another key", purpose="webhook secrets")
                await session.execute(sa.update(WebhookSecret).values(sealed=other))
            await happened(scene)
            await told(world)
            (delivery,) = await deliveries(alice, hook)
            whole = (await alice.get(f"/v1/webhooks/{hook['id']}/deliveries/{delivery['id']}")).json()
            assert [one["error"] for one in whole["log"]] == ["the secret cannot be read: rotate it"]

            rotated = await alice.post(f"/v1/webhooks/{hook['id']}/rotate-secret", json={"overlap_hours": 24})
            world.clock.advance(minutes=2)
            await told(world)

        receiver.messages[0].verified(rotated.json()["secret"])
