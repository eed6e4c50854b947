"""Saved views: how a person looks at a page, kept for themselves or shared with the engagement."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from masterflow.api.errors import problems
from masterflow.api.parts import UseViews
from masterflow.api.shown import Shown
from masterflow.records.views.service import LONGEST_QUERY


class NewView(BaseModel):
    """A view to be kept; `query` is the query text of the page's address."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"name": "What failed", "page": "flows", "query": "status=failed"}},
    )

    name: str = Field(max_length=200)
    page: str = Field(max_length=60, description="The page it is of, such as flows")
    query: str = Field(max_length=LONGEST_QUERY)
    shared: bool = Field(False, description="Whether everybody in the engagement sees it")


class ViewOut(Shown):
    """A saved view; only who made it (`mine`) may delete it."""

    id: UUID
    name: str
    page: str
    query: str
    shared: bool
    made_by: str
    mine: bool
    created_at: datetime


class ViewsOut(BaseModel):
    """Views by page and name: one's own, and those that others share."""

    items: list[ViewOut]


router = APIRouter(prefix="/views", tags=["views"])


@router.get("", response_model=ViewsOut, responses=problems())
async def list_views(
    views: UseViews, page: Annotated[str | None, Query(max_length=60, description="Only views of this page")] = None
) -> ViewsOut:
    """My saved views, and those that are shared in the engagement."""
    return ViewsOut(items=[ViewOut.of(view) for view in await views.list(page)])


@router.post("", status_code=201, response_model=ViewOut, responses=problems(409, 422))
async def create_view(given: NewView, views: UseViews) -> ViewOut:
    """Keep a view; sharing it needs the right to run flows."""
    return ViewOut.of(await views.save(given.name, page=given.page, query=given.query, shared=given.shared))


@router.delete("/{view_id}", status_code=204, response_class=Response, responses=problems(404))
async def delete_view(view_id: UUID, views: UseViews) -> Response:
    """Forget one of my saved views."""
    await views.delete(view_id)
    return Response(status_code=204)
