"""Headers that nobody wrote a name for are still told by their words, their values and their sheet."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masterflow.analysis.mapping import ColumnMatch, propose
from tests.analysis.mapping.renamed import RenamedColumn, renamed_sheet

SHEETS = 120
MIN_RECALL = 0.95  # of the columns that mean a field, got it
MIN_PRECISION = 0.98  # of the columns that got a field, it is right
MIN_PRECISION_UNASKED = 0.995  # of those that nobody is asked about

Pairs = list[tuple[RenamedColumn, ColumnMatch]]


def matched(sheet: list[RenamedColumn]) -> Pairs:
    found = propose([column.header for column in sheet], [column.values for column in sheet])
    return list(zip(sheet, found, strict=True))


@pytest.fixture(scope="module")
def count() -> Counter[str]:
    found: Counter[str] = Counter()
    for seed in range(SHEETS):
        for column, match in matched(renamed_sheet(seed)):
            right = match.field in column.fields
            found["meant"] += bool(column.fields)
            found["mapped"] += match.field is not None
            found["right"] += right
            found["unasked"] += match.field is not None and not match.needs_decision
            found["right unasked"] += right and not match.needs_decision
    return found


def test_most_renamed_columns_are_recognised(count: Counter[str]) -> None:
    assert count["meant"] > 500
    assert count["right"] >= MIN_RECALL * count["meant"], count


def test_hardly_any_renamed_column_is_taken_for_another(count: Counter[str]) -> None:
    assert count["right"] >= MIN_PRECISION * count["mapped"], count
    assert count["right unasked"] >= MIN_PRECISION_UNASKED * count["unasked"], count


@given(st.integers(0, 10_000), st.randoms(use_true_random=False))
def test_the_order_of_columns_changes_nothing(seed: int, chance: object) -> None:
    sheet = renamed_sheet(seed)
    shuffled = list(sheet)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    fields = {column.header: match.field for column, match in matched(sheet)}
    assert {column.header: match.field for column, match in matched(shuffled)} == fields


@given(st.integers(0, 10_000))
def test_no_field_is_given_twice_and_alternatives_are_others(seed: int) -> None:
    pairs = matched(renamed_sheet(seed))
    given_fields = [match.field for _, match in pairs if match.field]
    assert len(given_fields) == len(set(given_fields))
    for _, match in pairs:
        others = [alternative.field for alternative in match.alternatives]
        assert match.field not in others
        assert len(others) == len(set(others)) <= 3
        assert [a.score for a in match.alternatives] == sorted((a.score for a in match.alternatives), reverse=True)
