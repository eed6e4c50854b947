"""Every column of the vendors' genuine files means what people say that it means."""

import json

import pytest

from masterflow.flows.discovery.inspection import inspect_file
from tests.inventory.makers import DATA

TRUTH: dict[str, dict[str, str | None]] = json.loads((DATA / "field_mapping.json").read_text())
ACCEPTED: dict[str, list[str]] = json.loads((DATA / "canonical_fields.json").read_text())["aliases_accepted"]
FILES = (
    "konveyor_sample_applications.csv",
    "konveyor_template_application_import.csv",
    "cast_highlight_short_valid.csv",
    "aws_cmf_server_list.csv",
)


@pytest.mark.parametrize("file", FILES)
def test_every_column_is_right_and_nobody_is_asked(file: str) -> None:
    columns = [column for sheet in inspect_file(DATA / file).sheets for column in sheet.columns]
    found = {column.header: column.field for column in columns}
    truth = TRUTH[f"inventory/{file}"]
    wrong = {header for header, meant in truth.items() if found[header] not in (meant, *ACCEPTED.get(meant or "", []))}
    assert wrong == set()
    assert not any(column.needs_decision for column in columns)
