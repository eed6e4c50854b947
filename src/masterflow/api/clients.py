"""The client that the caller works for. Clients are made by the operator at the machine."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from masterflow.api.errors import problems
from masterflow.api.parts import Actor, UseTenancy
from masterflow.api.shown import Shown


class ClientOut(Shown):
    """A client account."""

    id: UUID
    name: str
    created_at: datetime


class ClientsOut(BaseModel):
    """The clients that the caller may see: their own."""

    items: list[ClientOut]


router = APIRouter(prefix="/clients", tags=["clients"])


@router.get("", response_model=ClientsOut, responses=problems(404))
async def list_clients(actor: Actor, tenancy: UseTenancy) -> ClientsOut:
    """The caller's own client."""
    return ClientsOut(items=[ClientOut.of(await tenancy.client(actor))])
