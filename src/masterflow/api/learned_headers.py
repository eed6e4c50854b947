"""Learned headers: what people approved columns to mean, for the next file."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel

from masterflow.api.errors import problems
from masterflow.api.lists import FULL_PAGE, Cursor, Limit, Listed
from masterflow.api.parts import UseMemory
from masterflow.api.shown import Shown
from masterflow.errors import InvalidInput

FORGET_BY = frozenset({"source", "header", "all"})
Source = Annotated[str | None, Query(max_length=60, description="Only of this kind of file, such as rvtools")]


class LayoutOut(Shown):
    """A sheet as it is recognised again; `code` tells sheets of one name with other columns apart."""

    sheet: str
    code: str


class LearnedHeaderOut(Shown):
    """How often a header was let mean a field; `field` "" keeps the column as an attribute."""

    source_kind: str
    layout: LayoutOut
    header: str
    field: str
    unit: str | None
    accepted: int
    overridden: int
    confidence: float
    last_used: datetime


class LearnedHeadersOut(Listed):
    """Learned headers by kind of file, sheet and header."""

    items: list[LearnedHeaderOut]


class ForgottenOut(BaseModel):
    """How many meanings were forgotten."""

    forgotten: int


router = APIRouter(prefix="/learned-headers", tags=["imports"])


@router.get("", response_model=LearnedHeadersOut, responses=problems())
async def list_learned_headers(
    memory: UseMemory, source: Source = None, cursor: Cursor = None, limit: Limit = FULL_PAGE
) -> LearnedHeadersOut:
    """What the client's people approved headers to mean, in all its engagements."""
    page = await memory.learned(source=source, cursor=cursor, limit=limit)
    return LearnedHeadersOut(items=[LearnedHeaderOut.of(one) for one in page.items], cursor=page.cursor)


@router.delete("", response_model=ForgottenOut, responses=problems())
async def forget_learned_headers(
    request: Request,
    memory: UseMemory,
    source: Source = None,
    header: Annotated[str | None, Query(max_length=400, description="Only this header, however it is written")] = None,
    everything: Annotated[bool, Query(alias="all", description="True forgets all; then nothing else is named")] = False,
) -> ForgottenOut:
    """Forget what was learned of one kind of file, of one header, or, with `all=true`, everything."""
    if unknown := sorted(request.query_params.keys() - FORGET_BY):
        message = f"Nothing was forgotten: there is no {unknown[0][:80]!r} to forget by."
        raise InvalidInput(message, hint=f"Use {', '.join(sorted(FORGET_BY))}.")
    return ForgottenOut(forgotten=await memory.forget(source=source, header=header, everything=everything))
