"""Every hard rule finds its own breach in a plan, whoever made the plan."""

import pytest

from masterflow.analysis.waves import breaches, broken_rules
from tests.analysis.waves.checker import Task
from tests.analysis.waves.tasks import app, edge, instance, task, wave

AB = {"a": 1, "b": 2}
WAVES = [wave(1), wave(2)]


def two(first: Task | None = None, **rules: object) -> Task:
    return task([{**app("a"), **(first or {})}, app("b")], WAVES, **rules)


RING = [edge("a", "b", kind="hard"), edge("b", "a", kind="hard")]


@pytest.mark.parametrize(
    ("given_task", "plan", "sentence"),
    [
        (two({"pin": 2}), AB, "a is pinned to wave 2. The plan has a in wave 1."),
        (two({"earliest_wave": 2}), AB, "a may not move before wave 2. The plan has a in wave 1."),
        (two({"latest_wave": 1}), {"a": 2, "b": 2}, "a may not move after wave 1. The plan has a in wave 2."),
        (
            {**two(), "waves": [wave(1, freeze="prod"), wave(2)]},
            AB,
            "Wave 1 is frozen for production applications; this concerns a. The plan has a in wave 1.",
        ),
        (
            {**two({"hours": 6.5}), "waves": [wave(1, hours=5), wave(2)]},
            AB,
            "Wave 1 carries at most 5 hours; a needs 6.5. The plan puts 6.5 hours into wave 1.",
        ),
        (
            {**two(), "waves": [wave(1, storage_gb=1), wave(2)]},
            {"a": 1, "b": 1},
            (
                "Wave 1 carries at most 1 GB of storage; a and b together need 2. "
                "The plan puts 2 GB of storage into wave 1."
            ),
        ),
        (
            two(max_parallel_prod=1),
            {"a": 2, "b": 2},
            (
                "A wave takes at most 1 production applications; this concerns a and b. "
                "The plan puts 2 production applications into wave 2."
            ),
        ),
        (
            two({"team": "red"}, max_per_team_per_wave={"red": 0, "blue": 3}),
            AB,
            (
                "A wave takes at most 0 applications of red; this concerns a. "
                "The plan puts 1 applications of red into wave 1."
            ),
        ),
        (two(together=[["a", "b"]]), AB, "a and b have to move together. The plan spreads them over waves 1 and 2."),
        (
            {**two(), "edges": RING},
            AB,
            (
                "a and b need each other in a circle of hard edges, so they share a wave. "
                "The plan spreads them over waves 1 and 2."
            ),
        ),
        (
            two(apart=[["b", "a"]]),
            {"a": 1, "b": 1},
            "b and a may not be in the same wave. The plan has both in wave 1.",
        ),
        (
            two(before=[["b", "a"]]),
            AB,
            "b has to move in an earlier wave than a. The plan has them in waves 2 and 1.",
        ),
        (two(), {"a": 1}, "b has no wave."),
        (two(), {**AB, "c": 1}, "There is no application c in this estate."),
        (two(), {"a": 1, "b": 7}, "b is in wave 7; the waves are 1 and 2."),
    ],
)
def test_a_broken_rule_is_told_in_a_sentence(given_task: Task, plan: dict[str, int], sentence: str) -> None:
    assert broken_rules(instance(given_task), plan) == [sentence]


@pytest.mark.parametrize(
    "given_task",
    [
        two({"pin": 1, "earliest_wave": 1, "latest_wave": 1}),
        {**two({"environment": "nonprod"}), "waves": [wave(1, freeze="prod"), wave(2)]},
        {**two({"hours": 5}), "waves": [wave(1, hours=5), wave(2)]},
        two(apart=[["a", "b"]], before=[["a", "b"]], max_parallel_prod=1, max_per_team_per_wave={"red": 0}),
    ],
)
def test_a_plan_that_holds_every_rule_is_passed(given_task: Task) -> None:
    assert broken_rules(instance(given_task), AB) == []


def test_rules_pass_over_what_has_no_wave_yet() -> None:
    strict = {**two(apart=[["a", "b"]], before=[["a", "b"]], together=[["a", "b"]]), "edges": RING}
    assert broken_rules(instance(strict), {}) == ["a has no wave.", "b has no wave."]


def test_a_breach_has_a_stable_kind_and_what_could_be_moved_to_mend_it() -> None:
    given = {
        **two({"pin": 2, "team": "red"}, max_parallel_prod=1, apart=[["a", "b"]], before=[["a", "b"]]),
        "waves": [wave(1, hours=1, servers=1, freeze="prod"), wave(2)],
    }
    found = {breach.kind: breach.applications for breach in breaches(instance(given), {"a": 1, "b": 1})}
    both = ("a", "b")
    assert found == {
        "max_parallel_prod": both,
        "capacity_hours": both,
        "capacity_servers": both,
        "freeze": both,
        "pin": ("a",),
        "apart": both,
        "before": both,
    }
    [lost] = breaches(instance(two()), {"a": 1, "b": 7})
    assert (lost.kind, lost.applications) == ("no_wave", ("b",))
