"""From files to a published estate, measured against the right answers."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from masterflow.errors import Conflict
from masterflow.flows.discovery.flow import FLOW, Config
from masterflow.inventory.publishing.store import GATE_SOURCE
from masterflow.inventory.types import AssetType, Environment, Membership
from tests.conftest import Cast
from tests.flows.discovery.driving import DATA, Discovery, csv_of, line

TRUTH: dict[str, Any] = json.loads((DATA / "demo_estate_truth.json").read_text())
ESTATE_NAMES = {"cpu_count": "cpu_cores", "total_disk_mib": "disk_capacity_mib"}
SERVERS = csv_of(
    {"server name": "web01", "ip address": "10.0.0.1", "cpu cores": 2, "memory (MB)": 4096, "application": "Billing"},
    {"server name": "db01", "ip address": "10.0.0.2", "cpu cores": 8, "memory (MB)": 32768, "application": "Billing"},
    {"server name": "app01", "ip address": "10.0.0.3", "cpu cores": 4, "memory (MB)": 8192, "application": "Payroll"},
)


def test_the_flow_has_the_phases_of_the_catalogue() -> None:
    assert [(p.name, p.gate is not None, p.optional) for p in FLOW.phases] == [
        ("data_import", False, False),
        ("data_validation", False, False),
        ("field_mapping", True, False),
        ("data_cleansing", False, False),
        ("asset_inventory", True, False),
        ("dependency_analysis", False, True),
    ]


async def what_was_published_equals_what_was_approved(discovery: Discovery) -> None:
    output, sums = discovery.outputs["asset_inventory"], TRUTH["sums"]["vms_in_scope"]
    summary = await discovery.inventory.summary()
    assert (summary.servers, summary.servers_powered_on) == (150, 142)
    assert summary.by_type == {"hypervisor_host": 15, "virtual_machine": 150}
    assert (summary.cpu_cores, summary.memory_mib) == (sums["vcpu"], sums["memory_mib"])
    assert (summary.storage_provisioned_mib, summary.storage_used_mib) == (sums["provisioned_mib"], sums["in_use_mib"])
    assert summary.conflicts == output.conflict_count
    assert summary.applications == output.application_count
    assert summary.unassigned_servers == output.counts["unassigned_servers"]
    assert 0 < summary.completeness < 1


async def test_the_demo_workbook_gives_the_true_counts_sums_and_conflicts(discovery: Discovery) -> None:
    await discovery.upload("rvtools_estate.xlsx")
    await discovery.run()
    await what_was_published_equals_what_was_approved(discovery)
    output, counts, sums = discovery.outputs["asset_inventory"], TRUTH["counts"], TRUTH["sums"]
    same = (
        "rvtools_vinfo_rows rvtools_rows_accepted templates srm_placeholders vcls vms vms_powered_on vms_powered_off "
        "hosts clusters datacenters vcenters datastores disks snapshots vms_with_snapshots rdm_vms independent_disk_vms"
    )
    assert {name: output.counts[name] for name in same.split()} == {name: counts[name] for name in same.split()}
    sizes = ("vcpu", "memory_mib", "provisioned_mib", "in_use_mib")
    for ours, theirs in (
        ("servers", "vms_in_scope"),
        ("servers_on", "vms_powered_on"),
        ("rvtools", "all_rows_with_vm_id"),
    ):
        assert {size: output.sums[ours][size] for size in sizes} == {size: sums[theirs][size] for size in sizes}
    assert output.sums["rvtools"]["vdisk_capacity_mib"] == sums["vdisk_capacity_mib"]
    assert output.sums["rvtools"]["vpartition_consumed_mib"] == sums["vpartition_consumed_mib"]
    expected = {(c["vinfo_row"], ESTATE_NAMES.get(c["field"], c["field"])) for c in TRUTH["conflicts"]}
    assert {(value.row, c.field) for c in output.conflicts for value in c.values if value.sheet == "vInfo"} == expected
    assert output.conflict_count == len(TRUTH["conflicts"])


async def test_every_value_points_to_the_cell_it_came_from(discovery: Discovery) -> None:
    import_id = await discovery.upload("servers.csv", SERVERS)
    await discovery.run()
    asset = await discovery.server("db01")
    (memory,) = [fact for fact in asset.facts if fact.field == "memory_mib" and fact.chosen]
    assert (memory.value, memory.unit, asset.memory_mib) == ("32768", "MiB", 32768)
    source = memory.source
    assert (source.file, source.sheet, source.row, source.column) == ("servers.csv", "csv", 3, "memory (MB)")
    rows = await discovery.inventory.rows(import_id, "csv")
    (row,) = [row for row in rows if row.number == source.row]
    assert row.cells[3] == "32768"


async def test_a_real_export_of_nine_machines_is_published(discovery: Discovery) -> None:
    await discovery.upload("rvtools_v4.7_small.xlsx")
    await discovery.run()
    summary = await discovery.inventory.summary()
    assert summary.by_type == {"hypervisor_host": 7, "virtual_machine": 9}
    assert summary.conflicts == discovery.outputs["asset_inventory"].conflict_count > 0
    assert discovery.outputs["dependency_analysis"].dependency_count == 0


async def test_changing_one_cell_changes_the_estate(start: Callable[[], Discovery], cast: Cast) -> None:
    for memory, expected in (("4096", 45056), ("6144", 47104)):
        discovery = start()
        await discovery.upload("servers.csv", SERVERS.replace("4096", memory))
        await discovery.run()
        assert (await discovery.inventory.summary()).memory_mib == expected


async def test_a_newer_file_of_the_same_name_takes_the_place_of_the_older(start: Callable[[], Discovery]) -> None:
    first, second = start(), start()
    old = await first.upload("servers.csv", SERVERS)
    await first.run()
    await second.upload("servers.csv", SERVERS.replace("app01", "new01").replace("10.0.0.3", "10.0.0.9"))
    output = await second.run_until("asset_inventory")
    assert [one.import_id for one in output.replaced] == [old]
    await second.publish("asset_inventory")
    assert [a.name for a in (await second.inventory.assets()).assets] == ["db01", "new01", "web01"]
    assert output.conflict_count == 0


async def test_a_named_file_is_replaced_too(start: Callable[[], Discovery]) -> None:
    first, second = start(), start()
    old = await first.upload("october.csv", SERVERS)
    await first.run()
    await second.upload("november.csv", SERVERS.replace("4096", "6144"))
    second.config["replaces"] = [str(old)]
    assert (await second.run_until("asset_inventory")).conflict_count == 0


async def test_importing_the_same_file_again_adds_nothing(start: Callable[[], Discovery]) -> None:
    first, second = start(), start()
    await first.upload("servers.csv", SERVERS)
    await first.run()
    before = await first.inventory.summary(), (await first.inventory.assets()).assets
    assert await second.upload("servers.csv", SERVERS) == first.outputs["asset_inventory"].built_from[0].import_id
    await second.run()
    assert (await second.inventory.summary(), (await second.inventory.assets()).assets) == before


async def test_a_second_file_adds_to_the_estate_and_machines_keep_their_ids(start: Callable[[], Discovery]) -> None:
    first, second = start(), start()
    await first.upload("servers.csv", SERVERS)
    await first.run()
    web = await first.server("web01")
    await second.upload(
        "cmdb.csv",
        csv_of(
            {"server name": "web01", "ip address": "10.0.0.1", "serial number": "CZ12345678", "owned by": "Ann"},
            {"server name": "new01", "ip address": "10.0.0.8", "serial number": "CZ12345679", "owned by": "Bob"},
        ),
    )
    output = await second.run_until("asset_inventory")
    await second.publish("asset_inventory")
    assert sorted(one.file for one in output.built_from) == ["cmdb.csv", "servers.csv"]
    assert output.merged == 1
    again = await second.server("web01")
    assert (again.id, again.memory_mib, again.business_owner) == (web.id, 4096, "Ann")
    assert {fact.source.file for fact in again.facts} == {"servers.csv", "cmdb.csv"}
    assert (await second.inventory.summary()).servers == 4


async def test_an_approval_that_comes_too_late_is_refused_and_built_anew(start: Callable[[], Discovery]) -> None:
    slow, quick = start(), start()
    await slow.upload("servers.csv", SERVERS)
    await slow.run_until("asset_inventory")
    await quick.upload("others.csv", SERVERS.replace("01", "02").replace("10.0.0", "10.0.1"))
    await quick.run()
    with pytest.raises(Conflict, match=r"before others\.csv was published"):
        await slow.publish("asset_inventory")
    slow.iteration = 2  # a rejection leads back to the mapping
    await slow.run("field_mapping", "data_cleansing", "asset_inventory")
    assert (await slow.inventory.summary()).servers == 6


async def test_a_corrected_membership_reaches_the_published_rows(discovery: Discovery) -> None:
    await discovery.upload("servers.csv", SERVERS)
    await discovery.run_until("asset_inventory")

    def correct(rows: list[Any]) -> None:
        line(rows, server="app01")["applications"] = "billing; Ledger"
        line(rows, server="web01")["applications"] = None
        line(rows, server="db01")["environment"] = "production"

    discovery.edit("asset_inventory", correct)
    await discovery.publish("asset_inventory")
    found = {a.name: a for a in (await discovery.inventory.applications()).applications}
    app, db, web = [await discovery.server(name) for name in ("app01", "db01", "web01")]
    assert found["Ledger"].asset_ids == (app.id,)
    assert set(found["Billing"].asset_ids) == {app.id, db.id}
    assert found["Payroll"].asset_ids == ()
    assert (await discovery.inventory.summary()).unassigned_servers == 1
    assert db.environment is Environment.PRODUCTION
    assert (web.environment, app.environment) == (None, None)
    assert [f.source.file for f in db.facts if f.field == "environment" and f.chosen] == [GATE_SOURCE]


async def test_a_correction_outlives_the_next_discovery(start: Callable[[], Discovery]) -> None:
    first, second, third = start(), start(), start()
    await first.upload("servers.csv", SERVERS)
    await first.run_until("asset_inventory")

    def correct(rows: list[Any]) -> None:
        line(rows, server="app01")["applications"] = "Ledger"
        line(rows, server="db01")["keep"] = "no"

    first.edit("asset_inventory", correct)
    await first.publish("asset_inventory")
    await second.upload("servers.csv", SERVERS.replace("4096", "6144"))
    output = await second.run_until("asset_inventory")
    await second.publish("asset_inventory")
    members = {member.name: member for member in output.members}
    assert (members["app01"].applications, members["app01"].membership) == (("Ledger",), Membership.STATED)
    assert not members["db01"].keep
    assert [a.name for a in (await second.inventory.assets()).assets] == ["app01", "web01"]
    names = [a.name for a in (await second.inventory.applications()).applications]
    assert names == ["Billing", "Ledger", "Payroll"]
    await third.upload("servers.csv", SERVERS)
    await third.run_until("asset_inventory")
    third.edit("asset_inventory", lambda rows: line(rows, server="db01").update(keep="yes"))
    await third.publish("asset_inventory")
    assert [a.name for a in (await third.inventory.assets()).assets] == ["app01", "db01", "web01"]


async def test_an_edited_column_changes_what_is_built(discovery: Discovery) -> None:
    await discovery.upload("servers.csv", SERVERS)
    await discovery.run_until("field_mapping")

    def correct(rows: list[Any]) -> None:
        line(rows, column="memory (MB)")["unit"] = "GB"
        line(rows, column="application")["field"] = None

    discovery.edit("field_mapping", correct)
    await discovery.publish("field_mapping")
    await discovery.run("data_cleansing", "asset_inventory")
    web = await discovery.server("web01")
    assert web.memory_mib == 4096 * 1024
    assert web.attributes["application"] == "Billing"
    assert "Billing" not in [a.name for a in (await discovery.inventory.applications()).applications]


async def test_options_and_targets_reach_the_result(discovery: Discovery) -> None:
    discovery.config |= {
        "options": {"include_templates": True, "include_vcls": True},
        "targets": {"shares": {"operating_system": 0.9, "utilisation": 0.5}},
    }
    await discovery.upload("rvtools_estate.xlsx")
    output = await discovery.run_until("asset_inventory")
    assert output.counts["vms"] == 150 + 4 + 3
    assert output.excluded == {"srm_placeholder": 3}
    assert [(t.name, t.wanted, t.known) for t in output.missed_targets] == [("utilisation", 0.5, 0.0)]
    assert 0 < output.quality < 1
    assert output.next_files[0].closes == "dependencies"


@pytest.mark.parametrize(
    "targets", [{"shares": {"colour": 0.5}}, {"shares": {"environment": 1.5}}], ids=["unknown name", "no share"]
)
def test_targets_that_cannot_be_met_are_refused(targets: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="targets"):
        Config(targets=targets)


async def test_hosts_are_published_but_not_asked_about(discovery: Discovery) -> None:
    await discovery.upload("rvtools_v4.7_small.xlsx")
    output = await discovery.run_until("asset_inventory")
    assert len(output.members) == 9
    await discovery.publish("asset_inventory")
    types = [a.asset_type for a in (await discovery.inventory.assets()).assets]
    assert types.count(AssetType.HYPERVISOR_HOST) == 7


async def test_an_outsider_sees_nothing_of_a_discovery(
    discovery: Discovery, database: Any, files: Any, cast: Cast
) -> None:
    import_id = await discovery.upload("servers.csv", SERVERS)
    await discovery.run()
    outsider = Discovery(database, files, cast.outsider)
    assert (await outsider.inventory.summary()).assets == 0
    outsider.config["imports"] = [str(import_id)]
    with pytest.raises(Exception, match=f"There is no import {import_id}"):
        await outsider.run("data_import")
