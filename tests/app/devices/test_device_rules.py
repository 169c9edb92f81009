"""When a device may change hands, and which measurement puts its clock right (D6.7)."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from app.devices.rules import HandOver, Measured, Refusal, Spell, State, may_change_hands, offset_at

IVY, IAN, BEA = (UUID(int=number) for number in (1, 2, 3))
NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
HELD = Spell(IVY, NOON, None)
BACK = Spell(IVY, NOON, NOON + HOUR)


@pytest.mark.parametrize(
    ("last", "giver", "receiver", "at", "refused"),
    [
        (None, None, IVY, NOON, None),
        (None, IVY, IAN, NOON, Refusal.MOVED),
        (HELD, IVY, IAN, NOON + HOUR, None),
        (HELD, IVY, None, NOON + HOUR, None),
        (HELD, None, IAN, NOON + HOUR, Refusal.MOVED),
        (HELD, BEA, IAN, NOON + HOUR, Refusal.MOVED),
        (HELD, IVY, IVY, NOON + HOUR, Refusal.SAME),
        (HELD, IVY, IAN, NOON, Refusal.BEFORE_THE_LAST),
        (BACK, None, IAN, NOON + HOUR, None),
        (BACK, None, IAN, NOON + HOUR / 2, Refusal.BEFORE_THE_LAST),
        (BACK, None, None, NOON + HOUR, Refusal.SAME),
        (BACK, None, IAN, NOON + 3 * HOUR, Refusal.IN_THE_FUTURE),
    ],
)
def test_a_device_goes_from_who_has_it_to_another_in_order_of_time(
    last: Spell | None, giver: UUID | None, receiver: UUID | None, at: datetime, refused: Refusal | None
) -> None:
    told = HandOver(giver, receiver, at)

    assert may_change_hands(told, state=State.IN_SERVICE, last=last, now=NOON + 2 * HOUR) == refused


@pytest.mark.parametrize("state", [State.LOST, State.RETIRED])
def test_a_device_out_of_service_only_comes_back(state: State) -> None:
    def refused(receiver: UUID | None) -> Refusal | None:
        return may_change_hands(HandOver(IVY, receiver, NOON + HOUR), state=state, last=HELD, now=NOON + HOUR)

    assert (refused(IAN), refused(None)) == (Refusal.OUT_OF_SERVICE, None)


def test_the_nearest_measurement_counts() -> None:
    first, second = Measured(NOON, timedelta(seconds=-41)), Measured(NOON + 4 * HOUR, timedelta(seconds=-45))

    assert offset_at(NOON + HOUR, [second, first]) == first.offset
    assert offset_at(NOON + 2 * HOUR, [second, first]) == first.offset
    assert offset_at(NOON + 9 * HOUR, [second, first]) == second.offset
    assert offset_at(NOON, []) is None
