"""A worker that is frozen while it runs flows, and thawed after others took them over: it is fenced.

The planted fault is a worker whose commits do not ask whose row it is.
"""

import asyncio
import signal

import httpx
import orjson

from drills import invariants
from drills.report import Found, Outcome, told
from drills.site import Child, Site, site, until

NAME = "frozen worker"


async def frozen(flows: int, *, mutant: str | None = None) -> Found:
    """Freeze a worker that holds so many flows, let another one begin them, thaw the first, and let it end first."""
    async with site() as here:
        first = here.worker(flows="held", fast=True, mutant=mutant)
        here.serve(flows="held", fast=True)
        tenancy = await here.tenant("frozen")
        await here.answers()
        await here.workers_live(1)
        await _create(here, tenancy.headers, flows)
        await until(lambda: _begun_by(here, first) >= flows)
        second = here.worker(flows="held", fast=True, mutant=mutant)
        await here.workers_live(2)
        first.send(signal.SIGSTOP)
        await until(lambda: _begun_by(here, second) >= flows)
        # The first is let go before it thaws, so its bodies end at once; the second's go on until all is settled.
        (here.folder / f"go.{first.pid}").touch()
        first.send(signal.SIGCONT)
        await _bodies_of_first_end(here, first)
        (here.folder / "go").touch()
        await until(lambda: _all_ended(here))
        return await _judged(here, first, flows)


async def _create(here: Site, headers: dict[str, str], flows: int) -> None:
    async with httpx.AsyncClient(base_url=here.base, headers=headers, timeout=30, trust_env=False) as http:
        for _ in range(flows):
            (await http.post("/api/v1/flows", json={"flow_type": "held", "config": {}})).raise_for_status()


def _begun_by(here: Site, worker: Child) -> int:
    begun = here.folder / "begun"
    lines = begun.read_text(encoding="utf-8").splitlines() if begun.exists() else []
    return sum(1 for line in lines if line.endswith(f" {worker.pid}"))


async def _bodies_of_first_end(here: Site, first: Child) -> None:
    """Wait until the thawed worker has beaten again, and so has looked at its rows or tried to commit."""

    async def beats() -> bool:
        query = "SELECT count(*) FROM workers WHERE pid = $1 AND beat_at > now() - interval '1 second'"
        return bool((await here.fetch(query, first.pid))[0][0] > 0)

    await until(beats)
    await asyncio.sleep(1)


async def _all_ended(here: Site) -> bool:
    query = "SELECT count(*) FROM crewai_flow_state_extensions WHERE flow_status = 'running'"
    return bool((await here.fetch(query))[0][0] == 0)


async def _judged(here: Site, first: Child, flows: int) -> Found:
    sums = await invariants.look(here)
    rows = await here.fetch("SELECT output::text FROM phase_results WHERE phase IN ('held', 'after')")
    by_first = sum(1 for row in rows if orjson.loads(row["output"])["pid"] == first.pid)
    says = [*sums.says, *([f"{by_first} results come from the fenced worker"] if by_first else [])]
    return Found(trials=flows, faults=1, lost=sums.missing, duplicated=sums.doubled, says=says)


def run(*, seed: int, full: bool, quick: bool) -> list[Outcome]:
    """The drill."""
    flows = 500 if full else 5 if quick else 50
    correct = asyncio.run(frozen(flows))
    mutant = asyncio.run(frozen(5, mutant="no_token_check"))
    return [Outcome(name=NAME, correct=correct, planted="no token check", found=told(mutant))]
