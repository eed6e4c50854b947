"""Text that cannot act in a spreadsheet, and the text it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masterflow.errors import Place
from masterflow.inventory.files.tables import read_table
from masterflow.inventory.harmless import ACTIVE_STARTS, as_it_was, harmless
from masterflow.inventory.reading import RawRow

STARTING = st.builds(str.__add__, st.text("'=+-@\t\r\n", max_size=4), st.text())


@given(STARTING)
def test_a_harmless_text_cannot_act_and_is_given_back_as_it_was(text: str) -> None:
    assert not harmless(text).startswith(ACTIVE_STARTS)
    assert as_it_was(harmless(text)) == text


@pytest.mark.parametrize("text", ["", "'quoted", "a=1", "10.0.0.1", "O'Neil"])
def test_other_text_stays(text: str) -> None:
    assert harmless(text) == as_it_was(text) == text


@pytest.mark.parametrize(("last", "read"), [("masterflow_error", "=x"), ("remark", "'=x")])
def test_only_a_corrected_file_loses_its_apostrophes(last: str, read: str) -> None:
    rows = [RawRow(1, ("name", "owner", last)), RawRow(2, ("web", "'=x", "why")), RawRow(3, ("db", "ann", "because"))]
    table = read_table(rows, Place("a.csv", "csv"), set())
    assert [row.cells[1] for row in table.sheet.rows] == [read, "ann"]
