"""Phones that wait are in nobody's way."""

import asyncio
import random
from pathlib import Path
from uuid import uuid4

import httpx2

from app.identity.actor import Actor, Role
from app.kit.ids import new_id
from tests.support.serving import quiet_port
from tests.support.waiting import DEADLINE_S
from tests.support.world import Caller
from tests.torture.phones import sent
from tests.torture.rough import RoughRoad
from tests.torture.tally import Tally

MANY = 40  # asyncio lends 32 threads at most


class TestSending:
    async def test_phones_that_wait_leave_the_threads_to_those_who_mend(self, tmp_path: Path) -> None:
        """And they end when they are told to, although nobody ever answered."""
        road = RoughRoad([f"http://127.0.0.1:{quiet_port()}"], random.Random(1), Tally())  # noqa: S311 (to be repeated)
        async with httpx2.AsyncClient(transport=road, base_url="http://torture.test") as client:
            actor = Actor(new_id(), new_id(), frozenset({Role.INSPECTOR}), new_id())
            ivy = Caller("ivy", actor, client, "a token")
            phones = [asyncio.create_task(sent(ivy, uuid4(), tmp_path)) for _ in range(MANY)]
            await asyncio.wait(phones, timeout=0.1)

            async with asyncio.timeout(DEADLINE_S):
                assert await asyncio.to_thread(lambda: "mended") == "mended"
                for phone in phones:
                    phone.cancel()
                await asyncio.wait(phones)

        assert all(phone.cancelled() for phone in phones)
