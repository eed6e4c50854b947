"""Clients who command flows over HTTP while things are killed, and remember what they were told.

A command carries a reason that is found again in the flow's history, and an `Idempotency-Key`; it is sent again, under
the same key, until somebody answers it.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any
from uuid import uuid4

import httpx

from drills.site import Site, Tenancy

REQUEST_SECONDS = 10.0
REST_SECONDS = 0.1
GIVE_UP_SECONDS = 60.0
COMMANDS = ("pause", "resume", "cancel", "retry")
WEIGHTS = (4, 5, 1, 3)


@dataclass(slots=True)
class Book:
    """What clients were told: `acknowledged` has the key of every command that was answered with success."""

    acknowledged: dict[str, str] = field(default_factory=dict)
    sent: set[str] = field(default_factory=set)
    answered_at: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Client:
    """One client of one tenant: it creates flows and commands them until told to stop."""

    site: Site
    tenancy: Tenancy
    book: Book
    random: Random
    flows: list[str] = field(default_factory=list)

    async def run(self, stop: asyncio.Event) -> None:
        """Command flows at random until `stop`, then bring every flow to its end."""
        async with httpx.AsyncClient(
            base_url=self.site.base, headers=self.tenancy.headers, timeout=REQUEST_SECONDS, trust_env=False
        ) as http:
            while not stop.is_set():
                if len(self.flows) < 3 or self.random.random() < 0.2:
                    await self._create(http)
                else:
                    await self._command(http, self.random.choice(self.flows[-8:]))
                await asyncio.sleep(self.random.uniform(0.01, 0.08))
            for flow in self.flows:
                await self._finish(http, flow)

    async def _create(self, http: httpx.AsyncClient) -> None:
        key = uuid4().hex
        body = {
            "flow_type": "counted",
            "flow_name": key,
            "config": {"pace": self.random.uniform(0.02, 0.3), "fails": self.random.random() < 0.2},
        }
        answer = await self._send(http, "/api/v1/flows", body, key)
        if answer is not None and answer.status_code == 201:
            self.flows.append(answer.json()["flow_id"])

    async def _command(self, http: httpx.AsyncClient, flow: str) -> None:
        command = self.random.choices(COMMANDS, WEIGHTS)[0]
        key = uuid4().hex
        body: dict[str, Any] = {"reason": key}
        if command == "retry":
            body["config"] = {"fails": False}
        await self._send(http, f"/api/v1/flows/{flow}/{command}", body, key)

    async def _finish(self, http: httpx.AsyncClient, flow: str) -> None:
        deadline = time.monotonic() + 3 * GIVE_UP_SECONDS
        while time.monotonic() < deadline:
            status = await self._status(http, flow)
            if status in ("completed", "cancelled", "gone"):
                return
            if status in ("paused", "failed"):
                command, key = ("resume" if status == "paused" else "retry"), uuid4().hex
                more = {"config": {"fails": False}} if command == "retry" else {}
                await self._send(http, f"/api/v1/flows/{flow}/{command}", {"reason": key, **more}, key)
            await asyncio.sleep(REST_SECONDS)

    async def _status(self, http: httpx.AsyncClient, flow: str) -> str | None:
        try:
            answer = await http.get(f"/api/v1/flows/{flow}/status")
        except httpx.HTTPError:
            return None
        if answer.status_code == 404:
            return "gone"  # it was acknowledged, so the comparison will tell that it is lost
        return answer.json()["status"] if answer.status_code == 200 else None

    async def _send(
        self, http: httpx.AsyncClient, path: str, body: Mapping[str, Any], key: str
    ) -> httpx.Response | None:
        """Send a command until it is answered for good; 503 and a broken connection are no answers."""
        self.book.sent.add(key)
        deadline = time.monotonic() + GIVE_UP_SECONDS
        while time.monotonic() < deadline:
            try:
                answer = await http.post(path, json=body, headers={"Idempotency-Key": key})
            except httpx.HTTPError:
                await asyncio.sleep(REST_SECONDS)
                continue
            self.book.statuses[answer.status_code] += 1
            if answer.status_code == 503 or "running" in answer.headers.get("idempotency-status", ""):
                await asyncio.sleep(REST_SECONDS)
                continue
            if answer.status_code >= 500:
                self.book.broken.append(f"{path.rsplit('/', 1)[-1]} answered {answer.status_code}: {answer.text[:200]}")
            if answer.is_success:
                self.book.acknowledged[key] = path
                self.book.answered_at.append(time.time())
            return answer
        return None


@dataclass(frozen=True, slots=True)
class Kept:
    """Of what was acknowledged: how much is not in the history, and how often something is there twice."""

    lost: int
    duplicated: int


async def compare(site: Site, book: Book) -> Kept:
    """Look for every command in the histories, and for every created flow by its name."""
    reasons = Counter(
        row["reason"] for row in await site.fetch("SELECT reason FROM flow_events WHERE reason IS NOT NULL")
    )
    names = Counter(row["flow_name"] for row in await site.fetch("SELECT flow_name FROM crewai_flow_state_extensions"))
    seen = reasons + names
    lost = sum(1 for key in book.acknowledged if not seen[key])
    return Kept(lost, sum(seen[key] - 1 for key in book.sent if seen[key] > 1))
