"""The commit reached Postgres, its answer reached nobody: the same request, sent again under its key, has one effect.

A proxy between the API and Postgres cuts the line after the bytes of a COMMIT have passed. The planted fault is a
client that sends its request again without the key.
"""

import asyncio
from collections import Counter
from uuid import uuid4

import httpx

from drills.proxy import Proxy, proxied
from drills.report import Found, Outcome, told
from drills.site import Site, site

NAME = "lost answers"
REST_SECONDS = 0.05
MOST_TRIES = 100


async def cutting(cuts: int, *, keyed: bool) -> Found:
    """Create flows; the answer to each commit is cut off once."""
    bodies: list[str] = []
    names: list[str] = []
    async with site() as here, proxied(here.postgres.port) as proxy:
        here.serve(through=proxy.port)
        tenancy = await here.tenant("answers")
        await here.answers()
        async with httpx.AsyncClient(base_url=here.base, headers=tenancy.headers, timeout=30, trust_env=False) as http:
            for _ in range(cuts):
                name = uuid4().hex
                names.append(name)
                bodies += await _one(http, proxy, name, keyed=keyed)
        return await _judged(here, names, bodies, proxy.cuts)


async def _one(http: httpx.AsyncClient, proxy: Proxy, name: str, *, keyed: bool) -> list[str]:
    """Create a flow whose first commit is not answered; answers what is wrong with what the client was told."""
    body = {"flow_type": "counted", "flow_name": name, "config": {}, "start": False}
    headers = {"Idempotency-Key": name} if keyed else {}
    proxy.cut_after_commit = 1
    answers: list[httpx.Response] = []
    for _ in range(MOST_TRIES):
        answer = await http.post("/api/v1/flows", json=body, headers=headers)
        if answer.is_success:
            answers.append(answer)
        elif answer.status_code not in (409, 503):
            return [f"answered {answer.status_code}: {answer.text[:120]}"]
        if len(answers) == (2 if keyed else 1):
            break
        await asyncio.sleep(REST_SECONDS)
    if not answers:
        return ["never answered"]
    return [] if len({answer.content for answer in answers}) == 1 else ["two answers to one key differ"]


async def _judged(here: Site, names: list[str], wrong: list[str], cuts: int) -> Found:
    rows = await here.fetch("SELECT flow_name FROM crewai_flow_state_extensions")
    seen = Counter(row["flow_name"] for row in rows)
    return Found(
        trials=len(names),
        faults=cuts,
        lost=sum(1 for name in names if not seen[name]),
        duplicated=sum(seen[name] - 1 for name in names if seen[name] > 1),
        says=wrong if cuts else [*wrong, "no answer was cut off"],
    )


def run(*, seed: int, full: bool, quick: bool) -> list[Outcome]:
    """The drill."""
    correct = asyncio.run(cutting(10_000 if full else 10 if quick else 200, keyed=True))
    mutant = asyncio.run(cutting(10, keyed=False))
    return [Outcome(name=NAME, correct=correct, planted="sent again without a key", found=told(mutant))]
