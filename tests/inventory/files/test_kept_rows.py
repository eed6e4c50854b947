"""Rows kept plain or compressed."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masterflow.inventory.files import kept_rows
from masterflow.inventory.files.kept_rows import PackedRows, changed, kept
from masterflow.inventory.reading import RawRow

SEEN = datetime(2026, 1, 2)  # noqa: DTZ001 - a spreadsheet date has no zone
CELLS = st.tuples(st.none() | st.text(max_size=5) | st.integers() | st.booleans() | st.just(SEEN), st.text(max_size=3))


def rows_of(cells: list[tuple[object, ...]]) -> tuple[RawRow, ...]:
    return tuple(RawRow(number, one) for number, one in enumerate(cells, start=2))  # type: ignore[arg-type]


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_rows, "PLAIN_CELLS", 20)
    monkeypatch.setattr(kept_rows, "CELLS_A_CHUNK", 6)


def test_a_few_rows_are_kept_as_they_are() -> None:
    rows = rows_of([("a", 1), ("b", 2)])
    assert kept(rows) == rows
    assert isinstance(kept(rows), tuple)


@given(cells=st.lists(CELLS, max_size=40))
def test_many_rows_come_back_as_they_went_in(cells: list[tuple[object, ...]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kept_rows, "PLAIN_CELLS", 20)
        patch.setattr(kept_rows, "CELLS_A_CHUNK", 6)
        rows = rows_of(cells)
        found = kept(rows)
        assert isinstance(found, PackedRows) == (len(rows) >= 10)
        assert len(found) == len(rows)
        assert tuple(found) == rows
        assert [found[place] for place in range(-len(rows), len(rows))] == [*rows, *rows]
        for start, stop, step in ((0, 3, 1), (2, None, 1), (-4, -1, 1), (None, None, 3), (None, None, -1)):
            assert found[start:stop:step] == rows[start:stop:step]
        assert found == rows


@pytest.mark.usefixtures("small")
def test_compressed_rows_are_a_sequence_compared_by_content() -> None:
    rows = rows_of([(str(number), number) for number in range(30)])
    found = kept(rows)
    assert found == kept(rows)
    assert found != rows[:-1]
    assert found != (*rows[:-1], RawRow(99, ("x", 1)))
    assert found != 7
    with pytest.raises(IndexError):
        found[30]
    with pytest.raises(IndexError):
        found[-31]


@pytest.mark.usefixtures("small")
def test_rows_are_changed_one_by_one() -> None:
    rows = rows_of([(str(number), number) for number in range(30)])
    found = changed(kept(rows), lambda row: RawRow(row.number, row.cells[:1]))
    assert isinstance(found, PackedRows)
    assert [row.cells for row in found] == [(str(number),) for number in range(30)]
