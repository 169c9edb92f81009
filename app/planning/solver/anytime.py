"""The search from outside the compiled loop: rounds, threads, progress, the best plan so far."""

import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from app.planning.solver.layout import (
    NOWHERE,
    Facts,
    Ints,
    Records,
    Scratch,
    State,
    copy_state,
    empty_state,
    scratch,
)
from app.planning.solver.partition import group_count, strips
from app.planning.solver.routes import refresh_all
from app.planning.solver.search import anneal, cost_of, insert_all

HOT = 12.0  # minutes: a first step may lose about so much
COLD = 0.3
MOST_REMOVED = 12
ROUNDS = 48  # of an iteration budget
ROUND_S = 1.0  # of a time budget
TEND_EVERY = 8  # rounds
FIRST_GUESS = 4_000  # iterations a second and thread, until measured


@dataclass(frozen=True, slots=True)
class Budget:
    """How long to search: by iterations, which is reproducible, or by seconds."""

    iterations: int | None = None
    seconds: float | None = None
    workers: int = 1

    def __post_init__(self) -> None:
        if (self.iterations is None) == (self.seconds is None):
            raise ValueError("give either iterations or seconds")


@dataclass(frozen=True, slots=True)
class Progress:
    seconds: float
    iterations: int
    cost: float
    unserved: int


Watch = Callable[[Progress], bool]
"""Told after each round; answers whether to go on."""


Tend = Callable[[State], None]


@dataclass(frozen=True, slots=True)
class Found:
    """A plan, and the tasks it is of: crews get another day and hour during a search."""

    state: State
    tasks: Records
    cost: float
    iterations: int


def all_cores() -> int:
    """How many threads may run at once here."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def always(_: Progress) -> bool:
    return True


def fresh_state(facts: Facts) -> State:
    """An empty plan whose routes are ready for insertion."""
    state = empty_state(facts)
    refresh_all(facts, state)
    return state


def whole(facts: Facts, state: State, *, seed: list[int]) -> Scratch:
    """Working memory that owns everything."""
    outlets, inspectors = np.zeros(len(facts.outlets) - 1, np.int64), np.zeros(len(facts.staff), np.int64)
    return scratch(facts, state, outlet_group=outlets, inspector_group=inspectors, mine=0, seed=seed)


def movable(facts: Facts) -> Ints:
    return np.flatnonzero(facts.tasks["frozen"] == 0).astype(np.int64)


def waiting_tasks(facts: Facts, state: State) -> Ints:
    """Tasks that want a slot, the dearest first."""
    open_tasks = np.flatnonzero((state.tasks["slot"] == NOWHERE) & (facts.tasks["frozen"] == 0))
    return open_tasks[np.argsort(-facts.tasks["prize"][open_tasks], kind="stable")].astype(np.int64)


class Search:
    """One run over a plan in the making. The state given is changed; the best seen is kept apart."""

    def __init__(self, facts: Facts, state: State, *, seed: int, budget: Budget) -> None:
        self.facts = facts
        self.state = state
        self.seed = seed
        self.budget = budget
        self.tasks = movable(facts)
        self.groups = group_count(facts)
        self.iterations = 0
        self.rate = float(FIRST_GUESS) * min(budget.workers, self.groups)
        self.started = time.perf_counter()
        self.best = self._found(cost_of(facts, state))

    def run(
        self,
        *,
        hot: float = HOT,
        cold: float = COLD,
        watch: Watch = always,
        tend: Tend | None = None,
        tasks: Ints | None = None,
    ) -> Found:
        """Searches until the budget is spent or `watch` says stop; returns the best plan seen, and leaves its tasks.

        `tend` may change the plan between rounds, now and then. With `tasks` only those are starting points,
        and nothing is cut into groups: for local repairs.
        """
        if tasks is not None:
            self.tasks, self.groups = tasks, 1
        number = 0
        with ThreadPoolExecutor(max(1, self.budget.workers)) as threads:
            while (todo := self._next_round()) > 0:
                begun, before = time.perf_counter(), self._share()
                after = self._share(todo)
                temperatures = (hot * (cold / hot) ** before, hot * (cold / hot) ** after)
                self._round(threads, number, todo, temperatures)
                number += 1
                self.iterations += todo
                self.rate = max(1.0, todo / max(1e-6, time.perf_counter() - begun))
                if not self._keep_best(watch):
                    break
                if tend is not None and number % TEND_EVERY == 0:
                    tend(self.state)
                    self.tasks = movable(self.facts)
        self.facts.tasks[:] = self.best.tasks
        return replace(self.best, iterations=self.iterations)

    def _found(self, cost: float) -> Found:
        return Found(copy_state(self.state), self.facts.tasks.copy(), cost, self.iterations)

    def _elapsed(self) -> float:
        return time.perf_counter() - self.started

    def _next_round(self) -> int:
        if self.budget.iterations is not None:
            left = self.budget.iterations - self.iterations
            return min(left, max(1, -(-self.budget.iterations // ROUNDS)))
        assert self.budget.seconds is not None
        left_s = self.budget.seconds - self._elapsed()
        if left_s <= 0:
            return 0
        return max(self.groups, int(self.rate * min(ROUND_S, left_s)))

    def _share(self, more: int = 0) -> float:
        """The part of the budget that is spent, or will be after `more` iterations."""
        if self.budget.iterations is not None:
            return min(1.0, (self.iterations + more) / self.budget.iterations)
        assert self.budget.seconds is not None
        return min(1.0, (self._elapsed() + more / self.rate) / self.budget.seconds)

    def _round(
        self, threads: ThreadPoolExecutor, number: int, iterations: int, temperatures: tuple[float, float]
    ) -> None:
        rng = np.random.default_rng([self.seed, 3, number])
        outlet_group, inspector_group = strips(self.facts, self.groups, rng)
        of_task = outlet_group[self.facts.tasks["outlet"][self.tasks]]
        jobs = []
        for group in range(self.groups):
            tasks = self.tasks[of_task == group]
            share = round(iterations * len(tasks) / max(1, len(self.tasks)))
            x = scratch(
                self.facts,
                self.state,
                outlet_group=outlet_group,
                inspector_group=inspector_group,
                mine=group,
                seed=[self.seed, 4, number, group],
            )
            jobs.append(
                threads.submit(anneal, self.facts, self.state, x, tasks, share, *temperatures, MOST_REMOVED)
            )
        for job in jobs:
            job.result()

    def _keep_best(self, watch: Watch) -> bool:
        cost = cost_of(self.facts, self.state)
        if cost < self.best.cost:
            self.best = self._found(cost)
        unserved = int((self.best.state.tasks["slot"] == NOWHERE).sum())
        return watch(Progress(self._elapsed(), self.iterations, self.best.cost, unserved))


def construct(facts: Facts, state: State, *, seed: int) -> None:
    """Greedy first plan: every visit at its cheapest place, the dearest visits first."""
    x = whole(facts, state, seed=[seed, 5])
    insert_all(facts, state, x, waiting_tasks(facts, state), 0.0)
