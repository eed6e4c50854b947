"""Dependencies come from tables that tell who talks to whom, and from nothing else."""

from collections.abc import Callable
from typing import Any

from masterflow.flows.discovery.dependency_analysis import NOTHING_TO_READ
from masterflow.inventory.types import DependencyKind
from tests.flows.discovery.driving import Discovery, csv_of, line

SERVERS = csv_of(
    {"server name": "web01", "ip address": "10.0.0.1", "application": "Shop"},
    {"server name": "db01", "ip address": "10.0.0.2", "application": "Orders"},
    {"server name": "free01", "ip address": "10.0.0.3", "application": ""},
)


def flow(source: str, target: str, port: object = 5432, connections: object = 100_000) -> dict[str, object]:
    return {"source": source, "destination": target, "port": port, "connections": connections}


async def named(discovery: Discovery) -> list[tuple[str, str, DependencyKind, int | None]]:
    found = await discovery.inventory.dependencies()
    names = await discovery.inventory.names([end for d in found for end in (d.source_id, d.target_id)])
    return [(names[d.source_id], names[d.target_id], d.kind, d.connections) for d in found]


async def test_without_a_table_nothing_is_found_and_the_result_says_so(discovery: Discovery) -> None:
    await discovery.upload("servers.csv", SERVERS)
    output = await discovery.run()
    assert (output.dependency_count, output.dependencies, output.tables) == (0, (), ())
    assert output.note == NOTHING_TO_READ
    assert await discovery.inventory.dependencies() == ()


async def test_flows_between_servers_become_dependencies_between_applications(discovery: Discovery) -> None:
    await discovery.upload("servers.csv", SERVERS)
    await discovery.upload(
        "flows.csv",
        csv_of(
            flow("10.0.0.1", "10.0.0.2"),
            flow("10.0.0.1", "10.0.0.2", connections=50_000),
            flow("10.0.0.2", "10.0.0.3", port=445, connections=10),
            flow("10.0.0.1", "10.0.0.77"),
            flow("10.0.0.1", "10.0.0.2", port="many"),
        ),
    )
    output = await discovery.run()
    assert output.tables == ("flows.csv",)
    assert (output.rows, output.rows_rejected, output.note) == (4, 1, None)
    assert output.unresolved == ("10.0.0.77",)
    assert sum(reason.rows for reason in output.set_aside) == 1
    found = await named(discovery)
    assert ("Shop", "Orders", DependencyKind.HARD, 150_000) in found
    assert {(source, target) for source, target, _, _ in found} == {("Shop", "Orders"), ("Orders", "free01")}
    assert {(d.source, d.target) for d in output.dependencies} == {("Shop", "Orders"), ("Orders", "free01")}
    assert output.hard + output.soft == output.dependency_count == 2
    rejects = discovery.outputs["data_cleansing"].rejects
    assert [(r.file, r.row, r.column) for r in rejects] == [("flows.csv", 6, "port")]


async def test_flows_add_nothing_to_the_inventory(discovery: Discovery) -> None:
    await discovery.upload("servers.csv", SERVERS)
    await discovery.upload("flows.csv", csv_of(flow("10.0.0.1", "10.0.0.2"), flow("10.0.0.9", "10.0.0.8")))
    await discovery.run()
    assert (await discovery.inventory.summary()).servers == 3


async def test_a_corrected_column_decides_what_a_flow_means(discovery: Discovery) -> None:
    await discovery.upload("servers.csv", SERVERS)
    table = csv_of(flow("10.0.0.1", "10.0.0.2"), flow("10.0.0.3", "10.0.0.2"))
    await discovery.upload("flows.csv", table.replace("connections", "weight per day"))
    await discovery.run_until("field_mapping")

    def turn(rows: list[Any]) -> None:
        source, target = line(rows, column="source"), line(rows, column="destination")
        source["field"], target["field"] = target["field"], source["field"]
        line(rows, column="weight per day")["field"] = "connection_count"

    discovery.edit("field_mapping", turn)
    await discovery.publish("field_mapping")
    await discovery.run("data_cleansing", "asset_inventory", "dependency_analysis")
    assert {(s, t, n) for s, t, _, n in await named(discovery)} == {
        ("Orders", "Shop", 100_000),
        ("Orders", "free01", 100_000),
    }


async def test_flows_of_an_earlier_discovery_still_count(start: Callable[[], Discovery]) -> None:
    first, second = start(), start()
    await first.upload("servers.csv", SERVERS)
    await first.run()
    await second.upload("flows.csv", csv_of(flow("10.0.0.1", "10.0.0.2")))
    await second.run()
    third = start()
    await third.upload("servers.csv", SERVERS.replace("web01", "web09"))
    await third.run()
    assert [(s, t) for s, t, _, _ in await named(third)] == [("Shop", "Orders")]


async def test_the_demo_flows_become_dependencies_of_the_demo_estate(discovery: Discovery) -> None:
    await discovery.upload("rvtools_estate.xlsx")
    await discovery.upload("netflow_summary.csv")
    output = await discovery.run()
    assert (output.rows, output.rows_rejected) == (2923, 6)
    assert output.dependency_count == len(await discovery.inventory.dependencies()) > 20
    assert {reason.reason for reason in output.set_aside} >= {"scan", "housekeeping", "broadcast"}


async def test_relations_that_traffic_bears_out_stay_and_others_are_stale(discovery: Discovery) -> None:
    await discovery.upload("servers.csv", SERVERS)
    moments = {"first_seen": "2026-10-19T00:00:00Z", "last_seen": "2026-11-20T00:00:00Z"}
    rows = [flow("10.0.0.1", "10.0.0.3"), flow("10.0.0.2", "10.0.0.3"), flow("10.0.0.3", "10.0.0.2")]
    await discovery.upload("flows.csv", csv_of(*({**row, **moments} for row in rows)))
    stated = [("Shop", "Orders"), ("Orders", "free01"), ("Shop", "web01")]
    relations = [
        {"relation_parent": parent, "relation_type": "Depends on::Used by", "relation_child": child}
        for parent, child in stated
    ]
    await discovery.upload("cmdb_rel_ci.csv", csv_of(*relations))
    output = await discovery.run()
    assert set(output.tables) == {"flows.csv", "cmdb_rel_ci.csv"}
    assert {(d.source, d.target) for d in output.stale} == {("Shop", "Orders")}
    published = {(source, target) for source, target, _, _ in await named(discovery)}
    assert published == {("Shop", "free01"), ("Orders", "free01"), ("free01", "Orders")}
    (supported,) = [d for d in output.dependencies if (d.source, d.target) == ("Orders", "free01")]
    assert any(reason.startswith("stated in cmdb_rel_ci.csv") for reason in supported.evidence)


async def test_circles_and_proposals_are_shown_by_name(discovery: Discovery) -> None:
    await discovery.upload("servers.csv", SERVERS)
    rows = [flow("10.0.0.1", "10.0.0.2"), flow("10.0.0.2", "10.0.0.1"), flow("10.0.0.3", "10.0.0.1")]
    await discovery.upload("flows.csv", csv_of(*rows))
    output = await discovery.run()
    (group,) = output.move_groups
    assert group.members == ("Orders", "Shop")
    assert group.sentence == "Orders and Shop need each other in a circle of hard dependencies: they move together."
    assert output.hard == 3


async def test_a_server_without_an_application_is_proposed_one(discovery: Discovery) -> None:
    await discovery.upload("servers.csv", SERVERS)
    await discovery.upload("flows.csv", csv_of(flow("10.0.0.3", "10.0.0.1")))
    (proposal,) = (await discovery.run()).proposals
    assert (proposal.servers, proposal.application, proposal.confidence) == (("free01",), "Shop", 0.35)
    assert "it talks to web01" in proposal.reasons


async def test_an_address_that_behaves_like_a_stated_application_is_taken_for_it(discovery: Discovery) -> None:
    await discovery.upload("servers.csv", SERVERS)
    await discovery.upload("applications.csv", csv_of({"application name": "Loyalty", "criticality": "high"}))
    rows = [flow("10.0.0.1", "10.96.0.5"), flow("10.0.0.2", "10.96.0.5")]
    await discovery.upload("flows.csv", csv_of(*rows))
    relations = [
        {"relation_parent": parent, "relation_type": "Depends on::Used by", "relation_child": "Loyalty"}
        for parent in ("Shop", "Orders")
    ]
    await discovery.upload("cmdb_rel_ci.csv", csv_of(*relations))
    output = await discovery.run()
    assert [(one.address, one.application) for one in output.placed] == [("10.96.0.5", "Loyalty")]
    assert {(d.source, d.target) for d in output.dependencies} == {("Shop", "Loyalty"), ("Orders", "Loyalty")}


LOG = "".join(
    f"2 111122223333 eni-1 10.0.0.{ends} {ports} 6 17 1000 1795133304 1795133327 {action} OK\n"
    for number in range(40_000, 40_200)
    for ends, ports, action in (
        ("1 10.0.0.2", f"{number} 5432", "ACCEPT"),
        ("2 10.0.0.1", f"5432 {number}", "ACCEPT"),
        ("3 10.0.0.1", f"{number} 22", "REJECT"),
    )
)


async def test_a_flow_log_goes_through_the_mapping_without_a_question(discovery: Discovery) -> None:
    await discovery.upload("servers.csv", SERVERS)
    await discovery.upload("flow.log", LOG)
    output = await discovery.run()
    columns = [column for sheet in discovery.outputs["field_mapping"].sheets[1:] for column in sheet.columns]
    assert {(column.confidence, column.needs_decision) for column in columns} == {(1.0, False)}
    assert all(column.field for column in columns)
    assert (output.tables, output.rows, output.rows_rejected) == (("flow.log",), 400, 0)
    assert [(source, target, count) for source, target, _, count in await named(discovery)] == [("Shop", "Orders", 200)]
