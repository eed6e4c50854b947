"""kill -9 of worker, API and Postgres at random times, while clients command flows over HTTP.

No acknowledged command may be missing from the history, no effect may be missing or doubled, every flow must end. The
planted faults: a body whose effect has no key, found by killing workers; commits that do not wait for the disk, found
by killing Postgres.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from drills import invariants
from drills.load import Book, Client, compare
from drills.report import Found, Outcome, told
from drills.site import Child, Site, site

NAME = "kill -9"
CLIENTS = 6
WORKER_LIMIT_SECONDS = 5.0
POSTGRES_LIMIT_SECONDS = 10.0
FORGETFUL = ("synchronous_commit=off", "wal_writer_delay=10s")


@dataclass(slots=True)
class Victims:
    """Who can be killed, and how long work stood still after each kill."""

    site: Site
    api: Child
    workers: list[Child]
    book: Book
    random: Random
    recovery: dict[str, list[float]] = field(default_factory=lambda: {"worker": [], "api": [], "postgres": []})

    async def kill(self, kind: str) -> None:
        """Kill one of a kind and start it again as a supervisor would."""
        killed_at = time.time()
        if kind == "worker":
            worker = self.random.choice(self.workers)
            held = await self._held_by(worker)
            worker.kill()
            killed_at = time.time()
            worker.start()
            self.recovery[kind] += await self._moved_again(held, killed_at)
        elif kind == "api":
            self.api.kill()
            self.api.start()
            await self.site.answers()  # what arrives before was on its way when the process was killed
            await self._acknowledged_after(kind, killed_at, time.time())
        else:
            await asyncio.to_thread(self.site.postgres.kill)
            began = time.time()
            await asyncio.to_thread(self.site.postgres.start)
            await self._acknowledged_after(kind, killed_at, began)

    async def _acknowledged_after(self, kind: str, killed_at: float, began: float) -> None:
        deadline = time.time() + 60
        while time.time() < deadline:
            after = [at for at in self.book.answered_at if at > began]
            if after:
                self.recovery[kind].append(min(after) - killed_at)
                return
            await asyncio.sleep(0.02)
        self.recovery[kind].append(60.0)

    async def _held_by(self, worker: Child) -> list[str]:
        """The flows that run in `worker` at this moment."""
        rows = await self.site.fetch(
            """SELECT f.flow_id FROM crewai_flow_state_extensions f JOIN workers w ON w.worker_id = f.run_owner
               WHERE w.pid = $1 AND f.flow_status = 'running'""",
            worker.pid,
        )
        return [str(row["flow_id"]) for row in rows]

    async def _moved_again(self, held: Sequence[str], killed_at: float) -> list[float]:
        """Seconds until each of the flows was begun by somebody else, or moved by a command."""
        waiting, took = set(held), []
        deadline = time.time() + 30
        while waiting and time.time() < deadline:
            rows = await self.site.fetch(
                """SELECT flow_id, min(extract(epoch FROM at))::float8 AS at FROM flow_events
                   WHERE flow_id = ANY($1::uuid[]) AND at > to_timestamp($2) GROUP BY flow_id""",
                list(waiting),
                killed_at,
            )
            for row in rows:
                waiting.discard(str(row["flow_id"]))
                took.append(row["at"] - killed_at)
            await asyncio.sleep(0.1)
        return took + [30.0] * len(waiting)


async def trial(
    seed: int, kills: Sequence[str], *, mutant: str | None = None, options: tuple[str, ...] = (), fast: bool = False
) -> tuple[Found, dict[str, list[float]]]:
    """One run: load, kills in order, the end of every flow, and the comparison."""
    random, book, stop = Random(seed), Book(), asyncio.Event()
    async with site(options=options) as here:
        api = here.serve(mutant=mutant, fast=fast)
        workers = [here.worker(mutant=mutant, fast=fast) for _ in range(2)]
        tenants = [await here.tenant(f"kills {number}") for number in range(2)]
        await here.answers()
        await here.workers_live(2)
        await here.fetch("CHECKPOINT")  # the tenants stay, whatever a planted fault forgets
        for child in here.children:
            child.supervised = True
        supervisor = asyncio.create_task(here.watch())
        victims = Victims(here, api, workers, book, random)
        clients = [Client(here, tenants[number % 2], book, Random(random.random())) for number in range(CLIENTS)]
        running = asyncio.gather(*(client.run(stop) for client in clients))
        for kind in kills:
            await asyncio.sleep(random.uniform(0.5, 2.5))
            await victims.kill(kind)
        await asyncio.sleep(0.5)
        stop.set()
        await running
        supervisor.cancel()
        sums, kept = await invariants.look(here), await compare(here, book)
        damaged = await asyncio.to_thread(here.amcheck)
    says = [*book.broken, *sums.says, *([f"pg_amcheck: {damaged}"] if damaged else [])]
    found = Found(
        trials=len(book.acknowledged),
        faults=len(kills),
        lost=kept.lost + sums.missing,
        duplicated=kept.duplicated + sums.doubled,
        says=says,
        notes=[f"{sums.flows} flows, answers {dict(sorted(book.statuses.items()))}"],
    )
    return found, victims.recovery


def _order(each: int, random: Random) -> list[str]:
    kills = ["worker", "api", "postgres"] * each
    random.shuffle(kills)
    return kills


def run(*, seed: int, full: bool, quick: bool) -> list[Outcome]:
    """The drill, one line for each kind of victim."""
    each = 333 if full else 1 if quick else 10
    found, recovery = asyncio.run(trial(seed, _order(each, Random(seed)), fast=quick))
    few = 3 if quick else 6
    doubled, _ = asyncio.run(trial(seed + 1, ["worker"] * few, mutant="effects_without_a_key", fast=quick))
    forgot, _ = asyncio.run(trial(seed + 2, ["postgres"] * (few - 1), options=FORGETFUL, fast=quick))
    limits = {} if quick else {"worker": WORKER_LIMIT_SECONDS, "postgres": POSTGRES_LIMIT_SECONDS}
    planted = {
        "worker": ("effects without a key", told(doubled)),
        "postgres": ("synchronous_commit=off", f"{forgot.lost} acknowledged lost" if forgot.lost else None),
    }
    outcomes = []
    for number, kind in enumerate(("worker", "postgres")):
        fault, saw = planted[kind]
        outcomes.append(
            Outcome(
                name=f"{NAME} {kind}{' and API' if kind == 'worker' else ''}",
                correct=Found(
                    trials=found.trials,
                    faults=each * (2 - number),
                    lost=found.lost,
                    duplicated=found.duplicated,
                    recovery=recovery[kind],
                    says=found.says if not number else (),
                    notes=found.notes if not number else (),
                ),
                planted=fault,
                found=saw,
                recovery_limit=limits.get(kind),
            )
        )
    return outcomes
