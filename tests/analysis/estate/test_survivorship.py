from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masterflow.analysis.estate import survivorship
from masterflow.analysis.estate.records import Claim, Record
from masterflow.analysis.estate.survivorship import DEFAULT_PRECEDENCE, settle
from masterflow.inventory.importers.catalog import all_importers
from masterflow.inventory.types import AssetType, Source

NEW, OLD = datetime(2026, 11, 1, tzinfo=UTC), datetime(2022, 5, 3, tzinfo=UTC)


def record(kind="tabular", *, file=None, seen=None, **values):
    name = file or f"{kind}.csv"
    claims = [Claim("name", "a", Source(name, None, 2, "Name"), "text")]
    for target, value in values.items():
        claims.append(Claim(target, value, Source(name, None, 2, target), "rule"))
    return Record(
        file=name,
        sheet=None,
        row=2,
        source_kind=kind,
        asset_type=AssetType.SERVER,
        claims=tuple(claims),
        observed_at=seen,
    )


def conflicts(*records):
    return {c.field: c for c in settle(records).conflicts}


def test_the_stated_precedence_of_sources_decides():
    records = [record("servicenow", cpu_cores=2), record("rvtools", cpu_cores=4)]
    assert settle(records).values["cpu_cores"] == 4
    assert settle(records, precedence=["servicenow", "rvtools"]).values["cpu_cores"] == 2


def test_among_equals_the_fresher_source_decides_and_a_source_without_a_date_is_oldest():
    old, new, undated = (
        record(seen=OLD, file="old.csv", cpu_cores=1),
        record(seen=NEW, file="new.csv", cpu_cores=2),
        record(file="undated.csv", cpu_cores=3),
    )
    assert settle([old, undated, new]).values["cpu_cores"] == 2
    assert settle([undated, old]).values["cpu_cores"] == 1


def test_every_fact_is_kept_with_its_cell_and_the_chosen_one_is_marked():
    settled = settle([record("rvtools", cpu_cores=4), record("servicenow", cpu_cores=2)])
    facts = {(f.source.file, f.value, f.chosen) for f in settled.facts if f.field == "cpu_cores"}
    assert facts == {("rvtools.csv", "4", True), ("servicenow.csv", "2", False)}


def test_a_value_that_only_the_lesser_source_has_is_taken():
    assert settle([record("rvtools", cpu_cores=4), record("servicenow", business_owner="t@x")]).values == {
        "name": "a",
        "cpu_cores": 4,
        "business_owner": "t@x",
    }


@pytest.mark.parametrize(
    ("field", "one", "other", "differs"),
    [
        ("cpu_cores", 4, 4, False),
        ("cpu_cores", 4, 8, True),
        ("memory_mib", 16384, 16000, False),
        ("memory_mib", 16384, 8192, True),
        ("disk_capacity_mib", 500_000, 465_661, False),
        ("disk_capacity_mib", 500_000, 300_000, True),
        ("ip_addresses", ("10.1.1.1", "10.1.1.2"), ("10.1.1.2",), False),
        ("ip_addresses", ("10.1.1.1",), ("10.1.1.9",), True),
        ("business_owner", "Team@X", "team@x", False),
        ("business_owner", "team@x", "team@y", True),
        ("operating_system", "Red Hat Enterprise Linux 8 (64-bit)", "Linux Red Hat", False),
        ("operating_system", "Red Hat Enterprise Linux 8 (64-bit)", "Debian 12", True),
        ("host", "esx1", "esx2", False),
        ("power_state", "poweredOn", "poweredOff", False),
        ("folder", "a", "b", False),
        ("lifecycle", "in_use", "retired", True),
    ],
)
def test_sources_contradict_each_other_only_beyond_rounding_units_and_wording(field, one, other, differs):
    found = conflicts(record("rvtools", **{field: one}), record("servicenow", **{field: other}))
    assert (field in found) is differs


def test_the_version_of_a_system_that_is_not_shown_is_not_shown_either():
    vcenter = record("rvtools", operating_system="Microsoft Windows Server 2022 (64-bit)")
    cmdb = record("servicenow", operating_system="Windows 2008 R2 Standard", os_version="6.1.7601")
    assert "os_version" not in settle([vcenter, cmdb]).values
    ubuntu = record("rvtools", operating_system="Ubuntu Linux (64-bit)")
    agrees = record("servicenow", operating_system="Linux Ubuntu", os_version="20.04")
    assert settle([ubuntu, agrees]).values["os_version"] == "20.04"
    assert settle([record("servicenow", os_version="20.04")]).values["os_version"] == "20.04"


def test_addresses_that_overlap_are_joined_and_stale_ones_are_not():
    settled = settle(
        [
            record("rvtools", ip_addresses=("10.1.1.1",)),
            record("aws_ads", ip_addresses=("10.1.1.1", "10.1.1.2")),
            record("servicenow", ip_addresses=("10.9.9.9",)),
        ]
    )
    assert settled.values["ip_addresses"] == ("10.1.1.1", "10.1.1.2")
    assert [f.value for f in settled.facts if f.field == "ip_addresses" and not f.chosen] == ["10.9.9.9"]


def test_a_conflict_names_the_preferred_value_the_reason_and_whether_a_person_must_look():
    conflict = conflicts(record("rvtools", cpu_cores=4), record("servicenow", seen=OLD, cpu_cores=2))["cpu_cores"]
    assert (conflict.preferred, [f.value for f in conflict.values], conflict.needs_review) == ("4", ["4", "2"], False)
    assert conflict.why == "rvtools.csv takes precedence; servicenow.csv last saw the machine on 2022-05-03"
    owner = conflicts(record("rvtools", business_owner="x"), record("servicenow", business_owner="y"))["business_owner"]
    assert owner.needs_review
    assert owner.why == "rvtools.csv takes precedence over servicenow.csv"


def test_a_source_that_saw_the_machine_nearly_as_late_is_not_called_stale():
    recent = conflicts(record("rvtools", seen=NEW, cpu_cores=4), record("servicenow", seen=NEW, cpu_cores=2))
    assert recent["cpu_cores"].why == "rvtools.csv takes precedence over servicenow.csv"


def test_equal_values_of_several_sources_appear_once_in_a_conflict():
    found = conflicts(
        record("rvtools", cpu_cores=4), record("servicenow", cpu_cores=2), record("azure_migrate", cpu_cores=2)
    )["cpu_cores"]
    assert [f.value for f in found.values] == ["4", "2"]


def test_inferred_claims_contradict_nothing():
    weak = Claim("business_owner", "y", Source("r", None, 2, "Annotation"), "annotation", rank=50, confidence=0.7)
    one = record("servicenow", business_owner="x")
    other = Record(file="r", sheet=None, row=2, source_kind="rvtools", asset_type=AssetType.SERVER, claims=(weak,))
    assert conflicts(one, other) == {}


def test_several_applications_of_one_machine_are_all_shown():
    settled = settle([record("rvtools", application="Billing"), record("servicenow", application="Payroll")])
    assert "application" not in settled.values
    assert [(f.value, f.chosen) for f in settled.facts if f.field == "application"] == [
        ("Billing", True),
        ("Payroll", True),
    ]


RECORDS = st.lists(
    st.builds(
        lambda kind, cores, owner, seen: record(kind, seen=seen, cpu_cores=cores, business_owner=owner),
        st.sampled_from(["rvtools", "servicenow", "tabular"]),
        st.integers(min_value=1, max_value=4),
        st.sampled_from(["x", "y"]),
        st.sampled_from([None, OLD, NEW]),
    ),
    min_size=1,
    max_size=6,
)


@given(RECORDS, st.randoms())
def test_what_is_shown_does_not_depend_on_the_order_of_the_records(records, random):
    shuffled = list(records)
    random.shuffle(shuffled)
    one, other = settle(records), settle(shuffled)
    assert one.values == other.values
    assert [(c.field, c.preferred) for c in one.conflicts] == [(c.field, c.preferred) for c in other.conflicts]


@given(RECORDS)
def test_every_claim_becomes_a_fact_and_one_of_each_field_is_chosen(records):
    settled = settle(records)
    assert len(settled.facts) == sum(len(r.claims) for r in records)
    assert sum(f.chosen for f in settled.facts if f.field == "cpu_cores") == 1


def test_contents_are_compared_only_where_precedence_and_age_leave_a_tie(monkeypatch):
    compared = []
    monkeypatch.setattr(survivorship, "_content", lambda record: compared.append(record.file) or record.file)
    sure = [_of("rvtools", "b.xlsx"), _of("servicenow", "a.csv")]
    assert [r.file for r in survivorship._ordered(sure, DEFAULT_PRECEDENCE)] == ["b.xlsx", "a.csv"]
    assert compared == []
    tied = [_of("servicenow", "b.csv"), _of("servicenow", "a.csv")]
    assert [r.file for r in survivorship._ordered(tied, DEFAULT_PRECEDENCE)] == ["a.csv", "b.csv"]
    assert compared == ["b.csv", "a.csv"]


def _of(kind, file):
    return Record(file=file, sheet=None, row=2, source_kind=kind, asset_type=AssetType.SERVER)


def test_every_source_of_the_precedence_is_an_importer_and_a_spreadsheet_comes_last():
    assert set(DEFAULT_PRECEDENCE) <= {importer.name for importer in all_importers()}
    assert len(set(DEFAULT_PRECEDENCE)) == len(DEFAULT_PRECEDENCE)
    assert DEFAULT_PRECEDENCE[-1] == "tabular"
    assert {"facter", "dmidecode", "glpi", "netbox", "device42", "terraform"} < set(DEFAULT_PRECEDENCE)
