"""CAST Highlight portfolios: applications and the technologies in them."""

from pathlib import Path

import pytest

from masterflow.errors import FileRejected
from masterflow.inventory.files import kept_rows
from masterflow.inventory.files.kept_rows import PackedRows
from masterflow.inventory.importers.catalog import open_file, recognise
from tests.inventory.makers import DATA, text_file, workbook

REAL = DATA / "cast_highlight_short_valid.csv"
HEADER = "Application,Level,Technologies,Software Resiliency,Software Agility,CloudReady,Roadblocks,Lines of Code"


def test_a_technology_is_no_application() -> None:
    read = open_file(REAL)
    assert [(sheet.name, len(sheet.rows), len(sheet.headers)) for sheet in read.sheets] == [
        ("applications", 5, 47),
        ("technologies", 15, 47),
    ]
    applications, technologies = read.sheets
    assert [row.cells[0] for row in applications.rows] == ["Roswell", "Torque 3D", "Sensorflask", "Mahout", "genie"]
    assert [row.number for row in technologies.rows[:4]] == [3, 4, 5, 7]
    assert (read.format, read.rejects) == ("cast_highlight", ())


def test_values_stay_as_found() -> None:
    applications = open_file(REAL).sheets[0]
    genie = dict(zip(applications.headers, applications.rows[-1].cells, strict=True))
    assert (genie["Technologies"], genie["BackFired Function Points"]) == (
        "Pl/Sql;Java;Groovy;Python;JavaScript",
        "1495.0",
    )
    assert genie["Business Alignment Index"] == "0.12280701754385964"


@pytest.mark.parametrize(
    ("row", "code", "column"),
    [
        ("Shop,Folder,Java,80,70,60,1,100", "record.unknown_level", "Level"),
        ("Shop,,Java,80,70,60,1,100", "record.unknown_level", "Level"),
        (",Application,Java,80,70,60,1,100", "record.no_application", "Application"),
        (",Analysis,Java,80,70,60,1,100", "record.no_application", "Application"),
    ],
)
def test_a_row_of_another_kind_is_a_reject(tmp_path: Path, row: str, code: str, column: str) -> None:
    read = open_file(text_file(tmp_path, f"{HEADER}\nShop,Application,Java,80,70,60,1,100\n{row}\n"))
    assert [(reject.place.row, reject.code, reject.place.column) for reject in read.rejects] == [(3, code, column)]
    assert [sheet.name for sheet in read.sheets] == ["applications"]


def test_without_a_level_every_row_is_an_application(tmp_path: Path) -> None:
    content = (
        "APPLICATION;Roadblocks;CloudReady;Software Health;Open Source Safety\nShop;1;60;70;80\nStock;2;61;71;81\n"
    )
    read = open_file(text_file(tmp_path, content))
    assert [(sheet.name, len(sheet.rows)) for sheet in read.sheets] == [("applications", 2)]


def test_a_workbook_keeps_its_other_sheets(tmp_path: Path) -> None:
    rows: list[list[object]] = [HEADER.split(","), ["Shop", "Analysis", "Java", 80, 70, 60, 1, 100]]
    read = open_file(workbook(tmp_path, {"Portfolio": rows, "Notes": [["who", "what"], ["me", "this"]]}))
    assert [sheet.name for sheet in read.sheets] == ["technologies", "Notes"]


def test_a_list_of_applications_made_by_hand_stays_a_table(tmp_path: Path) -> None:
    content = "Application,Technologies,Lines of Code,Business Owner,CloudReady\nShop,Java,100,Ann,yes\n"
    assert recognise(text_file(tmp_path, content)).name == "tabular"


def test_a_file_of_rejects_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileRejected, match="The row names no application"):
        open_file(text_file(tmp_path, f"{HEADER}\n,Application,Java,80,70,60,1,100\n,Analysis,Java,80,70,60,1,1\n"))


def test_the_rows_of_a_long_portfolio_stay_compressed(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = open_file(REAL)
    monkeypatch.setattr(kept_rows, "PLAIN_CELLS", 4)
    packed = open_file(REAL)
    assert packed.sheets == plain.sheets
    assert all(isinstance(sheet.rows, PackedRows) for sheet in packed.sheets)
