"""Imports: uploaded files, what was found in them, and what could not be used."""

from collections.abc import AsyncIterator
from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, File, Query, Request, UploadFile
from pydantic import BaseModel, field_validator
from starlette.responses import Response

from masterflow.api.errors import problems
from masterflow.api.lists import FULL_PAGE, Cursor, Limit, Listed
from masterflow.api.parts import UseInventory
from masterflow.api.shown import Shown
from masterflow.inventory.imports.types import ImportStatus, RejectStage
from masterflow.records.reports.rejects import rejects_csv

CSV = "text/csv"
CHUNK_BYTES = 1_048_576


class ColumnOut(Shown):
    """One column as found."""

    header: str
    filled: int
    samples: list[str]


class SheetOut(Shown):
    """One sheet as found; `header_row` counts from 1 and is 0 where every record names its own values."""

    name: str
    header_row: int
    rows: int
    columns: list[ColumnOut]


class ProfileOut(Shown):
    """What was found in a file; `traits` are what was sniffed, such as the delimiter."""

    sheets: list[SheetOut]
    traits: dict[str, str]
    rejects: int

    @field_validator("traits", mode="before")
    @classmethod
    def _pairs(cls, traits: tuple[tuple[str, str], ...]) -> dict[str, str]:
        return dict(traits)


class PlaceOut(Shown):
    """Where in a file: rows count from 1, columns are header texts."""

    file: str
    sheet: str | None
    row: int | None
    column: str | None


class RejectOut(Shown):
    """A row, cell or file that could not be used, and what to do about it."""

    place: PlaceOut
    code: str
    message: str
    value: str | None


class RejectsOut(BaseModel):
    """Everything of one file that could not be used."""

    items: list[RejectOut]


class ImportOut(Shown):
    """One uploaded file. `problem` says why it could not be read; `replaced_at` that a newer file stands for it."""

    id: UUID
    file_name: str
    size_bytes: int
    sha256: str
    status: ImportStatus
    format: str | None
    profile: ProfileOut | None
    problem: RejectOut | None
    uploaded_by: str
    created_at: datetime
    published_at: datetime | None
    published_by_flow: UUID | None
    replaced_at: datetime | None

    @field_validator("sha256", mode="before")
    @classmethod
    def _hex(cls, digest: bytes) -> str:
        return digest.hex()


class ImportsOut(Listed):
    """Uploaded files, newest first."""

    items: list[ImportOut]


router = APIRouter(prefix="/imports", tags=["imports"])


@router.post("", status_code=201, response_model=ImportOut, responses=problems(413, 422))
async def upload_import(
    inventory: UseInventory, file: Annotated[UploadFile, File(description="An export of an inventory")]
) -> ImportOut:
    """Upload a file for a discovery; the same content under the same name is the same import."""
    import_id = await inventory.upload(file.filename or "", _chunks(file))
    return ImportOut.of(await inventory.import_(import_id))


@router.get("", response_model=ImportsOut, responses=problems())
async def list_imports(inventory: UseInventory, cursor: Cursor = None, limit: Limit = FULL_PAGE) -> ImportsOut:
    """The files of the engagement, newest first."""
    page = await inventory.imports(cursor=cursor, limit=limit)
    return ImportsOut(items=[ImportOut.of(found) for found in page.imports], cursor=page.cursor)


@router.get("/{import_id}", response_model=ImportOut, responses=problems(404))
async def get_import(import_id: UUID, inventory: UseInventory) -> ImportOut:
    """One file with the profile of what was found in it."""
    return ImportOut.of(await inventory.import_(import_id))


class RejectsFormat(StrEnum):
    """How rejects are written."""

    JSON = "json"
    CSV = "csv"


@router.get(
    "/{import_id}/rejects",
    response_model=RejectsOut,
    responses=problems(404),
)
async def list_import_rejects(
    import_id: UUID,
    inventory: UseInventory,
    request: Request,
    format: Annotated[  # noqa: A002 - the query parameter's name
        RejectsFormat | None, Query(description="csv for a spreadsheet; else as the Accept header says")
    ] = None,
    stage: Annotated[
        RejectStage | None, Query(description="As the file was read, or as its values were cleaned")
    ] = None,
) -> RejectsOut | Response:
    """What could not be used of a file: file, sheet, row, column, and what to do."""
    rejects = await inventory.rejects(import_id, stage=stage)
    wanted = format or (RejectsFormat.CSV if _prefers_csv(request) else RejectsFormat.JSON)
    if wanted is RejectsFormat.JSON:
        return RejectsOut(items=[RejectOut.of(reject) for reject in rejects])
    name = f'attachment; filename="rejects-{import_id}.csv"'
    return Response(rejects_csv(rejects), media_type=CSV, headers={"Content-Disposition": name})


def _prefers_csv(request: Request) -> bool:
    """Whether the first media type that the caller accepts is CSV."""
    first = request.headers.get("accept", "").split(",")[0]
    return first.split(";")[0].strip().lower() == CSV


async def _chunks(file: UploadFile) -> AsyncIterator[bytes]:
    while chunk := await file.read(CHUNK_BYTES):
        yield chunk
