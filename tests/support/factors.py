"""A second factor as its owner holds it: what the app computes, and the recovery codes on paper.

factor = await a_factor(ivy, clock)
await log_in(client, code=factor.code(clock.now))
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import pyotp

from tests.support.world import Caller, FakeClock

STEP_S = 30


@dataclass(frozen=True, slots=True)
class Factor:
    secret: str
    recovery_codes: Sequence[str]

    def code(self, at: datetime, *, steps: int = 0) -> str:
        """The one the app shows then, or some steps later."""
        return pyotp.TOTP(self.secret).at(at, counter_offset=steps)

    def wrong_code(self, at: datetime) -> str:
        """One that it does not show anywhere near."""
        near = {self.code(at, steps=steps) for steps in range(-3, 4)}
        return next(
            code for code in ("000000", "111111", *map(str, range(222222, 222230))) if code not in near
        )


async def a_factor(caller: Caller, clock: FakeClock) -> Factor:
    """Enrolled and confirmed by its owner; the code is of a step that is over."""
    proof = {"password": f"{caller.name} has a password"}
    begun = await caller.post("/v1/me/second-factor", json=proof)
    assert begun.status_code == 201, begun.text
    code = pyotp.TOTP(begun.json()["secret"]).at(clock.now)
    confirmed = await caller.post("/v1/me/second-factor/confirm", json={"code": code})
    assert confirmed.status_code == 200, confirmed.text
    clock.advance(seconds=STEP_S)
    return Factor(begun.json()["secret"], confirmed.json()["recovery_codes"])
