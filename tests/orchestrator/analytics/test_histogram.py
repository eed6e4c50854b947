"""Quantiles out of buckets, against the sorted durations."""

from collections import Counter
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masterflow.orchestrator.analytics.histogram import RELATIVE_ERROR, SMALLEST_US, bucket_of, quantile, seconds_of

YEAR_US = 366 * 24 * 3600 * 1_000_000


@given(st.lists(st.integers(0, YEAR_US), min_size=1, max_size=60), st.sampled_from([0.01, 0.5, 0.95, 1.0]))
def test_a_quantile_is_within_its_error(durations: list[int], share: float) -> None:
    exact = sorted(durations)[max(1, ceil(share * len(durations))) - 1]
    found = quantile(Counter(bucket_of(duration) for duration in durations), share)
    assert found is not None
    if exact <= SMALLEST_US:
        assert found == 0.0
    else:
        assert abs(found * 1e6 - exact) <= exact * RELATIVE_ERROR * 1.000001


@given(st.integers(0, YEAR_US), st.integers(0, YEAR_US))
def test_a_longer_duration_is_in_no_lower_bucket(one: int, other: int) -> None:
    low, high = sorted((one, other))
    assert bucket_of(low) <= bucket_of(high)
    assert seconds_of(bucket_of(low)) <= seconds_of(bucket_of(high))


def test_a_year_needs_few_buckets() -> None:
    assert bucket_of(YEAR_US) < 250


def test_nothing_has_no_quantile() -> None:
    assert quantile({}, 0.5) is None


@pytest.mark.parametrize(("microseconds", "bucket"), [(0, 0), (1_000, 0), (1_001, 1), (1_105, 1), (1_106, 2)])
def test_the_first_buckets_end_where_they_are_said_to(microseconds: int, bucket: int) -> None:
    assert bucket_of(microseconds) == bucket
