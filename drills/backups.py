"""A backup of a database that goes on working, restored into a new folder and compared, row for row.

What was acknowledged before the backup began must be there, and every history must be whole. The planted fault is one
flipped byte in the backup, which `db verify` must find before anything is restored from it.
"""

import asyncio
import hashlib
from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from random import Random
from typing import Any

import httpx
import psycopg
from sqlalchemy.engine import URL

from drills.report import Found, Outcome, skip
from drills.site import Site, Tenancy, site
from masterflow.db.embedded import EmbeddedPostgres
from masterflow.errors import MasterflowError

NAME = "backup, restore"
CLIENTS = 4
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
HOLES = "SELECT count(*) FROM (SELECT flow_id FROM flow_events GROUP BY 1 HAVING max(seq) <> count(*)) AS holes"


def _quiet(_: str) -> None:
    """Say nothing."""


def sums(url: URL, names: list[str]) -> dict[str, str]:
    """A checksum of every table, and of those flows alone that had been acknowledged."""
    found = {}
    with psycopg.connect(url.render_as_string(hide_password=False)) as connection:
        for (table,) in connection.execute(TABLES).fetchall():
            digest = hashlib.sha256()
            for (row,) in connection.execute(f'SELECT t::text FROM public."{table}" t ORDER BY 1'):
                digest.update(row.encode())
            found[table] = digest.hexdigest()
        there = connection.execute(
            "SELECT count(*) FROM crewai_flow_state_extensions WHERE flow_name = ANY(%s)", (names,)
        ).fetchone()
        found["acknowledged"] = str(there[0] if there else 0)
        holes = connection.execute(HOLES).fetchone()
        found["holes"] = str(holes[0] if holes else 0)
    return found


async def _create(http: httpx.AsyncClient, tenancy: Tenancy, prefix: str, count: int) -> list[str]:
    names = []
    for number in range(count):
        body = {"flow_type": "counted", "flow_name": f"{prefix}-{number}", "config": {}, "start": False}
        answer = await http.post("/api/v1/flows", json=body, headers=tenancy.headers)
        if answer.is_success:
            names.append(f"{prefix}-{number}")
    return names


async def kept_and_compared(flows: int, seed: int) -> tuple[Found, str | None]:
    """Back up under load and at rest, restore both, compare; then damage one and verify it."""
    backup: Any = import_module("masterflow.db.backup")
    async with site() as here:
        here.serve()
        tenancy = await here.tenant("backups")
        await here.answers()
        async with httpx.AsyncClient(base_url=here.base, timeout=60, trust_env=False) as http:
            before = await _create(http, tenancy, "before", flows)
            creating = asyncio.gather(*(_create(http, tenancy, f"while-{n}", flows) for n in range(CLIENTS)))
            await asyncio.to_thread(_take, backup, here, here.folder / "busy")
            during = [name for names in await creating for name in names]
        for child in here.children:
            child.kill()
        everything = before + during
        await asyncio.to_thread(_take, backup, here, here.folder / "quiet")
        assert here.urls.admin is not None
        live = await asyncio.to_thread(sums, here.urls.admin, everything)
        busy = await asyncio.to_thread(_restored, backup, here, "busy", before)
        quiet = await asyncio.to_thread(_restored, backup, here, "quiet", everything)
        says = [f"table {name} differs after the restore" for name in live if live[name] != quiet.get(name)]
        if busy["holes"] != "0":
            says.append(f"{busy['holes']} histories have holes in the backup that was taken under load")
        lost = len(before) - int(busy["acknowledged"]) + len(everything) - int(quiet["acknowledged"])
        flipped = await asyncio.to_thread(_flipped, backup, here.folder / "quiet", Random(seed))
    notes = [f"{len(live) - 2} tables, {len(everything)} flows"]
    return Found(trials=len(before) + len(everything), faults=2, lost=lost, says=says, notes=notes), flipped


def _take(backup: Any, here: Site, target: Path) -> None:
    password = here.postgres.folder / "password"
    backup.take(
        backup.Source(url=here.urls.admin, artifacts=None, artifacts_url="none:", password=password),
        target,
        tell=_quiet,
    )


def _restored(backup: Any, here: Site, name: str, names: list[str]) -> Mapping[str, str]:
    target = here.folder / f"{name}-restored"
    backup.restore(here.folder / name, target, tell=_quiet)
    server = EmbeddedPostgres(target / "postgres")
    try:
        return sums(server.start(), names)
    finally:
        server.stop()


def _flipped(backup: Any, kept: Path, random: Random) -> str | None:
    """Flip one byte of one file; answers what verifying it says, or None if it finds nothing."""
    file = random.choice([path for path in sorted(kept.rglob("*")) if path.is_file() and path.stat().st_size > 100])
    content = bytearray(file.read_bytes())
    content[random.randrange(len(content))] ^= 1
    file.write_bytes(bytes(content))
    try:
        backup.verify(kept, tell=_quiet)
    except (MasterflowError, ValueError) as error:
        return f"{file.name}: {str(error)[:60]}"
    return None


def run(*, seed: int, full: bool, quick: bool) -> list[Outcome]:
    """The drill."""
    if find_spec("masterflow.db.backup") is None:
        return [skip(NAME, "this Masterflow cannot back up")]
    flows = 2_000 if full else 10 if quick else 200
    correct, flipped = asyncio.run(kept_and_compared(flows, seed))
    return [Outcome(name=NAME, correct=correct, planted="one flipped byte", found=flipped)]
