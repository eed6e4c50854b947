"""Planning tasks for tests: small ones by hand, random ones, and the bundled files."""

import json
from pathlib import Path

from hypothesis import strategies as st

from masterflow.analysis.waves import WaveInstance, read_instance
from tests.analysis.waves.checker import Task

DATA = Path(__file__).parents[2] / "data" / "planning"


def bundled(name: str) -> Task:
    """A planning file as plain JSON."""
    return json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))


def instance(task: Task) -> WaveInstance:
    """The task as the planner reads it from a file."""
    return read_instance(json.dumps(task).encode(), "task.json").instance


def app(name: str, **facts: object) -> Task:
    """An application of one hour, one server and one gigabyte, unless said otherwise."""
    return {"id": name, "hours": 1, "servers": 1, "storage_gb": 1, "environment": "prod", **facts}


def edge(source: str, target: str, *, weight: float = 1, kind: str = "soft") -> Task:
    """`source` needs `target`."""
    return {"source": source, "target": target, "weight": weight, "kind": kind}


def wave(number: int, **facts: object) -> Task:
    """A wave without limits, unless said otherwise."""
    return {"number": number, **facts}


def task(apps: list[Task], waves: list[Task], edges: list[Task] | None = None, **constraints: object) -> Task:
    """A whole task."""
    return {"applications": apps, "edges": edges or [], "waves": waves, "constraints": constraints}


@st.composite
def tiny_tasks(draw: st.DrawFn) -> Task:
    """Tasks small enough to try every plan: up to 5 applications, up to 3 waves, rules of every kind."""
    numbers = list(range(1, draw(st.integers(1, 3)) + 1))
    ids = [f"a{i}" for i in range(draw(st.integers(1, 5)))]
    some_wave = st.none() | st.none() | st.sampled_from(numbers)
    apps = [
        app(
            i,
            hours=draw(st.integers(0, 4)),
            servers=draw(st.sampled_from([0, 1, 1.5])),
            environment=draw(st.sampled_from(["prod", "nonprod"])),
            criticality=draw(st.sampled_from([None, "low", "high"])),
            pin=draw(some_wave),
            earliest_wave=draw(some_wave),
            latest_wave=draw(some_wave),
            team=draw(st.sampled_from([None, "red", "blue"])),
        )
        for i in ids
    ]
    waves = [
        wave(
            n,
            hours=draw(st.none() | st.integers(0, 10)),
            servers=draw(st.none() | st.sampled_from([2, 4.5])),
            storage_gb=draw(st.none() | st.integers(1, 5)),
            freeze=draw(st.sampled_from(["none", "none", "none", "prod", "all"])),
        )
        for n in numbers
    ]
    pairs = st.lists(st.sampled_from(ids), min_size=2, max_size=2, unique=True)
    few = st.lists(pairs, max_size=1) if len(ids) > 1 else st.just([])
    joined = draw(st.lists(pairs, max_size=7, unique_by=tuple) if len(ids) > 1 else st.just([]))
    kinds, weights = st.sampled_from(["hard", "soft"]), st.sampled_from([1, 2.5, 7])
    return task(
        apps,
        waves,
        [edge(a, b, weight=draw(weights), kind=draw(kinds)) for a, b in joined],
        together=draw(few),
        apart=draw(few),
        before=draw(few),
        max_parallel_prod=draw(st.none() | st.integers(0, 4)),
        max_per_team_per_wave=draw(st.none() | st.dictionaries(st.sampled_from(["red", "blue"]), st.integers(0, 3))),
    )
