"""More clients than connections, a slow Postgres, a frozen one, a dead one, and a line that swallows everything.

Clients get 503 with Retry-After and never another 5xx, no request takes longer than its budget, the health route
answers throughout, work goes on within seconds after the trouble ends, and no transaction is left idle. The planted
fault is an API that lets the driver's errors through.
"""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from uuid import uuid4

import httpx

from drills.proxy import Proxy, proxied
from drills.report import Found, Outcome, told
from drills.site import Site, Tenancy, site, until

NAME = "exhaustion"
BUDGET_SECONDS = 40.0
HEAL_SECONDS = 5.0
POOL = 4
Trouble = Callable[[Site, Proxy], AbstractAsyncContextManager[None]]


@asynccontextmanager
async def slow(here: Site, proxy: Proxy) -> AsyncIterator[None]:
    """Every packet takes 200 ms longer."""
    proxy.delay_seconds = 0.2
    yield
    proxy.delay_seconds = 0.0


@asynccontextmanager
async def black_hole(here: Site, proxy: Proxy) -> AsyncIterator[None]:
    """Bytes go in, none come out."""
    proxy.silent = True
    yield
    proxy.silent = False


@asynccontextmanager
async def stopped(here: Site, proxy: Proxy) -> AsyncIterator[None]:
    """Postgres is frozen."""
    with here.postgres.frozen():
        yield


@asynccontextmanager
async def killed(here: Site, proxy: Proxy) -> AsyncIterator[None]:
    """Postgres is dead."""
    await asyncio.to_thread(here.postgres.kill)
    yield
    await asyncio.to_thread(here.postgres.start)


@dataclass(slots=True)
class Seen:
    """What clients met."""

    statuses: Counter[int] = field(default_factory=Counter)
    longest: float = 0.0
    says: list[str] = field(default_factory=list)
    recovery: list[float] = field(default_factory=list)


@dataclass(slots=True)
class Crowd:
    """Many clients of one API."""

    here: Site
    tenancy: Tenancy
    seen: Seen
    clients: int

    async def press(self, seconds: float) -> None:
        """Let every client ask again and again."""
        until_then = time.monotonic() + seconds
        limits = httpx.Limits(max_connections=self.clients + 10)
        async with httpx.AsyncClient(
            base_url=self.here.base,
            headers=self.tenancy.headers,
            timeout=3 * BUDGET_SECONDS,
            limits=limits,
            trust_env=False,
        ) as http:
            await asyncio.gather(self._health(until_then), *(self._one(http, until_then) for _ in range(self.clients)))

    async def _one(self, http: httpx.AsyncClient, until_then: float) -> None:
        while time.monotonic() < until_then:
            began = time.monotonic()
            key = uuid4().hex
            try:
                if key[0] < "8":
                    answer = await http.get("/api/v1/flows")
                else:
                    body = {"flow_type": "counted", "flow_name": key, "config": {}, "start": False}
                    answer = await http.post("/api/v1/flows", json=body, headers={"Idempotency-Key": key})
            except httpx.HTTPError as error:
                self.seen.says.append(f"a request was not answered: {error!r}")
                continue
            self._note(answer, time.monotonic() - began)
            await asyncio.sleep(0.05)

    def _note(self, answer: httpx.Response, took: float) -> None:
        self.seen.statuses[answer.status_code] += 1
        self.seen.longest = max(self.seen.longest, took)
        if answer.status_code == 503 and "retry-after" not in answer.headers:
            self.seen.says.append("a 503 without Retry-After")
        if answer.status_code >= 500 and answer.status_code != 503:
            self.seen.says.append(f"answered {answer.status_code}: {answer.text[:100]}")
        if took > BUDGET_SECONDS:
            self.seen.says.append(f"a request took {took:.0f} s")

    async def _health(self, until_then: float) -> None:
        async with httpx.AsyncClient(base_url=self.here.base, timeout=15, trust_env=False) as http:
            while time.monotonic() < until_then:
                try:
                    if (await http.get("/health/live")).status_code != 200:
                        self.seen.says.append("/health/live failed")
                    await http.get("/health/ready")
                except httpx.HTTPError as error:
                    self.seen.says.append(f"the health routes did not answer: {error!r}")
                await asyncio.sleep(0.5)

    async def heals(self) -> None:
        """Note how long it takes until a command is done again."""
        began = time.monotonic()
        async with httpx.AsyncClient(
            base_url=self.here.base, headers=self.tenancy.headers, timeout=BUDGET_SECONDS, trust_env=False
        ) as http:

            async def done() -> bool:
                body = {"flow_type": "counted", "config": {}, "start": False}
                return (await http.post("/api/v1/flows", json=body)).is_success

            await until(done, seconds=BUDGET_SECONDS, every=0.1)
        self.seen.recovery.append(time.monotonic() - began)


async def troubles(kinds: tuple[Trouble, ...], *, clients: int, seconds: float, mutant: str | None = None) -> Found:
    """Press on through each trouble, and see that it heals."""
    seen = Seen()
    async with site() as here, proxied(here.postgres.port) as proxy:
        here.serve(through=proxy.port, mutant=mutant, pool=POOL)
        crowd = Crowd(here, await here.tenant("crowd"), seen, clients)
        await here.answers()
        await crowd.press(seconds)
        for trouble in kinds:
            async with trouble(here, proxy):
                pressing = asyncio.create_task(crowd.press(seconds))
                await asyncio.sleep(seconds)
            await crowd.heals()
            await pressing
        await asyncio.sleep(1)
        idle = "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'"
        leaked = (await here.fetch(idle))[0][0]
    if leaked:
        seen.says.append(f"{leaked} transactions are left idle")
    return Found(
        trials=sum(seen.statuses.values()),
        faults=len(kinds),
        says=[f"{said} (x{count})" for said, count in Counter(seen.says).items()],
        recovery=seen.recovery,
        notes=[f"answers {dict(sorted(seen.statuses.items()))}, longest {seen.longest:.1f} s, idle left {leaked}"],
    )


def run(*, seed: int, full: bool, quick: bool) -> list[Outcome]:
    """The drill."""
    kinds: tuple[Trouble, ...] = (killed,) if quick else (slow, black_hole, stopped, killed)
    seconds = 2.0 if quick else 60.0 if full else 15.0
    correct = asyncio.run(troubles(kinds, clients=20 if quick else 200, seconds=seconds))
    mutant = asyncio.run(troubles((killed,), clients=20, seconds=2.0, mutant="errors_as_they_come"))
    found = told(mutant)
    limit = None if quick else HEAL_SECONDS
    return [
        Outcome(name=NAME, correct=correct, planted="driver's errors let through", found=found, recovery_limit=limit)
    ]
