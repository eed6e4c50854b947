"""A large estate is planned as a smaller one first."""

import itertools
import random
from datetime import timedelta

from masterflow.analysis.waves import plan_waves
from masterflow.analysis.waves.cluster import MANY_UNITS, merged_units
from masterflow.analysis.waves.problem import Problem, compile_problem
from tests.analysis.waves.checker import Task, breaches, crossing
from tests.analysis.waves.tasks import app, edge, instance, task, wave

FAMILIES, SIZE = 45, 4


def families(**facts: object) -> Task:
    """Applications in families of four that talk to each other, and a little to a random other family."""
    chance = random.Random(3)
    ids = [[f"f{f:02}-{i}" for i in range(SIZE)] for f in range(FAMILIES)]
    inside = [edge(a, b, weight=20) for family in ids for a, b in itertools.pairwise(family)]
    across = [edge(chance.choice(ids[f]), chance.choice(ids[f - 7]), weight=1) for f in range(FAMILIES)]
    waves = [wave(n, hours=64) for n in range(1, 4)]
    return task([app(i) for family in ids for i in family], waves, [*inside, *across], **facts)


def prepared(given_task: Task) -> Problem:
    return compile_problem(instance(given_task).canonical())


def test_a_large_estate_keeps_families_in_one_wave() -> None:
    large = families()
    assert FAMILIES * SIZE > MANY_UNITS
    found = plan_waves(instance(large), time_limit=timedelta(seconds=4))
    assert breaches(large, dict(found.waves)) == []
    assert crossing(large, dict(found.waves)) < FAMILIES


def test_a_large_estate_that_cannot_be_merged_is_planned_all_the_same() -> None:
    alone = [f"f{f:02}-{i}" for f in range(FAMILIES) for i in range(SIZE)]
    apart = [[a, b] for a, b in itertools.pairwise(alone)]
    large = families(apart=apart)
    found = plan_waves(instance(large), time_limit=timedelta(seconds=4))
    assert breaches(large, dict(found.waves)) == []


def test_merged_units_cover_every_unit_once_and_fit_a_wave_many_times() -> None:
    problem = prepared(families())
    parts = merged_units(problem, seed=1)
    assert sorted(unit for part in parts for unit in part) == list(range(len(problem.groups)))
    assert len(parts) < len(problem.groups)
    assert max(len(part) for part in parts) <= 6
    assert parts == merged_units(problem, seed=1)


def test_what_must_be_apart_or_in_order_or_has_another_window_is_not_merged() -> None:
    ids = ["a", "b", "c", "d", "e", "f"]
    line = [edge(x, y) for x, y in itertools.pairwise(ids)]
    apps = [app(i) for i in ids]
    apps[4]["pin"], apps[5]["pin"] = 1, 2
    rules = {"apart": [["a", "b"]], "before": [["c", "d"]]}
    problem = prepared(task(apps, [wave(1), wave(2)], line, **rules))
    assert [len(part) for part in merged_units(problem, seed=1)] == [1] * 6


def test_two_plain_neighbours_are_merged_and_their_edges_summed() -> None:
    edges = [edge("a", "b"), edge("a", "c", weight=2), edge("b", "c", weight=3)]
    problem = prepared(task([app("a"), app("b"), app("c", pin=2)], [wave(1), wave(2)], edges))
    merged = problem.merged([[0, 1], [2]])
    assert [g.applications for g in merged.groups] == [("a", "b"), ("c",)]
    assert [(arc.source, arc.target, arc.weight) for arc in merged.arcs] == [(0, 1, 5)]
    assert merged.allowed == ((1, 2), (2,))
