"""Imports are kept as they were found, once, and for their tenant alone."""

from datetime import datetime
from unittest.mock import MagicMock
from uuid import uuid4

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from masterflow.db.session import Database
from masterflow.db.tables.inventory import import_rows
from masterflow.errors import InvalidInput, NotFound, Place
from masterflow.inventory.filestore import StoredFile
from masterflow.inventory.imports.cells import from_json, to_json
from masterflow.inventory.imports.packing import pack, pack_sheet, unpack_sheet
from masterflow.inventory.imports.profile import profile_of_sheet
from masterflow.inventory.imports.store import ImportStore
from masterflow.inventory.imports.types import (
    ApprovedColumn,
    ApprovedSheet,
    ColumnProfile,
    Import,
    ImportStatus,
    RejectStage,
)
from masterflow.inventory.reading import FileRead, RawRow, Reject, Sheet
from masterflow.tenancy.types import Tenant
from tests.conftest import Cast

MOMENT = datetime(2026, 11, 23, 8, 30)  # noqa: DTZ001 - a spreadsheet's moments have no zone
ROWS = (
    RawRow(2, ("web", 4096, 1.5, True, MOMENT, None)),
    RawRow(4, ("ünï, 'quoted'", -1, 0.1, False, None, "x")),
    RawRow(5, ("short",)),
)
SHEET = Sheet("vInfo", 1, ("VM", "Memory", "Load", "Template", "Created", "Note"), ROWS)
REJECT = Reject(Place("estate.xlsx", "vInfo", 3, "VM"), "no_name", "The row names no machine.", "?")
READ = FileRead("rvtools", (SHEET, Sheet("vHost", 1, ("Host",), ())), (REJECT,), {"delimiter": ","})


async def enter(database: Database, tenant: Tenant, name: str = "estate.xlsx", content: bytes = b"1") -> Import:
    async with database.transaction(tenant) as session:
        return await ImportStore(session).add(name, StoredFile(content.ljust(32, b"."), 5), uploaded_by="lead")


async def test_the_same_file_is_the_same_import(database: Database, cast: Cast) -> None:
    first = await enter(database, cast.tenant)
    assert first.status is ImportStatus.UPLOADED
    assert (await enter(database, cast.tenant)).id == first.id
    assert (await enter(database, cast.tenant, name="other.xlsx")).id != first.id
    assert (await enter(database, cast.tenant, content=b"2")).id != first.id
    assert (await enter(database, cast.outsider.tenant)).id != first.id


async def test_raw_rows_come_back_as_they_were_found(database: Database, cast: Cast) -> None:
    entered = await enter(database, cast.tenant)
    async with database.transaction(cast.tenant) as session:
        await ImportStore(session).keep_read(entered.id, pack(READ))
    async with database.transaction(cast.tenant) as session:
        store = ImportStore(session)
        found = await store.get(entered.id)
        assert tuple(map(unpack_sheet, await store.sheets(found))) == READ.sheets
        assert await store.rows(found.id, "vInfo", after=1, limit=1) == ROWS[1:2]
    assert (found.status, found.format) == (ImportStatus.READ, "rvtools")
    assert found.profile is not None
    assert [(s.name, s.rows) for s in found.profile.sheets] == [("vInfo", 3), ("vHost", 0)]
    assert found.profile.traits == (("delimiter", ","),)


async def test_keeping_a_file_again_changes_nothing(database: Database, cast: Cast) -> None:
    entered = await enter(database, cast.tenant)
    for _ in range(2):
        async with database.transaction(cast.tenant) as session:
            await ImportStore(session).keep_read(entered.id, pack(READ))
    async with database.transaction(cast.tenant) as session:
        count = await session.execute(sa.select(sa.func.count()).select_from(import_rows))
        assert count.scalar_one() == 3
        assert await ImportStore(session).rejects(await ImportStore(session).get(entered.id)) == (REJECT,)


async def test_raw_rows_cannot_be_changed_or_deleted(database: Database, cast: Cast) -> None:
    entered = await enter(database, cast.tenant)
    async with database.transaction(cast.tenant) as session:
        await ImportStore(session).keep_read(entered.id, pack(READ))
    for statement in (sa.delete(import_rows), sa.update(import_rows).values(row_number=1)):
        with pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
            async with database.transaction(cast.tenant) as session:
                await session.execute(statement)


async def test_more_rows_than_one_statement_holds_are_kept(database: Database, cast: Cast) -> None:
    entered = await enter(database, cast.tenant)
    rows = tuple(RawRow(n + 2, (n,)) for n in range(4500))
    sheet = Sheet("csv", 1, ("n",), rows)
    async with database.transaction(cast.tenant) as session:
        await ImportStore(session).keep_read(entered.id, pack(FileRead("tabular", (sheet,))))
        store = ImportStore(session)
        assert await store.rows(entered.id, "csv") == rows
        (packed,) = await store.sheets(await store.get(entered.id))
    assert unpack_sheet(packed) == sheet
    assert len(packed.chunks) == 3


async def test_an_unreadable_file_keeps_its_reason(database: Database, cast: Cast) -> None:
    entered = await enter(database, cast.tenant)
    problem = Reject(Place("estate.xlsx"), "encrypted", "The file is encrypted.")
    async with database.transaction(cast.tenant) as session:
        await ImportStore(session).mark_unreadable(entered.id, problem)
        found = await ImportStore(session).get(entered.id)
        assert await ImportStore(session).sheets(found) == ()
    assert (found.status, found.problem, found.profile) == (ImportStatus.UNREADABLE, problem, None)
    async with database.transaction(cast.tenant) as session:
        await ImportStore(session).keep_read(entered.id, pack(READ))
        assert (await ImportStore(session).get(entered.id)).problem is None


async def test_rejects_of_one_stage_replace_the_former_of_that_stage(database: Database, cast: Cast) -> None:
    entered = await enter(database, cast.tenant)
    cell = Reject(Place("estate.xlsx", "vInfo", 2, "Memory"), "not_a_number", "n/a is no number.", "n/a")
    async with database.transaction(cast.tenant) as session:
        store = ImportStore(session)
        await store.keep_rejects(entered.id, RejectStage.READING, [REJECT])
        await store.keep_rejects(entered.id, RejectStage.CLEANSING, [REJECT, cell])
        await store.keep_rejects(entered.id, RejectStage.CLEANSING, [cell])
        assert await store.rejects(entered) == (REJECT, cell)
        assert await store.rejects(entered, stage=RejectStage.CLEANSING) == (cell,)
        await store.keep_rejects(entered.id, RejectStage.CLEANSING, [])
        assert await store.rejects(entered) == (REJECT,)


async def test_of_very_many_rejects_the_first_are_kept(
    database: Database, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("masterflow.inventory.imports.store.MOST_REJECTS", 2)
    entered = await enter(database, cast.tenant)
    async with database.transaction(cast.tenant) as session:
        await ImportStore(session).keep_rejects(entered.id, RejectStage.READING, [REJECT] * 3)
        assert len(await ImportStore(session).rejects(entered)) == 2


async def test_imports_are_listed_newest_first_in_pages(database: Database, cast: Cast) -> None:
    names = [f"{n}.csv" for n in range(5)]
    for name in names:
        await enter(database, cast.tenant, name=name)
    async with database.transaction(cast.tenant) as session:
        store = ImportStore(session)
        seen, cursor = [], None
        while True:
            page = await store.page(cursor=cursor, limit=2)
            seen += [one.file_name for one in page.imports]
            cursor = page.cursor
            if cursor is None:
                break
        with pytest.raises(InvalidInput, match="no cursor of this list"):
            await store.page(cursor="x", limit=2)
    assert seen == names[::-1]


async def test_published_imports_are_those_that_nothing_replaced(database: Database, cast: Cast) -> None:
    first, second = [await enter(database, cast.tenant, name=name) for name in ("a.csv", "b.csv")]
    async with database.transaction(cast.tenant) as session:
        store = ImportStore(session)
        assert await store.published() == ()
        await store.publish([first.id, second.id], flow_id=uuid4())
        await store.replace([first.id])
        assert [one.id for one in await store.published()] == [second.id]
        await store.publish([first.id], flow_id=uuid4())
        assert [one.id for one in await store.published()] == [first.id, second.id]


async def test_an_approved_mapping_is_kept_with_its_import(database: Database, cast: Cast) -> None:
    entered = await enter(database, cast.tenant)
    mapping = (ApprovedSheet("csv", (ApprovedColumn("RAM", 0, "memory_mb", "GB"), ApprovedColumn("?", 1, None, None))),)
    async with database.transaction(cast.tenant) as session:
        store = ImportStore(session)
        await store.keep_read(entered.id, pack(READ))
        await store.keep_mapping(entered.id, mapping)
        found = await store.get(entered.id)
    assert found.mapping == mapping


async def test_raw_rows_are_found_by_their_number(database: Database, cast: Cast) -> None:
    entered = await enter(database, cast.tenant)
    async with database.transaction(cast.tenant) as session:
        store = ImportStore(session)
        await store.keep_read(entered.id, pack(READ))
        assert await store.rows_at(entered.id, "vInfo", [5, 3, 2]) == (ROWS[0], ROWS[2])


async def test_another_tenant_finds_no_import(database: Database, cast: Cast) -> None:
    entered = await enter(database, cast.tenant)
    async with database.transaction(cast.tenant) as session:
        await ImportStore(session).keep_read(entered.id, pack(READ))
    async with database.transaction(cast.outsider.tenant) as session:
        store = ImportStore(session)
        assert await store.rows(entered.id, "vInfo") == ()
        assert await store.rejects(entered) == ()
        assert (await store.page(limit=10)).imports == ()
        with pytest.raises(NotFound, match=f"There is no import {entered.id}"):
            await store.get(entered.id)


def test_a_profile_shows_a_few_different_values_shortened() -> None:
    cells = ["a", "a", None, "b" * 100, *"cdefg"]
    sheet = Sheet("csv", 1, ("x", "y"), tuple(RawRow(n, (cell,)) for n, cell in enumerate(cells, 2)))
    filled, empty = profile_of_sheet(sheet).columns
    assert filled == ColumnProfile("x", 8, ("a", "b" * 79 + "…", "c", "d", "e"))
    assert empty == ColumnProfile("y", 0)


def test_a_profile_goes_through_the_rows_once() -> None:
    rows = iter([RawRow(2, ("a", 1)), RawRow(3, (None, 2))])
    kept = MagicMock(spec=tuple, __iter__=lambda _: rows, __len__=lambda _: 2)
    assert profile_of_sheet(Sheet("csv", 1, ("x", "y"), kept)).columns == (
        ColumnProfile("x", 1, ("a",)),
        ColumnProfile("y", 2, ("1", "2")),
    )


cells = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text() | st.datetimes()


@given(st.lists(cells))
def test_cells_survive_json(row: list[object]) -> None:
    assert from_json(to_json(row)) == tuple(row)


@given(st.lists(st.lists(cells)))
def test_a_packed_sheet_comes_back_whole(rows: list[list[object]]) -> None:
    sheet = Sheet("csv", 3, ("a",), tuple(RawRow(n, tuple(row)) for n, row in enumerate(rows, 4)))
    assert unpack_sheet(pack_sheet(sheet)) == sheet
