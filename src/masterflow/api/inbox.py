"""The inbox: the gates that concern whoever asks."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from masterflow.api.errors import problems
from masterflow.api.gates import DecisionOut, GateSummaryOut
from masterflow.api.lists import FULL_PAGE, Limit
from masterflow.api.parts import Actor, UseOrchestrator
from masterflow.api.shown import Shown
from masterflow.orchestrator.gatekeeping.types import InboxView


class InboxItemOut(Shown):
    """A gate with its age, who answered it so far, whether the reader may approve it, and if not why."""

    gate: GateSummaryOut
    age: timedelta = Field(description="How long it has been open, or was, as an ISO 8601 duration")
    votes: list[DecisionOut]
    may_decide: bool
    why_not: str | None
    deciders: list[str] = Field(description="Who may approve it now, by e-mail")


class InboxOut(BaseModel):
    """One view of an inbox; open gates by due time, answered ones by the time of the answer, newest first."""

    view: InboxView
    items: list[InboxItemOut]


View = Annotated[
    InboxView,
    Query(description="mine: open gates of my roles; team: every open gate; history: what I answered"),
]

router = APIRouter(prefix="/inbox", tags=["gates"])


@router.get("", response_model=InboxOut, responses=problems())
async def get_inbox(
    actor: Actor, orchestrator: UseOrchestrator, view: View = InboxView.MINE, limit: Limit = FULL_PAGE
) -> InboxOut:
    """The gates that concern whoever asks: what waits, how long, for whom, and what was decided."""
    inbox = await orchestrator.inbox(actor, view, limit=limit)
    return InboxOut(view=inbox.view, items=[InboxItemOut.of(item) for item in inbox.items])
