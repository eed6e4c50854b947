"""Opening workbooks safely."""

import re
import zipfile
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from masterflow.errors import FileRejected, Place
from masterflow.inventory.files import workbooks
from masterflow.inventory.files.heads import head_of
from masterflow.inventory.files.workbooks import check_container, open_grids, sheet_names
from tests.inventory.makers import DATA, lying_workbook, raw_workbook, text_head, workbook

FORMATTED = '<c r="XFD1048576" s="3"/><c r="XFC1048576" s="3"></c>'


def read(path: Path) -> dict[str, list[tuple[int, tuple[object, ...]]]]:
    with open_grids(head_of(path)) as grids:
        return {grid.name: [(row.number, row.cells) for row in grid.rows] for grid in grids}


def refusal(path: Path) -> FileRejected:
    with pytest.raises(FileRejected) as refused:
        read(path)
    return refused.value


def test_rows_keep_the_numbers_that_excel_shows(tmp_path: Path) -> None:
    path = raw_workbook(
        tmp_path, '<row r="3"><c r="B3" t="str"><v>name</v></c></row><row r="6"><c r="C6"><v>7</v></c></row>'
    )
    assert read(path) == {"S1": [(3, (None, "name", None)), (6, (None, None, 7))]}


def test_a_sheet_without_any_value_has_no_rows(tmp_path: Path) -> None:
    assert read(raw_workbook(tmp_path, "<row/>")) == {"S1": []}


def test_hidden_sheets_are_passed_over(tmp_path: Path) -> None:
    path = workbook(tmp_path, {"seen": [["a"], ["b"]], "unseen": [["c"], ["d"]]}, hidden=["unseen"])
    assert list(read(path)) == ["seen"]
    assert sheet_names(head_of(path)) == ("seen", "unseen")


def test_formatted_cells_without_a_value_do_not_count(tmp_path: Path) -> None:
    path = raw_workbook(tmp_path, f'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576">{FORMATTED}</row>')
    assert read(path) == {"S1": [(1, (1,))]}


@pytest.mark.parametrize(
    "cells",
    [
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c t=">" r=\'XFD1048576\'><!-- --><v>1</v></c></row>',
        f"<row>{'<c><v>1</v></c>' * 16384}</row><row r='1048576'><c><v>1</v></c></row>",
    ],
)
def test_a_value_in_the_last_corner_is_refused_before_memory_is_reserved(tmp_path: Path, cells: str) -> None:
    refused = refusal(raw_workbook(tmp_path, cells))
    assert refused.reason == "too_large_unpacked"
    assert "17,179,869,184 cells" in str(refused)


@pytest.mark.parametrize(
    "cells",
    [
        '<row r="1"><c r="C999999999999999999991"><v>1</v></c></row>',
        '<row r="1"><c r="XFE1"><v>1</v></c></row>',
        '<row r="1"><c r="A1048577"><v>1</v></c></row>',
        '<row r="1"><c r="A0"><v>1</v></c></row>',
        '<row r="1"><c r="$A$1"><v>1</v></c></row>',
        '<row r="1"><c r="A1" r="B2"><v>1</v></c></row>',
        '<row r="4294967297"><c><v>1</v></c></row>',
        '<row r="-1"><c><v>1</v></c></row>',
    ],
)
def test_a_place_that_no_sheet_has_is_refused(tmp_path: Path, cells: str) -> None:
    refused = refusal(raw_workbook(tmp_path, cells))
    assert refused.reason == "damaged"
    assert "claims to be at" in str(refused)


def test_values_without_a_place_are_read_in_their_order(tmp_path: Path) -> None:
    path = raw_workbook(tmp_path, "<row><c><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c></row>")
    assert [cells for _, cells in read(path)["S1"]] == [(1, 2), (3, None)]


def test_a_value_without_a_place_counts_where_its_row_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "MAX_CELLS", 100)
    assert read(raw_workbook(tmp_path, '<row r="1"><c><v>1</v></c></row><row r="100"><c><v>1</v></c></row>'))
    refused = refusal(raw_workbook(tmp_path, '<row r="1"><c><v>1</v></c></row><row r="101"><c><v>1</v></c></row>'))
    assert refused.reason == "too_large_unpacked"


def test_empty_cells_and_rows_before_a_value_without_a_place_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cells = '<row/><row r="3"/><row><c/><c s="1"/><c r="E4"/><c><v>1</v></c></row>'
    assert read(raw_workbook(tmp_path, cells + '<row><c t="str"><v> </v></c></row>')) == {
        "S1": [(4, (None,) * 5 + (1,))]
    }
    for passed in (1, 2, 100):
        monkeypatch.setattr(workbooks, "MAX_PASSED", passed)
        monkeypatch.setattr(workbooks, "MAX_CELLS", 24)
        check_container(head_of(raw_workbook(tmp_path, cells)))
        monkeypatch.setattr(workbooks, "MAX_CELLS", 23)
        assert refusal(raw_workbook(tmp_path, cells)).reason == "too_large_unpacked"


def test_a_place_is_seen_wherever_the_pieces_are_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cells = "".join(f'<row r="{n}"><c r="A{n}"><v>1</v></c><c r="XFD{n}" s="1"></c></row>' for n in range(1, 60))
    path = raw_workbook(tmp_path, cells + '<row r="60"><c r="D60"><v>1</v></c></row>')
    monkeypatch.setattr(workbooks, "MAX_CELLS", 240)
    for size in range(130, 190, 7):
        monkeypatch.setattr(workbooks, "CHUNK_BYTES", size)
        check_container(head_of(path))
    monkeypatch.setattr(workbooks, "MAX_CELLS", 239)
    for size in range(130, 190, 7):
        monkeypatch.setattr(workbooks, "CHUNK_BYTES", size)
        assert refusal(path).reason == "too_large_unpacked"


def test_a_tag_that_does_not_end_is_refused_and_a_long_text_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbooks, "CHUNK_BYTES", 200)
    long_text = f'<row r="1"><c r="A1" t="str"><v>{"x" * 2000}</v></c></row>'
    check_container(head_of(raw_workbook(tmp_path, long_text)))
    assert "a tag does not end" in str(refusal(raw_workbook(tmp_path, f'<row r="1"><c r="A1" x="{"y" * 2000}')))


def test_a_zip_bomb_is_refused_by_what_it_declares(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = raw_workbook(tmp_path, "<row/>", extra={"xl/media/big.bin": b"\0" * 5_000_000})
    assert path.stat().st_size < 20_000
    monkeypatch.setattr(workbooks, "MAX_UNPACKED_BYTES", 4_000_000)
    refused = refusal(path)
    assert refused.reason == "too_large_unpacked"
    assert "5.0 MB unpacked, more than the limit of 4.0 MB" in str(refused)


def test_a_zip_bomb_that_declares_one_byte_is_refused_by_what_it_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = lying_workbook(tmp_path, megabytes=5)
    monkeypatch.setattr(workbooks, "MAX_UNPACKED_BYTES", 4_000_000)
    refused = refusal(path)
    assert refused.reason == "too_large_unpacked"
    assert "declares less than it holds" in str(refused)


def test_an_archive_with_too_many_parts_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "MAX_ENTRIES", 4)
    assert "5 parts, more than the limit of 4" in str(refusal(raw_workbook(tmp_path, "<row/>")))


def test_a_damaged_workbook_is_refused_with_the_next_step(tmp_path: Path) -> None:
    whole = (DATA / "rvtools_minimal_synthetic.xlsx").read_bytes()
    path = tmp_path / "cut.xlsx"
    path.write_bytes(whole[: len(whole) // 2])
    refused = refusal(path)
    assert refused.reason == "damaged"
    assert "save it as a new .xlsx" in str(refused)


def test_one_damaged_sheet_leaves_the_others(tmp_path: Path) -> None:
    source = workbook(tmp_path, {"good": [["a", "b"], [1, 2]], "bad": [["a"], [1]]})
    path = tmp_path / "half.xlsx"
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(path, "w") as new:
        for part in old.namelist():
            content = old.read(part)
            new.writestr(part, content[:-40] + b"<<<" if part.endswith("sheet2.xml") else content)
    with open_grids(head_of(path)) as grids:
        good, bad = grids
        assert len(list(good.rows)) == 2
        with pytest.raises(FileRejected, match=r"sheet bad: The sheet is damaged"):
            list(bad.rows)


def test_a_panic_of_the_reader_is_a_refusal_and_an_interrupt_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = workbook(tmp_path, {"a": [["x"]]})

    class PanicException(BaseException):
        pass

    def panics(*_: object) -> None:
        raise PanicException

    def is_interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(workbooks, "CalamineWorkbook", type("Panics", (), {"from_path": panics}))
    assert "contradicts itself" in str(refusal(path))
    monkeypatch.setattr(workbooks, "CalamineWorkbook", type("Interrupted", (), {"from_path": is_interrupted}))
    with pytest.raises(KeyboardInterrupt):
        read(path)
    assert CalamineWorkbook.from_path(path).sheet_names == ["a"]


def test_what_is_no_workbook_lists_no_sheets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert sheet_names(text_head(tmp_path, "name,ip\n")) == ()
    assert sheet_names(text_head(tmp_path, b"PK\x03\x04 and nothing more")) == ()
    entities = '<!DOCTYPE x [<!ENTITY a "b">]><workbook><sheets><sheet name="&a;"/></sheets></workbook>'
    path = tmp_path / "entities.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", entities)
    assert sheet_names(head_of(path)) == ()
    real = workbook(tmp_path, {"a": [["x"]]})
    monkeypatch.setattr(workbooks, "MAX_WORKBOOK_XML_BYTES", 10)
    assert sheet_names(head_of(real)) == ()


@pytest.mark.parametrize("reference", [b"B7", b"XFD1048576", b"AAA1"])
def test_the_usual_way_to_write_a_cell_means_the_same_as_any_other(reference: bytes) -> None:
    places = []
    for cell in (b' r="%s" s="1" t="s"', b" r='%s' t='s'", b' s="1" x="" r="%s"'):
        extent = workbooks.Extent()
        extent.see(b"<row><c" + cell % reference + b"><v>1</v></c></row>")
        extent.see(b"")
        places.append((extent.last_row, extent.last_column))
    assert len(set(places)) == 1
    assert places[0] > (0, 0)


@pytest.mark.parametrize("reference", [b"B1048577", b"XFE1", b"B9999999"])
def test_the_usual_way_to_write_a_cell_that_no_sheet_has_is_refused(reference: bytes) -> None:
    with pytest.raises(ValueError, match="claims to be at"):
        workbooks.Extent().take_value(b' r="%s" s="1"' % reference)


@pytest.mark.parametrize("text", ["<si/>", "<si />", "<x:si a='1'/>", "<si></si >"])
def test_empty_shared_texts_count_against_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setattr(workbooks, "MAX_HELD_BYTES", 3_000_000)
    path = raw_workbook(tmp_path, "<row/>", extra={"xl/sharedStrings.xml": f"<sst>{text * 100_000}</sst>".encode()})
    assert refusal(path).reason == "too_large_unpacked"
    few = raw_workbook(tmp_path, "<row/>", extra={"xl/sharedStrings.xml": f"<sst>{text * 45_000}</sst>".encode()})
    assert check_container(head_of(few)) is None


@pytest.mark.parametrize("chunk", [7, 64, 1024])
def test_shared_texts_are_measured_whatever_the_pieces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    texts = b"<si><t>web-01</t></si><si/><si a='1'/><x:si><t>" + b"y" * 300 + b"</t></x:si ><sid/>"
    path = raw_workbook(tmp_path, "<row/>", extra={"xl/sharedStrings.xml": b"<sst>" + texts + b"</sst>"})
    with zipfile.ZipFile(path) as archive:
        whole = list(workbooks.SharedTexts(archive, Place(path.name)).sizes())
        assert len(whole) == 4
        assert whole[1] < whole[0] < 30
        assert 300 <= whole[3] < 340
        monkeypatch.setattr(workbooks, "CHUNK_BYTES", chunk)
        monkeypatch.setattr(workbooks, "SHARED_ROOT", re.compile(rb""))
        assert list(workbooks.SharedTexts(archive, Place(path.name)).sizes())[-4:] == whole


def test_a_shared_text_that_does_not_end_is_damage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "LONGEST_TAG", 64)
    path = raw_workbook(tmp_path, "<row/>", extra={"xl/sharedStrings.bin": b"<sst><si " + b"a" * 400})
    with zipfile.ZipFile(path) as archive, pytest.raises(ValueError, match="does not end"):
        workbooks.SharedTexts(archive, Place(path.name)).sizes()
