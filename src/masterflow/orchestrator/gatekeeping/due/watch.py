"""What a worker does for gates that wait: it reminds people, and lets pass what nobody answered in time."""

from masterflow.db.session import Database
from masterflow.errors import ErrorClass
from masterflow.logs import get_logger
from masterflow.orchestrator import changes
from masterflow.orchestrator.changes import Change
from masterflow.orchestrator.gatekeeping.due.store import DueGate, DueStore
from masterflow.orchestrator.types import Failure

log = get_logger(__name__)

BATCH = 50  # gates in one transaction


class GateWatch:
    """One worker's look at the gates; any number of workers may look at once, each gate is taken by one."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def look(self) -> int:
        """Remind of every gate that a reminder is due for and end those whose time is over; answers how many.

        A reminder is the event `gate_reminded` in the flow's history. An expired gate leaves its flow waiting for
        input with the code `gate.expired`: supplying input, even none, runs the phase again and asks anew.
        """
        seen = 0
        while True:
            found = await self._turn()
            seen += found
            if found < BATCH:
                return seen

    async def _turn(self) -> int:
        async with self._database.moving_together() as connection:
            store = DueStore(connection)
            due = await store.claim(limit=BATCH)
            for gate in due:
                if gate.expired:
                    await store.expire(gate)
                    await store.note(gate, _expiry(gate))
                else:
                    await store.remind_later(gate)
                    await store.note(gate, _reminder(gate))
        for gate in due:
            log.info("gate_expired" if gate.expired else "gate_reminded", gate_id=str(gate.id))
        return len(due)


def _reminder(gate: DueGate) -> Change:
    data = {"gate_id": str(gate.id), "due_at": gate.due_at and gate.due_at.isoformat(), "overdue": gate.overdue}
    return changes.note_gate(kind="gate_reminded", phase=gate.phase, data=data)


def _expiry(gate: DueGate) -> Change:
    failure = Failure(
        code="gate.expired",
        message=f"Nobody answered the gate of '{gate.phase}' in time.",
        hint="Supply input, even none: the phase then runs again and asks anew.",
        phase=gate.phase,
        permanent=False,
        error_class=ErrorClass.INPUT,
    )
    return changes.expire(phase=gate.phase, index=gate.phase_index, failure=failure)
