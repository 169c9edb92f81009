"""Shares of the month for threads: strips of the map, cut anew each round so that no border stays.

A group owns its outlets and its inspectors. A thread moves only tasks of its outlets, and only between days of
its inspectors, so threads never write to the same place and the result does not depend on their timing.
"""

import math

import numpy as np

from app.planning.solver.layout import Facts, Floats, Ints

TASKS_PER_GROUP = 600  # smaller groups stay in the processor's cache; much smaller ones feel their borders
MOST_GROUPS = 16


def group_count(facts: Facts) -> int:
    """How many groups the month is cut into; the same on every machine. A matrix has no map to cut."""
    if len(facts.matrix):
        return 1
    return max(1, min(MOST_GROUPS, len(facts.tasks) // TASKS_PER_GROUP))


def strips(facts: Facts, groups: int, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """(group of each outlet, group of each inspector): strips of equal load across a random direction."""
    outlets = len(facts.outlets) - 1
    if groups == 1:
        return np.zeros(outlets, np.int64), np.zeros(len(facts.staff), np.int64)
    place = _along(facts, rng)
    load = np.diff(facts.outlets["tasks"]).astype(np.float64)
    order = np.argsort(place[:outlets], kind="stable")
    reached = np.cumsum(load[order])
    offset = rng.random() * 0.5  # the first strip is narrower by chance, so that the cuts wander
    cuts = np.searchsorted(reached, (np.arange(1, groups) - offset) / (groups - offset) * reached[-1])
    borders = place[:outlets][order][np.minimum(cuts, outlets - 1)]
    group = np.searchsorted(borders, place, side="right").astype(np.int64)
    return group[:outlets], group[outlets:]


def _along(facts: Facts, rng: np.random.Generator) -> Floats:
    """Each node's place along a random direction of the map."""
    points = np.column_stack([facts.nodes["x"], facts.nodes["y"], facts.nodes["z"]])
    points -= points.mean(axis=0)
    if np.any(points[:, 2]):
        # On the globe the points lie in a sheet: turn it flat first, or the direction may be through the earth.
        points = points @ np.linalg.svd(points, full_matrices=False)[2].T
    angle = rng.random() * 2 * math.pi
    along: Floats = points[:, 0] * math.cos(angle) + points[:, 1] * math.sin(angle)
    return along
