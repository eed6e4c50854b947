"""Finding the table in rows of cells."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masterflow.errors import FileRejected, Place
from masterflow.inventory.fields import KNOWN_NAMES
from masterflow.inventory.files import tables
from masterflow.inventory.files.tables import Table, is_total, read_table
from masterflow.inventory.reading import CellValue, RawRow, Reject
from tests.inventory.makers import refusal_or

PLACE = Place("servers.csv", "csv")


def table(*rows: tuple[CellValue, ...], may_be_empty: bool = False) -> Table:
    numbered = [RawRow(number, row) for number, row in enumerate(rows, start=1)]
    return read_table(numbered, PLACE, KNOWN_NAMES, may_be_empty=may_be_empty)


def refusal(*rows: tuple[CellValue, ...]) -> FileRejected:
    with pytest.raises(FileRejected) as refused:
        table(*rows)
    return refused.value


def test_title_lines_and_blank_rows_above_the_header_are_passed_over() -> None:
    found = table(
        ("Server list of ACME", None, None, None),
        (None, None, None, None),
        ("Exported", "2026-01-02", None, None),
        ("Name", "IP Address", "OS", "RAM"),
        ("web01", "10.0.0.1", "Linux", 4),
        (None, None, None, None),
        ("web02", "10.0.0.2", "Windows", 8),
    )
    assert (found.sheet.header_row, found.sheet.headers) == (4, ("Name", "IP Address", "OS", "RAM"))
    assert [row.number for row in found.sheet.rows] == [5, 7]


def test_a_group_header_above_the_header_is_no_header() -> None:
    found = table(("General", None, "Sizing", None), ("Name", "OS", "CPU", "RAM"), ("web01", "Linux", 2, 4))
    assert found.sheet.header_row == 2


def test_an_unknown_language_has_a_header_too() -> None:
    assert table(("nimi", "koko", "paikka"), ("a", 1, "x"), ("b", 2, "y")).sheet.headers == ("nimi", "koko", "paikka")


@pytest.mark.parametrize(
    "rows",
    [
        [("10.0.0.1", 4, "2026-01-01"), ("10.0.0.2", 8, "2026-01-02")],
        [("web01", "Linux", "prod"), ("web02", "Linux", "prod"), ("web03", "Windows", "prod")],
        [("<a>", "{b}", "c=d"), ("<e>", "{f}", "g=h")],
    ],
)
def test_data_without_a_header_is_refused(rows: list[tuple[CellValue, ...]]) -> None:
    refused = refusal(*rows)
    assert refused.reason == "no_header"
    assert "row 1: No row with column names was found; the first row reads" in str(refused)
    assert "Put one row with a name for every column above the data" in str(refused)


def test_nothing_at_all_is_refused() -> None:
    assert refusal().reason == "no_rows"
    assert refusal((None, None)).reason == "no_rows"


def test_a_header_alone_is_refused_unless_that_is_allowed() -> None:
    assert refusal(("Name", "OS")).reason == "no_data_rows"
    assert table(("Name", "OS"), may_be_empty=True).sheet.rows == ()


def test_rows_that_are_all_rejected_are_refused_with_the_first_reason() -> None:
    refused = refusal(("Name", "OS", "RAM"), ("Total", None, 12))
    assert refused.reason == "no_usable_rows"
    assert "total line" in str(refused)


def test_short_rows_are_filled_up() -> None:
    assert table(("Name", "OS", "RAM"), ("web01",), ("web02", "Linux", 4)).sheet.rows[0].cells == ("web01", None, None)


def test_empty_cells_beyond_the_header_are_cut() -> None:
    assert table(("Name", "OS"), ("web01", "Linux", None, None)).sheet.rows[0].cells == ("web01", "Linux")


def test_a_long_row_that_fits_its_columns_is_kept_without_the_rest() -> None:
    found = table(("Name", "IP"), ("web01", "10.0.0.1"), ("web02", "10.0.0.2", "extra"))
    assert found.sheet.rows[1].cells == ("web02", "10.0.0.2")
    assert [(reject.code, reject.place.row, reject.value) for reject in found.rejects] == [
        ("cell.without_header", 3, "extra")
    ]


def test_a_long_row_whose_values_are_shifted_is_rejected_whole() -> None:
    found = table(("Name", "OS", "RAM"), ("web01", "Linux", 4), ("web02", "Windows Server 2019", "Standard", 8))
    assert len(found.sheet.rows) == 1
    assert found.rejects[0].code == "row.too_many_cells"
    assert "4 cells under 3 headers" in found.rejects[0].message
    assert found.rejects[0].value == "web02 | Windows Server 2019 | Standard | 8"


@pytest.mark.parametrize(
    "word", ["Total", "TOTAL:", "Summe", "Gesamtsumme", "Grand total", "Total général", "subtotal"]
)
def test_total_lines_are_rejected_as_such(word: str) -> None:
    found = table(("Name", "OS", "RAM"), ("web01", "Linux", 4), ("web02", "Linux", 8), (word, None, 12))
    assert [(reject.code, reject.place.row) for reject in found.rejects] == [("row.total", 4)]
    assert len(found.sheet.rows) == 2


def test_a_machine_called_total_is_kept_when_its_row_is_full() -> None:
    assert len(table(("Name", "OS", "RAM"), ("Total", "Linux", 4), ("web02", "Linux", 8)).sheet.rows) == 2
    assert not is_total(RawRow(1, ("total-web", None)), 2)


def test_a_header_that_comes_again_is_rejected() -> None:
    found = table(("Name", "OS"), ("web01", "Linux"), ("Name", "OS"), ("web02", "Linux"))
    assert [(reject.code, reject.place.row) for reject in found.rejects] == [("row.repeated_header", 3)]


def test_columns_without_a_name_and_names_that_come_twice_get_one() -> None:
    found = table(("IP", None, "ip", "IP"), ("10.0.0.1", "x", "10.0.0.2", "10.0.0.3"))
    assert found.sheet.headers == ("IP", "column 2", "ip (2)", "IP (3)")


def test_columns_with_neither_name_nor_value_are_dropped() -> None:
    found = table((None, "Name", None, "OS", None), (None, "web01", None, "Linux", None))
    assert found.sheet.headers == ("Name", "OS")
    assert found.sheet.rows[0].cells == ("web01", "Linux")


def test_numbers_as_column_names_become_text() -> None:
    assert table(("Name", "Owner", 2025), ("web01", "Kim", 3)).sheet.headers == ("Name", "Owner", "2025")


def test_rejects_met_on_the_way_are_kept_in_order() -> None:
    open_quote = Reject(Place("servers.csv", row=3), "row.unclosed_quote", "x")
    rows = [RawRow(1, ("Name", "OS", "X")), RawRow(2, ("a", "b", "c")), open_quote, RawRow(4, ("Total", None, "1"))]
    found = read_table(rows, PLACE, KNOWN_NAMES)
    assert [reject.place.row for reject in found.rejects] == [3, 4]


def test_more_rows_than_can_be_handled_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tables, "MAX_ROWS", 50)
    refused = refusal(("Name", "OS"), *[(f"web{number}", "Linux") for number in range(60)])
    assert refused.reason == "too_many_rows"
    assert "more than 50 rows" in str(refused)
    assert len(table(("Name", "OS"), *[(f"web{number}", "Linux") for number in range(49)]).sheet.rows) == 49


cells = st.none() | st.sampled_from(["Name", "OS", "web01", "10.0.0.1", "Total", "x y"]) | st.integers(0, 9)


@given(st.lists(st.lists(cells, max_size=5).map(tuple), max_size=12))
def test_every_row_is_kept_or_rejected_and_every_cell_has_a_header(rows: list[tuple[CellValue, ...]]) -> None:
    found = refusal_or(lambda: table(*rows))
    if isinstance(found, FileRejected):
        assert found.hint
        return
    kept = {row.number for row in found.sheet.rows}
    rejected = {reject.place.row for reject in found.rejects if reject.code.startswith("row.")}
    below = {n for n, row in enumerate(rows, start=1) if n > found.sheet.header_row and any(c is not None for c in row)}
    assert kept | rejected == below
    assert not kept & rejected
    assert len(set(found.sheet.headers)) == len(found.sheet.headers)
    assert all(len(row.cells) == len(found.sheet.headers) for row in found.sheet.rows)
