"""How many columns of real files are mapped as people mapped them."""

import json
from collections import Counter
from pathlib import Path

import pytest

from masterflow.analysis.mapping import propose
from masterflow.flows.discovery.inspection import inspect_file

DATA = Path(__file__).parents[2] / "data" / "inventory"
MIN_RIGHT = 0.98  # of the headers that mean a field
MAX_WRONGLY_MAPPED = 0.01  # of the headers that mean none

TRUTH: dict[str, dict[str, str | None]] = json.loads((DATA / "field_mapping.json").read_text())
ACCEPTED: dict[str, list[str]] = json.loads((DATA / "canonical_fields.json").read_text())["aliases_accepted"]


def proposal(source: str) -> dict[str, str | None]:
    if source.startswith("header_set:"):
        return {match.header: match.field for match in propose(list(TRUTH[source]), [])}
    file, _, sheet = source.removeprefix("inventory/").partition("#")
    sheets = [found for found in inspect_file(DATA / file).sheets if sheet in ("", found.name)]
    return {column.header: column.field for found in sheets for column in found.columns}


def score(source: str) -> Counter[str]:
    found = proposal(source)
    count: Counter[str] = Counter()
    for header, meant in TRUTH[source].items():
        if meant is None:
            count["null"] += 1
            count["wrongly mapped"] += found[header] is not None
        else:
            count["meant"] += 1
            count["right"] += found[header] in (meant, *ACCEPTED.get(meant, []))
    return count


def test_nearly_all_columns_are_mapped_as_people_mapped_them(record_property: pytest.FixtureRequest) -> None:
    total = sum((score(source) for source in TRUTH), Counter())
    assert total["meant"] > 600
    assert total["right"] >= MIN_RIGHT * total["meant"], dict(total)
    assert total["wrongly mapped"] <= MAX_WRONGLY_MAPPED * total["null"], dict(total)


@pytest.mark.parametrize("source", [source for source in TRUTH if "rvtools" in source])
def test_every_documented_column_of_rvtools_is_right(source: str) -> None:
    count = score(source)
    assert (count["right"], count["wrongly mapped"]) == (count["meant"], 0)
