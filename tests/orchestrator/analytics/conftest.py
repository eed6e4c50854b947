"""A flow type that does whatever its configuration says, and the counters beside the truth."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

import asyncpg
from pydantic import BaseModel

from masterflow.db.session import Database
from masterflow.errors import InputMissing, MissingInput, PhaseFailed, Unavailable
from masterflow.orchestrator.analytics import AnalyticsFold
from masterflow.orchestrator.relay import RelayedEvent
from masterflow.spec import FlowType, Gate, PhaseContext
from masterflow.spec.phase import RetryPolicy
from masterflow.testing import Nothing, toy_flow, toy_phase


class Config(BaseModel):
    """How the first phase ends."""

    end: str = "well"


async def first(ctx: PhaseContext, given: Config) -> Nothing:
    """End as told."""
    if given.end == "fails":
        raise PhaseFailed("It was told to fail.")
    if given.end == "asks":
        raise InputMissing([MissingInput("end", "say how to end")])
    return Nothing()


async def optional(ctx: PhaseContext, given: Config) -> Nothing:
    """Fail if told so."""
    if given.end == "stumbles":
        raise PhaseFailed("It was told to stumble.", permanent=False)
    return Nothing()


def moody(name: str = "moody") -> FlowType:
    """Three phases: one that ends as told with a gate, one that may be skipped, a last one."""
    return toy_flow(
        toy_phase("first", first, takes=Config, gate=Gate(asks="Right?")),
        toy_phase("second", optional, takes=Config, optional=True, retry=RetryPolicy(attempts=1)),
        toy_phase("third", gate=Gate(asks="And now?", rejects_to="first")),
        name=name,
        config=Config,
    )


class BreakingFold(AnalyticsFold):
    """Adds a batch and then loses the database, as often as it is told; the relay's transaction is undone."""

    def __init__(self) -> None:
        self.breaks = 0

    async def fold(self, connection: asyncpg.Connection, events: Sequence[RelayedEvent]) -> None:
        """Add, then perhaps break."""
        await super().fold(connection, events)
        if self.breaks:
            self.breaks -= 1
            raise Unavailable("The database went away.")


Key = tuple[UUID, UUID, date, str]


@dataclass
class Truth:
    """What the master table and the histories say, counted flow by flow from their beginnings."""

    standings: dict[tuple[UUID, UUID], dict[str, dict[str, int]]] = field(default_factory=dict)
    counts: dict[Key, Counter[str]] = field(default_factory=dict)
    waits: dict[Key, Counter[str]] = field(default_factory=dict)
    wait_us: dict[Key, Counter[str]] = field(default_factory=dict)
    phases: dict[Key, Counter[str]] = field(default_factory=dict)
    phase_us: dict[Key, Counter[str]] = field(default_factory=dict)
    causes: dict[Key, Counter[tuple[str, str]]] = field(default_factory=dict)

    def add(self, what: dict[Key, Any], key: Key, name: Any, number: int = 1) -> None:
        counter = what.setdefault(key, Counter())
        counter[name] += number


ENDS = ("completed", "failed", "cancelled")
NAMES = {
    "phase_completed": "phases_done",
    "flow_retried": "retries",
    "phase_retried": "phase_retries",
    "flow_rolled_back": "rollbacks",
    "gate_approved": "gates_approved",
    "gate_rejected": "gates_rejected",
}
WAITED = {"waiting_for_approval": "approval", "waiting_for_input": "input", "paused": "paused"}


def microseconds(one: datetime, other: datetime) -> int:
    took = other - one
    return (took.days * 86_400 + took.seconds) * 1_000_000 + took.microseconds


async def truth_of(database: Database) -> Truth:
    """Count everything anew, without the counters and without what fills them."""
    truth = Truth()
    async with database.moving() as connection:
        flows = await connection.fetch("SELECT * FROM crewai_flow_state_extensions")
        for flow in flows:
            if flow["deleted_at"] is None:
                by_type = truth.standings.setdefault((flow["client_account_id"], flow["engagement_id"]), {})
                by_status = by_type.setdefault(flow["flow_type"], {})
                by_status[flow["flow_status"]] = by_status.get(flow["flow_status"], 0) + 1
            events = await connection.fetch(
                "SELECT * FROM flow_events WHERE flow_id = $1 ORDER BY seq", flow["flow_id"]
            )
            results = await connection.fetch(
                "SELECT * FROM phase_results WHERE flow_id = $1 ORDER BY finished_at", flow["flow_id"]
            )
            _count(truth, flow, events, list(results))
    return truth


def _count(truth: Truth, flow: Any, events: Sequence[Any], results: list[Any]) -> None:
    status, since = None, None
    for event in events:
        data, at = event["data"] or {}, event["at"]
        key = (flow["client_account_id"], flow["engagement_id"], at.date(), flow["flow_type"])
        if event["kind"] in NAMES:
            truth.add(truth.counts, key, NAMES[event["kind"]])
        if event["kind"] == "phase_completed":
            result = results.pop(0)
            assert result["phase"] == event["phase"]
            truth.add(truth.phases, key, event["phase"])
            truth.add(
                truth.phase_us, key, event["phase"], max(0, microseconds(result["started_at"], result["finished_at"]))
            )
        after = data.get("status", status)
        if status is None:
            truth.add(truth.counts, key, "created")
        if after == status:
            continue
        if after in ENDS:
            truth.add(truth.counts, key, after)
        if after == "failed":
            truth.add(truth.causes, key, (event["phase"], data["code"]))
        if status in WAITED:
            truth.add(truth.waits, key, WAITED[status])
            truth.add(truth.wait_us, key, WAITED[status], microseconds(since, at))
        status, since = after, at


async def counted(database: Database) -> Truth:
    """The same out of the counters' rows."""
    truth = Truth()
    async with database.moving() as connection:
        for row in await connection.fetch("SELECT * FROM flow_standings"):
            if row["by_type"]:
                truth.standings[row["client_account_id"], row["engagement_id"]] = row["by_type"]
        for row in await connection.fetch("SELECT * FROM flow_days"):
            _unfold(truth, (row["client_account_id"], row["engagement_id"], row["day"], row["flow_type"]), row["facts"])
    return truth


def _unfold(truth: Truth, key: Key, facts: Any) -> None:
    for name, number in facts.get("counts", {}).items():
        truth.add(truth.counts, key, name, number)
    for what, numbers, totals in (("phases", truth.phases, truth.phase_us), ("waits", truth.waits, truth.wait_us)):
        for name, kept in facts.get(what, {}).items():
            truth.add(numbers, key, name, kept["count"])
            truth.add(totals, key, name, kept.get("us", 0))
            assert sum(kept["buckets"].values()) == kept["count"]
    for phase, codes in facts.get("causes", {}).items():
        for code, classes in codes.items():
            truth.add(truth.causes, key, (phase, code), sum(classes.values()))
