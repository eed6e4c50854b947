from datetime import UTC, datetime

import pytest

from masterflow.analysis.estate.build import build_estate
from masterflow.inventory.deciding import DecidedValue
from tests.analysis.estate.sheets import mapped
from tests.analysis.estate.truth import NAMESPACE

FIELDS = {"app": "application_name", "owner": "business_owner", "criticality": "criticality", "env": "environment"}


def listed(*rows, file="a.csv", more=()):
    headers = [*FIELDS, "rto_hours", "updated_on", *more]
    return mapped(headers, rows, FIELDS, file=file)


def conflicts(*sheets):
    return build_estate(sheets, namespace=NAMESPACE).conflicts


def test_two_owners_of_an_application_wait_for_a_person():
    one = listed(["Billing Core", "ann", "high", None, 8, "x"])
    other = listed(["BILLING-CORE (PROD)", "bob", "2 - high", None, 48, "y"], file="b.csv")
    estate = build_estate([one, other], namespace=NAMESPACE)
    (found,) = estate.conflicts
    assert (found.asset_name, found.field, found.preferred) == ("Billing Core", "business_owner", "ann")
    assert [(f.value, f.source.file, f.chosen) for f in found.values] == [
        ("ann", "a.csv", True),
        ("bob", "b.csv", False),
    ]
    assert found.needs_review
    assert found.asset_id in {a.id for a in estate.applications}
    assert "a.csv and b.csv" in found.why


def test_an_application_listed_twice_with_other_values_waits_for_a_person():
    (found,) = conflicts(listed(["Portal", "ann", "high", None, 8, "x"], ["PORTAL", "Ann", "high", None, 48, "y"]))
    assert (found.field, [f.value for f in found.values]) == ("rto_hours", ["8", "48"])
    assert found.why == "the application is listed 2 times in a.csv with different values; a person should decide"


def test_criticality_is_compared_as_understood():
    (found,) = conflicts(listed(["P", None, "high", None, None, None], ["P", None, "low", None, None, None]))
    assert (found.field, found.preferred) == ("criticality", "high")


def test_rows_of_two_environments_are_not_compared():
    assert conflicts(listed(["P", None, None, "Test", 8, None], ["P", None, None, "Prod", 4, None])) == ()
    assert conflicts(listed(["P (TEST)", None, None, None, 8, None], ["P (PROD)", None, None, None, 4, None])) == ()
    assert conflicts(listed(["42", None, None, None, 8, None], ["43", None, None, None, 4, None])) == ()


def test_lists_that_agree_or_say_nothing_contradict_nothing():
    assert conflicts(listed(["P", "ann", None, None, 8, None], ["p", "ANN", "low", None, None, "z"])) == ()


def test_a_list_with_a_row_for_each_part_of_an_application_contradicts_nothing():
    rows = [[name, "ann", "high", None, hours, None] for name in ("P", "Q") for hours in (8, 48)]
    assert conflicts(listed(*rows)) == ()
    others = [[f"A{n}", None, None, None, 1, None] for n in range(9)]
    assert len(conflicts(listed(*rows, *others))) == 2


def decision(conflict, value):
    moment = datetime(2026, 11, 23, 9, tzinfo=UTC)
    return DecidedValue(
        asset_id=conflict.asset_id, field=conflict.field, value=value, decided_by="ann@x.example", decided_at=moment
    )


@pytest.mark.parametrize(
    ("field", "value", "shown"),
    [
        ("business_owner", "bob", lambda a: a.business_owner),
        ("criticality", "low", lambda a: str(a.criticality)),
        ("rto_hours", "48", lambda a: a.attributes["rto_hours"]),
    ],
)
def test_what_a_person_decides_of_an_application_holds_at_the_next_build(field, value, shown):
    sheet = listed(["P", "ann", "high", None, 8, None], ["P", "bob", "low", None, 48, None])
    (asked,) = (c for c in conflicts(sheet) if c.field == field)
    estate = build_estate([sheet], namespace=NAMESPACE, decided=[decision(asked, value)])
    (after,) = (c for c in estate.conflicts if c.field == field)
    assert (after.preferred, after.needs_review, after.decided_by) == (value, False, "ann@x.example")
    assert shown(estate.applications[0]) == value
    assert sum(c.needs_review for c in estate.conflicts) == 2
    assert all(
        c.needs_review for c in build_estate([sheet], namespace=NAMESPACE, decided=[decision(asked, "x")]).conflicts
    )


def test_one_field_of_an_application_is_asked_once():
    rows = [["P", None, None, env, hours, None] for env in ("Test", "Prod") for hours in (8, 48)]
    others = [[f"A{n}", None, None, None, 1, None] for n in range(9)]
    assert [(c.field, c.preferred) for c in conflicts(listed(*rows, *others))] == [("rto_hours", "8")]
    ids = [c.id for c in conflicts(listed(["P", "ann", "high", None, 8, None], ["P", "bob", "low", None, 48, None]))]
    assert len(set(ids)) == 3
