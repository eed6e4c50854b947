"""A worker of its own process, whose flows tell through files how far they are.

    python -m tests.durability.worker_process APP_URL ENGINE_URL FOLDER

A body of the flow type `held` writes FOLDER/begun/FLOW.PID and ends when FOLDER/go exists; one of `deadly` kills the
process.
"""

import asyncio
import os
import signal
import sys
from datetime import timedelta
from pathlib import Path

from sqlalchemy.engine import make_url

from masterflow.db.session import Database
from masterflow.db.urls import DatabaseUrls
from masterflow.orchestrator import FlowTypeRegistry
from masterflow.orchestrator.engine_dbos import DbosEngine
from masterflow.spec import FlowType, PhaseContext
from masterflow.testing import Nothing, empty_flow, toy_flow, toy_phase
from masterflow.worker.periods import Periods
from masterflow.worker.process import stop_signals
from masterflow.worker.worker import Worker

PERIODS = Periods(
    beat=timedelta(milliseconds=200),
    look=timedelta(milliseconds=200),
    sweep=timedelta(milliseconds=300),
    reconcile=timedelta(seconds=2),
    lost_after=timedelta(seconds=1),
    frozen_after=timedelta(seconds=3),
    drain=timedelta(seconds=1),
)


def held_flow(folder: Path) -> FlowType:
    """One phase before, one that is held, one after."""

    async def hold(ctx: PhaseContext, given: Nothing) -> Nothing:
        (folder / "begun" / f"{ctx.flow_id}.{os.getpid()}").touch()
        while not (folder / "go").exists():  # noqa: ASYNC110  another process makes the file
            await asyncio.sleep(0.02)
        return Nothing()

    return toy_flow(toy_phase("before"), toy_phase("held", hold), toy_phase("after"), name="held")


def deadly_flow(folder: Path) -> FlowType:
    """A phase that kills every worker that runs it."""

    async def die(ctx: PhaseContext, given: Nothing) -> Nothing:
        (folder / "begun" / f"{ctx.flow_id}.{os.getpid()}").touch()
        os.kill(os.getpid(), signal.SIGKILL)
        return Nothing()

    return toy_flow(toy_phase("dying", die), name="deadly")


def flow_types(folder: Path) -> list[FlowType]:
    """What these workers know."""
    return [held_flow(folder), empty_flow(5), deadly_flow(folder)]


async def main(app: str, engine: str, folder: Path) -> None:
    """Run one worker until a signal."""
    urls = DatabaseUrls(app=make_url(app), engine=make_url(engine), migrate=None)
    database = await Database(urls, pool_size=6).open()
    worker = Worker(database, FlowTypeRegistry(flow_types(folder)), DbosEngine(urls), concurrency=50, periods=PERIODS)
    with stop_signals() as stop:
        stop.hurry_with(worker.runner.release)
        await worker.start()
        await stop.asked()
        await worker.stop()
    await database.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], Path(sys.argv[3])))
