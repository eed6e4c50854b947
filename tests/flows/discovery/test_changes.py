"""What a new estate changes of the published one, before anybody approves it."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import orjson
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from masterflow.db.session import Database
from masterflow.db.tables.inventory import import_rows, imports, staged_chunks
from masterflow.errors import FileRejected, InputMissing, NotAllowed
from masterflow.flows.discovery.changes import MOST_LINES, Before, Changes, changes_of
from masterflow.flows.discovery.members import Member
from masterflow.flows.discovery.preview import previewed_changes
from masterflow.inventory.estate_rows import ASSET_COLUMNS, asset_row
from masterflow.inventory.types import IDLE, Application, Asset, Environment
from masterflow.tenancy.types import Principal
from tests.conftest import Cast
from tests.flows.discovery.driving import DATA, Discovery, csv_of
from tests.inventory.estates import application, server

MOST_BYTES = 2_000_000
WEB, DB = server("web"), server("db")
SERVERS = csv_of(
    {"server name": "web01", "ip address": "10.0.0.1", "cpu cores": 2, "memory (MB)": 4096, "application": "Billing"},
    {"server name": "db01", "ip address": "10.0.0.2", "cpu cores": 8, "memory (MB)": 32768, "application": "Billing"},
)


def published(*assets: Asset, applications: tuple[Application, ...] = ()) -> Before:
    """As the store would hand out these assets, one a text."""
    rows = [asset_row(asset, completeness=None) for asset in assets]
    texts = tuple(orjson.dumps([[row[name] for name in ASSET_COLUMNS]]).decode() for row in rows)
    return Before(texts, applications)


def told(changes: Changes) -> tuple[int, int, int, int]:
    return changes.added, changes.changed, changes.gone, changes.unchanged


def test_the_same_estate_changes_nothing() -> None:
    same = changes_of(published(WEB, DB), (DB, WEB), ())
    assert told(same) == (0, 0, 0, 2)
    assert same.told == "Nothing changes: the published estate has the same 2 assets with the same values."
    assert (same.by_field, same.values, same.added_names, same.gone_names) == ({}, (), (), ())


def test_a_first_estate_is_all_new() -> None:
    first = changes_of(Before(), (WEB, DB), ())
    assert told(first) == (2, 0, 0, 0)
    assert first.told == "Nothing is published yet: all 2 assets are new."
    assert first.added_names == ("db", "web")


def test_every_changed_field_is_named_with_both_values() -> None:
    after = replace(
        WEB,
        memory_mib=8192,
        ip_addresses=("10.0.0.1", "10.0.0.9"),
        environment=Environment.TEST,
        virtual=None,
        attributes={"Rack": "7"},
        cpu_p95_pct=Decimal("12.5"),
    )
    found = changes_of(published(WEB, DB), (after, server("new")), ())
    assert told(found) == (1, 1, 1, 0)
    assert found.told == "Against the published estate: 1 added, 1 changed, 1 gone, 0 unchanged."
    assert (found.added_names, found.gone_names) == (("new",), ("db",))
    assert {(v.field, v.old, v.new) for v in found.values} == {
        ("memory_mib", "4096", "8192"),
        ("ip_addresses", "10.0.0.1; fe80::1", "10.0.0.1; 10.0.0.9"),
        ("environment", None, "test"),
        ("virtual", "yes", None),
        ("attributes.Owner ", "somebody", None),
        ("attributes.Rack", None, "7"),
    }
    assert found.by_field["memory_mib"] == 1


def test_what_people_set_at_an_earlier_gate_counts_as_they_set_it() -> None:
    applications = (application("Billing", WEB),)
    before = published(replace(WEB, environment=Environment.TEST), DB, applications=applications)
    kept = Member(asset_id=WEB.id, name="web", applications=("billing",), environment=Environment.TEST)
    out = Member(asset_id=DB.id, name="db", keep=False)
    assert told(changes_of(before, (WEB, DB), (kept, out))) == (0, 0, 1, 1)
    moved = kept.model_copy(update={"applications": ("Ledger", "Alpha")})
    (line,) = changes_of(before, (WEB, DB), (moved, out)).values
    assert (line.field, line.old, line.new) == ("applications", "Billing", "Alpha; Ledger")


@given(st.sets(st.integers(0, 300)), st.sets(st.integers(0, 300)), st.sets(st.integers(0, 300)))
def test_every_asset_is_counted_once_and_the_lists_are_bounded(old: set[int], new: set[int], larger: set[int]) -> None:
    names = {n: f"server-{n:03}" for n in old | new}
    before = [Asset(id=server(name).id, name=name, asset_type=WEB.asset_type) for n, name in names.items() if n in old]
    after = [
        Asset(id=server(name).id, name=name, asset_type=WEB.asset_type, cpu_cores=4 if n in larger else None)
        for n, name in names.items()
        if n in new
    ]
    found = changes_of(published(*before), after, ())
    assert told(found) == (len(new - old), len(old & new & larger), len(old - new), len(old & new - larger))
    assert found.by_field == ({"cpu_cores": len(old & new & larger)} if old & new & larger else {})
    assert [v.asset for v in found.values] == sorted(names[n] for n in old & new & larger)[:MOST_LINES]
    assert found.added_names == tuple(sorted(names[n] for n in new - old)[:MOST_LINES])


async def test_the_same_real_files_again_change_nothing(start: Callable[[], Discovery]) -> None:
    names = ("rvtools_estate.xlsx", "servicenow_cmdb_ci_server.csv", "utilisation.csv", "netflow_summary.csv")
    first, second = start(), start()
    for name in names:
        await first.upload(name)
        await second.upload(name)
    await first.run()
    assert first.outputs["asset_inventory"].changes.added == (await first.inventory.summary()).assets
    idle = [a.name for a in (await first.inventory.assets(limit=500)).assets if IDLE in a.concerns]
    assert idle
    output = await second.run_until("asset_inventory")
    assert told(output.changes) == (0, 0, 0, output.changes.unchanged)
    assert output.changes.unchanged == (await first.inventory.summary()).assets > 150


async def test_a_newer_file_shows_what_it_changes_before_it_is_approved(start: Callable[[], Discovery]) -> None:
    first, second = start(), start()
    await first.upload("servers.csv", SERVERS)
    await first.run()
    newer = SERVERS.replace("4096", "6144").replace("db01", "db02").replace("10.0.0.2", "10.0.0.7")
    await second.upload("servers.csv", newer)
    changes = (await second.run_until("asset_inventory")).changes
    assert told(changes) == (1, 1, 1, 0)
    assert (changes.added_names, changes.gone_names) == (("db02",), ("db01",))
    assert [(v.asset, v.field, v.old, v.new) for v in changes.values] == [("web01", "memory_mib", "4096", "6144")]
    assert [a.name for a in (await second.inventory.assets()).assets] == ["db01", "web01"]


async def rows_of(database: Database, person: Principal) -> list[int]:
    async with database.transaction(person.tenant) as session:
        return [
            (await session.execute(sa.select(sa.func.count()).select_from(table))).scalar_one()
            for table in (imports, import_rows, staged_chunks)
        ]


def files_in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


async def test_a_preview_leaves_nothing_behind(
    discovery: Discovery, database: Database, cast: Cast, tmp_path: Path
) -> None:
    await discovery.upload("servers.csv", SERVERS)
    await discovery.run()
    before = await rows_of(database, cast.lead), (await discovery.inventory.assets()).assets
    kept = files_in(tmp_path)
    file = tmp_path / "new" / "servers.csv"
    file.parent.mkdir()
    file.write_text(SERVERS.replace("4096", "6144"))
    changes = await previewed_changes(database, cast.lead, [file], max_bytes=MOST_BYTES)
    assert told(changes) == (0, 1, 0, 1)
    assert (await rows_of(database, cast.lead), (await discovery.inventory.assets()).assets) == before
    assert files_in(tmp_path) == sorted([*kept, file])
    theirs = await previewed_changes(database, cast.outsider, [file], max_bytes=MOST_BYTES)
    assert told(theirs) == (2, 0, 0, 0)


async def test_a_preview_of_the_real_files_that_were_imported_changes_nothing(
    discovery: Discovery, database: Database, cast: Cast
) -> None:
    await discovery.upload("rvtools_v4.7_small.xlsx")
    await discovery.run()
    changes = await previewed_changes(database, cast.lead, [DATA / "rvtools_v4.7_small.xlsx"], max_bytes=MOST_BYTES)
    assert told(changes) == (0, 0, 0, 16)


async def test_a_preview_refuses_what_an_import_refuses(database: Database, cast: Cast, tmp_path: Path) -> None:
    file = tmp_path / "servers.csv"
    file.write_text(SERVERS)
    with pytest.raises(NotAllowed):
        await previewed_changes(database, cast.approver, [file], max_bytes=MOST_BYTES)
    with pytest.raises(FileRejected):
        await previewed_changes(database, cast.lead, [file], max_bytes=10)
    with pytest.raises(InputMissing):
        await previewed_changes(database, cast.lead, [DATA / "encrypted_clash.xlsx"], max_bytes=MOST_BYTES)
    assert await rows_of(database, cast.lead) == [0, 0, 0]
