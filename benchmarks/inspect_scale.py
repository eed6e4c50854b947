"""How large may files be? Seconds and memory of commands on generated files, each in a process of its own.

usage: python benchmarks/inspect_scale.py [--nodes 60000] [--edges 250000] [--seed 1] [--keep FOLDER]

The limits are those of the machine the figures are stated for: 2 cores. Exit code 1 when one is passed.
"""

import argparse
import csv
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.console import Console
from rich.table import Table

PORTS = (443, 8080, 8443, 1433, 1521, 5432, 5672, 9092, 2049)
START = datetime(2026, 10, 19, tzinfo=UTC)
DAYS = 35
NEAR = 12  # ends of a community are so far apart at most
FAR_SHARE = 0.2  # of the edges cross between communities
MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Measured:
    """What one command took: `cpu_seconds` are its own, whatever else runs; `output` holds what it printed."""

    seconds: float
    cpu_seconds: float
    peak_mib: float
    exit_code: int
    output: Path


@dataclass(frozen=True, slots=True)
class Question:
    """A command on a generated file, and what it may take."""

    name: str
    arguments: Sequence[str]
    most_seconds: float
    most_mib: float


def main() -> int:
    """Print the table; 1 when a command failed or took more than it may."""
    given = _arguments()
    table = Table("question", "seconds", "at most", "of them CPU", "peak MiB", "at most", "found")
    missed = 0
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        flows = write_flows(folder / "flows.csv", nodes=given.nodes, edges=given.edges, seed=given.seed)
        questions = [Question("dependencies inspect", ["dependencies", "inspect", str(flows), "--json"], 60, 2048)]
        for question in questions:
            measured = measure(question.arguments, folder / "output.json")
            fits = measured.seconds < question.most_seconds and measured.peak_mib < question.most_mib
            missed += measured.exit_code != 0 or not fits
            figures = (
                measured.seconds, question.most_seconds, measured.cpu_seconds, measured.peak_mib, question.most_mib
            )  # fmt: skip
            table.add_row(question.name, *(f"{figure:,.1f}" for figure in figures), graph_found(measured.output))
    Console().print(table)
    return 1 if missed else 0


def write_flows(path: Path, *, nodes: int, edges: int, seed: int = 1) -> Path:
    """A flow table in which every node talks, most of them inside a neighbourhood; no two rows are the same edge.

    `edges` must be at least `nodes`.
    """
    chance = random.Random(seed)
    with path.open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(("source", "destination", "port", "protocol", "connections", "bytes", "first_seen", "last_seen"))
        for source, target, port in _edges(nodes, edges, chance):
            first = START + timedelta(seconds=chance.randrange(3 * 86_400))
            last = first + timedelta(seconds=chance.randrange((DAYS - 3) * 86_400))
            count = int(10 ** chance.uniform(0, 5))
            size = count * chance.randrange(200, 60_000)
            table.writerow((address(source), address(target), port, "tcp", count, size, _text(first), _text(last)))
    return path


def address(number: int) -> str:
    """The address of a node; none ends in 255 or 0."""
    rest, last = divmod(number, 254)
    return f"10.{rest // 256}.{rest % 256}.{last + 1}"


def measure(arguments: Sequence[str], output: Path) -> Measured:
    """Run the command line in a process of its own, and ask the system for its highest resident memory."""
    began = time.perf_counter()
    with output.open("wb") as printed:
        child = os.posix_spawn(
            sys.executable,
            [sys.executable, "-m", "masterflow", *arguments],
            dict(os.environ),
            file_actions=[(os.POSIX_SPAWN_DUP2, printed.fileno(), 1)],
        )
        _, status, usage = os.wait4(child, 0)
    seconds = time.perf_counter() - began
    cpu = usage.ru_utime + usage.ru_stime
    return Measured(seconds, cpu, usage.ru_maxrss * 1024 / MIB, os.waitstatus_to_exitcode(status), output)


def graph_found(output: Path) -> str:
    """The counts of an inspection."""
    found = json.loads(output.read_bytes())
    counts = {key: len(found[key]) for key in ("nodes", "edges", "groups")}
    counts["set aside"] = sum(one["rows"] for one in found["set_aside"])
    return ", ".join(f"{count:,} {name}" for name, count in counts.items())


def _edges(nodes: int, edges: int, chance: random.Random) -> Iterator[tuple[int, int, int]]:
    """Every node asks its neighbour once; the others are drawn until there are enough."""
    seen: set[tuple[int, int, int]] = set()
    for number in range(edges):
        while True:
            source = number if number < nodes else chance.randrange(nodes)
            far = number >= nodes and chance.random() < FAR_SHARE
            target = chance.randrange(nodes) if far else (source + chance.randrange(1, NEAR)) % nodes
            edge = (source, target, chance.choice(PORTS))
            if source != target and edge not in seen:
                break
        seen.add(edge)
        yield edge


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--nodes", type=int, default=60_000)
    parser.add_argument("--edges", type=int, default=250_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="folder that keeps the files")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
