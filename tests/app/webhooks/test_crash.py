"""A worker killed while it delivers: nothing is lost, and what comes twice says so by its `webhook-id`."""

import pytest
import sqlalchemy as sa

from app.events.kinds import Kind
from app.events.service import announce
from app.kit.clock import utc_now
from app.kit.ids import new_id
from app.kit.jobs import enqueue
from app.webhooks.models import WebhookDelivery
from app.webhooks.rules import DeliveryState
from tests.support.job_process import WorkerProcess
from tests.support.waiting import eventually, until
from tests.support.webhooks import Receiver, a_webhook
from tests.support.world import World

MESSAGES = 6


@pytest.fixture(autouse=True)
def this_machine_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    """For the worker, which has settings of its own."""
    monkeypatch.setenv("PLAINCLOTHES_WEBHOOKS_TO_LOOPBACK", "true")


async def all_delivered(world: World) -> bool:
    async with world.database.reading() as session:
        states = (await session.scalars(sa.select(WebhookDelivery.state))).all()
    return len(states) == MESSAGES and set(states) == {DeliveryState.DELIVERED}


async def six_things_happened(world: World, receiver: Receiver) -> str:
    alice = await world.person("alice")
    hook = await a_webhook(alice, receiver.url, "appeal.filed")
    async with world.database.writing() as session:
        for _ in range(MESSAGES):
            announce(
                session,
                Kind.APPEAL_FILED,
                organisation_id=alice.actor.organisation_id,
                subject_id=new_id(),
                now=world.clock.now,
            )
        await enqueue(session, "webhooks.fan-out")
    return str(hook["secret"])


class TestKill:
    async def test_in_the_middle_of_a_message_it_comes_again_under_the_same_id_and_no_other_does(
        self, world: World, database_url: str
    ) -> None:
        world.clock.now = utc_now()
        with Receiver(holds=3) as receiver:
            secret = await six_things_happened(world, receiver)
            with WorkerProcess(database_url, "a") as worker:
                await until(lambda: len(receiver.messages) == 3)  # the third waits for its answer
                worker.kill()
            receiver.let_go()

            with WorkerProcess(database_url, "a"):
                await eventually(lambda: all_delivered(world))

        ids = [message.id for message in receiver.messages]
        assert len(set(ids)) == MESSAGES
        assert ids[3] == ids[2]
        assert len(ids) == MESSAGES + 1
        assert receiver.messages[2].content == receiver.messages[3].content
        for message in receiver.messages:
            assert message.verified(secret)["type"] == "appeal.filed"
