"""Columns are proposed, corrected within their rules, and remembered."""

from collections.abc import Callable
from typing import Any

import pytest

from masterflow.errors import ConfigurationInvalid, EditRejected
from masterflow.flows.discovery import field_mapping
from masterflow.flows.discovery.field_mapping import EDITED, REMEMBERED, propose_all, the_columns_can_be_applied
from masterflow.flows.discovery.matches import MatchedColumn, without_rivals
from masterflow.inventory.service import InventoryService
from tests.flows.discovery.driving import Discovery, line

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
    assert [problem.field for problem in the_columns_can_be_applied(edited)] == ["sheets"]


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


async def test_a_person_is_asked_once_about_the_same_columns(start: Callable[[], Discovery]) -> None:
    first, second = start(), start()
    await first.upload("october.csv", SERVERS)
    await first.run_until("field_mapping")
    first.edit("field_mapping", lambda rows: line(rows, column="strange column").update(field="business_owner"))
    await first.publish("field_mapping")
    await second.upload("november.csv", SERVERS.replace("web01", "web02"))
    output = await second.run_until("field_mapping")
    assert output.questions == 0
    assert {column.reason for column in output.sheets[0].columns} == {REMEMBERED}
    assert output.sheets[0].columns[3].field == "business_owner"
    third = start()
    await third.upload("december.csv", SERVERS.replace("strange column", "other column"))
    assert (await third.run_until("field_mapping")).sheets[0].columns[3].field is None


async def test_another_tenant_is_not_told_what_was_approved(
    discovery: Discovery, database: Any, files: Any, cast: Any
) -> None:
    await discovery.upload("servers.csv", SERVERS)
    await discovery.run("data_import", "data_validation", "field_mapping")
    outsider = Discovery(database, files, cast.outsider)
    await outsider.upload("servers.csv", SERVERS)
    output = await outsider.run_until("field_mapping")
    assert REMEMBERED not in {column.reason for column in output.sheets[0].columns}


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
