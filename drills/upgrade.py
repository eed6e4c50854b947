"""A worker of version 1 is killed while it holds flows; a worker of version 2 starts, and every flow ends.

Version 2 changes the body of the held phase and adds a phase behind the last. The planted fault is an engine that
takes the hash of its source for its version, so that nobody runs what version 1 queued.
"""

import asyncio
import contextlib

import httpx

from drills import invariants
from drills.report import Found, Outcome, told
from drills.site import Site, Tenancy, site, until

NAME = "upgrade in flight"
PATIENCE = 40.0
PATIENCE_OF_THE_MUTANT = 12.0


async def upgrade(flows: int, *, mutant: str | None = None) -> Found:
    """Half of the flows run when the worker is killed, half wait at a gate."""
    async with site() as here:
        api = here.serve(flows="v1", fast=True)
        first = here.worker(flows="v1", fast=True)
        tenancy = await here.tenant("upgrade")
        await here.answers()
        await here.workers_live(1)
        async with _http(here, tenancy) as http:
            waiting = await _create(http, flows // 2)
            (here.folder / "go").touch()
            await until(lambda: _count(here, "waiting_for_approval", len(waiting)))
            (here.folder / "go").unlink()
            running = await _create(http, flows - len(waiting))
            await until(lambda: _begun(here) >= flows)
        first.kill()
        api.kill()
        here.serve(flows="v2", fast=True)
        here.worker(flows="v2", fast=True, mutant=mutant)
        await here.answers()
        ended = await _finish(here, tenancy, PATIENCE_OF_THE_MUTANT if mutant else PATIENCE)
        sums = await invariants.look(here, all_ended=False)
    stuck = len(waiting) + len(running) - ended
    says = [*sums.says, *([f"{stuck} of {flows} flows never ended"] if stuck else [])]
    return Found(trials=flows, faults=1, lost=stuck + sums.missing, duplicated=sums.doubled, says=says)


def _http(here: Site, tenancy: Tenancy) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=here.base, headers=tenancy.headers, timeout=30, trust_env=False)


async def _create(http: httpx.AsyncClient, count: int) -> list[str]:
    made = []
    for _ in range(count):
        answer = await http.post("/api/v1/flows", json={"flow_type": "growing", "config": {}})
        answer.raise_for_status()
        made.append(answer.json()["flow_id"])
    return made


async def _count(here: Site, status: str, enough: int) -> bool:
    query = "SELECT count(*) FROM crewai_flow_state_extensions WHERE flow_status = $1"
    return bool((await here.fetch(query, status))[0][0] >= enough)


def _begun(here: Site) -> int:
    begun = here.folder / "begun"
    return len(begun.read_text(encoding="utf-8").splitlines()) if begun.exists() else 0


async def _finish(here: Site, tenancy: Tenancy, seconds: float) -> int:
    """Approve every gate until all flows ended or the time is up; answers how many ended."""
    everything = (await here.fetch("SELECT count(*) FROM crewai_flow_state_extensions"))[0][0]
    async with _http(here, tenancy) as http:

        async def all_ended() -> bool:
            for gate in (await http.get("/api/v1/gates")).json()["items"]:
                await http.post(
                    f"/api/v1/gates/{gate['id']}/decision",
                    json={"verdict": "approve", "content_hash": gate["content_hash"]},
                )
            return await _count(here, "completed", everything)

        with contextlib.suppress(TimeoutError):
            await until(all_ended, seconds=seconds, every=0.3)
    query = "SELECT count(*) FROM crewai_flow_state_extensions WHERE flow_status = 'completed'"
    return int((await here.fetch(query))[0][0])


def run(*, seed: int, full: bool, quick: bool) -> list[Outcome]:
    """The drill."""
    correct = asyncio.run(upgrade(6 if quick else 200 if full else 20))
    mutant = asyncio.run(upgrade(4, mutant="version_of_its_own"))
    return [Outcome(name=NAME, correct=correct, planted="version = hash of the source", found=told(mutant))]
