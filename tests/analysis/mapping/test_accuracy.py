"""How many columns of real files are mapped as people mapped them: the figures of `benchmarks/field_mapping.py`."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from benchmarks.field_mapping import (
    DATA,
    Score,
    leave_one_out,
    macro,
    print_table,
    source_of,
    truth_of,
    with_all_names,
    without,
)

MIN_RIGHT = 0.975  # average of sources, of the headers that mean a field
MAX_MAPPED = 0.01  # of the headers that mean none
MIN_RIGHT_UNKNOWN = 0.915  # without the names that the source brought with it
MAX_MAPPED_UNKNOWN = 0.05

TRUTH = truth_of(DATA)


@pytest.fixture(scope="module")
def known() -> Mapping[str, Score]:
    return with_all_names(TRUTH)


@pytest.fixture(scope="module")
def unknown() -> Mapping[str, Score]:
    return leave_one_out(TRUTH)


def test_nearly_all_columns_are_mapped_as_people_mapped_them(known: Mapping[str, Score]) -> None:
    total = sum(known.values(), Score())
    assert total.meant > 600
    assert total.right >= 0.98 * total.meant, total.wrong
    right, mapped = macro(known)
    assert right >= MIN_RIGHT, total.wrong
    assert mapped <= MAX_MAPPED, total.wrong


def test_every_documented_column_of_rvtools_is_right(known: Mapping[str, Score]) -> None:
    assert (known["rvtools"].right_share, known["rvtools"].mapped_share) == (1.0, 0.0)


def test_a_source_is_read_without_the_names_it_brought(unknown: Mapping[str, Score]) -> None:
    right, mapped = macro(unknown)
    wrong = sum(unknown.values(), Score()).wrong
    assert right >= MIN_RIGHT_UNKNOWN, wrong
    assert mapped <= MAX_MAPPED_UNKNOWN, wrong


def test_names_that_only_one_source_spells_are_taken_away() -> None:
    left = {field.name: field.aliases for field in without(TRUTH, "rvtools")}
    assert "cpus" not in left["cpu_cores"]  # a header of RVTools alone
    assert "os according to the vmware tools" not in left["os_name"]
    assert "os" in left["os_name"]  # others spell it too
    assert "cluster" in left["cluster"]  # its own name


def test_sources_go_by_vendor_or_by_folder() -> None:
    assert source_of("inventory/rvtools_v4.7_small.xlsx#vInfo") == "rvtools"
    assert source_of("header_set:azure_migrate_import") == "azure"
    assert source_of("inventory/aws_cmf_server_list.csv") == "aws_cmf"
    assert source_of("inventory/platform/tests__fixtures__a.csv") == "platform/tests/fixtures"
    assert set(TRUTH.sources()) >= {"rvtools", "konveyor", "cast", "aws_cmf", "device42", "azure", "google"}


def test_the_table_is_printed_with_what_is_wrong(
    known: Mapping[str, Score], capsys: pytest.CaptureFixture[str]
) -> None:
    print_table("With all names", known, wrong=True)
    printed = capsys.readouterr().out
    assert "average of sources" in printed
    assert "'os_type' is os_name, not os_family" in printed


def test_other_data_is_read_with_its_own_truth(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Hostname,Note\nweb01,x\n", encoding="utf-8")
    (tmp_path / "field_mapping.json").write_text('{"a.csv": {"Hostname": "fqdn", "Note": null}}', encoding="utf-8")
    (tmp_path / "canonical_fields.json").write_text('{"aliases_accepted": {}}', encoding="utf-8")
    score = with_all_names(truth_of(tmp_path))["a.csv"]
    assert (score.meant, score.right, score.null) == (1, 0, 1)
    assert "'Hostname' is fqdn, not hostname" in score.wrong[0]
