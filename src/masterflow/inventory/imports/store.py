"""Where imports are kept: the file's row, its raw rows, its rejects."""

from collections.abc import Container, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from pydantic import TypeAdapter
from sqlalchemy import RowMapping
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, aggregate_order_by
from sqlalchemy.dialects.postgresql import insert as pg_insert

from masterflow.db.bulk import JsonRow, insert_rows
from masterflow.db.keyset import LONGEST_PAGE, clean_limit, read_cursor, write_cursor
from masterflow.db.session import Session
from masterflow.db.tables.inventory import import_rejects, import_rows, imports
from masterflow.errors import NotFound, Place
from masterflow.inventory.estate_rows import plain_uuid
from masterflow.inventory.filestore import StoredFile
from masterflow.inventory.imports.cells import from_json
from masterflow.inventory.imports.packing import ROWS_A_CHUNK, PackedRead, PackedSheet
from masterflow.inventory.imports.types import (
    ApprovedSheet,
    FileProfile,
    Import,
    ImportPage,
    ImportStatus,
    RejectStage,
    SheetProfile,
)
from masterflow.inventory.reading import RawRow, Reject
from masterflow.inventory.types import ImportId

REJECTS_A_STATEMENT = 2000
MOST_REJECTS = 100_000  # a file in which more rows are bad than this is told so by its count

_PROFILE = TypeAdapter(FileProfile)
_MAPPING = TypeAdapter(tuple[ApprovedSheet, ...])


class ImportStore:
    """The imports of one engagement in one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def add(self, file_name: str, stored: StoredFile, *, uploaded_by: str) -> Import:
        """Enter a file; the same content under the same name is the same import."""
        insert = pg_insert(imports).values(
            **self._session.stamp(imports),
            file_name=file_name,
            size_bytes=stored.size_bytes,
            sha256=stored.sha256,
            status=ImportStatus.UPLOADED,
            uploaded_by=uploaded_by,
        )
        await self._session.execute(insert.on_conflict_do_nothing())
        same = (imports.c.sha256 == stored.sha256) & (imports.c.file_name == file_name)
        return _import((await self._session.execute(self._select().where(same))).mappings().one())

    async def get(self, import_id: UUID) -> Import:
        """One import.

        Raises:
            NotFound: the engagement has none with this id.
        """
        row = (await self._session.execute(self._select().where(imports.c.id == import_id))).mappings().one_or_none()
        if row is None:
            raise NotFound(f"There is no import {import_id}.", hint="List the imports, or upload the file again.")
        return _import(row)

    async def page(self, *, cursor: str | None = None, limit: int) -> ImportPage:
        """Imports, newest first.

        Raises:
            InvalidInput: the cursor is none of this list, or the limit is not 1 to 1,000.
        """
        query = self._select().order_by(imports.c.created_at.desc(), imports.c.id.desc())
        if cursor is not None:
            last = read_cursor(cursor)
            query = query.where(sa.tuple_(imports.c.created_at, imports.c.id) < sa.tuple_(*map(sa.literal, last)))
        found = [
            _import(row)
            for row in (await self._session.execute(query.limit(clean_limit(limit, LONGEST_PAGE) + 1))).mappings()
        ]
        page = tuple(found[:limit])
        more = len(found) > limit
        return ImportPage(page, write_cursor(page[-1].created_at, page[-1].id) if more else None)

    async def published(self) -> tuple[Import, ...]:
        """The imports that the estate is built from, oldest first."""
        stands = imports.c.published_at.is_not(None) & imports.c.replaced_at.is_(None)
        query = self._select().where(stands).order_by(imports.c.created_at, imports.c.id)
        return tuple(_import(row) for row in (await self._session.execute(query)).mappings())

    async def keep_read(self, import_id: ImportId, read: PackedRead) -> None:
        """Keep all that was read of a file: raw rows, rejects, profile. Keeping it again changes nothing."""
        for sheet in read.sheets:
            for number, chunk in enumerate(sheet.chunks):
                await self._keep_rows(import_id, sheet.name, first=number * ROWS_A_CHUNK, chunk=chunk)
        await self.keep_rejects(import_id, RejectStage.READING, read.rejects)
        await self._set(
            import_id,
            status=ImportStatus.READ,
            format=read.format,
            profile=_PROFILE.dump_python(read.profile, mode="json"),
            problem=None,
            read_at=sa.func.now(),
        )

    async def mark_unreadable(self, import_id: ImportId, problem: Reject) -> None:
        """Note why nothing at all could be read of a file."""
        await self._set(import_id, status=ImportStatus.UNREADABLE, problem=_reject_row(problem))

    async def sheets(
        self, of: Import, *, names: Container[str] | None = None, most_rows: int | None = None
    ) -> tuple[PackedSheet, ...]:
        """What was read of a file, as it was found.

        `names` limits it to some sheets, `most_rows` to the first chunks of each that hold so many rows.
        """
        found = [sheet for sheet in (of.profile.sheets if of.profile else ()) if names is None or sheet.name in names]
        return tuple([await self._packed(of.id, s, rows=min(s.rows, most_rows or s.rows)) for s in found])

    async def rows(
        self, import_id: UUID, sheet: str, *, after: int = 0, limit: int | None = None
    ) -> tuple[RawRow, ...]:
        """Raw rows of a sheet in the order of the file, from the one after position `after` (the first has 1)."""
        query = (
            sa.select(import_rows.c.row_number, import_rows.c.cells)
            .where(self._session.mine(import_rows), import_rows.c.import_id == import_id, import_rows.c.sheet == sheet)
            .where(import_rows.c.position > after)
            .order_by(import_rows.c.position)
            .limit(limit)
        )
        return tuple(RawRow(row.row_number, from_json(row.cells)) for row in await self._session.execute(query))

    async def rows_at(self, import_id: UUID, sheet: str, numbers: Sequence[int]) -> tuple[RawRow, ...]:
        """The raw rows of a sheet that stand at some row numbers; others are passed over."""
        wanted = import_rows.c.row_number == sa.func.any(sa.literal(list(numbers), ARRAY(sa.Integer)))
        query = (
            sa.select(import_rows.c.row_number, import_rows.c.cells)
            .where(self._session.mine(import_rows), import_rows.c.import_id == import_id, import_rows.c.sheet == sheet)
            .where(wanted)
            .order_by(import_rows.c.position)
        )
        return tuple(RawRow(row.row_number, from_json(row.cells)) for row in await self._session.execute(query))

    async def keep_rejects(self, import_id: UUID, stage: RejectStage, rejects: Sequence[Reject]) -> None:
        """Keep the rejects of one stage in place of the earlier ones."""
        mine = self._session.mine(import_rejects)
        old = mine & (import_rejects.c.import_id == import_id) & (import_rejects.c.stage == stage)
        await self._session.execute(sa.delete(import_rejects).where(old))
        rows = [{"position": n, **_reject_row(reject)} for n, reject in enumerate(rejects[:MOST_REJECTS], 1)]
        await self._insert(import_rejects, rows, {"import_id": import_id, "stage": stage})

    async def rejects(self, of: Import, *, stage: RejectStage | None = None) -> tuple[Reject, ...]:
        """What could not be used of a file, in the order of the file."""
        query = (
            sa.select(import_rejects)
            .where(self._session.mine(import_rejects), import_rejects.c.import_id == of.id)
            .order_by(import_rejects.c.stage.desc(), import_rejects.c.position)
        )
        if stage is not None:
            query = query.where(import_rejects.c.stage == stage)
        return tuple(_reject(row, of.file_name) for row in (await self._session.execute(query)).mappings())

    async def keep_mapping(self, import_id: UUID, mapping: Sequence[ApprovedSheet]) -> None:
        """Keep what the columns of a file mean, as a person approved it."""
        await self._set(import_id, mapping=_MAPPING.dump_python(tuple(mapping), mode="json"))

    async def publish(self, import_ids: Sequence[UUID], *, flow_id: UUID) -> None:
        """Note that the estate is now built from these files."""
        mine = self._session.mine(imports) & imports.c.id.in_(import_ids)
        values = {"published_at": sa.func.now(), "published_by_flow": flow_id, "replaced_at": None}
        await self._session.execute(sa.update(imports).where(mine).values(values))

    async def replace(self, import_ids: Sequence[UUID]) -> None:
        """Note that newer files stand for these: the estate is no longer built from them."""
        mine = self._session.mine(imports) & imports.c.id.in_(import_ids) & imports.c.replaced_at.is_(None)
        await self._session.execute(sa.update(imports).where(mine).values(replaced_at=sa.func.now()))

    def _select(self) -> sa.Select[Any]:
        return sa.select(imports).where(self._session.mine(imports))

    async def _set(self, import_id: UUID, **values: Any) -> None:
        mine = self._session.mine(imports) & (imports.c.id == import_id)
        await self._session.execute(sa.update(imports).where(mine).values(**values))

    async def _keep_rows(self, import_id: ImportId, sheet: str, *, first: int, chunk: str) -> None:
        payload = sa.cast(sa.literal(chunk, sa.Text), JSONB)
        given = (
            sa.func.jsonb_array_elements(payload).table_valued("row", with_ordinality="n").render_derived(name="given")
        )
        row = sa.type_coerce(given.c.row, JSONB)
        columns: dict[str, sa.ColumnElement[Any]] = {
            **{name: sa.literal(value, sa.Uuid()) for name, value in self._session.stamp(import_rows).items()},
            "import_id": sa.literal(import_id, sa.Uuid()),
            "sheet": sa.literal(sheet, sa.Text),
            "position": sa.cast(given.c.n + first, sa.Integer),
            "row_number": row[0].as_integer(),
            "cells": row[1],
        }
        insert = pg_insert(import_rows).from_select(list(columns), sa.select(*columns.values()))
        await self._session.execute(insert.on_conflict_do_nothing())

    async def _packed(self, import_id: UUID, sheet: SheetProfile, *, rows: int) -> PackedSheet:
        part = sa.func.json_agg(
            aggregate_order_by(
                sa.func.json_build_array(import_rows.c.row_number, import_rows.c.cells), import_rows.c.position
            )
        )
        chunks: list[str] = []
        for first in range(0, rows, ROWS_A_CHUNK):
            query = sa.select(sa.cast(part, sa.Text)).where(
                self._session.mine(import_rows),
                import_rows.c.import_id == import_id,
                import_rows.c.sheet == sheet.name,
                import_rows.c.position.between(first + 1, first + ROWS_A_CHUNK),
            )
            chunks.append((await self._session.execute(query)).scalar_one())
        return PackedSheet(sheet.name, sheet.header_row, tuple(c.header for c in sheet.columns), tuple(chunks))

    async def _insert(self, table: sa.Table, rows: Sequence[JsonRow], constants: JsonRow) -> None:
        for start in range(0, len(rows), REJECTS_A_STATEMENT):
            chunk = rows[start : start + REJECTS_A_STATEMENT]
            await insert_rows(self._session, table, chunk, constants=constants)


def _import(columns: RowMapping) -> Import:
    flow = columns["published_by_flow"]
    return Import(
        id=ImportId(plain_uuid(columns["id"])),
        file_name=columns["file_name"],
        size_bytes=columns["size_bytes"],
        sha256=columns["sha256"],
        status=ImportStatus(columns["status"]),
        format=columns["format"],
        profile=_PROFILE.validate_python(columns["profile"]) if columns["profile"] else None,
        problem=_reject(columns["problem"], columns["file_name"]) if columns["problem"] else None,
        mapping=_MAPPING.validate_python(columns["mapping"]) if columns["mapping"] is not None else None,
        uploaded_by=columns["uploaded_by"],
        created_at=columns["created_at"],
        published_at=columns["published_at"],
        published_by_flow=plain_uuid(flow) if flow else None,
        replaced_at=columns["replaced_at"],
    )


def _reject_row(reject: Reject) -> JsonRow:
    place = reject.place
    return {
        "sheet": place.sheet,
        "row_number": place.row,
        "column_name": place.column,
        "code": reject.code,
        "message": reject.message,
        "value": reject.value,
    }


def _reject(row: Any, file_name: str) -> Reject:
    place = Place(file_name, row["sheet"], row["row_number"], row["column_name"])
    return Reject(place, row["code"], row["message"], row["value"])
