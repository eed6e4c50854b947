"""A disk that fills up while commands arrive: clients hear it, nothing acknowledged is lost, and work resumes.

Postgres lies on a small file system of its own (a tmpfs, which only root may mount). It is filled by a ballast file;
then its log as well, so that Postgres stops itself and is started again after room was made. The planted fault is a
Postgres whose commits do not wait for the disk.
"""

import asyncio
import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import httpx

from drills.kills import FORGETFUL
from drills.report import Found, Outcome, skip
from drills.site import site, until

NAME = "full disk"
SIZE_MB = 260
CLIENTS = 4
SMALL_LOG = ("max_wal_size=64MB", "min_wal_size=32MB")


@contextmanager
def small_disk() -> Iterator[Path | None]:
    """A mounted tmpfs; None where it cannot be mounted."""
    folder = Path(tempfile.mkdtemp(prefix="masterflow-drill-"))
    command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m,mode=755", "tmpfs", str(folder)]
    is_mounted = shutil.which("mount") is not None and subprocess.call(command, stderr=subprocess.DEVNULL) == 0
    try:
        yield folder if is_mounted else None
    finally:
        if is_mounted:
            subprocess.run(["umount", "-l", str(folder)], check=False)
        folder.rmdir()


async def filling(disk: Path, commands: int, *, panic: bool, options: tuple[str, ...] = ()) -> Found:
    """Fill the disk under load, make room, and look for every acknowledged flow."""
    acknowledged: list[str] = []
    statuses: Counter[int] = Counter()
    says: list[str] = []
    async with site(folder=disk, options=(*SMALL_LOG, *options)) as here:
        here.serve(log_to=Path(tempfile.gettempdir()))
        tenancy = await here.tenant("disk")
        await here.answers()
        await here.fetch("CHECKPOINT")
        async with httpx.AsyncClient(base_url=here.base, headers=tenancy.headers, timeout=60, trust_env=False) as http:
            await _commands(http, commands, acknowledged, statuses, says)
            ballast = _fill(disk)
            await _until_refused(http, acknowledged, statuses, says)
            if (await http.get("/api/v1/flows")).status_code not in (200, 503):
                says.append("a read failed with another status than 503")
            if panic:
                await asyncio.to_thread(here.postgres.kill)
            ballast.unlink()
            if panic or not here.postgres.process.is_running():
                await asyncio.to_thread(here.postgres.start)
            await until(lambda: _one_is_done(http, acknowledged, statuses, says))
        rows = await here.fetch("SELECT flow_name FROM crewai_flow_state_extensions")
        there = {row["flow_name"] for row in rows}
    if not statuses[503] and not statuses[507]:
        says.append("the disk was never full")
    return Found(
        trials=len(acknowledged),
        faults=1,
        lost=sum(1 for name in acknowledged if name not in there),
        says=says,
        notes=[f"answers {dict(sorted(statuses.items()))}"],
    )


async def _commands(
    http: httpx.AsyncClient, count: int, acknowledged: list[str], statuses: Counter[int], says: list[str]
) -> None:
    async def some() -> None:
        for _ in range(count // CLIENTS):
            await _command(http, acknowledged, statuses, says)

    await asyncio.gather(*(some() for _ in range(CLIENTS)))


async def _command(http: httpx.AsyncClient, acknowledged: list[str], statuses: Counter[int], says: list[str]) -> bool:
    name = uuid4().hex
    body = {"flow_type": "counted", "flow_name": name, "config": {"filler": "x" * 100_000}, "start": False}
    try:
        answer = await http.post("/api/v1/flows", json=body, headers={"Idempotency-Key": name})
    except httpx.HTTPError as error:
        says.append(f"a command was not answered: {error!r}")
        return False
    statuses[answer.status_code] += 1
    if answer.is_success:
        acknowledged.append(name)
    elif answer.status_code not in (503, 507) or not answer.json().get("detail"):
        says.append(f"answered {answer.status_code}: {answer.text[:100]}")
    return answer.is_success


async def _one_is_done(
    http: httpx.AsyncClient, acknowledged: list[str], statuses: Counter[int], says: list[str]
) -> bool:
    return await _command(http, acknowledged, statuses, says)


async def _until_refused(
    http: httpx.AsyncClient, acknowledged: list[str], statuses: Counter[int], says: list[str]
) -> None:
    for _ in range(3_000):
        if not await _command(http, acknowledged, statuses, says):
            return
    says.append("no command was refused on a full disk")


def _fill(disk: Path) -> Path:
    """Take all the room that is left."""
    ballast = disk / "ballast"
    block = b"\0" * 1_000_000
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(block)
        except OSError:
            return ballast


def run(*, seed: int, full: bool, quick: bool) -> list[Outcome]:
    """The drill, in both forms: Postgres lives on, or stops itself and is started again."""
    found = []
    for panic in (False, True) if not quick else (False,):
        with small_disk() as disk:
            if disk is None:
                return [skip(NAME, "no tmpfs can be mounted here")]
            found.append(asyncio.run(filling(disk, 4_000 if full else 40 if quick else 400, panic=panic)))
    with small_disk() as disk:
        assert disk is not None
        mutant = asyncio.run(filling(disk, 40, panic=True, options=FORGETFUL))
    correct = Found(
        trials=sum(one.trials for one in found),
        faults=len(found),
        lost=sum(one.lost for one in found),
        says=[said for one in found for said in one.says],
        notes=[note for one in found for note in one.notes],
    )
    saw = f"{mutant.lost} lost" if mutant.lost else None
    return [Outcome(name=NAME, correct=correct, planted="synchronous_commit=off", found=saw)]
