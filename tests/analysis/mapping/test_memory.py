"""What was approved before outranks every known name, in the layout where it was approved."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masterflow.analysis.mapping import AUTO, ColumnMatch, propose
from masterflow.analysis.mapping.memory import OTHER_KIND, OTHER_LAYOUT, Recollection, layout_of, recall
from masterflow.inventory.fields import squashed
from masterflow.inventory.mapping_memory.types import LearnedHeader

NOW = datetime(2026, 11, 23, tzinfo=UTC)
HEADERS = ("Name", "IP", "Owner", "RAM")
LAYOUT = layout_of("tabular", "csv", HEADERS, [])


def header(name: str, field: str, *, accepted: int = 1, overridden: int = 0, unit: str | None = None) -> LearnedHeader:
    return LearnedHeader(
        source_kind="tabular",
        layout=LAYOUT,
        header=squashed(name),
        field=field,
        unit=unit,
        accepted=accepted,
        overridden=overridden,
        last_used=NOW,
    )


KNOWN = (
    header("Name", "application_name"),
    header("IP", "public_ip_address"),
    header("Owner", ""),
    header("RAM", "memory_gb", unit="GB"),
)


def proposed(
    headers: Sequence[str],
    learned: Sequence[LearnedHeader],
    *,
    source: str = "tabular",
    values: Sequence[Sequence[object]] = (),
) -> dict[str, ColumnMatch]:
    memory = recall(source, "csv", headers, learned)
    return {match.header: match for match in propose(headers, values, memory=memory)}


def test_one_approval_is_enough_not_to_be_asked_again() -> None:
    found = proposed(HEADERS, KNOWN)
    assert {name: match.field for name, match in found.items()} == {
        "Name": "application_name",
        "IP": "public_ip_address",
        "Owner": None,
        "RAM": "memory_gb",
    }
    assert not any(match.needs_decision for match in found.values())
    assert min(match.confidence for match in found.values()) >= AUTO


@given(st.permutations(HEADERS), st.booleans())
def test_a_layout_is_known_in_any_order_with_one_column_more(headers: list[str], more: bool) -> None:
    found = proposed([*headers, "Standort"] if more else headers, KNOWN)
    assert found["Name"].field == "application_name"
    assert found["Owner"].field is None
    assert not any(match.needs_decision for match in found.values())


def test_the_spelling_of_a_known_header_does_not_matter() -> None:
    assert proposed(("NAME", "i_p", "owner", "ram"), KNOWN)["i_p"].field == "public_ip_address"


def test_a_meaning_that_came_back_is_asked_about_until_it_is_confirmed() -> None:
    again = proposed(HEADERS, [header("Name", "vm_name", accepted=1, overridden=1)])["Name"]
    assert (again.field, again.needs_decision, again.confidence) == ("vm_name", True, 0.83)
    sure = proposed(HEADERS, [header("Name", "vm_name", accepted=10, overridden=1)])["Name"]
    assert not sure.needs_decision


def test_an_attribute_that_was_a_field_at_times_is_asked_about() -> None:
    asked = proposed(HEADERS, [header("Owner", "", accepted=1, overridden=2)])["Owner"]
    assert (asked.field, asked.needs_decision) == (None, True)
    assert asked.alternatives[0].field == "business_owner"


def test_what_was_overridden_and_never_approved_again_counts_for_nothing() -> None:
    assert proposed(HEADERS, [header("Owner", "rack", accepted=0, overridden=1)])["Owner"].field == "business_owner"
    assert proposed(HEADERS, [header("Owner", "gone_field")])["Owner"].field == "business_owner"


def test_of_two_meanings_the_surer_then_the_later_is_meant() -> None:
    later = replace(header("Name", "vm_name"), last_used=NOW + timedelta(days=1))
    assert proposed(HEADERS, [later, header("Name", "fqdn")])["Name"].field == "vm_name"
    assert proposed(HEADERS, [later, header("Name", "fqdn", accepted=2)])["Name"].field == "fqdn"


def test_other_layouts_and_other_kinds_of_file_say_less() -> None:
    strange = header("Kürzel", "application_id")
    headers = ("Kürzel", "Rack", "Raum", "Kernel", "SKU")
    same_kind = recall("tabular", "csv", headers, [strange, *KNOWN])
    other_kind = recall("rvtools", "vInfo", headers, [strange, *KNOWN])
    confidence = strange.confidence
    assert same_kind == {"kürzel": Recollection("application_id", None, confidence * OTHER_LAYOUT, False, 1)}
    assert other_kind == {"kürzel": Recollection("application_id", None, confidence * OTHER_KIND, False, 1)}
    asked = proposed(headers, [strange, *KNOWN], source="rvtools")["Kürzel"]
    assert (asked.field, asked.needs_decision) == ("application_id", True)
    known = proposed(("IP", "Rack", "Raum", "Kernel", "SKU"), KNOWN, source="rvtools")["IP"]
    assert (known.field, known.alternatives[0].field) == ("ip_address", "public_ip_address")
    assert recall("rvtools", "vInfo", ("Owner",), KNOWN) == {}


def test_a_remembered_column_goes_before_one_with_a_better_name() -> None:
    found = proposed((*HEADERS, "application name"), KNOWN)
    assert (found["Name"].field, found["application name"].field) == ("application_name", None)


def test_of_two_columns_remembered_as_one_field_a_person_is_asked_about_the_other() -> None:
    found = proposed(("Kürzel", "Zeichen"), [header("Kürzel", "vm_name"), header("Zeichen", "vm_name")])
    assert [match.field for match in found.values()] == ["vm_name", None]
    assert found["Zeichen"].needs_decision


@pytest.mark.parametrize(
    ("values", "unit", "asked"),
    [
        (["16", "32"], "GB", False),
        ([16384, 32768], "MB", True),
        (["16384 MB", "8192 MB"], "MB", True),
        ([], "GB", False),
    ],
)
def test_the_unit_is_as_approved_unless_the_values_say_another_one(
    values: list[object], unit: str, asked: bool
) -> None:
    match = proposed(("RAM", "IP", "Name"), KNOWN, values=[values, [], []])["RAM"]
    assert (match.field, match.unit, match.needs_decision) == ("memory_gb", unit, asked)
    assert ("not in GB as approved" in match.reason) is asked


def test_a_remembered_unit_goes_with_its_field_alone() -> None:
    learned = [header("RAM", "memory_gb", unit="GB", accepted=5), header("CPU", "memory_gb", unit="GB")]
    found = proposed(("RAM", "CPU"), learned)
    assert (found["RAM"].field, found["RAM"].unit) == ("memory_gb", "GB")
    assert (found["CPU"].field, found["CPU"].unit, found["CPU"].needs_decision) == ("cpu_cores", None, True)
    assert proposed(("RAM",), [header("RAM", "memory_gb", unit="parsec")])["RAM"].unit != "parsec"


def test_a_sheet_with_other_columns_is_another_layout() -> None:
    other = layout_of("tabular", "csv", ("Name", "Vendor", "Criticality"), KNOWN)
    assert other != LAYOUT
    assert layout_of("rvtools", "csv", HEADERS, KNOWN) == LAYOUT
    assert layout_of("tabular", "renamed sheet", HEADERS, KNOWN) == LAYOUT
