"""The flow types of the drills: their bodies leave traces, so that what happened can be counted afterwards."""

import asyncio
import os
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

from pydantic import BaseModel
from sqlalchemy import text

from masterflow.errors import PhaseFailed
from masterflow.spec import FlowType, Gate, PhaseContext, Stores
from masterflow.spec.phase import RetryPolicies, RetryPolicy
from masterflow.testing import Nothing, toy_flow, toy_phase

EFFECT = text(
    "INSERT INTO drill.effects (flow_id, iteration, phase, slot, pid) VALUES (:flow, :iteration, :phase, :slot, :pid)"
    " ON CONFLICT (slot) DO NOTHING"
)
PUBLISHED = text(
    "INSERT INTO drill.published (flow_id, iteration, phase, pid) VALUES (:flow, :iteration, :phase, :pid)"
)
IDEMPOTENT = True  # a planted fault takes it back


class Pace(BaseModel):
    """How long a phase takes, in seconds, whether the second one fails, and something that takes room."""

    pace: float = 0.05
    fails: bool = False
    filler: str = ""


class Did(BaseModel):
    """Who ran a phase."""

    phase: str
    pid: int


async def effect(ctx: PhaseContext) -> None:
    """Do something to the world, once for each phase and iteration however often the body runs."""
    key = f"{ctx.flow_id}/{ctx.iteration}/{ctx.phase}"
    async with ctx.stores() as stores:
        await stores.session.execute(
            EFFECT,
            {
                "flow": ctx.flow_id,
                "iteration": ctx.iteration,
                "phase": ctx.phase,
                "slot": key if IDEMPOTENT else uuid4().hex,
                "pid": os.getpid(),
            },
        )


def trace(ctx: PhaseContext) -> None:
    """Say in a file that a body begins: for what must be known of a process that is dead by then."""
    line = f"{time.time():.6f} {ctx.flow_id} {ctx.phase} {os.getpid()}\n"
    with (folder() / "begun").open("a", encoding="utf-8") as file:
        file.write(line)


def folder() -> Path:
    """Where the bodies of this drill leave files."""
    return Path(os.environ["DRILL_FOLDER"])


async def work(ctx: PhaseContext, given: Pace) -> Did:
    """An effect, and then some time."""
    trace(ctx)
    await effect(ctx)
    await asyncio.sleep(given.pace)
    return Did(phase=ctx.phase, pid=os.getpid())


async def fallible(ctx: PhaseContext, given: Pace) -> Did:
    """The same, but it may fail."""
    if given.fails:
        raise PhaseFailed("It was told to fail.")
    return await work(ctx, given)


async def publish(stores: Stores, output: Did) -> None:
    """Write a row in the transaction that ends the phase."""
    await stores.session.execute(
        PUBLISHED,
        {"flow": stores.flow_id, "iteration": stores.iteration, "phase": output.phase, "pid": output.pid},
    )


def counted() -> FlowType:
    """Three phases with effects; the second may fail, the third publishes."""
    return toy_flow(
        toy_phase("gather", work, takes=Pace, gives=Did),
        toy_phase("weigh", fallible, takes=Pace, gives=Did),
        toy_phase("settle", work, takes=Pace, gives=Did, publish=publish),
        name="counted",
        config=Pace,
    )


async def hold(ctx: PhaseContext, given: Nothing) -> Did:
    """Wait until the file `go` is there, or the one for this process."""
    trace(ctx)
    await effect(ctx)
    while not any((folder() / name).exists() for name in ("go", f"go.{os.getpid()}")):
        await asyncio.sleep(0.02)
    return Did(phase=ctx.phase, pid=os.getpid())


async def stand(ctx: PhaseContext, given: Nothing) -> Did:
    """End at once, with an effect."""
    await effect(ctx)
    return Did(phase=ctx.phase, pid=os.getpid())


def held() -> FlowType:
    """One phase before, one that is held and publishes, one after."""
    return toy_flow(
        toy_phase("before", stand, gives=Did),
        toy_phase("held", hold, gives=Did, publish=publish),
        toy_phase("after", stand, gives=Did, publish=publish),
        name="held",
    )


def growing(version: int) -> FlowType:
    """Version 1 holds, then asks, then ends; version 2 has another body in the held phase, and one phase more."""
    phases = [
        toy_phase("before", stand, gives=Did),
        toy_phase("held", hold if version == 1 else stand, gives=Did, publish=publish),
        toy_phase("asking", stand, gives=Did, gate=Gate(asks="Go on?", approver_roles=("lead",))),
    ]
    if version > 1:
        phases.append(toy_phase("added", stand, gives=Did, publish=publish))
    return toy_flow(*phases, name="growing", version=version)


class Poison(BaseModel):
    """What the phase does that it should not."""

    does: str


class Heavy(BaseModel):
    """An output that may be too much for a row."""

    said: str = ""
    number: float = 0.0


async def misbehave(ctx: PhaseContext, given: Poison) -> Heavy | Poison | None:
    """Do it."""
    if given.does == "raise":
        raise KeyError("nobody foresaw this")
    if given.does == "kill":
        os.kill(os.getpid(), 9)
    if given.does == "exit":
        raise SystemExit(3)
    if given.does == "recurse":
        return await misbehave(ctx, given)
    return {
        "nul": Heavy(said="a\0b"),
        "surrogate": Heavy(said="\ud800"),
        "nan": Heavy(number=float("nan")),
        "huge": Heavy(said="x" * 300_000_000),
        "nothing": None,
        "stranger": Poison(does=""),
    }[given.does]


def poisoned() -> list[FlowType]:
    """A phase that misbehaves, and one that does not."""
    rests = RetryPolicy(attempts=2, first_delay=timedelta(milliseconds=50))
    retry = RetryPolicies(transient=rests, bug=rests)
    return [
        toy_flow(toy_phase("bad", misbehave, takes=Poison, gives=Heavy, retry=retry), name="poison", config=Poison),
        counted(),
    ]


SETS: dict[str, Callable[[], list[FlowType]]] = {
    "counted": lambda: [counted()],
    "held": lambda: [held(), counted()],
    "v1": lambda: [growing(1)],
    "v2": lambda: [growing(2)],
    "poison": poisoned,
}


def toys(name: str) -> list[FlowType]:
    """The flow types of one drill."""
    return SETS[name]()
