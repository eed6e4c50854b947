"""Columns are proposed, corrected within their rules, and remembered."""

from collections.abc import Callable
from typing import Any

import pytest

from masterflow.errors import ConfigurationInvalid, EditRejected
from masterflow.flows.discovery import field_mapping
from masterflow.flows.discovery.field_mapping import EDITED, propose_all, the_columns_can_be_applied
from masterflow.flows.discovery.matches import MatchedColumn, without_rivals
from masterflow.inventory.service import InventoryService
from tests.flows.discovery.driving import DATA, Discovery, line

SERVERS = "server name,ip address,RAM,strange column\nweb01,10.0.0.1,16 GB,x\ndb01,10.0.0.2,32 GB,y\n"
NETWORKS = "vm,Network #1,Network #2\nweb01,a,b\ndb01,a,c\n"


async def test_every_column_is_shown_with_its_values_and_reason(discovery: Discovery) -> None:
    await discovery.upload("servers.csv", SERVERS)
    output = await discovery.run_until("field_mapping")
    rows = field_mapping.rows(output)
    memory = line(rows, column="RAM")
    assert (memory["file"], memory["sheet"], memory["samples"]) == ("servers.csv", "csv", "16 GB | 32 GB")
    assert (memory["field"], memory["unit"]) == ("memory_gb", "GB")
    assert memory["reason"]
    assert line(rows, column="strange column")["field"] is None
    assert output.questions == sum(row["needs_decision"] == "yes" for row in rows)
    assert [row["id"] for row in rows] == ["1.0", "1.1", "1.2", "1.3"]


async def test_a_correction_is_taken_over_and_said_to_be_a_persons(discovery: Discovery) -> None:
    await discovery.upload("servers.csv", SERVERS)
    await discovery.run_until("field_mapping")
    output = discovery.edit(
        "field_mapping", lambda rows: line(rows, column="strange column").update(field="business_owner")
    )
    columns = {column.header: column for column in output.sheets[0].columns}
    changed = columns["strange column"]
    assert (changed.field, changed.confidence, changed.reason) == ("business_owner", 1.0, EDITED)
    assert columns["RAM"].reason != EDITED


async def test_an_unedited_table_gives_the_same_output(discovery: Discovery) -> None:
    await discovery.upload("servers.csv", SERVERS)
    output = await discovery.run_until("field_mapping")
    assert discovery.edit("field_mapping", lambda rows: None) == output


async def test_a_line_that_is_missing_stays_as_proposed(discovery: Discovery) -> None:
    await discovery.upload("servers.csv", SERVERS)
    output = await discovery.run_until("field_mapping")
    assert field_mapping.apply(output, []) == output


@pytest.mark.parametrize(
    ("column", "changes", "sentence"),
    [
        (
            "RAM",
            {"field": "memroy"},
            "servers.csv, sheet csv, column RAM: there is no field 'memroy'; choose one of the list or leave it empty",
        ),
        (
            "strange column",
            {"field": "ip_address"},
            "columns ip address and strange column both mean 'ip_address'; keep it for one and leave the others empty",
        ),
        ("RAM", {"unit": "parsec"}, "column RAM: memory_gb is not measured in 'parsec'; choose one of GB, GiB, KB"),
        ("ip address", {"unit": "GB"}, "ip_address is not measured in 'GB'; leave the unit empty"),
    ],
)
async def test_a_wrong_correction_is_refused_with_its_place(
    discovery: Discovery, column: str, changes: dict[str, Any], sentence: str
) -> None:
    await discovery.upload("servers.csv", SERVERS)
    output = await discovery.run_until("field_mapping")
    with pytest.raises(EditRejected) as raised:
        discovery.edit("field_mapping", lambda rows: line(rows, column=column).update(changes))
    assert sentence in str(raised.value)
    (first, *_), others = output.sheets, output.sheets[1:]
    broken = tuple(c.model_copy(update=changes) if c.header == column else c for c in first.columns)
    edited = output.model_copy(update={"sheets": (first.model_copy(update={"columns": broken}), *others)})
    assert {problem.field for problem in the_columns_can_be_applied(edited)} <= {"field", "unit"}
    assert all(problem.rows for problem in the_columns_can_be_applied(edited))


async def test_the_columns_of_a_numbered_series_may_share_a_field(discovery: Discovery) -> None:
    await discovery.upload("servers.csv", NETWORKS)
    await discovery.run_until("field_mapping")

    def share(rows: list[Any]) -> None:
        for column in ("Network #1", "Network #2"):
            line(rows, column=column)["field"] = "network"

    fields = [column.field for column in discovery.edit("field_mapping", share).sheets[0].columns]
    assert fields[1:] == ["network", "network"]


async def test_another_field_does_not_keep_the_unit_of_the_former(discovery: Discovery) -> None:
    await discovery.upload("servers.csv", SERVERS)
    await discovery.run_until("field_mapping")
    output = discovery.edit("field_mapping", lambda rows: line(rows, column="RAM").update(field="business_owner"))
    assert next(c for c in output.sheets[0].columns if c.header == "RAM").unit is None


LAYOUT = (
    "server name,ip address,RAM,strange column,Enviroment\nweb01,10.0.0.1,16 GB,x,prod\ndb01,10.0.0.2,32 GB,y,test\n"
)


async def approve(flow: Discovery, name: str, content: str, **changes: str | None) -> field_mapping.Output:
    """What was proposed for a file, with some fields changed and approved."""
    await flow.upload(name, content)
    proposed: field_mapping.Output = await flow.run_until("field_mapping")
    for column, field in changes.items():
        flow.edit(
            "field_mapping", lambda rows, c=column, f=field: line(rows, column=c.replace("_", " ")).update(field=f)
        )
    await flow.publish("field_mapping")
    return proposed


def columns_of(output: field_mapping.Output) -> dict[str, MatchedColumn]:
    return {column.header: column for sheet in output.sheets for column in sheet.columns}


async def proposed_for(flow: Discovery, content: str, name: str = "next.csv") -> field_mapping.Output:
    await flow.upload(name, content)
    output: field_mapping.Output = await flow.run_until("field_mapping")
    return output


async def test_the_second_import_of_a_layout_asks_nothing(start: Callable[[], Discovery]) -> None:
    first = await approve(start(), "october.csv", LAYOUT, strange_column="business_owner")
    assert first.questions == 1
    second = await proposed_for(start(), LAYOUT.replace("web01", "web02"), "november.csv")
    assert second.questions == 0
    assert columns_of(second)["strange column"].field == "business_owner"
    assert columns_of(second)["Enviroment"].field == "environment"
    assert "was approved once as" in columns_of(second)["Enviroment"].reason


async def test_columns_in_another_order_and_one_more_ask_nothing_about_the_known(
    start: Callable[[], Discovery],
) -> None:
    await approve(start(), "october.csv", LAYOUT, strange_column="business_owner")
    rows = [[*line.split(",")[::-1], "Berlin"] for line in LAYOUT.replace("_", " ").splitlines()]
    rows[0][-1] = "Standort"
    output = await proposed_for(start(), "\n".join(",".join(row) for row in rows) + "\n")
    assert output.questions == 0
    assert columns_of(output)["strange column"].field == "business_owner"
    assert columns_of(output)["Standort"].field == "location"


async def test_the_second_import_of_a_whole_estate_asks_nothing(start: Callable[[], Discovery]) -> None:
    files = (
        "rvtools_minimal_synthetic.xlsx",
        "servicenow_cmdb_ci_server.csv",
        "business_context.csv",
        "utilisation.csv",
    )
    first, second = start(), start()
    for name in files:
        await first.upload(name)
        await second.upload(f"december_{name}", (DATA / name).read_bytes())
    proposed = await first.run_until("field_mapping")
    await first.publish("field_mapping")
    again = await second.run_until("field_mapping")
    assert again.questions == 0
    assert [columns_of_sheet(sheet) for sheet in again.sheets] == [columns_of_sheet(sheet) for sheet in proposed.sheets]


def columns_of_sheet(sheet: Any) -> dict[str, tuple[str | None, str | None]]:
    return {column.header: (column.field, column.unit) for column in sheet.columns}


async def test_a_similar_layout_is_asked_about_less(start: Callable[[], Discovery], discovery: Discovery) -> None:
    similar = LAYOUT.replace("RAM", "Arbeitsspeichr")
    before = (await proposed_for(discovery, similar)).questions
    await approve(start(), "october.csv", LAYOUT)
    after = (await proposed_for(start(), similar, "other.csv")).questions
    assert (before, after) == (2, 1)


async def test_what_was_overridden_later_is_no_longer_proposed(start: Callable[[], Discovery]) -> None:
    await approve(start(), "1.csv", LAYOUT, strange_column="business_owner")
    second = await approve(start(), "2.csv", LAYOUT, strange_column="technical_owner")
    assert columns_of(second)["strange column"].field == "business_owner"
    third = await approve(start(), "3.csv", LAYOUT, strange_column="business_owner")
    assert columns_of(third)["strange column"].field == "technical_owner"
    fourth = columns_of(await proposed_for(start(), LAYOUT))["strange column"]
    assert (fourth.field, fourth.needs_decision) == ("business_owner", True)


async def test_a_column_that_people_keep_as_an_attribute_stays_one(start: Callable[[], Discovery]) -> None:
    await approve(start(), "1.csv", LAYOUT, RAM=None)
    memory = columns_of(await proposed_for(start(), LAYOUT))["RAM"]
    assert (memory.field, memory.needs_decision) == (None, False)
    assert memory.reason == '"RAM" was approved once as an attribute'
    assert memory.alternatives[0].field == "memory_gb"


async def test_two_layouts_of_one_kind_do_not_teach_each_other_wrongly(start: Callable[[], Discovery]) -> None:
    applications = "Name,Business unit,Criticality\nShop,Sales,high\n"
    servers = "Name,IP,CPU,RAM GB\nweb01,10.0.0.1,4,16\n"
    flow = start()
    await flow.upload("servers.csv", servers)
    await flow.upload("applications.csv", applications)
    await flow.run_until("field_mapping")

    def both(rows: list[Any]) -> None:
        line(rows, file="servers.csv", column="Name").update(field="hostname")
        line(rows, file="applications.csv", column="Name").update(field="application_name")

    flow.edit("field_mapping", both)
    await flow.publish("field_mapping")
    assert columns_of(await proposed_for(start(), servers))["Name"].field == "hostname"
    assert columns_of(await proposed_for(start(), applications))["Name"].field == "application_name"


async def test_without_memory_nothing_is_looked_at_and_nothing_learned(start: Callable[[], Discovery]) -> None:
    silent = start()
    silent.config["options"] = {"use_memory": False}
    await approve(silent, "1.csv", LAYOUT, strange_column="business_owner")
    assert columns_of(await proposed_for(start(), LAYOUT))["strange column"].field is None
    await approve(start(), "2.csv", LAYOUT, strange_column="business_owner")
    deaf = start()
    deaf.config["options"] = {"use_memory": False}
    assert columns_of(await proposed_for(deaf, LAYOUT))["strange column"].field is None


async def test_another_tenant_is_not_told_what_was_approved(
    discovery: Discovery, database: Any, files: Any, cast: Any
) -> None:
    await approve(discovery, "1.csv", LAYOUT, strange_column="business_owner")
    outsider = Discovery(database, files, cast.outsider)
    output = await proposed_for(outsider, LAYOUT)
    assert output.questions == 1
    assert columns_of(output)["strange column"].field is None


async def test_the_gate_shows_what_else_a_column_may_mean(discovery: Discovery) -> None:
    rows = field_mapping.rows(await proposed_for(discovery, LAYOUT.replace("ip address", "Host")))
    shown = line(rows, column="Host")["alternatives"]
    assert isinstance(shown, str)
    assert " 0." in shown
    assert shown.count("|") <= 2


async def test_after_a_rejection_other_files_may_be_named(discovery: Discovery) -> None:
    await discovery.upload("servers.csv", SERVERS)
    await discovery.run_until("field_mapping")
    discovery.config["imports"], discovery.iteration = [], 2
    await discovery.upload("others.csv", SERVERS.replace("01", "02"))
    await discovery.run("field_mapping", "data_cleansing", "asset_inventory", "dependency_analysis")
    names = [a.name for a in (await discovery.inventory.assets()).assets]
    assert names == ["db02", "web02"]
    assert isinstance(discovery.inventory, InventoryService)


def test_an_importer_that_is_gone_is_named() -> None:
    with pytest.raises(ConfigurationInvalid, match="The importer 'gone', which read this file, is not installed"):
        propose_all("gone", [])


def column(header: str, field: str | None, confidence: float) -> MatchedColumn:
    return MatchedColumn(index=0, header=header, field=field, unit=None, confidence=confidence, reason="said")


def test_of_several_columns_that_would_mean_one_field_the_surest_keeps_it() -> None:
    kept, asked, other, free = without_rivals(
        [
            column("RAM", "memory_gb", 0.9),
            column("Memory", "memory_gb", 0.7),
            column("x", "name", 0.5),
            column("y", None, 1),
        ]
    )
    assert (kept.field, other.field, free.field) == ("memory_gb", "name", None)
    assert (asked.field, asked.needs_decision) == (None, True)
    assert "'RAM' is surer" in asked.reason
