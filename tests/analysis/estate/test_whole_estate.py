"""The made-up estate from all of its files together, against its right answers.

RVTools, CMDB servers, applications and relations, Azure Migrate and Application Discovery imports, utilisation,
business context and flows; the truth names every source row that is one machine.
"""

import json
from collections import Counter, defaultdict
from dataclasses import replace
from functools import cache
from itertools import combinations

import pytest

from masterflow.analysis.estate.build import build_estate
from masterflow.analysis.estate.dependencies import resolve_dependencies
from masterflow.analysis.estate.idle import Activity, idle_servers
from masterflow.flows.discovery.flow_rows import flow_row
from masterflow.inventory.importers.catalog import open_file
from masterflow.inventory.importers.dependency_csv import read_dependencies
from masterflow.inventory.types import RETIRED, counts_as_server
from tests.analysis.estate.sheets import DATA, table
from tests.analysis.estate.truth import NAMESPACE, all_sheets, truth

RELATION_FIELDS = {"parent": "relation_parent", "type": "relation_type", "child": "relation_child"}
MEASUREMENT_FIELDS = {
    "server": "hostname",
    "metric": "metric_name",
    "p50": "metric_p50",
    "p95": "metric_p95",
    "max": "metric_maximum",
    "samples": "sample_count",
    "window_days": "observed_days",
}
CONTEXT_FIELDS = {
    "application": "application_name",
    "business_criticality": "criticality",
    "owner_team": "business_owner",
}
CONFLICT_FIELDS = {
    "cpu_count": "cpu_cores",
    "total_disk_mib": "disk_capacity_mib",
    "ip_address": "ip_addresses",
    "owner_team": "business_owner",
}
LISTING = {"vInfo", "csv"}  # sheets whose rows the truth numbers
UNSIZED = ("azure_migrate_import.csv", 12)  # rejected by the reader of that template, which alone requires sizes


def every_sheet():
    sheets = all_sheets()
    sheets.append(table("servicenow_cmdb_rel_ci.csv", RELATION_FIELDS, kind="servicenow_relations"))
    sheets.append(table("utilisation.csv", MEASUREMENT_FIELDS, kind="utilisation"))
    sheets.append(table("business_context.csv", CONTEXT_FIELDS))
    return [without_row(s, UNSIZED[1]) if s.file == UNSIZED[0] else s for s in sheets]


def without_row(sheet, number):
    rows = tuple(row for row in sheet.sheet.rows if row.number != number)
    return replace(sheet, sheet=replace(sheet.sheet, rows=rows))


@cache
def estate():
    return build_estate(every_sheet(), namespace=NAMESPACE)


@cache
def owners():
    """Which server of the truth a source row is."""
    return {(r["file"], r["row"]): s["id"] for s in truth()["servers"] for r in s["records"]}


@cache
def rows_of_assets():
    found = defaultdict(set)
    for asset in estate().assets:
        for fact in asset.facts:
            row = (fact.source.file, fact.source.row)
            if fact.source.sheet in LISTING and row in owners():
                found[asset.id].add(row)
    return found


@cache
def server_of():
    """The server of the truth that each asset is."""
    return {asset_id: next(iter({owners()[r] for r in rows})) for asset_id, rows in rows_of_assets().items()}


def pairs(groups):
    return {frozenset(pair) for group in groups for pair in combinations(sorted(group), 2)}


def test_identity_is_right_for_every_record_of_every_file():
    by_server = defaultdict(set)
    for row, server in owners().items():
        by_server[server].add(row)
    found, wanted = pairs(rows_of_assets().values()), pairs(by_server.values())
    right = len(found & wanted)
    f1 = 2 * right / (len(found) + len(wanted))
    assert f1 >= 0.98
    assert set(owners()) <= {row for rows in rows_of_assets().values() for row in rows}


def test_the_living_servers_are_counted_right():
    living = [a for a in estate().assets if counts_as_server(a)]
    assert len(living) == truth()["counts"]["distinct_servers_live"]
    assert {server_of()[a.id] for a in living} == {s["id"] for s in truth()["servers"] if s["kind"] != "cloud"}


def test_the_bill_adds_the_instances_that_moved_earlier_with_their_applications():
    bill = table("focus_bill_cut.csv", {"ResourceId": "external_id", "ResourceName": "hostname"})
    found = build_estate([*every_sheet(), bill], namespace=NAMESPACE)
    living = [a for a in found.assets if counts_as_server(a)]
    assert len(living) == truth()["counts"]["distinct_servers_with_cloud"]
    names = {a["id"]: a["name"] for a in truth()["applications"]}
    wanted = {(s["name"], names[s["application"]]) for s in truth()["servers"] if s["kind"] == "cloud"}
    billed = {a.id: a.name for a in living if any(f.source.file == bill.file for f in a.facts)}
    assert {(billed[i], a.name) for a in found.applications for i in a.asset_ids if i in billed} == wanted
    assert found.rejects == estate().rejects


def test_machines_that_only_the_cmdb_remembers_are_retired_even_if_it_calls_them_operational():
    retired = {a.name.casefold() for a in estate().assets if RETIRED in a.concerns}
    assert retired == {r["name"] for r in truth()["retired_records"]}
    issue = next(i for i in estate().issues if i.code == "LIKELY_RETIRED")
    assert issue.count == sum(r["still_marked_operational"] for r in truth()["retired_records"])


def test_hosts_are_the_hosts_of_the_truth():
    assert {a.name for a in estate().hosts} == {h["name"] for h in truth()["hosts"]}
    on_host = Counter(a.host for a in estate().assets if a.host)
    total = {h["name"]: h["vms_total"] for h in truth()["hosts"]}
    assert all(on_host[name] <= count for name, count in total.items())
    assert sum(total.values()) - on_host.total() == len(truth()["excluded_vinfo_rows"])


def test_every_server_belongs_to_its_application_and_to_no_other():
    names = {a["id"]: a["name"] for a in truth()["applications"]}
    application_of = {s["id"]: names[s["application"]] for s in truth()["servers"]}
    found = defaultdict(set)
    for application in estate().applications:
        for asset_id in application.asset_ids:
            if asset_id in server_of():
                found[server_of()[asset_id]].add(application.name)
    on_premises = {s["id"] for s in truth()["servers"] if s["kind"] != "cloud"}
    assert found == {server: {application_of[server]} for server in on_premises}


def test_the_applications_are_those_of_the_truth_with_shared_services_told_apart():
    known = {a["name"]: a for a in truth()["applications"]}
    found = {a.name: a for a in estate().applications}
    assert set(found) == set(known) | set(truth()["retired_applications_only_in_cmdb"])
    shared = {name for name, a in found.items() if a.shared_service}
    assert shared == {name for name, a in known.items() if a["kind"] == "shared_service"}
    criticality = {name: str(a.criticality) for name, a in found.items() if name in known and a.criticality}
    assert criticality.items() <= {name: a["criticality"] for name, a in known.items()}.items()
    assert len(criticality) == len(known) - 1  # no file says it of one of them
    for name, application in known.items():
        assert set(application["aliases"]) & set(found[name].variants), name


def test_relations_state_memberships_and_hosts_with_their_row():
    facts = [f for a in estate().assets for f in a.facts if f.source.file == "servicenow_cmdb_rel_ci.csv"]
    assert Counter(f.field for f in facts) == {"application": 109, "host": 66}
    assert {f.rule for f in facts} == {"relation_runs_on", "relation_hosted_on"}
    names = {a["name"] for a in truth()["applications"]}
    gateway = next(a for a in estate().assets if a.fqdn == "gateway01.northwind.example")
    stated = {a.name for a in estate().applications if gateway.id in set(a.asset_ids) - set(a.proposed_asset_ids)}
    assert stated <= names
    assert len(stated) == 1


def test_exactly_the_contradictions_of_the_truth_are_conflicts():
    found = Counter((server_of().get(c.asset_id, c.asset_name), c.field) for c in estate().conflicts)
    wanted = Counter(
        (c["asset"] if c["asset"].startswith("srv") else c["name"], CONFLICT_FIELDS.get(c["field"], c["field"]))
        for c in truth()["conflicts"]
    )
    assert found == wanted


def test_the_preferred_value_is_that_of_the_truth_and_people_are_asked_where_they_must():
    found = {(server_of().get(c.asset_id, c.asset_name), c.field): c for c in estate().conflicts}
    for conflict in truth()["conflicts"]:
        field = CONFLICT_FIELDS.get(conflict["field"], conflict["field"])
        key = (conflict["asset"] if conflict["asset"].startswith("srv") else conflict["name"], field)
        assert found[key].needs_review is conflict.get("review", False), key
        expected = next(
            (v for k, v in conflict["values"].items() if conflict["expected"].casefold() in k.casefold()), None
        )
        if field not in ("lifecycle", "environment") and expected is not None:
            assert found[key].preferred == str(expected), key
    lifecycles = [c for c in estate().conflicts if c.field == "lifecycle"]
    assert {c.preferred for c in lifecycles} == {"in_use"}
    assert {c.preferred for c in estate().conflicts if c.field == "environment"} == {"production"}


def test_exactly_the_rows_and_cells_of_the_truth_are_rejected():
    files = {s.file for s in every_sheet()}
    rows = {(r.place.file, r.place.row) for r in estate().rejects if not r.code.startswith("cell.")}
    assert rows == {(r["file"], r["row"]) for r in truth()["rejected_rows"] if r["file"] in files} - {UNSIZED}
    cells = {(r.place.file, r.place.row, r.place.column) for r in estate().rejects if r.code.startswith("cell.")}
    assert cells == {(r["file"], r["row"], r["column"]) for r in truth()["rejected_values"]}


def test_what_is_in_no_inventory_is_rejected_by_name():
    found = {r.value: r.code for r in estate().rejects if r.code in ("row.unknown_end", "row.unknown_machine")}
    assert found == {"unknown-server-77": "row.unknown_end", "host-not-known-1": "row.unknown_machine"}


def test_utilisation_is_on_the_machine_with_unit_and_row():
    unseen = set(truth()["idle"]["no_utilisation"]) | set(truth()["idle"]["powered_off"])
    vms = {s["id"] for s in truth()["servers"] if s["kind"] == "vm"}
    measured = {server_of()[a.id] for a in estate().assets if a.cpu_p95_pct is not None}
    assert measured & vms == vms - unseen
    asset = next(a for a in estate().assets if server_of().get(a.id) == "srv-0075")
    fact = next(f for f in asset.facts if f.field == "cpu_p95_pct" and f.chosen)
    assert (fact.value, fact.unit, fact.rule, fact.source.file) == ("0.8", "percent", "measured_p95", "utilisation.csv")
    assert {"memory_p95_pct", "disk_p95_iops", "network_p95_mbps"} <= {f.field for f in asset.facts}


@cache
def judged():
    rows, _ = read_dependencies(open_file(DATA / "netflow_summary.csv"))
    flows = tuple(map(flow_row, rows))
    assets = (*estate().assets, *estate().hosts)
    found = idle_servers(assets, flows, resolve_dependencies(flows, estate()))
    return {server_of()[one.asset_id]: one for one in found}


def test_idle_servers_are_exactly_those_of_the_truth():
    assert {s for s, one in judged().items() if one.idle} == {s["server"] for s in truth()["idle"]["servers"]}


@pytest.mark.parametrize("number", range(4))
def test_servers_that_only_look_idle_are_in_use_with_the_reason(number):
    alike = truth()["idle"]["not_idle"][number]
    found = judged()[alike["server"]]
    assert found.idle is False
    assert ("reaches 97" in found.reason) is ("97" in alike["why"])
    assert ("connect to it" in found.reason) is ("connections" in alike["why"])


def test_servers_that_nobody_observed_are_unknown_and_stopped_ones_stand_apart():
    assert all(judged()[s].idle is None for s in truth()["idle"]["unknown_no_observation"])
    stopped = {s for s, one in judged().items() if one.activity is Activity.POWERED_OFF}
    assert stopped == set(truth()["idle"]["powered_off"])


def test_the_order_of_the_files_and_rows_changes_nothing():
    turned = [replace(s, sheet=replace(s.sheet, rows=s.sheet.rows[::-1])) for s in every_sheet()[::-1]]
    other = build_estate(turned, namespace=NAMESPACE)
    shown = [
        json.dumps([str(a.id), a.name, a.ip_addresses, str(a.cpu_p95_pct), a.host, a.concerns]) for a in other.assets
    ]
    assert shown == [
        json.dumps([str(a.id), a.name, a.ip_addresses, str(a.cpu_p95_pct), a.host, a.concerns]) for a in estate().assets
    ]
    assert [(a.name, a.asset_ids) for a in other.applications] == [(a.name, a.asset_ids) for a in estate().applications]
