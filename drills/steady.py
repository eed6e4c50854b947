"""Requests at a constant rate, reads and commands of several tenants, whatever the answers take.

The load is open: a request is sent when its time has come, not when the one before was answered, so a slow answer is
not hidden by a client that waits for it. The planted fault is an API in which every 20th command
breaks.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from statistics import fmean
from uuid import uuid4

import httpx

from drills.report import Found, Outcome, percentile, told
from drills.site import Tenancy, site

NAME = "constant rate"
TENANTS = 5
FLOWS = 20  # of each tenant, made before
MEAN_LIMIT_SECONDS = 0.2
CONNECTIONS = 200


@dataclass(slots=True)
class Tally:
    """What the requests got, and how long each took from the moment at which it was due."""

    statuses: Counter[int] = field(default_factory=Counter)
    took: list[float] = field(default_factory=list)
    unanswered: int = 0

    def bad(self, *, busy_is_bad: bool) -> int:
        """Requests that the service failed: 5xx, or no answer. On a busy machine 503 is the right answer."""
        failed = {status: count for status, count in self.statuses.items() if status >= 500}
        return self.unanswered + sum(count for status, count in failed.items() if busy_is_bad or status != 503)


async def steady(requests: int, per_second: float, seed: int, *, mutant: str | None = None, judge: bool) -> Found:
    """Send so many requests at that rate; `judge` holds the times against their limits."""
    random, tally = Random(seed), Tally()
    async with site() as here:
        here.serve(mutant=mutant)
        here.worker()
        tenants = [await here.tenant(f"steady {number}") for number in range(TENANTS)]
        await here.answers()
        await here.workers_live(1)
        limits = httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS)
        async with httpx.AsyncClient(base_url=here.base, timeout=30, limits=limits, trust_env=False) as http:
            flows = {tenancy.token: await _made(http, tenancy) for tenancy in tenants}
            began = time.perf_counter()
            sent = []
            for number in range(requests):
                due = began + number / per_second
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
                tenancy = random.choice(tenants)
                sent.append(asyncio.create_task(_one(http, tenancy, flows[tenancy.token], random, due, tally)))
            rate = requests / (time.perf_counter() - began)
            await asyncio.gather(*sent)
        return _found(tally, requests, rate, per_second, judge=judge)


def _found(tally: Tally, requests: int, rate: float, wanted: float, *, judge: bool) -> Found:
    mean = fmean(tally.took) if tally.took else float("inf")
    bad = tally.bad(busy_is_bad=judge)
    says = [f"{bad} of {requests} requests failed: {dict(tally.statuses)}"] if bad else []
    if judge and mean > MEAN_LIMIT_SECONDS:
        says.append(f"the mean is {1000 * mean:.0f} ms")
    if judge and rate < 0.95 * wanted:
        says.append(f"the rate was {rate:.0f}/s, not {wanted:.0f}/s")
    p50, p99 = (1000 * percentile(tally.took, share) for share in (0.5, 0.99))
    return Found(
        trials=requests,
        faults=0,
        lost=tally.unanswered,
        says=says,
        notes=[
            (
                f"{rate:.0f}/s, mean {1000 * mean:.0f} ms, p50 {p50:.0f} ms, p99 {p99:.0f} ms, "
                f"answers {dict(sorted(tally.statuses.items()))}"
            )
        ],
    )


async def _made(http: httpx.AsyncClient, tenancy: Tenancy) -> list[str]:
    made = []
    for _ in range(FLOWS):
        body = {"flow_type": "counted", "config": {"pace": 0.05}, "start": False}
        answer = await http.post("/api/v1/flows", json=body, headers=tenancy.headers)
        made.append(answer.raise_for_status().json()["flow_id"])
    return made


async def _one(
    http: httpx.AsyncClient, tenancy: Tenancy, flows: Sequence[str], random: Random, due: float, tally: Tally
) -> None:
    flow, drawn = random.choice(flows), random.random()
    headers = {**tenancy.headers, "Idempotency-Key": uuid4().hex}
    try:
        if drawn < 0.4:
            answer = await http.get(f"/api/v1/flows/{flow}", headers=tenancy.headers)
        elif drawn < 0.6:
            answer = await http.get("/api/v1/flows", headers=tenancy.headers)
        elif drawn < 0.7:
            answer = await http.get(f"/api/v1/flows/{flow}/history", headers=tenancy.headers)
        elif drawn < 0.8:
            body = {"flow_type": "counted", "config": {"pace": 0.05}, "start": drawn < 0.72}
            answer = await http.post("/api/v1/flows", json=body, headers=headers)
        else:
            command = random.choice(("execute", "pause", "resume"))
            answer = await http.post(f"/api/v1/flows/{flow}/{command}", headers=headers)
    except httpx.HTTPError:
        tally.unanswered += 1
        return
    tally.took.append(time.perf_counter() - due)
    tally.statuses[answer.status_code] += 1


def run(*, seed: int, full: bool, quick: bool) -> list[Outcome]:
    """The drill; the quick form judges no times, and lets a busy machine say so."""
    if quick:
        correct = asyncio.run(steady(300, 20, seed, judge=False))
    else:
        correct = asyncio.run(steady(300_000 if full else 30_000, 150, seed, judge=True))
    mutant = asyncio.run(steady(150, 20, seed, mutant="breaks_now_and_then", judge=False))
    return [Outcome(name=NAME, correct=correct, planted="every 20th command breaks", found=told(mutant))]
