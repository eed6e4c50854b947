"""Weighted sum, TOPSIS and stability as arithmetic."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masterflow.analysis.six_r.ranking import best, closeness, stability, weighted_sums

ASPECTS = ("cost", "risk", "value")
UNIT = st.floats(0, 1)
ROWS = st.fixed_dictionaries(dict.fromkeys(ASPECTS, UNIT))
TABLES = st.dictionaries(st.sampled_from("abcdef"), ROWS, min_size=1)
WEIGHTS = st.fixed_dictionaries(dict.fromkeys(ASPECTS, st.floats(0.05, 1)))


@given(TABLES, WEIGHTS, st.floats(0.1, 10))
def test_only_the_proportion_of_the_weights_counts(rated, weights, factor: float) -> None:
    scaled = {aspect: weight * factor for aspect, weight in weights.items()}
    once, again = weighted_sums(rated, weights), weighted_sums(rated, scaled)
    assert all(abs(once[option] - again[option]) < 1e-9 for option in rated)
    assert all(0 <= score <= 1 + 1e-9 for score in once.values())


@given(TABLES, WEIGHTS)
def test_an_option_that_is_best_in_everything_comes_first(rated, weights) -> None:
    table = {**rated, "z": dict.fromkeys(ASPECTS, 1.0), "a": dict.fromkeys(ASPECTS, 0.0)}
    assert weighted_sums(table, weights)["z"] == max(weighted_sums(table, weights).values())
    assert closeness(table, weights)["z"] == pytest.approx(1.0)
    assert closeness(table, weights)["a"] == pytest.approx(0.0)


@given(TABLES, WEIGHTS)
def test_closeness_and_stability_are_shares(rated, weights) -> None:
    assert all(-1e-9 <= share <= 1 + 1e-9 for share in closeness(rated, weights).values())
    assert 0 < stability(rated, weights, order=sorted(rated)) <= 1


def test_topsis_agrees_with_a_worked_example() -> None:
    rated = {"x": {"p": 0.6, "q": 0.0}, "y": {"p": 0.8, "q": 1.0}, "z": {"p": 0.0, "q": 1.0}}
    found = closeness(rated, {"p": 0.5, "q": 0.5})
    # vector lengths: p 1.0, q sqrt 2; best (0.4, 0.3536), worst (0, 0)
    assert found["x"] == pytest.approx(0.3 / (0.3 + (0.1**2 + 0.125) ** 0.5), abs=1e-9)
    assert found["y"] == pytest.approx(1.0)
    assert found["z"] == pytest.approx(0.35355339 / (0.35355339 + 0.4), abs=1e-6)


def test_equal_options_are_all_close_and_the_first_of_the_order_wins() -> None:
    rated = {"b": {"p": 0.5}, "a": {"p": 0.5}}
    assert closeness(rated, {"p": 1.0}) == {"b": 1.0, "a": 1.0}
    assert best(weighted_sums(rated, {"p": 1.0}), ["a", "b"]) == "a"


def test_a_single_option_is_stable_and_close() -> None:
    assert closeness({"a": {"p": 0.1}}, {"p": 1.0}) == {"a": 1.0}
    assert stability({"a": {"p": 0.1}}, {"p": 1.0}, order=["a"]) == 1.0


def test_a_lead_that_hangs_on_the_weights_is_unstable() -> None:
    rated = {"a": {"p": 1.0, "q": 0.0}, "b": {"p": 0.0, "q": 0.99}}
    assert stability(rated, {"p": 1.0, "q": 1.0}, order=["a", "b"]) == 0.75
