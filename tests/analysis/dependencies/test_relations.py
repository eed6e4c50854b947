import pytest
from hypothesis import given
from hypothesis import strategies as st

from masterflow.analysis.dependencies.relations import RelationRow, columns_of, needs_child, relations_of
from masterflow.errors import Place

PLACE = Place("cmdb_rel_ci.csv", "csv", 7)


@pytest.mark.parametrize(
    ("kind", "parent_needs"),
    [
        ("Depends on::Used by", True),
        ("depends_on", True),
        ("Used by::Depends on", False),
        ("Used by", False),
        (" DEPENDS ON :: USED BY ", True),
        ("Consumes::Consumed by", True),
        ("Sends data to::Receives data from", True),
        ("Receives data from::Sends data to", False),
        ("Something of ours::Used by", True),
        ("Provided by::Provides", True),
        ("Supports::Supported by", False),
        ("Impacts::Impacted by", False),
        ("Served by::Serves", True),
        ("Reads from::Read by", True),
        ("hängt ab von::wird genutzt von", True),
        ("utilisé par::dépend de", False),
        ("depende de", True),
        ("Runs on::Runs", None),
        ("Hosted on::Hosts", None),
        ("Contains::Contained by", None),
        ("", None),
    ],
)
def test_the_type_says_who_needs_whom(kind, parent_needs):
    assert needs_child(kind) is parent_needs


def test_relations_become_rows_from_who_needs_to_what_is_needed():
    rows = [
        RelationRow(PLACE, "Shop", "Depends on::Used by", "Pay"),
        RelationRow(PLACE, "Pay", "Used by::Depends on", "Shop"),
    ]
    found = relations_of(rows)
    assert [(row.source_hostname, row.target_hostname) for row in found.rows] == [("Shop", "Pay")] * 2
    assert {(row.oriented, row.origin, row.place) for row in found.rows} == {(True, "relation", PLACE)}


@pytest.mark.parametrize(("parent", "child", "end"), [(None, "Pay", "parent"), ("Shop", " ", "child")])
def test_a_relation_without_an_end_is_rejected_with_its_place(parent, child, end):
    found = relations_of([RelationRow(PLACE, parent, "Depends on", child)])
    (reject,) = found.rejects
    assert (found.rows, reject.code, reject.place) == ((), f"relation.no_{end}", PLACE)
    assert end in reject.message


def test_relations_of_other_types_are_kept_apart():
    found = relations_of(
        [RelationRow(PLACE, "Shop", "Runs on::Runs", "web1"), RelationRow(PLACE, None, "Runs on", "x")]
    )
    assert (len(found.rows), len(found.others), found.rejects) == (0, 2, ())


def test_columns_are_found_only_when_all_three_are_there():
    assert columns_of(["x", "relation_child", "relation_parent", "relation_type"]) == (2, 3, 1)
    assert columns_of(["relation_parent", "relation_child", None]) is None


@given(st.text(), st.text())
def test_swapping_the_halves_turns_the_direction(first, second):
    direct, swapped = needs_child("Depends on::Used by"), needs_child("Used by::Depends on")
    assert direct is (not swapped)
    assert needs_child(f"{first}::{second}") in (True, False, None)
