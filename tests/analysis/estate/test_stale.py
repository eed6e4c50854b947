from datetime import UTC, datetime

import pytest

from masterflow.analysis.estate.build import build_estate
from masterflow.inventory.deciding import DecidedValue
from masterflow.inventory.types import RETIRED
from tests.analysis.estate.sheets import mapped
from tests.analysis.estate.truth import NAMESPACE

FIELDS = {"Name": "hostname", "Status": "status", "Seen": "last_discovered"}
OLD, NEW = "2024-12-31", "2026-11-20"


def cmdb(*rows):
    return mapped(list(FIELDS), rows, FIELDS, file="cmdb.csv", kind="servicenow")


def agents(*names):
    return mapped(["Name"], [[n] for n in names], {"Name": "hostname"}, file="agents.csv", kind="agent")


def retired(*sheets):
    found = build_estate(sheets, namespace=NAMESPACE)
    return {a.name for a in found.assets if RETIRED in a.concerns}


FRESH = (["a", "Installed", NEW], ["b", "Installed", NEW])


def test_a_machine_that_only_a_stale_row_names_is_taken_for_retired_and_told():
    found = build_estate([cmdb(*FRESH, ["old", "Installed", OLD]), agents("a", "b")], namespace=NAMESPACE)
    asset = next(a for a in found.assets if RETIRED in a.concerns)
    facts = [(f.value, f.chosen, f.rule, f.confidence) for f in asset.facts if f.field == "lifecycle"]
    assert asset.name == "old"
    assert facts == [("in_use", False, "lifecycle_word", 1.0), ("retired", True, "proposed_unseen_for_180_days", 0.7)]
    assert [(i.code, i.count) for i in found.issues] == [("LIKELY_RETIRED", 1)]
    assert found.issues[0].message.startswith("old: not seen for 180 days")
    assert found.conflicts == ()


@pytest.mark.parametrize(
    "sheets",
    [
        [cmdb(*FRESH, ["old", "Installed", OLD])],
        [cmdb(*FRESH, ["old", "Installed", OLD]), agents("old")],
        [cmdb(*FRESH, ["old", "Installed", OLD]), agents("a", "b", "old")],
        [cmdb(*FRESH, ["c", "Installed", NEW], ["old", "Installed", OLD]), agents("a")],
        [cmdb(*FRESH, ["old", "Installed", None]), agents("a", "b")],
        [cmdb(*FRESH, ["old", "Installed", "2026-06-20"]), agents("a", "b")],
        [agents("a", "b", "old")],
    ],
)
def test_it_is_not_where_others_see_it_or_nobody_confirms_the_list(sheets):
    assert retired(*sheets) == set()


def test_a_relation_to_a_stale_machine_is_no_second_witness():
    fields = {"parent": "relation_parent", "type": "relation_type", "child": "relation_child"}
    relation = mapped(
        list(fields), [["App", "Runs on::Runs", "old"]], fields, file="rel.csv", kind="servicenow_relations"
    )
    assert retired(cmdb(*FRESH, ["old", "Installed", OLD]), agents("a", "b"), relation) == {"old"}


def test_a_long_list_of_names_is_cut_in_the_notice():
    many = [[f"old{n:02}", "Installed", OLD] for n in range(12)]
    found = build_estate([cmdb(*FRESH, *many), agents("a", "b")], namespace=NAMESPACE)
    assert "old09 and 2 more: not seen" in found.issues[0].message


def test_what_no_tool_looks_at_is_not_retired_because_the_virtual_machines_are_known():
    headers = {**FIELDS, "Class": "asset_type"}

    virtual = [[f"v{n}", "Installed", NEW, "virtual machine"] for n in range(30)]
    physical = [[f"p{n}", "Installed", NEW, "server"] for n in range(12)]
    old = [["vold", "Installed", OLD, "virtual machine"], ["pold", "Installed", OLD, "server"]]

    def listed(*rows):
        return mapped(list(headers), [*virtual, *rows, *old], headers, file="cmdb.csv", kind="servicenow")

    seen = [f"v{n}" for n in range(30)]
    assert retired(listed(*physical), agents(*seen)) == {"vold"}
    assert retired(listed(*physical), agents("p1", "p2", *seen)) == {"vold", "pold"}
    assert retired(listed(*physical[:3]), agents(*seen)) == {"vold", "pold"}


@pytest.mark.parametrize("status", ["Installed", None])
def test_a_person_takes_the_retirement_back_and_it_holds_at_the_next_build(status):
    sheets = [cmdb(*FRESH, ["old", status, OLD]), agents("a", "b")]
    old = next(a for a in build_estate(sheets, namespace=NAMESPACE).assets if a.name == "old")
    moment = datetime(2026, 11, 23, 9, tzinfo=UTC)
    said = DecidedValue(
        asset_id=old.id, field="lifecycle", value="in_use", decided_by="ann@x.example", decided_at=moment
    )
    found = build_estate(sheets, namespace=NAMESPACE, decided=[said])
    assert [a.name for a in found.assets if RETIRED in a.concerns] == []
