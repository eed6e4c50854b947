"""Concurrent histories of several clients on one flow through HTTP, checked for linearizability.

No worker runs, so nobody but the clients moves the flow. The planted fault is a command that reads, checks, and then
writes unconditionally.
"""

import asyncio
import time
from dataclasses import dataclass
from random import Random

import httpx

from drills.linearizability import NEVER, Operation, explained
from drills.report import Found, Outcome
from drills.site import site
from masterflow.db.status import LIVE, FlowStatus
from masterflow.orchestrator.states import ENDED, Move, sources

NAME = "histories"
CLIENTS = 5
OPERATIONS = 6  # of each client
AT_A_TIME = 4
ASKS = ("get", "execute", "pause", "pause", "resume", "resume", "retry", "cancel", "delete", "restore")
LATE = ("cancel", "delete", "restore")

_S = FlowStatus
MOVED = {
    "execute": (sources(Move.START) | sources(Move.RESUME), _S.RUNNING),
    "pause": (sources(Move.PAUSE), _S.PAUSED),
    "resume": (sources(Move.RESUME), _S.RUNNING),
    "retry": (sources(Move.RETRY), _S.RUNNING),
    "cancel": (LIVE, _S.CANCELLED),
}


@dataclass(frozen=True, slots=True)
class Row:
    """The model of one flow."""

    status: FlowStatus
    version: int
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """What a client asked, and what it was told: the status code, and the row if there was one."""

    command: str
    code: int = 0
    row: Row | None = None


def after(row: Row, command: str) -> Row | None:
    """Where a command leads, or None where it is refused."""
    if command in ("delete", "restore"):
        allowed = row.status in ENDED and row.deleted == (command == "restore")
        return Row(row.status, row.version + 1, command == "delete") if allowed else None
    came_from, leads_to = MOVED[command]
    if row.deleted or row.status not in came_from:
        return None
    return Row(leads_to, row.version + 1)


def step(row: Row, asked: Asked, known: bool) -> Row | None:
    """The model's move: the row after it, or None if the flow could not have answered so."""
    if asked.command == "get":
        told = None if row.deleted else row
        return row if not known or asked.row == told else None
    moved = after(row, asked.command)
    if not known:
        return moved
    if asked.code == 412:
        return row  # it read the row, and somebody was faster: refused, though it might have been allowed
    if moved is None:
        return row if asked.code in (404, 409) else None
    return moved if asked.row == moved else None


def history_is_fine(history: list[Operation[Asked]]) -> bool:
    """Whether the flow behaved as if one command came after another."""
    return explained(history, Row(_S.INITIALIZED, 1), step)


@dataclass(slots=True)
class Clients:
    """The clients of one flow."""

    http: httpx.AsyncClient
    flow: str
    random: Random

    async def record(self) -> list[Operation[Asked]]:
        """Let them all loose at once."""
        each = await asyncio.gather(*(self._one() for _ in range(CLIENTS)))
        return [operation for operations in each for operation in operations]

    async def _one(self) -> list[Operation[Asked]]:
        done = []
        for number in range(OPERATIONS):
            choices = [ask for ask in ASKS if ask not in LATE] if number < OPERATIONS - 2 else ASKS
            done.append(await self._ask(self.random.choice(choices)))
        return done

    async def _ask(self, command: str) -> Operation[Asked]:
        method, path = {
            "get": ("GET", f"/api/v1/flows/{self.flow}"),
            "delete": ("DELETE", f"/api/v1/flows/{self.flow}"),
        }.get(command, ("POST", f"/api/v1/flows/{self.flow}/{command}"))
        asked = time.monotonic()
        try:
            answer = await self.http.request(method, path)
        except httpx.HTTPError:
            return Operation(Asked(command), asked, NEVER)
        if answer.status_code >= 500:
            return Operation(Asked(command, answer.status_code), asked, NEVER)
        return Operation(Asked(command, answer.status_code, _row(answer)), asked, time.monotonic())


def _row(answer: httpx.Response) -> Row | None:
    if not answer.is_success:
        return None
    body = answer.json()
    return Row(FlowStatus(body["status"]), body["version"], body["deleted_at"] is not None)


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of so many histories."""

    count: int
    unexplained: int  # histories
    unanswered: int  # operations

    @property
    def says(self) -> list[str]:
        """What is wrong. Nothing disturbs the API here, so each request must have its answer."""
        says = []
        if self.unexplained:
            says.append(f"{self.unexplained} of {self.count} histories have no explanation")
        if self.unanswered:
            says.append(f"{self.unanswered} of {self.operations} operations have no answer")
        return says

    @property
    def operations(self) -> int:
        """How many operations all the clients did."""
        return self.count * CLIENTS * OPERATIONS


async def histories(count: int, seed: int, *, mutant: str | None = None) -> Judged:
    """Record and judge so many histories."""
    async with site() as here:
        here.serve(mutant=mutant)
        tenancy = await here.tenant("histories")
        await here.answers()
        limit, random = asyncio.Semaphore(AT_A_TIME), Random(seed)
        async with httpx.AsyncClient(base_url=here.base, headers=tenancy.headers, timeout=30, trust_env=False) as http:
            each = await asyncio.gather(*(_judged(http, limit, Random(random.random())) for _ in range(count)))
    return Judged(count, sum(is_bad for is_bad, _ in each), sum(unknown for _, unknown in each))


async def _judged(http: httpx.AsyncClient, limit: asyncio.Semaphore, random: Random) -> tuple[bool, int]:
    async with limit:
        made = await http.post("/api/v1/flows", json={"flow_type": "counted", "config": {}, "start": False})
        made.raise_for_status()
        history = await Clients(http, made.json()["flow_id"], random).record()
    return not history_is_fine(history), sum(1 for operation in history if not operation.is_known)


def run(*, seed: int, full: bool, quick: bool) -> list[Outcome]:
    """The drill."""
    count = 2000 if not quick else 50
    judged = asyncio.run(histories(count * (10 if full else 1), seed))
    note = f"{judged.operations} operations, {judged.unanswered} without an answer, {judged.unexplained} histories bad"
    correct = Found(trials=judged.count, faults=0, says=judged.says, notes=[note])
    mutant = asyncio.run(histories(20, seed, mutant="read_check_write"))
    found = mutant.says[0] if mutant.unexplained and not mutant.unanswered else None
    return [Outcome(name=NAME, correct=correct, planted="read, check, write", found=found)]
