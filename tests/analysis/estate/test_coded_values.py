"""Values that only the column they stand in explains."""

import pytest

from masterflow.analysis.estate.fields import claims_of
from masterflow.inventory.reading import CellValue
from masterflow.inventory.types import Source


def said(field: str, header: str, cell: CellValue) -> list[tuple[str, object]]:
    claims, reject = claims_of(field, cell, unit=None, source=Source("a.csv", "csv", 2, header))
    assert reject is None
    return [(claim.field, claim.value) for claim in claims]


@pytest.mark.parametrize(
    ("field", "header", "cell", "state"),
    [
        ("operational_status", "operational_status", "1", "in_use"),
        ("operational_status", "Operational status", 6, "retired"),
        ("operational_status", "operational_status", "Retired", "retired"),
        ("operational_status", "operational_status", "2", "retired"),
        ("status", "install_status", "7", "retired"),
        ("status", "Install Status", "1", "in_use"),
        ("status", "install_status", "4", "planned"),
        ("status", "install_status", "100", "retired"),
    ],
)
def test_status_numbers_of_servicenow_mean_what_its_choice_lists_say(
    field: str, header: str, cell: CellValue, state: str
) -> None:
    assert said(field, header, cell) == [("lifecycle", state)]


@pytest.mark.parametrize(("header", "cell"), [("Status", "7"), ("state", 1), ("operational_status", "9")])
def test_other_numbers_say_nothing(header: str, cell: CellValue) -> None:
    assert said("status", header, cell) == []


@pytest.mark.parametrize(
    ("header", "cell", "virtual"),
    [
        ("IsPhysical", "0", True),
        ("IsPhysical(optional)", "1", False),
        ("Is physical", "true", False),
        ("is_physical", "Virtual", True),
        ("Is Virtual", "true", True),
        ("Server type", "Physical", False),
    ],
)
def test_yes_to_physical_is_no_to_virtual(header: str, cell: str, *, virtual: bool) -> None:
    assert said("virtual_or_physical", header, cell) == [("virtual", virtual)]
