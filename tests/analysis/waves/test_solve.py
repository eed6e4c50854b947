"""Plans hold every rule, are as good as said, and come out the same again."""

import random
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from masterflow.analysis.waves import Progress, WavePlan, broken_rules, plan_waves, solve
from masterflow.analysis.waves.budget import Budget
from masterflow.errors import InvalidInput
from tests.analysis.waves.checker import Task, best_plan, breaches, crossing
from tests.analysis.waves.tasks import app, bundled, edge, instance, task, tiny_tasks, wave

relaxed = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def plan(given_task: Task, *, seconds: float = 10, **options: int) -> WavePlan:
    return plan_waves(instance(given_task), time_limit=timedelta(seconds=seconds), **options)


def share(given_task: Task, found: WavePlan) -> float:
    total = sum(e["weight"] for e in given_task["edges"])
    return crossing(given_task, dict(found.waves)) / total if total else 0.0


def test_the_small_estate_is_planned_to_proven_optimum() -> None:
    small = bundled("small_60")
    found = plan(small, seconds=30)
    assert breaches(small, dict(found.waves)) == []
    assert found.status == "optimal"
    assert found.objective == found.bound == pytest.approx(243 / 3955)
    assert share(small, found) == pytest.approx(found.objective)
    assert not [w for w in found.broken_wishes if w.wish == "target_moves_later"]


def test_the_middle_estate_is_planned_well_without_claiming_an_optimum() -> None:
    middle = bundled("medium_150")
    found = plan(middle, seconds=15)
    assert breaches(middle, dict(found.waves)) == []
    assert found.objective is not None
    assert found.bound is not None
    assert share(middle, found) == pytest.approx(found.objective)
    assert found.objective <= 0.07
    assert found.bound < found.objective
    assert found.status == "feasible"
    assert found.stopped_by in ("work_limit", "wall_clock")


@relaxed
@given(tiny_tasks())
def test_a_plan_holds_every_rule_and_none_is_missed(tiny: Task) -> None:
    found, best = plan(tiny), best_plan(tiny)
    if best is None:
        assert found.status == "infeasible"
        assert found.waves == {}
        assert found.conflict
        return
    total = sum(e["weight"] for e in tiny["edges"])
    assert breaches(tiny, dict(found.waves)) == []
    assert found.status == "optimal"
    assert found.objective == found.bound == pytest.approx(best / total if total else 0)
    assert share(tiny, found) == pytest.approx(found.objective)
    assert broken_rules(instance(tiny), found.waves) == []


@relaxed
@given(tiny_tasks(), st.randoms(use_true_random=False))
def test_the_order_in_the_file_does_not_matter(tiny: Task, chance: random.Random) -> None:
    assert plan(shuffled(tiny, chance)).waves == plan(tiny).waves


def test_the_order_in_the_file_does_not_matter_where_the_work_limit_ends_the_search() -> None:
    middle = bundled("medium_150")
    one = plan(middle, seconds=5)
    other = plan(shuffled(middle, random.Random(7)), seconds=5)
    if "wall_clock" not in (one.stopped_by, other.stopped_by):  # a very busy machine; then nothing is promised
        assert other.waves == one.waves
        assert other.objective == one.objective


def shuffled(given_task: Task, chance: random.Random) -> Task:
    def mixed(things: list[Task]) -> list[Task]:
        return chance.sample(things, len(things))

    rules = given_task["constraints"]
    constraints = {
        **rules,
        "together": mixed([mixed(ids) for ids in rules["together"]]),
        "apart": mixed([mixed(ids) for ids in rules["apart"]]),
        "before": mixed(rules["before"]),
    }
    lists = {key: mixed(given_task[key]) for key in ("applications", "edges", "waves")}
    return {**given_task, **lists, "constraints": constraints}


def test_among_equal_plans_the_one_with_fewer_late_targets_is_chosen() -> None:
    circle_of_capacity = [wave(1, servers=1), wave(2, servers=1)]
    found = plan(task([app("needs"), app("needed")], circle_of_capacity, [edge("needs", "needed")]))
    assert found.waves == {"needed": 1, "needs": 2}
    assert found.broken_wishes == tuple(w for w in found.broken_wishes if w.wish != "target_moves_later")


def test_among_equal_plans_risk_stays_out_of_the_first_wave() -> None:
    found = plan(
        task([app("bold", criticality="critical"), app("mild", criticality="low")], [wave(1, servers=1), wave(2)])
    )
    assert found.waves["bold"] == 2


def test_a_wished_order_is_followed_when_it_costs_nothing() -> None:
    both = task([app("prod"), app("test", environment="nonprod")], [wave(1), wave(2)])
    found = plan({**both, "wishes": {"before": [["test", "prod"]]}})
    assert found.waves == {"test": 1, "prod": 2}


def test_work_is_spread_when_nothing_else_decides() -> None:
    found = plan(task([app(f"a{i}", hours=5) for i in range(4)], [wave(1, hours=20), wave(2, hours=20)]))
    assert sorted(found.waves.values()) == [1, 1, 2, 2]


def test_an_estate_of_nothing_is_planned_and_says_so() -> None:
    for waves in ([], [wave(1)]):
        found = plan(task([], waves))
        assert (found.status, found.waves, found.objective) == ("optimal", {}, 0.0)
        assert found.notes == ("There are no applications to plan.",)


def test_a_plan_without_any_dependency_crosses_nothing() -> None:
    found = plan(task([app("a"), app("b")], [wave(1)]))
    assert (found.status, found.objective, found.bound) == ("optimal", 0.0, 0.0)


def test_the_fill_of_each_wave_is_told() -> None:
    first, second = plan(task([app("a", hours=3, pin=1)], [wave(1, hours=4, servers=2), wave(2)])).wave_fill
    assert (first.hours, first.hours_share, first.servers_share, first.fill) == (3.0, 0.75, 0.5, 0.75)
    assert first.applications == ("a",)
    assert (second.fill, second.applications) == (None, ())


def test_json_has_the_promised_keys_and_repeats_the_settings() -> None:
    printed = plan(task([app("a")], [wave(1)]), seed=4, workers=1).to_json()
    assert list(printed)[:7] == ["waves", "status", "objective", "bound", "seconds", "broken_wishes", "conflict"]
    assert printed["waves"] == {"a": 1}
    assert printed["settings"] == {
        "seed": 4,
        "workers": 1,
        "time_limit_seconds": 10.0,
        "work_limit": pytest.approx(1.4),
        "solver": solve.SOLVER,
    }


def test_progress_hears_of_better_plans() -> None:
    heard: list[Progress] = []
    small = instance(bundled("small_60"))
    found = plan_waves(small, time_limit=timedelta(seconds=2), progress=heard.append)
    assert found.objective is not None
    assert heard[0].objective >= heard[-1].objective >= found.objective
    assert all(0 <= now.share <= 1 and now.bound <= now.objective for now in heard)


def test_when_the_clock_runs_out_before_a_plan_the_status_is_unknown(clock: Callable[[Iterator[float]], None]) -> None:
    clock(count(0.0, 1000.0))
    found = plan(bundled("small_60"))
    assert (found.status, found.stopped_by, found.objective) == ("unknown", "wall_clock", None)
    assert "Neither a plan nor a proof" in found.notes[0]
    assert len(found.unplanned) == 60


def test_when_the_clock_runs_out_after_a_plan_the_plan_is_kept_and_says_so(
    clock: Callable[[Iterator[float]], None],
) -> None:
    clock(0.0 if n < 3 else 1000.0 for n in count())  # started, asked whether it is over, asked what is left
    found = plan(bundled("small_60"), seconds=2)
    assert found.status == "feasible"
    assert found.stopped_by == "wall_clock"
    assert len(found.waves) == 60


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[Iterator[float]], None]:
    def use(ticks: Iterator[float]) -> None:
        monkeypatch.setattr(solve, "Budget", lambda **given: Budget(clock=lambda: next(ticks), **given))

    return use


def test_a_plan_that_breaks_a_rule_never_leaves_the_planner(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solve, "broken_rules", lambda *_: ["app-1 has no wave."])
    with pytest.raises(RuntimeError, match="app-1 has no wave"):
        plan(task([app("a")], [wave(1)]))


@pytest.mark.parametrize(
    ("seconds", "workers", "sentence"),
    [(0, 2, "The time limit is 0 s"), (1, 0, "0 workers cannot plan")],
)
def test_a_search_without_time_or_workers_is_refused(seconds: float, workers: int, sentence: str) -> None:
    with pytest.raises(InvalidInput, match=sentence):
        plan(task([], []), seconds=seconds, workers=workers)
