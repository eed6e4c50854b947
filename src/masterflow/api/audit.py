"""The audit: who commanded what, and what was refused."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import AwareDatetime

from masterflow.api.errors import problems
from masterflow.api.lists import FULL_PAGE, Cursor, Limit, Listed
from masterflow.api.parts import Actor, Parts
from masterflow.api.shown import Shown
from masterflow.tenancy.audit.service import Audit
from masterflow.tenancy.audit.types import AuditFilter, Outcome


class AuditEntryOut(Shown):
    """One call: `through` is token:…, session:…, cli, schedule:… or job:…; `code` and `message` are those of a refusal.

    `action` is the name of the route, or the words of the command.
    """

    id: UUID
    at: datetime
    user_id: UUID | None
    actor: str
    through: str
    action: str
    request_id: str
    outcome: Outcome
    code: str | None
    message: str | None
    flow_id: UUID | None
    detail: Mapping[str, str]


class AuditOut(Listed):
    """Calls, newest first."""

    items: list[AuditEntryOut]


router = APIRouter(prefix="/audit", tags=["audit"])


@router.get("", response_model=AuditOut, responses=problems())
async def list_audit(
    actor: Actor,
    parts: Parts,
    by: Annotated[str | None, Query(alias="actor", max_length=255, description="Only calls of this address")] = None,
    action: Annotated[str | None, Query(max_length=120, description="Only this route or command")] = None,
    outcome: Annotated[Outcome | None, Query(description="Only what was done, or what was refused")] = None,
    flow_id: Annotated[UUID | None, Query(description="Only calls about this flow")] = None,
    since: Annotated[AwareDatetime | None, Query(alias="from", description="Not before this moment")] = None,
    until: Annotated[AwareDatetime | None, Query(alias="to", description="Before this moment")] = None,
    cursor: Cursor = None,
    limit: Limit = FULL_PAGE,
) -> AuditOut:
    """Commands that changed something and calls that were refused, newest first."""
    asked = AuditFilter(actor=by, action=action, outcome=outcome, flow_id=flow_id, since=since, until=until)
    page = await Audit(parts.database, actor).entries(asked, cursor=cursor, limit=limit)
    return AuditOut(items=[AuditEntryOut.of(entry) for entry in page.items], cursor=page.cursor)
