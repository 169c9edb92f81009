"""Months small enough to plan in a blink, large enough for every rule to bite."""

from dataclasses import replace

import pytest

from app.planning.generate import Recipe, generate
from app.planning.instance import Instance
from app.planning.plan import Plan
from app.planning.solver.anytime import Budget
from app.planning.solver.solve import solve

EVERYTHING = Recipe(
    outlets=60,
    inspectors=10,
    seed=3,
    cities=1,
    days_worked=(4, 6),
    crew_share=0.1,
    backup_share=0.2,
    overt_share=0.2,
    community_share=0.3,
    certificate_share=0.2,
)
QUICK = Budget(iterations=1500)


@pytest.fixture(scope="session")
def month() -> Instance:
    return generate(EVERYTHING)


@pytest.fixture(scope="session")
def plan(month: Instance) -> Plan:
    return solve(month, seed=1, budget=QUICK)


@pytest.fixture(scope="session")
def plain_month() -> Instance:
    """No crews, no extras: every visit is one person's."""
    return generate(replace(EVERYTHING, seed=5, crew_share=0, backup_share=0, overt_share=0))


@pytest.fixture(scope="session")
def plain_plan(plain_month: Instance) -> Plan:
    return solve(plain_month, seed=1, budget=QUICK)
