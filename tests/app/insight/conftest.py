"""A desk that publishes at once, and visits that need no files."""

import pytest

from app.programmes.rules import RecordingMode
from tests.support.review import Desk, a_desk
from tests.support.world import World


@pytest.fixture
async def desk(world: World) -> Desk:
    return await a_desk(
        world,
        mode=RecordingMode.NONE,
        minimum_photos=0,
        publication_delay_hours=0,
        ranking_minimum_n=2,
    )
