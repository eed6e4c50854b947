"""Poisoned requests and phases: no 5xx, and a phase that misbehaves ends its flow `failed` with a reason.

Others proceed beside it. The planted fault is an API that lets the driver's and the encoder's errors through.
"""

import asyncio
from collections.abc import Mapping
from random import Random

import httpx
import orjson

from drills.report import Found, Outcome, told
from drills.site import Site, site, until

NAME = "poison"
DEEP = 1_000
LONG = 10_000_000
PATIENCE = 90.0
MISDEEDS = ("raise", "exit", "recurse", "nul", "surrogate", "nan", "nothing", "stranger", "kill")
TEXTS = ("a\\u0000b", "\\ud800", "\\udfff\\ud800", "\\u202e", "\\uffff", "x" * LONG)
NUMBERS = ("NaN", "Infinity", "-Infinity", "1e999", "9" * 400, "-9223372036854775809", "9223372036854775808")
PLACES = (
    ("POST", "/api/v1/flows", '{"flow_type": "counted", "flow_name": %s, "config": {}, "start": false}'),
    ("POST", "/api/v1/flows", '{"flow_type": %s, "config": {}, "start": false}'),
    ("POST", "/api/v1/flows", '{"flow_type": "counted", "config": {"pace": %s}, "start": false}'),
    ("POST", "/api/v1/flows", '{"flow_type": "counted", "config": {"more": %s}, "start": false}'),
    ("POST", "/api/v1/flows/{flow}/cancel", '{"reason": %s}'),
    ("POST", "/api/v1/flows/{flow}/execute", '{"phase": %s}'),
    ("POST", "/api/v1/flows/{flow}/input", '{"values": {"pace": %s}}'),
    ("POST", "/api/v1/flows/{flow}/rollback", '{"phase": %s, "reason": "x", "config": {"a": %s}}'),
    ("POST", "/api/v1/engagements", '{"name": %s}'),
)
PATHS = (
    "/api/v1/flows/%00",
    "/api/v1/flows/%ED%A0%80",
    "/api/v1/flows?cursor=%00",
    "/api/v1/flows?limit=99999999999999999999",
    "/api/v1/flows?flow_type=%00",
    "/api/v1/assets?cursor=AAAA&limit=-1",
    "/api/v1/gates?flow_id=%FF",
    "/api/v1/flows/{flow}/history?after=99999999999999999999",
)


def poisons() -> list[str]:
    """Values as JSON text, most of which no strict reader takes."""
    texts = [f'"{text}"' for text in TEXTS]
    return [*texts, *NUMBERS, "[" * DEEP + "]" * DEEP, '{"a":' * DEEP + "1" + "}" * DEEP, "true", "[null]"]


async def requests(here: Site, headers: Mapping[str, str], most: int, random: Random) -> list[str]:
    """Send them all, or `most` of them with every NUL among them; answers what was answered with 5xx."""
    made = [(method, path, body.replace("%s", value)) for method, path, body in PLACES for value in poisons()]
    made += [("GET", path, "") for path in PATHS]
    surely = [one for one in made if "u0000" in one[2] or "%00" in one[1]]
    others = [one for one in made if one not in surely]
    chosen = surely + random.sample(others, max(0, min(len(others), most - len(surely))))
    wrong = []
    async with httpx.AsyncClient(base_url=here.base, headers=headers, timeout=60, trust_env=False) as http:
        started = await http.post("/api/v1/flows", json={"flow_type": "counted", "config": {}, "start": False})
        flow = started.json()["flow_id"]
        for method, path, body in chosen:
            kind = {"Content-Type": "application/json"} if body else {}
            try:
                answer = await http.request(method, path.replace("{flow}", flow), content=body, headers=kind)
            except httpx.HTTPError as error:
                wrong.append(f"{method} {path} {body[:60]} was not answered: {error!r}")
                continue
            if answer.status_code >= 500:
                wrong.append(f"{method} {path} {body[:60]}… answered {answer.status_code}")
    return wrong


async def misdeeds(here: Site, headers: Mapping[str, str], chosen: tuple[str, ...]) -> list[str]:
    """Run a flow for each misdeed, and good ones beside them; answers those that did not end as they should."""
    flows: dict[str, str] = {}
    async with httpx.AsyncClient(base_url=here.base, headers=headers, timeout=60, trust_env=False) as http:
        for does in chosen:
            answer = await http.post("/api/v1/flows", json={"flow_type": "poison", "config": {"does": does}})
            flows[answer.json()["flow_id"]] = does
            answer = await http.post("/api/v1/flows", json={"flow_type": "counted", "config": {"pace": 0.05}})
            flows[answer.json()["flow_id"]] = "good"
    supervisor = asyncio.create_task(here.watch())
    try:
        await until(lambda: _none_runs(here), seconds=PATIENCE, every=0.3)
    except TimeoutError:
        pass
    finally:
        supervisor.cancel()
    rows = await here.fetch(
        "SELECT flow_id::text, flow_status, last_error::text FROM crewai_flow_state_extensions WHERE flow_id = ANY($1)",
        list(flows),
    )
    return [said for row in rows if (said := _wrong(flows[row["flow_id"]], row["flow_status"], row["last_error"]))]


def _wrong(does: str, status: str, error: str | None) -> str | None:
    if does == "good":
        return None if status == "completed" else f"a good flow beside the bad ones is {status}"
    if status != "failed":
        return f"a phase that does '{does}' left its flow {status}"
    return None if error and orjson.loads(error).get("message") else f"'{does}' failed without a reason"


async def _none_runs(here: Site) -> bool:
    query = "SELECT count(*) FROM crewai_flow_state_extensions WHERE flow_status = 'running'"
    return bool((await here.fetch(query))[0][0] == 0)


async def poisoned(seed: int, *, most: int, chosen: tuple[str, ...], mutant: str | None = None) -> Found:
    """Both kinds of poison."""
    async with site() as here:
        here.serve(flows="poison", fast=True, mutant=mutant)
        if chosen:
            for _ in range(2):
                here.worker(flows="poison", fast=True).supervised = True
        tenancy = await here.tenant("poison")
        await here.answers()
        wrong = await requests(here, tenancy.headers, most, Random(seed))
        bad = await misdeeds(here, tenancy.headers, chosen) if chosen else []
    return Found(trials=most + len(chosen), faults=most + len(chosen), lost=len(bad), says=[*wrong, *bad])


def run(*, seed: int, full: bool, quick: bool) -> list[Outcome]:
    """The drill; `--full` sends the same requests, all of them."""
    most = 40 if quick else len(PLACES) * len(poisons()) + len(PATHS)
    chosen = ("raise", "nul", "stranger") if quick else MISDEEDS
    correct = asyncio.run(poisoned(seed, most=most, chosen=chosen))
    mutant = asyncio.run(poisoned(seed, most=most, chosen=(), mutant="texts_as_they_come"))
    return [Outcome(name=NAME, correct=correct, planted="texts unchecked", found=told(mutant))]
