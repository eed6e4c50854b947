"""An inbox: the gates that concern a person, who has answered them, and who may."""

from collections.abc import Sequence
from datetime import timedelta

from masterflow.errors import MasterflowError
from masterflow.orchestrator.gatekeeping.deciding import require_decider, require_other_eyes
from masterflow.orchestrator.gatekeeping.store import GateStore
from masterflow.orchestrator.gatekeeping.types import Authors, Decisions, Engaged, InboxItem, InboxView, Person
from masterflow.orchestrator.types import GateStatus, GateSummary
from masterflow.tenancy.roles import Role

MOST_GATES = 500


class Reader:
    """Reads one person's inbox in one transaction."""

    def __init__(self, store: GateStore, person: Person) -> None:
        self._store = store
        self._person = person

    async def items(self, view: InboxView, *, limit: int) -> list[InboxItem]:
        """The gates of a view: those due first come first, of the history the newest answer."""
        found = await self._gates(view, limit=limit)
        votes = await self._store.decisions([gate.id for gate, _ in found])
        authors = await self._store.authors({gate.flow_id for gate, _ in found})
        engaged = await self._store.engaged()
        return [
            _item(self._person, gate, age, votes.get(gate.id, []), authors[gate.flow_id], engaged)
            for gate, age in found
        ]

    async def _gates(self, view: InboxView, *, limit: int) -> Sequence[tuple[GateSummary, timedelta]]:
        if view is InboxView.HISTORY:
            return await self._store.decided_by(self._person.user_id, limit=limit)
        if view is InboxView.TEAM:
            return await self._store.open_gates(roles=None, limit=limit)
        if self._person.is_service:
            return []
        roles = None if Role.LEAD.value in self._person.roles else self._person.roles
        return await self._store.open_gates(roles=roles, limit=limit)


def _item(
    reader: Person, gate: GateSummary, age: timedelta, votes: Decisions, authors: Authors, engaged: Engaged
) -> InboxItem:
    why_not = hindrance(reader, gate, votes, authors, engaged)
    may = [one.email for one in engaged.people if hindrance(one, gate, votes, authors, engaged) is None]
    return InboxItem(
        gate=gate, age=age, votes=tuple(votes), may_decide=why_not is None, why_not=why_not, deciders=tuple(may)
    )


def hindrance(person: Person, gate: GateSummary, votes: Decisions, authors: Authors, engaged: Engaged) -> str | None:
    """Why a person may not approve a gate now, in a sentence; None if nothing is against it."""
    if gate.status is not GateStatus.OPEN:
        return f"This gate is {gate.status}."
    if any(vote.user_id == person.user_id and not vote.superseded for vote in votes):
        return f"{person.email} has answered this gate already."
    try:
        require_decider(person, gate)
        require_other_eyes(person, gate, authors, allows_own_work=engaged.allows_own_work)
    except MasterflowError as refusal:
        return refusal.message
    return None
