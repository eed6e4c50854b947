"""A plan tells by name which wishes it breaks."""

from masterflow.analysis.waves.wishes import broken_wishes
from tests.analysis.waves.checker import Task
from tests.analysis.waves.tasks import app, edge, instance, task, wave


def said(given_task: Task, plan: dict[str, int]) -> list[tuple[str, str]]:
    return [(w.wish, w.sentence) for w in broken_wishes(instance(given_task), plan)]


def calm(app_id: str, **facts: object) -> Task:
    return {**app(app_id, criticality="low", complexity=1), **facts}


def test_a_plan_that_fulfils_every_wish_is_told_nothing() -> None:
    good = task([calm("a"), calm("b")], [wave(1, hours=2), wave(2, hours=2)], [edge("b", "a")])
    assert said(good, {"a": 1, "b": 2}) == []


def test_late_targets_are_told_hard_and_heavy_first() -> None:
    edges = [edge("a", "b", weight=2), edge("a", "c", weight=5), edge("b", "c", weight=1, kind="hard")]
    apps = [calm("a", name="Shop"), calm("b"), calm("c")]
    broken = broken_wishes(instance(task(apps, [wave(1), wave(2), wave(3)], edges)), {"a": 1, "b": 2, "c": 3})
    assert [(w.applications, w.hard, w.weight) for w in broken] == [
        (("b", "c"), True, 1.0),
        (("a", "c"), False, 5.0),
        (("a", "b"), False, 2.0),
    ]
    assert broken[1].sentence == (
        "Shop (a) moves in wave 1 but needs c, which moves in wave 3: "
        "this soft dependency runs back to the old site in between."
    )


def test_a_wished_order_that_is_not_kept_is_told() -> None:
    pair = {**task([calm("prod"), calm("test")], [wave(1), wave(2)]), "wishes": {"before": [["test", "prod"]]}}
    assert said(pair, {"prod": 1, "test": 1}) == [
        ("nonprod_before_prod", "test should move before prod, but they move in waves 1 and 1.")
    ]
    assert said(pair, {"prod": 2, "test": 1}) == []


def test_risk_in_the_first_wave_that_is_used_is_told() -> None:
    apps = [app("a", criticality="critical", complexity=5), app("b", complexity=4), calm("c")]
    assert said(task(apps, [wave(1), wave(2), wave(3)]), {"a": 2, "b": 3, "c": 2}) == [
        (
            "first_wave_low_risk",
            "a moves in the first wave (2) although it has criticality critical and complexity 5.",
        )
    ]


def test_a_wave_that_mixes_environments_names_the_fewer() -> None:
    apps = [calm("p"), calm("t", environment="nonprod"), calm("u", environment="nonprod")]
    assert said(task(apps, [wave(1)]), {"p": 1, "t": 1, "u": 1}) == [
        (
            "environments_apart",
            "Wave 1 mixes 1 production and 2 other applications; the production ones are p.",
        )
    ]


def test_waves_far_beside_the_mean_are_told_frozen_ones_are_not() -> None:
    waves = [wave(1, hours=10), wave(2, hours=10), wave(3, hours=10, freeze="all"), wave(4)]
    assert said(task([calm("a", hours=9)], waves), {"a": 1}) == [
        ("balanced_load", "Wave 1 is filled to 90% of its hours, the waves on average to 45%."),
        ("balanced_load", "Wave 2 is filled to 0% of its hours, the waves on average to 45%."),
    ]
