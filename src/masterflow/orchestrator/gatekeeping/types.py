"""Answers at gates, and gates as one person sees them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from masterflow.errors import EditProblem
from masterflow.orchestrator.cells import CellEdit, ShownColumn
from masterflow.orchestrator.types import GateSummary, JsonObject, Verdict
from masterflow.spec import Row
from masterflow.tenancy.types import Principal, UserKind


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may or may not decide; a service account is nobody's eyes."""

    user_id: UUID
    email: str
    roles: frozenset[str]
    is_service: bool = False


def person_of(actor: Principal) -> Person:
    """Who a verified call comes from."""
    is_service = actor.kind is UserKind.SERVICE
    return Person(actor.user_id, actor.email, frozenset(map(str, actor.roles)), is_service=is_service)


@dataclass(frozen=True, slots=True)
class Authors:
    """Whose work a flow is: who started it, and all who shaped what it asks, those who started it included."""

    started: frozenset[str] = frozenset()
    shaped: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Engaged:
    """The people of an engagement, and its word on approving one's own work (None: its size decides)."""

    people: tuple[Person, ...]
    self_approval: bool | None

    @property
    def allows_own_work(self) -> bool:
        """Whether people may approve what they started, where no gate asks for four eyes."""
        if self.self_approval is not None:
            return self.self_approval
        return sum(not person.is_service for person in self.people) <= 1


@dataclass(frozen=True, slots=True)
class Edit:
    """One thing that an edit changed: a cell of the gate's table, or a place of the output as a JSON pointer.

    A value that was not there before or is gone after reads None.
    """

    field: str
    before: Any
    after: Any
    row: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a person says at a gate. `content_hash` is the content that was looked at, `to` where a rejection leads.

    An edit is either a whole `edited_output` or the `cells` of the gate's table that differ.
    """

    verdict: Verdict
    reason: str | None = None
    edited_output: Mapping[str, Any] | None = None
    cells: tuple[CellEdit, ...] = ()
    content_hash: str | None = None
    to: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GateDecision:
    """One answer as it is kept. `content_hash` is what was decided on: the edited content, where there are `edits`.

    `counts` is False for an approval that does not go to the quorum: that of who edited a four-eyes gate.
    `superseded`: somebody has edited the content since.
    """

    gate_id: UUID
    user_id: UUID
    actor: str
    verdict: Verdict
    counts: bool
    superseded: bool
    reason: str | None
    content_hash: str
    shown_hash: str | None
    edits: tuple[Edit, ...] = ()
    expires_at: datetime | None
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class Ruling:
    """An answer ready to be kept: the content it is about as JSON text where it was edited, and the gate's vote."""

    answer: Answer
    content_hash: str
    counts: bool
    edited: str | None = None
    edits: tuple[Edit, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TablePage:
    """A part of a gate's table. `total` counts all rows that were asked for; `cursor` is None at the end."""

    title: str
    key: str
    content_hash: str
    columns: tuple[ShownColumn, ...]
    rows: tuple[Row, ...]
    total: int
    cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What an edit would come to. With `problems` nobody could approve it; without, an approval asks `content_hash`."""

    content_hash: str
    diff: tuple[Edit, ...]
    problems: tuple[EditProblem, ...]
    summary: Row | None
    output: JsonObject


class InboxView(StrEnum):
    """Whose gates an inbox shows."""

    MINE = "mine"
    TEAM = "team"
    HISTORY = "history"


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxItem:
    """A gate in an inbox. `why_not` says why the reader may not approve it; None where nothing is against it.

    `deciders` are those who may, by e-mail; `age` is how long it has been open, or was until it closed.
    """

    gate: GateSummary
    age: timedelta
    votes: tuple[GateDecision, ...]
    may_decide: bool
    why_not: str | None
    deciders: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Inbox:
    """One person's inbox, by due time; of the history the newest decision first."""

    view: InboxView
    items: tuple[InboxItem, ...]


Decisions = list[GateDecision]
