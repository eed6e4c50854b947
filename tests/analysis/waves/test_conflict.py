"""A conflict names rules that cannot hold together, and none that could be left out."""

from datetime import timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, assume, given, settings

from masterflow.analysis.waves import ConflictItem, WavePlan, plan_waves, solve
from masterflow.analysis.waves.budget import Budget
from masterflow.analysis.waves.conflict import explain
from masterflow.analysis.waves.solver import Solver
from tests.analysis.waves.checker import Task, best_plan
from tests.analysis.waves.tasks import app, bundled, edge, instance, task, tiny_tasks, wave


def plan(given_task: Task) -> WavePlan:
    return plan_waves(instance(given_task), time_limit=timedelta(seconds=20))


def kinds(found: WavePlan) -> list[tuple[str, tuple[str, ...], int | None]]:
    return [(item.kind, item.applications, item.wave) for item in found.conflict]


def only(given_task: Task, items: list[ConflictItem]) -> Task:
    """The task with the named rules alone."""

    def named(kind: str, **facts: object) -> bool:
        return any(i.kind == kind and all(getattr(i, key) == value for key, value in facts.items()) for i in items)

    rules = given_task["constraints"]
    one = {a["id"]: (a["id"],) for a in given_task["applications"]}
    windows = ("pin", "earliest_wave", "latest_wave")
    in_circle = [set(i.applications) for i in items if i.kind == "circle"]
    teams = rules.get("max_per_team_per_wave") or {}
    return {
        "applications": [
            {**a, **{k: a.get(k) if named(k, applications=one[a["id"]]) else None for k in windows}}
            for a in given_task["applications"]
        ],
        "edges": [
            {**e, "kind": e["kind"] if any({e["source"], e["target"]} <= c for c in in_circle) else "soft"}
            for e in given_task["edges"]
        ],
        "waves": [
            {
                "number": w["number"],
                "freeze": w.get("freeze", "none") if named("freeze", wave=w["number"]) else "none",
                **{
                    r: w.get(r) if named("capacity", wave=w["number"], resource=r) else None
                    for r in ("hours", "servers", "storage_gb")
                },
            }
            for w in given_task["waves"]
        ],
        "constraints": {
            **{
                kind: [
                    ids for ids in rules[kind] if any(i.kind == kind and set(i.applications) == set(ids) for i in items)
                ]
                for kind in ("together", "apart", "before")
            },
            "max_parallel_prod": rules["max_parallel_prod"] if named("max_parallel_prod") else None,
            "max_per_team_per_wave": {t: n for t, n in teams.items() if named("max_per_team_per_wave", team=t)},
        },
    }


def without(given_task: Task, item: ConflictItem, items: list[ConflictItem]) -> Task:
    return only(given_task, [other for other in items if other != item])


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(tiny_tasks())
def test_a_conflict_is_real_and_no_rule_of_it_can_be_left_out(tiny: Task) -> None:
    assume(best_plan(tiny) is None)
    found = plan(tiny)
    items = list(found.conflict)
    assert found.conflict_minimal
    assert best_plan(only(tiny, items)) is None
    for item in items:
        assert best_plan(without(tiny, item, items)) is not None, item.sentence


def test_the_bundled_contradiction_is_named_exactly() -> None:
    found = plan(bundled("infeasible_20"))
    assert found.status == "infeasible"
    assert found.stopped_by == "proof"
    assert sorted(kinds(found)) == [
        ("before", ("app-017", "app-012"), None),
        ("circle", ("app-004", "app-009"), None),
        ("earliest_wave", ("app-017",), 3),
        ("pin", ("app-004",), 2),
        ("together", ("app-009", "app-012"), None),
    ]
    assert all(item.enough for item in found.conflict)
    assert found.notes[0].endswith("Giving up any one of them makes a plan possible.")
    assert "app-004 is pinned to wave 2." in {item.sentence for item in found.conflict}


def test_applications_without_waves_have_no_plan() -> None:
    found = plan(task([app("a"), app("b")], []))
    assert kinds(found) == [("no_waves", (), None)]
    assert found.conflict[0].sentence == "There are 2 applications to move, but no waves."


def test_waves_that_are_all_frozen_are_each_named() -> None:
    found = plan(task([app("a")], [wave(1, freeze="all"), wave(2, freeze="prod")]))
    assert kinds(found) == [("freeze", ("a",), 1), ("freeze", ("a",), 2)]
    assert "Wave 1 is frozen for all applications; this concerns a." in [i.sentence for i in found.conflict]


def test_an_application_larger_than_every_wave_is_named_with_each_wave() -> None:
    found = plan(task([app("big", hours=30), app("small")], [wave(1, hours=10), wave(2, hours=20)]))
    assert kinds(found) == [("capacity", ("big",), 1), ("capacity", ("big",), 2)]
    assert found.conflict[0].resource == "hours"
    assert found.conflict[0].sentence == "Wave 1 carries at most 10 hours; big needs 30."
    assert "big needs 30 hours, more than any wave carries." in found.notes


def test_a_move_group_larger_than_every_wave_names_the_edges_to_cut() -> None:
    ring = [edge("a", "b", weight=9, kind="hard"), edge("b", "a", weight=2, kind="hard")]
    found = plan(task([app("a", hours=6), app("b", hours=6)], [wave(1, hours=10), wave(2, hours=10)], ring))
    assert found.status == "infeasible"
    assert "Bearing b → a across waves would split the group." in found.notes[1]
    assert "circle" in {item.kind for item in found.conflict}


def test_a_sum_that_is_too_large_names_what_each_wave_carries() -> None:
    found = plan(task([app(f"a{i}", hours=3) for i in range(4)], [wave(1, hours=5), wave(2, hours=5)]))
    assert [(item.kind, item.wave, item.resource) for item in found.conflict] == [
        ("capacity", 1, "hours"),
        ("capacity", 2, "hours"),
    ]
    assert len(found.conflict[0].applications) == 3


def test_limits_of_teams_and_of_production_can_be_the_reason() -> None:
    pair = [app("a", team="red"), app("b", team="red")]
    by_team = plan(task(pair, [wave(1)], max_per_team_per_wave={"red": 1}))
    assert [(i.kind, i.team, i.applications) for i in by_team.conflict] == [
        ("max_per_team_per_wave", "red", ("a", "b"))
    ]
    by_prod = plan(task(pair, [wave(1)], max_parallel_prod=1))
    assert [i.sentence for i in by_prod.conflict] == [
        "A wave takes at most 1 production applications; this concerns a and b."
    ]


def test_two_separate_conflicts_are_not_said_to_be_one() -> None:
    found = plan(task([app("a", pin=1, earliest_wave=2), app("b", pin=2, latest_wave=1)], [wave(1), wave(2)]))
    assert len(found.conflict) == 2
    assert [item.enough for item in found.conflict] == [False, False]
    assert found.notes[0].endswith("There are further conflicts beside this one.")


def test_without_work_left_the_whole_set_is_returned_as_not_minimal() -> None:
    contradiction = instance(bundled("infeasible_20")).canonical()
    spent = Solver(Budget(seconds=10, workers=1, spent=100.0), seed=1, workers=1)
    found = explain(contradiction, spent)
    assert not found.minimal
    assert len(found.items) > 5
    assert {item.enough for item in found.items} == {None}


def test_a_conflict_that_was_not_tried_to_its_end_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = count()

    def budget(**given: float) -> Budget:
        return Budget(clock=lambda: 0.0 if next(ticks) < 12 else 1e6, **given)

    monkeypatch.setattr(solve, "Budget", budget)
    found = plan(bundled("infeasible_20"))
    assert found.status == "infeasible"
    assert found.stopped_by == "wall_clock"
    assert not found.conflict_minimal
    assert "Some of them may be harmless" in found.notes[0]
