"""The made-up estate and the genuine export, against their right answers."""

import csv
from collections import Counter, defaultdict
from functools import cache

import pytest

from masterflow.analysis.dependencies.relations import RelationRow, relations_of
from masterflow.analysis.estate.dependencies import resolve_dependencies
from masterflow.errors import Place
from masterflow.flows.discovery.flow_rows import FlowRows, flow_row, flow_rows_of
from masterflow.inventory.importers.catalog import open_file
from masterflow.inventory.importers.dependency_csv import read_dependencies
from masterflow.inventory.types import Membership
from tests.analysis.estate.sheets import DATA
from tests.analysis.estate.truth import (
    application_named,
    applications_of,
    asset_named,
    rvtools_estate,
    small_estate,
    true_server,
    truth,
    whole_estate,
)

CONFLICT_FIELDS = {
    "operating_system": "operating_system",
    "memory_mib": "memory_mib",
    "cpu_count": "cpu_cores",
    "total_disk_mib": "disk_capacity_mib",
    "ip_address": "ip_addresses",
    "environment": "environment",
    "lifecycle": "lifecycle",
}


def of_rvtools(conflict):
    return all((key.startswith("v") and "." in key) or key.startswith("vDisk") for key in conflict["values"])


@pytest.mark.parametrize(
    "name",
    [
        "rvtools_vinfo_rows",
        "rvtools_rows_accepted",
        "templates",
        "srm_placeholders",
        "vcls",
        "vms",
        "vms_powered_on",
        "vms_powered_off",
        "hosts",
        "clusters",
        "datacenters",
        "vcenters",
        "datastores",
        "disks",
        "snapshots",
        "vms_with_snapshots",
        "rdm_vms",
        "independent_disk_vms",
        "applications_shared_service",
    ],
)
def test_the_rvtools_counts_are_right(name):
    assert rvtools_estate().counts[name] == truth()["counts"][name]


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [("servers", "vms_in_scope"), ("servers_on", "vms_powered_on"), ("rvtools", "all_rows_with_vm_id")],
)
def test_the_rvtools_sums_are_right(ours, theirs):
    sums = rvtools_estate().sums[ours]
    assert {name: sums[name] for name in truth()["sums"][theirs]} == truth()["sums"][theirs]


def test_the_sums_of_disks_and_partitions_are_right():
    sums = rvtools_estate().sums["rvtools"]
    assert sums["vdisk_capacity_mib"] == truth()["sums"]["vdisk_capacity_mib"]
    assert sums["vpartition_consumed_mib"] == truth()["sums"]["vpartition_consumed_mib"]


def test_every_vm_has_its_own_sizes_although_ids_repeat_across_vcenters():
    for asset in rvtools_estate().assets:
        server = true_server(asset)
        shown = (asset.name, asset.cpu_cores, asset.memory_mib, asset.storage_provisioned_mib, asset.disk_capacity_mib)
        assert shown == tuple(server[k] for k in ("name", "cpu", "memory_mib", "provisioned_mib", "disk_mib"))


def test_templates_placeholders_and_service_machines_are_excluded_by_name_and_reason():
    found = {(e.name, e.why, e.source.row) for e in rvtools_estate().excluded}
    assert found == {(e["name"], e["why"], e["row"]) for e in truth()["excluded_vinfo_rows"]}


def test_exactly_the_contradictions_of_the_rvtools_file_are_conflicts():
    wanted = {(c["asset"], CONFLICT_FIELDS[c["field"]]): c for c in truth()["conflicts"] if of_rvtools(c)}
    assets = {a.id: true_server(a)["id"] for a in rvtools_estate().assets}
    found = {(assets[c.asset_id], c.field): c for c in rvtools_estate().conflicts}
    assert set(found) == set(wanted)
    for key, conflict in found.items():
        assert {f.value for f in conflict.values} == {str(v) for v in wanted[key]["values"].values()}
        expected = [
            str(v) for k, v in wanted[key]["values"].items() if wanted[key]["expected"].casefold() in k.casefold()
        ]
        assert conflict.preferred == expected[0]


def test_a_conflict_says_why_the_preferred_value_is_preferred():
    why = {(c.asset_name, c.field): c.why for c in rvtools_estate().conflicts}
    assert "swap file" in why["nf-rop-api-p03", "memory_mib"]
    assert "sockets × cores" in why["nf-wms-db-p02", "cpu_cores"]
    assert "disk list" in why["nf-rpt-web-p01", "disk_capacity_mib"]
    assert "running guest" in why["nf-cus-app-p01", "operating_system"]


def test_the_rows_to_reject_are_rejected_and_no_others():
    found = {(r.place.file, r.place.row) for r in whole_estate().rejects if not r.code.startswith("cell.")}
    files = {r.place.file for r in whole_estate().rejects}
    wanted = {(r["file"], r["row"]) for r in truth()["rejected_rows"] if r["file"] in files}
    wanted.discard(("azure_migrate_import.csv", 12))  # only that vendor's template requires sizes
    assert found == wanted


def test_the_cells_to_reject_are_rejected_and_their_rows_kept():
    found = {
        (r.place.file, r.place.row, r.place.column, r.value)
        for r in whole_estate().rejects
        if r.code.startswith("cell.")
    }
    assert found == {(r["file"], r["row"], r["column"], r["value"]) for r in truth()["rejected_values"]}
    assert asset_named(whole_estate(), "nf-fbk-app-t01").cpu_cores is not None


def test_every_record_of_the_inventories_lands_in_the_machine_it_belongs_to():
    owner = {(r["file"], r["row"]): s["id"] for s in truth()["servers"] for r in s["records"]}
    owner |= {(r["file"], r["row"]): s["id"] for s in truth()["retired_records"] for r in s["records"]}
    owner |= {(r["file"], r["row"]): s["name"] for s in truth()["hosts"] for r in s.get("cmdb_records", [])}
    by_truth = defaultdict(set)
    for asset in (*whole_estate().assets, *whole_estate().hosts):
        rows = {(f.source.file, f.source.row) for f in asset.facts if f.source.sheet in ("vInfo", "csv")}
        owners = {owner[r] for r in rows if r in owner}
        assert len(owners) <= 1, asset.name
        for one in owners:
            by_truth[one].add(asset.id)
    assert {k: len(v) for k, v in by_truth.items() if len(v) > 1} == {}
    assert len(by_truth) == len(set(owner.values()))


def test_hosts_of_the_cmdb_become_the_hosts_of_vcenter():
    host = asset_named(whole_estate(), "esx01.northwind.example")
    assert {f.source.file for f in host.facts} == {"rvtools_estate.xlsx", "servicenow_cmdb_ci_server.csv"}
    assert host.ip_addresses
    assert len(whole_estate().hosts) == truth()["counts"]["hosts"]


def test_exactly_the_contradictions_of_all_inventories_are_conflicts():
    wanted = Counter(CONFLICT_FIELDS[c["field"]] for c in truth()["conflicts"] if c["field"] in CONFLICT_FIELDS)
    assert Counter(c.field for c in whole_estate().conflicts) == wanted
    servers = {a.id: true_server(a)["id"] for a in whole_estate().assets if a.vm_name}
    pairs = {(c["asset"], CONFLICT_FIELDS[c["field"]]) for c in truth()["conflicts"] if c["field"] in CONFLICT_FIELDS}
    assert {(servers[c.asset_id], c.field) for c in whole_estate().conflicts} == pairs


def test_an_environment_that_placement_contradicts_waits_for_a_person():
    reviewed = {c.asset_name for c in whole_estate().conflicts if c.needs_review}
    assert reviewed == {"nf-wbc-apl-p01", "nf-edi-bat-p01"}


def test_a_running_machine_that_the_cmdb_calls_retired_is_not_retired():
    asset = asset_named(whole_estate(), "nf-con-app-p02")
    assert "lifecycle.retired" not in asset.concerns
    assert whole_estate().counts["retired_servers"] == len(truth()["retired_records"])


def test_applications_of_the_rvtools_file_alone_have_the_right_members():
    names = {a["id"]: a["name"].casefold() for a in truth()["applications"]}
    members = applications_of(rvtools_estate())
    right = wrong = missing = 0
    for asset in rvtools_estate().assets:
        wanted, found = names[true_server(asset)["application"]], members.get(asset.id, set())
        right += wanted in found
        wrong += len(found - {wanted})
        missing += wanted not in found
    # the one that is missing has no evidence in this file
    assert (right, wrong, missing) == (149, 0, 1)


def test_a_server_without_evidence_stays_unassigned():
    gateways = [a for a in rvtools_estate().assets if a.name == "gateway01"]
    lonely = next(a for a in gateways if a.fqdn == "gateway01.northwind.example")
    assert lonely.id not in applications_of(rvtools_estate())
    assert rvtools_estate().counts["unassigned_servers"] == 1


def test_stated_and_proposed_members_are_told_apart():
    application = application_named(rvtools_estate(), "Billing Core")
    assert application.membership is Membership.STATED
    assert len(application.asset_ids) == 9
    stated = set(application.asset_ids) - set(application.proposed_asset_ids)
    assert {a.name for a in rvtools_estate().assets if a.id in stated} == {"nf-bil-db-t01", "nf-bil-web-p01"}
    assert application_named(rvtools_estate(), "Port Interface").membership is Membership.PROPOSED


def test_shared_services_are_proposed_with_evidence():
    shared = {a.name for a in rvtools_estate().applications if a.shared_service}
    assert shared == {a["name"] for a in truth()["applications"] if a["kind"] == "shared_service"}
    assert any("shared service" in e for e in application_named(rvtools_estate(), "Backup").evidence)


def test_spellings_of_one_application_are_one_application():
    known = {a["name"]: a for a in truth()["applications"]}
    found = {a.name: a for a in whole_estate().applications}
    assert set(known) <= set(found)
    assert set(found) - set(known) == {"Fax Gateway", "Lotus Archive"}  # retired, listed in the CMDB alone
    assert {a.name: str(a.criticality) for a in found.values() if a.name in known and a.criticality} == {
        n: a["criticality"] for n, a in known.items() if found[n].criticality
    }


def test_owners_come_from_the_service_owner_and_never_contradict_the_truth():
    known = {a["name"]: a["owner_team"] for a in truth()["applications"]}
    owned = {a.name: a.business_owner for a in rvtools_estate().applications if a.business_owner}
    assert len(owned) >= 30
    assert {n: known[n] for n in owned} == owned


def test_environments_are_proposed_from_placement_and_names():
    words = {"prod": "production", "test": "test"}
    for asset in rvtools_estate().assets:
        assert str(asset.environment) == words[true_server(asset)["environment"]]
        fact = next(f for f in asset.facts if f.field == "environment")
        assert fact.confidence < 1
        assert fact.rule.startswith("proposed_from_")


def test_the_genuine_export_has_its_nine_vms_and_seven_hosts():
    counts = small_estate().counts
    assert (counts["vms"], counts["hosts"], counts["incomplete_rows"]) == (9, 7, 1)
    assert small_estate().rejects == ()


def test_the_genuine_export_contradicts_itself_as_often_as_is_known():
    found = Counter(c.field for c in small_estate().conflicts)
    assert (found["cpu_cores"], found["memory_mib"], found["host"]) == (5, 8, 8)
    host_issue = next(i for i in small_estate().issues if i.code == "HOST_NOT_IN_VHOST")
    assert host_issue.count == 9


def test_the_stub_of_the_genuine_export_is_filled_from_the_tabs_that_know_it():
    stub = asset_named(small_estate(), "vm-9")
    assert "incomplete" in stub.concerns
    assert (stub.cpu_cores, stub.memory_mib, stub.disk_capacity_mib) == (18, 40960, 102400)
    assert stub.operating_system == "Red Hat Enterprise Linux 8 (64-bit)"


def test_disks_of_the_genuine_export_follow_the_vm_id_and_not_the_scrambled_name():
    assert asset_named(small_estate(), "vm-3").disk_capacity_mib == 524288
    assert asset_named(small_estate(), "vm-8").disk_capacity_mib == 204800
    codes = {i.code for i in small_estate().issues}
    assert {"VM_NAME_DIFFERS", "JOIN_DOUBTFUL", "MISSING_VM_ID", "MISSING_VI_SDK_UUID"} <= codes


def test_an_estate_without_application_columns_says_which_file_would_help_most():
    assert small_estate().applications == ()
    assert [h.closes for h in small_estate().next_file_hints][:3] == ["dependencies", "application", "owner"]


@cache
def flows():
    rows, rejects = read_dependencies(open_file(DATA / "netflow_summary.csv"))
    return FlowRows(tuple(map(flow_row, rows)), tuple(rejects))


def test_damaged_flow_rows_are_rejected_and_no_others():
    wanted = {r["row"] for r in truth()["rejected_rows"] if r["file"] == "netflow_summary.csv"}
    assert {r.place.row for r in flows().rejects} == wanted


@pytest.mark.parametrize(("estate", "reachable"), [(rvtools_estate, 43), (whole_estate, 47)])
def test_dependencies_between_known_applications_are_right(estate, reachable):
    names = {a.id: a.name for a in estate().applications}
    truth_names = {a["id"]: a["name"] for a in truth()["applications"]}
    wanted = {(truth_names[e["source"]], truth_names[e["target"]]): e for e in truth()["dependencies"]["edges"]}
    found = {
        (names[d.source_id], names[d.target_id]): d
        for d in resolve_dependencies(flows().rows, estate()).dependencies
        if d.source_id in names and d.target_id in names
    }
    assert set(found) <= set(wanted)
    # the others end at cloud instances or, for the VMs alone, at physical servers, which no file here lists
    assert len(found) == reachable
    for key, dependency in found.items():
        assert str(dependency.kind) == wanted[key]["kind"]
        assert dependency.port in {p["port"] for p in wanted[key]["ports"]}


@cache
def every_evidence():
    """Rows of the flow table, of the cloud's flow log, and of the CMDB's relations."""
    log = flow_rows_of(open_file(DATA / "vpc_flow_sample.log")).rows
    with (DATA / "servicenow_cmdb_rel_ci.csv").open(encoding="utf-8-sig", newline="") as lines:
        stated = [
            RelationRow(Place("servicenow_cmdb_rel_ci.csv", "csv", number), row["parent"], row["type"], row["child"])
            for number, row in enumerate(csv.DictReader(lines), 2)
        ]
    return resolve_dependencies((*flows().rows, *log, *relations_of(stated).rows), whole_estate())


def named(dependencies):
    names = {a.id: a.name for a in whole_estate().applications}
    return {(names.get(d.source_id), names.get(d.target_id)): d for d in dependencies}


def test_flows_logs_and_relations_together_give_exactly_the_dependencies_of_the_truth():
    names = {a["id"]: a["name"] for a in truth()["applications"]}
    wanted = {(names[e["source"]], names[e["target"]]): e for e in truth()["dependencies"]["edges"]}
    found = {ends: d for ends, d in named(every_evidence().dependencies).items() if None not in ends}
    assert set(found) == set(wanted)
    for ends, dependency in found.items():
        assert str(dependency.kind) == wanted[ends]["kind"]
        assert dependency.port in {p["port"] for p in wanted[ends]["ports"]}


def test_exactly_the_relations_that_nobody_uses_any_more_are_stale():
    names = {a["id"]: a["name"] for a in truth()["applications"]}
    wanted = {tuple(names[end] for end in pair) for pair in truth()["dependencies"]["only_stale_in_cmdb"]}
    stale = named(every_evidence().stale)
    assert set(stale) == wanted
    assert {d.confidence for d in stale.values()} == {0.15}
    assert min(d.confidence for d in every_evidence().dependencies) > 0.4


def test_the_circles_are_those_of_the_truth():
    names = {a.id: a.name for a in whole_estate().applications}
    truth_names = {a["id"]: a["name"] for a in truth()["applications"]}
    wanted = {frozenset(truth_names[end] for end in circle) for circle in truth()["dependencies"]["cycles_hard"]}
    assert {frozenset(names[end] for end in circle) for circle in every_evidence().circles} == wanted


def test_cloud_addresses_that_no_inventory_lists_are_taken_for_their_applications():
    names = {a.id: a.name for a in whole_estate().applications}
    placed = {one.address: names[one.application_id] for one in every_evidence().placed}
    truth_names = {a["id"]: a["name"] for a in truth()["applications"]}
    known = {s["ip"]: truth_names[s["application"]] for s in truth()["servers"] if s["kind"] == "cloud"}
    assert len(placed) == 4
    assert placed.items() <= known.items()


def test_hubs_are_found_by_their_peers():
    hubs = {h.name for h in resolve_dependencies(flows().rows, rvtools_estate()).hubs}
    assert hubs == {h["name"] for h in truth()["hubs"]}


def test_what_was_set_aside_is_counted_by_reason():
    found = {s.reason: s.rows for s in resolve_dependencies(flows().rows, whole_estate()).set_aside}
    assert found["broadcast"] == 36
    assert found["dynamic_port"] + found["reply"] == truth()["noise_rows_by_kind"]["ephemeral"]
    assert found["address_handover"] == 1
    assert found["scan"] == 789
    assert found["unresolved"] == 3


def test_addresses_that_nobody_knows_are_listed():
    found = resolve_dependencies(flows().rows, whole_estate()).unresolved
    assert sorted(found) == sorted(truth()["dependencies"]["unresolved_addresses"])
