"""How good are the waves? Crossing weight of first fit and of the planner, with bound, time and an independent verdict.

usage: python benchmarks/wave_planning.py [INSTANCE.json …] [--generate APPS:WAVES:SEED …] [--seconds 60]
                                          [--checker tools/check_plan.py] [--save FOLDER]

Generated estates have communities built in: edges are denser and heavier inside, one in five crosses; the plan that an
estate was made around fills its capacity to about nine tenths and is printed as "planted".
"""

import argparse
import importlib.util
import json
import os
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from masterflow.analysis.waves import WavePlan, broken_rules, plan_waves, read_instance
from masterflow.analysis.waves.groups import move_groups

Task = dict[str, Any]
Plan = dict[str, int]
Checker = Callable[[Task, Plan], list[str]]

FILL = 0.9
FIRST_FIT_TRIES = 3_000


def main() -> int:
    """Print the table; 1 when the checker finds a broken rule."""
    given = _arguments()
    checker = _checker(given.checker)
    table = Table(
        "instance", "groups", "planted", "first fit", "ours", "bound", "status", "seconds", "stopped by", "checker"
    )
    bad = 0
    for name, task, planted in _tasks(given):
        if given.save:
            (given.save / f"{name}.json").write_text(json.dumps(task, indent=1))
        instance = read_instance(json.dumps(task).encode(), name).instance
        plan = plan_waves(instance, time_limit=timedelta(seconds=given.seconds), seed=given.seed)
        broken = checker(task, dict(plan.waves)) if plan.waves else []
        bad += bool(broken)
        table.add_row(
            name,
            str(len(move_groups(instance))),
            _percent(planted),
            _percent(first_fit_share(task)) if plan.waves else "",
            _percent(plan.objective),
            _percent(plan.bound),
            plan.status,
            f"{plan.seconds:.1f}",
            plan.stopped_by,
            _verdict(plan, broken),
        )
    console = Console(width=140)
    console.print(table)
    console.print(
        f"{given.seconds:g} s, seed {given.seed}, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores at the end"
    )
    return 1 if bad else 0


def make_estate(applications: int, waves: int, seed: int) -> tuple[Task, float]:
    """An estate with communities built in, and the crossing share of the plan that it was made around."""
    chance = random.Random(seed)
    community = _communities(applications, chance)
    home = _homes(community, waves, chance)
    planted = [home[c] for c in community]
    apps = [_application(i, planted[i], waves, chance) for i in range(applications)]
    edges = _edges(apps, community, planted, chance)
    task = {
        "schema_version": 1,
        "name": f"generated_{applications}_{seed}",
        "applications": apps,
        "edges": edges,
        "waves": [_wave(n, waves, apps, planted, chance) for n in range(1, waves + 1)],
        "constraints": _constraints(apps, community, planted, chance),
    }
    return task, _share(task, {a["id"]: wave for a, wave in zip(apps, planted, strict=True)})


def first_fit_share(task: Task) -> float | None:
    """Crossing share of a dependency-blind plan: groups at random, tightest window first, each in its first wave."""
    instance = read_instance(json.dumps(task).encode(), "first fit").instance
    groups = [g.applications for g in move_groups(instance)]
    chance = random.Random(1)
    windows = {
        a.id: (a.pin or a.earliest_wave or 1, a.pin or a.latest_wave or len(instance.waves))
        for a in instance.applications
    }
    for _ in range(FIRST_FIT_TRIES):
        order = sorted(groups, key=lambda g: (min(windows[a][1] - windows[a][0] for a in g), chance.random()))
        plan: Plan = {}
        fit = _Fit(task)
        if all(fit.place(group, plan) for group in order) and not broken_rules(instance, plan):
            return _share(task, plan)
    return None


class _Fit:
    """Free capacity while groups are put into the first wave that takes them."""

    def __init__(self, task: Task) -> None:
        self._apps = {a["id"]: a for a in task["applications"]}
        self._rules = task["constraints"]
        self._waves = sorted(task["waves"], key=lambda w: w["number"])
        self._used: dict[int, Counter[str]] = defaultdict(Counter)

    def place(self, group: Iterable[str], plan: Plan) -> bool:
        members = [self._apps[i] for i in group]
        for wave in self._waves:
            if all(self._open(m, wave) for m in members) and self._room(members, wave, plan):
                plan.update({m["id"]: wave["number"] for m in members})
                self._used[wave["number"]].update(self._load(members))
                return True
        return False

    def _open(self, app: Task, wave: Task) -> bool:
        number, freeze = wave["number"], wave["freeze"]
        frozen = freeze == "all" or (freeze == "prod" and app["environment"] == "prod")
        early = number < (app["earliest_wave"] or 1)
        late = number > (app["latest_wave"] or len(self._waves))
        return not (frozen or early or late) and app["pin"] in (None, number)

    def _load(self, members: list[Task]) -> Counter[str]:
        load: Counter[str] = Counter()
        for m in members:
            load.update({r: m[r] for r in ("hours", "servers", "storage_gb")})
            load.update({"prod": m["environment"] == "prod", f"team {m['team']}": 1})
        return load

    def _room(self, members: list[Task], wave: Task, plan: Plan) -> bool:
        limits = {**wave, "prod": self._rules["max_parallel_prod"]}
        limits |= {f"team {team}": most for team, most in self._rules["max_per_team_per_wave"].items()}
        used = self._used[wave["number"]] + self._load(members)
        if any(used[key] > limit for key, limit in limits.items() if key in used and limit is not None):
            return False
        return not any(self._clashes(m["id"], wave["number"], plan) for m in members)

    def _clashes(self, app: str, number: int, plan: Plan) -> bool:
        apart = ({a, b} - {app} for a, b in self._rules["apart"] if app in (a, b))
        first = (plan.get(b, 10**6) <= number for a, b in self._rules["before"] if a == app)
        then = (plan.get(a, -1) >= number for a, b in self._rules["before"] if b == app)
        return any(plan.get(other) == number for pair in apart for other in pair) or any(first) or any(then)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("instances", nargs="*", type=Path)
    parser.add_argument("--generate", nargs="*", default=[], metavar="APPS:WAVES:SEED")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--checker", type=Path, help="a script with hard_breaches(instance, plan)")
    parser.add_argument("--save", type=Path, help="folder to write the instances to")
    given = parser.parse_args()
    if not given.instances and not given.generate:
        given.generate = ["60:6:1", "150:9:1", "300:10:1", "600:14:1"]
    return given


def _tasks(given: argparse.Namespace) -> Iterable[tuple[str, Task, float | None]]:
    for file in given.instances:
        yield file.stem, json.loads(file.read_text(encoding="utf-8")), None
    for asked in given.generate:
        applications, waves, seed = map(int, asked.split(":"))
        task, planted = make_estate(applications, waves, seed)
        yield task["name"], task, planted


def _checker(script: Path | None) -> Checker:
    if script is None:
        return lambda task, plan: broken_rules(read_instance(json.dumps(task).encode(), "checked").instance, plan)
    spec = importlib.util.spec_from_file_location("checker", script)
    if spec is None or spec.loader is None:
        sys.exit(f"{script} is no Python script.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.hard_breaches  # type: ignore[no-any-return]


def _verdict(plan: WavePlan, broken: list[str]) -> str:
    if not plan.waves:
        return f"no plan: {len(plan.conflict)} rules"
    return "every rule holds" if not broken else f"{len(broken)} rules broken"


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.1%}"


def _share(task: Task, plan: Plan) -> float:
    total = sum(e["weight"] for e in task["edges"])
    return sum(e["weight"] for e in task["edges"] if plan[e["source"]] != plan[e["target"]]) / total


def _communities(applications: int, chance: random.Random) -> list[int]:
    community: list[int] = []
    while len(community) < applications:
        community += [community[-1] + 1 if community else 0] * chance.randint(4, 9)
    return community[:applications]


def _frozen(wave: int, waves: int) -> str:
    """From seven waves on, one in the middle is frozen for production and a later one for all."""
    if waves < 7:
        return "none"
    return {waves // 2: "prod", waves // 2 + 2: "all"}.get(wave, "none")


def _homes(community: list[int], waves: int, chance: random.Random) -> dict[int, int]:
    sizes = Counter(community)
    load = {n: 0 for n in range(1, waves + 1) if _frozen(n, waves) != "all"}
    home = {}
    for c in chance.sample(sorted(sizes), len(sizes)):
        home[c] = min(load, key=lambda n: load[n] * chance.uniform(0.8, 1.2))
        load[home[c]] += sizes[c]
    return home


def _application(i: int, wave: int, waves: int, chance: random.Random) -> Task:
    hours = chance.randint(8, 100)
    window = chance.random()
    return {
        "id": f"app-{i + 1:04}",
        "name": f"Application {i + 1:04}",
        "hours": hours,
        "servers": max(1, hours // 10 + chance.randint(-1, 2)),
        "storage_gb": chance.randint(50, 2500),
        "environment": "prod" if chance.random() < 0.6 and _frozen(wave, waves) == "none" else "nonprod",
        "criticality": chance.choice(["low", "medium", "high", "critical"]),
        "complexity": chance.randint(1, 5),
        "pin": wave if window < 0.04 else None,
        "earliest_wave": max(1, wave - chance.randint(0, 2)) if 0.04 <= window < 0.14 else None,
        "latest_wave": min(waves, wave + chance.randint(0, 2)) if 0.14 <= window < 0.24 else None,
        "team": f"team-{chance.randint(1, 9)}@example.com",
    }


def _edges(apps: list[Task], community: list[int], planted: list[int], chance: random.Random) -> list[Task]:
    members: dict[int, list[int]] = defaultdict(list)
    for i, c in enumerate(community):
        members[c].append(i)
    large = [ids for ids in members.values() if len(ids) > 1]
    edges: dict[tuple[int, int], Task] = {}
    while len(edges) < int(1.9 * len(apps)):
        inside = chance.random() < 0.8
        a, b = chance.sample(chance.choice(large), 2) if inside else chance.sample(range(len(apps)), 2)
        if planted[b] > planted[a] and chance.random() < 0.8:
            a, b = b, a
        if (a, b) in edges or (not inside and community[a] == community[b]):
            continue
        kind = "hard" if inside and chance.random() < 0.3 else "soft"
        weight = chance.randint(20, 80) if inside else chance.randint(5, 40)
        edges[a, b] = {"source": apps[a]["id"], "target": apps[b]["id"], "weight": weight, "kind": kind}
    return list(edges.values())


def _wave(number: int, waves: int, apps: list[Task], planted: list[int], chance: random.Random) -> Task:
    start = date(2027, 1, 11) + timedelta(weeks=4 * (number - 1))
    members = [a for a, wave in zip(apps, planted, strict=True) if wave == number]
    capacity = {
        r: int(sum(m[r] for m in members) / chance.uniform(FILL - 0.06, FILL + 0.06)) + bool(members)
        for r in ("hours", "servers", "storage_gb")
    }
    freeze = _frozen(number, waves)
    return {"number": number, "start": str(start), "end": str(start + timedelta(days=27)), **capacity, "freeze": freeze}


def _constraints(apps: list[Task], community: list[int], planted: list[int], chance: random.Random) -> Task:
    """Rules that the planted plan holds."""
    ids = [a["id"] for a in apps]
    pairs = [chance.sample(range(len(apps)), 2) for _ in range(len(apps))]
    in_order = [[ids[a], ids[b]] for a, b in pairs if planted[a] < planted[b]]
    apart = [[ids[a], ids[b]] for a, b in pairs[::-1] if planted[a] != planted[b]]
    together = [[ids[a], ids[a + 1]] for a, _ in pairs if a + 1 < len(apps) and community[a] == community[a + 1]]
    prod = Counter(wave for a, wave in zip(apps, planted, strict=True) if a["environment"] == "prod")
    teams = Counter((a["team"], wave) for a, wave in zip(apps, planted, strict=True))
    return {
        "together": together[: len(apps) // 30],
        "apart": apart[: len(apps) // 20],
        "before": in_order[: len(apps) // 15],
        "max_parallel_prod": max(prod.values()) + 1,
        "max_per_team_per_wave": {
            team: max(count for (of, _), count in teams.items() if of == team) + 1
            for team in sorted({a["team"] for a in apps})
        },
    }


if __name__ == "__main__":
    sys.exit(main())
