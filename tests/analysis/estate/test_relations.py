import pytest
from hypothesis import given
from hypothesis import strategies as st

from masterflow.analysis.dependencies.phrases import PHRASES
from masterflow.analysis.dependencies.relations import needs_child
from masterflow.analysis.estate.build import build_estate
from masterflow.analysis.estate.relations import Carries, read_relations, tells_relations
from masterflow.inventory.types import AssetType
from tests.analysis.estate.sheets import mapped
from tests.analysis.estate.truth import NAMESPACE

FIELDS = {"parent": "relation_parent", "type": "relation_type", "child": "relation_child"}
SERVERS = {
    "Name": "hostname",
    "FQDN": "fqdn",
    "Class": "asset_type",
    "Application": "application_name",
    "Id": "external_id",
}
LISTED = [
    ["db01", "db01.x.example", "server", None, "a1"],
    ["web_01", None, "server", "Payroll", "a2"],
    ["gate", "gate.x.example", "server", None, "a3"],
    ["gate", "gate.dmz.example", "server", None, "a4"],
    ["esx1", "esx1.x.example", "ESX server", None, "a5"],
]


def relations(*rows):
    return mapped(list(FIELDS), rows, FIELDS, file="rel.csv", kind="cmdb")


def estate(*rows, listed=LISTED):
    servers = mapped(list(SERVERS), listed, SERVERS, kind="cmdb")
    return build_estate([servers, relations(*rows)], namespace=NAMESPACE)


def members(found):
    names = {a.id: a.fqdn or a.name for a in found.assets}
    return {(a.name, names[i]) for a in found.applications for i in a.asset_ids}


def hosts(found):
    return {a.name: a.host for a in found.assets if a.host}


@pytest.mark.parametrize("phrase", PHRASES)
def test_a_type_is_either_a_need_or_a_place_or_nothing_and_both_readers_agree(phrase):
    read = read_relations(relations(["web_01", phrase, "db01"]))
    assert len(read.relations) == (needs_child(phrase) is None)
    assert not read.unread


def test_what_a_host_provides_is_needed_and_carries_no_machine():
    assert hosts(estate(["db01", "Provided by::Provides", "esx1"])) == {}
    assert hosts(estate(["db01", "Hosted on::Hosts", "esx1"])) == {"db01": "esx1.x.example"}


def test_a_relation_table_is_known_by_its_two_ends_and_makes_no_machines():
    sheet = relations(["Payroll", "Runs on::Runs", "db01"])
    assert tells_relations(sheet)
    assert not tells_relations(mapped(["parent"], [], FIELDS))
    assert build_estate([sheet], namespace=NAMESPACE).assets == ()


@pytest.mark.parametrize(
    "row",
    [
        ["Payroll", "Runs on::Runs", "db01"],
        ["Payroll (PROD)", "runs_on", "DB01"],
        ["PAYROLL", "Installed on::Has installed", "db01.x.example"],
        ["db01", "Runs::Runs on", "Payroll"],
        ["db01", "Runs on::Runs", "Payroll"],
        ["Payroll", "is hosted on", "db01"],
        ["db01", "Hosts", "Pay-roll"],
        ["Payroll", "Runs on::Runs", "db01 (PROD)"],
        ["Payroll", "Runs on::Runs", "a1"],
        ["Payroll", "Something::Runs", "db01"],
    ],
)
def test_an_application_on_a_machine_is_a_stated_member_however_it_is_written(row):
    application = "Pay-roll" if "Pay-roll" in row else "Payroll"
    listed = [*LISTED, ["app9", None, "server", application, "a9"]]
    found = estate(row, listed=listed)
    assert ("Payroll" if application == "Payroll" else "Pay-roll", "db01.x.example") in members(found)
    fact = next(f for a in found.assets for f in a.facts if f.source.file == "rel.csv")
    assert fact.rule.startswith("relation_")
    assert (fact.field, fact.source.row) == ("application", 2)
    assert found.rejects == ()


def test_an_application_that_only_a_relation_names_is_one_all_the_same():
    assert ("Ledger", "db01.x.example") in members(estate(["Ledger", "Runs on::Runs", "db01"]))


@pytest.mark.parametrize(
    "row",
    [
        ["db01", "Hosted on::Hosts", "esx1.x.example"],
        ["db01", "Virtualized by::Virtualizes", "ESX1"],
        ["esx1", "Hosts::Hosted on", "db01"],
        ["esx1", "Hosted on::Hosts", "db01"],
        ["esx1", "Contains::Contained by", "db01"],
    ],
)
def test_a_machine_stands_on_its_host_and_a_hypervisor_never_on_its_guest(row):
    assert hosts(estate(row)) == {"db01": "esx1.x.example"}


def test_a_machine_may_stand_on_a_machine_that_is_no_hypervisor():
    assert hosts(estate(["web-01", "Runs on::Runs", "db01"])) == {"web_01": "db01.x.example"}


def test_what_the_platform_says_of_a_host_goes_before_a_relation():
    fields = {"Name": "hostname", "Host": "hypervisor_host"}
    servers = mapped(["Name", "Host"], [["db01", "esx2"], ["esx1", None]], fields)
    found = build_estate([servers, relations(["db01", "Hosted on::Hosts", "esx1"])], namespace=NAMESPACE)
    assert hosts(found) == {"db01": "esx2"}
    assert found.conflicts == ()


@pytest.mark.parametrize(
    ("row", "code", "value"),
    [
        (["Payroll", "Runs on::Runs", "nobody"], "row.unknown_end", "nobody"),
        (["db01", "Hosted on::Hosts", "esx9"], "row.unknown_end", "esx9"),
        (["vm9", "Hosted on::Hosts", "esx1"], "row.unknown_end", "vm9"),
        (["Payroll", "Runs on::Runs", "gate"], "row.ambiguous_end", "gate"),
        (["db01", "Hosted on::Hosts", "db01.x.example"], "row.relation_to_itself", "db01"),
        ([None, "Runs on::Runs", "db01"], "row.no_relation_end", None),
        (["Payroll", "Runs on::Runs", "n/a"], "row.no_relation_end", None),
    ],
)
def test_an_end_that_fits_no_machine_rejects_the_row(row, code, value):
    found = estate(row)
    assert [(r.code, r.value, r.place.file, r.place.row) for r in found.rejects] == [(code, value, "rel.csv", 2)]
    assert not any(f.source.file == "rel.csv" for a in found.assets for f in a.facts)


def test_a_full_name_tells_two_machines_of_one_short_name_apart():
    assert ("Portal", "gate.dmz.example") in members(estate(["Portal", "Runs on::Runs", "gate.dmz.example"]))


def test_needs_are_left_to_the_reader_of_dependencies_and_unknown_types_are_told():
    found = estate(["A", "Depends on::Used by", "nobody"], ["A", "Sponsors::Sponsored by", "B"], ["A", None, "B"])
    assert found.rejects == ()
    assert [(i.code, i.count) for i in found.issues] == [("RELATION_TYPE_UNKNOWN", 1), ("RELATION_TYPE_UNKNOWN", 1)]
    assert "Sponsors::Sponsored by" in found.issues[1].message


def test_a_short_row_lacks_an_end():
    read = read_relations(mapped(list(FIELDS), [["A"]], FIELDS))
    assert [r.code for r in read.rejects] == ["row.no_relation_end"]
    assert read.relations == []


def test_both_phrases_of_a_type_are_understood():
    read = read_relations(relations(["a", "Runs on::Runs", "b"], ["a", "Runs::Runs on", "b"], ["a", "Hosts", "b"]))
    assert [(r.carries, r.carried, r.carrier) for r in read.relations] == [
        (Carries.RUNS_ON, "a", "b"),
        (Carries.RUNS_ON, "b", "a"),
        (Carries.HOSTED_ON, "b", "a"),
    ]


ENDS = st.sampled_from(
    ["db01", "DB01.X.EXAMPLE", "web-01", "gate", "esx1", "nobody", "Payroll", "PAYROLL (PROD)", None]
)
TYPES = st.sampled_from(["Runs on::Runs", "Hosted on::Hosts", "Hosts::Hosted on", "Depends on::Used by", "?"])


@given(st.lists(st.tuples(ENDS, TYPES, ENDS), max_size=8), st.randoms())
def test_relations_never_make_machines_and_their_order_never_matters(rows, random):
    found = estate(*rows)
    assert len(found.assets) == len(LISTED) - 1
    assert [a.asset_type for a in found.hosts] == [AssetType.HYPERVISOR_HOST]
    turned = list(rows)
    random.shuffle(turned)
    other = estate(*turned)
    assert members(found) == members(other)
    assert len(found.rejects) == len(other.rejects)
