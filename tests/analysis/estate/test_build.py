import random
from dataclasses import replace
from uuid import UUID

import pytest

from masterflow.analysis.estate import identity, sheets
from masterflow.analysis.estate.build import EstateOptions, build_estate
from masterflow.analysis.estate.completeness import WANTED, completeness_of, next_file_hints
from masterflow.inventory.types import Dependency, DependencyKind
from tests.analysis.estate.sheets import mapped, tab
from tests.analysis.estate.truth import NAMESPACE, all_sheets, asset_named, whole_estate

FIELDS = {
    "Name": "hostname", "IP": "ip_address", "Env": "environment", "Serial": "serial_number", "App": "application_name",
    "Owner": "business_owner", "OS": "os_name", "Max": "cpu_utilization_max_pct", "Type": "asset_type",
    "CPU": "cpu_cores",
}  # fmt: skip


def estate(headers, *rows, **more):
    return build_estate([mapped(headers, rows, FIELDS, **more)], namespace=NAMESPACE)


def test_the_order_of_rows_and_files_changes_nothing():
    shuffled = []
    for sheet in all_sheets():
        rows = list(sheet.sheet.rows)
        random.Random(7).shuffle(rows)
        shuffled.append(replace(sheet, sheet=replace(sheet.sheet, rows=tuple(rows))))
    random.Random(8).shuffle(shuffled)
    other = build_estate(shuffled, namespace=NAMESPACE)
    whole = whole_estate()
    assert [a.id for a in other.assets] == [a.id for a in whole.assets]
    for mine, theirs in zip(other.assets, whole.assets, strict=True):
        assert replace(mine, facts=(), concerns=()) == replace(theirs, facts=(), concerns=())
        assert set(mine.facts) == set(theirs.facts)
    assert other.applications == whole.applications
    assert {(c.asset_id, c.field, c.preferred) for c in other.conflicts} == {
        (c.asset_id, c.field, c.preferred) for c in whole.conflicts
    }
    assert (other.counts, other.sums, other.merged) == (whole.counts, whole.sums, whole.merged)


def test_ids_are_unique_and_depend_on_the_namespace():
    ids = [a.id for a in (*whole_estate().assets, *whole_estate().hosts)]
    assert len(ids) == len(set(ids))
    sheet = mapped(["Name", "IP"], [["a", "10.1.1.1"]], FIELDS)
    one, other = (build_estate([sheet], namespace=UUID(int=n)).assets[0].id for n in (1, 2))
    assert one != other
    assert build_estate([sheet], namespace=UUID(int=1)).assets[0].id == one


def test_machines_that_share_their_strongest_identity_still_get_their_own_ids():
    found = estate(["Name", "IP"], ["a", "10.1.1.1"], ["a", "10.1.1.2"])
    assert len({a.id for a in found.assets}) == 2
    info = tab("vInfo", ["VM", "CPUs"], ["a", 1.0], ["a", 1.0], ["a", 1.0])
    assert len({a.id for a in build_estate([info], namespace=NAMESPACE).assets}) == 3


def test_duplicates_within_one_file_are_merged_and_counted():
    found = estate(["Name", "IP", "Owner"], ["a.x.example", "10.1.1.1", None], ["A", "10.1.1.1", "t@x"])
    assert (len(found.assets), found.merged) == (1, 1)
    assert found.assets[0].business_owner == "t@x"


def test_changing_one_cell_changes_the_estate():
    def cores(number):
        return estate(["Name", "CPU"], ["a", number]).sums["servers"]["vcpu"]

    assert (cores("2"), cores("4")) == (2, 4)


def test_the_order_of_belief_is_an_option():
    sheets = [
        mapped(["Name", "CPU"], [["a", "2"]], FIELDS, kind="servicenow", file="cmdb.csv"),
        mapped(["Name", "CPU"], [["a", "4"]], FIELDS, kind="tabular", file="list.csv"),
    ]
    assert build_estate(sheets, namespace=NAMESPACE).assets[0].cpu_cores == 2
    options = EstateOptions(precedence=("tabular", "servicenow"))
    assert build_estate(sheets, namespace=NAMESPACE, options=options).assets[0].cpu_cores == 4


def test_a_stated_environment_stays_when_a_single_sign_contradicts_it():
    found = estate(["Name", "Env"], ["web-test-01", "Production"])
    assert str(found.assets[0].environment) == "production"
    assert found.conflicts == ()
    facts = {(f.value, f.chosen) for f in found.assets[0].facts if f.field == "environment"}
    assert facts == {("production", True), ("test", False)}


def test_hosts_and_other_assets_are_kept_apart_from_servers():
    rows = [["esx1", "ESX Server"], ["db", "Database"], ["web", "Linux Server"], ["box", "Appliance"]]
    found = estate(["Name", "Type"], *rows)
    assert [h.name for h in found.hosts] == ["esx1"]
    assert [a.name for a in found.assets] == ["box", "db", "web"]
    assert (found.counts["servers"], found.counts["assets_database"]) == (1, 1)


def test_a_machine_known_only_by_its_address_is_called_by_it():
    assert estate(["IP"], ["10.1.1.1"]).assets[0].name == "10.1.1.1"


def test_nothing_in_gives_an_empty_estate_that_asks_for_nothing():
    found = build_estate([], namespace=NAMESPACE)
    assert (found.assets, found.applications, found.issues, found.next_file_hints) == ((), (), (), ())
    assert set(found.completeness.values()) == {0.0}


def test_every_asset_field_has_a_chosen_fact_with_its_cell():
    asset = asset_named(whole_estate(), "nf-bil-web-p01")
    for name in ("cpu_cores", "memory_mib", "operating_system", "ip_addresses", "business_owner", "cluster"):
        chosen = [f for f in asset.facts if f.field == name and f.chosen]
        assert chosen, name
        assert all(f.source.file and f.source.row and f.source.column and f.rule for f in chosen)


def test_completeness_is_the_share_of_servers_for_which_a_thing_is_known():
    head = ["Name", "IP", "OS", "App", "Owner", "Max", "Env"]
    full = ["a", "10.1.1.1", "AIX", "Billing", "t@x", "40", "Test"]
    found = estate(head, full, ["b", *[None] * 6])
    assert found.completeness == {**dict.fromkeys(WANTED, 0.5), "dependencies": 0.0}


def test_an_owner_of_the_application_owns_its_servers():
    found = estate(["Name", "App", "Owner"], ["a", "Billing", "t@x"], ["b", "Billing", None])
    assert found.completeness["owner"] == 1.0


@pytest.mark.parametrize("of_application", [True, False])
def test_dependencies_of_an_application_or_a_server_count_as_evidence(of_application):
    found = estate(["Name", "App"], ["a", "Billing"], ["b", None])
    end = found.applications[0].id if of_application else found.assets[0].id
    dependency = Dependency(source_id=end, target_id=UUID(int=5), kind=DependencyKind.SOFT)
    assert completeness_of(found.assets, found.applications, [dependency])["dependencies"] == 0.5


def test_hints_name_the_largest_gaps_first_and_stop_where_little_is_missing():
    known = {**dict.fromkeys(WANTED, 1.0), "owner": 0.2, "application": 0.5, "utilisation": 0.95}
    hints = next_file_hints(known)
    assert [h.closes for h in hints] == ["owner", "application"]
    assert hints[0].message.startswith("80% of servers lack it")


def test_machines_are_indexed_for_details_only_where_there_are_some(monkeypatch):
    monkeypatch.setattr(sheets, "MachineFinder", lambda _clusters: pytest.fail("nothing has to be found"))
    assert len(estate(("Name", "IP"), ("a", "10.0.0.1"), ("b", "10.0.0.2")).assets) == 2


def test_every_identity_is_proved_a_fixed_number_of_times_however_many_levels_there_are(monkeypatch):
    asked = []
    monkeypatch.setattr(identity, "proves", lambda one: asked.append(one) or True)
    rows = [(f"server{n}", f"10.0.0.{n}") for n in range(1, 21)]
    identities = sum(len(asset.identities) for asset in estate(("Name", "IP"), *rows).assets)
    assert len(asked) == 2 * identities


def test_a_sheet_finds_the_columns_of_a_field_in_their_order():
    sheet = mapped(("Owner", "IP", "Name", "IP 2", "Note"), [], {**FIELDS, "IP 2": "ip_address"})
    assert [column.index for column in sheet.by_field["ip_address"]] == [1, 3]
    assert sheet.by_field.keys() == {"business_owner", "ip_address", "hostname"}
    assert replace(sheet, columns=()).by_field == {}
