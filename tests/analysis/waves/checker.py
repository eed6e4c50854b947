"""The planning rules once more, written from their description and sharing no code with the planner.

`breaches` judges a plan, `best_plan` tries every plan of a tiny task.
"""

from itertools import product
from typing import Any

Task = dict[str, Any]
Plan = dict[str, int]


def breaches(task: Task, plan: Plan) -> list[str]:
    """Every hard rule that a complete plan breaks."""
    apps = {a["id"]: a for a in task["applications"]}
    waves = {w["number"]: w for w in task["waves"]}
    if set(plan) != set(apps) or any(number not in waves for number in plan.values()):
        return ["not every application has a wave of the task"]
    return [*_windows(apps, waves, plan), *_loads(task, apps, plan), *_relations(task, plan)]


def crossing(task: Task, plan: Plan) -> float:
    """The weight of edges whose ends lie in different waves."""
    return sum(e["weight"] for e in task["edges"] if plan[e["source"]] != plan[e["target"]])


def best_plan(task: Task) -> float | None:
    """The least crossing weight of all plans, None when no plan holds every rule."""
    ids = [a["id"] for a in task["applications"]]
    numbers = [w["number"] for w in task["waves"]]
    plans = (dict(zip(ids, choice, strict=True)) for choice in product(numbers, repeat=len(ids)))
    return min((crossing(task, plan) for plan in plans if not breaches(task, plan)), default=None)


def circles(task: Task) -> list[set[str]]:
    """Sets of two or more applications that reach each other over hard edges."""
    ids = [a["id"] for a in task["applications"]]
    reach = {i: {e["target"] for e in task["edges"] if e["kind"] == "hard" and e["source"] == i} for i in ids}
    for _ in ids:
        reach = {i: ends.union(*(reach[end] for end in ends)) for i, ends in reach.items()}
    found = {frozenset({i, *(j for j in reach[i] if i in reach[j])}) for i in ids}
    return [set(circle) for circle in found if len(circle) > 1]


def _windows(apps: Task, waves: Task, plan: Plan) -> list[str]:
    wrong = []
    for i, number in plan.items():
        app, freeze = apps[i], waves[number].get("freeze", "none")
        if app.get("pin") not in (None, number):
            wrong.append(f"pin {i}")
        if number < (app.get("earliest_wave") or 0):
            wrong.append(f"earliest {i}")
        if number > (app.get("latest_wave") or 10**6):
            wrong.append(f"latest {i}")
        if freeze == "all" or (freeze == "prod" and app["environment"] == "prod"):
            wrong.append(f"freeze {i} {number}")
    return wrong


def _loads(task: Task, apps: Task, plan: Plan) -> list[str]:
    wrong = []
    rules = task.get("constraints", {})
    for wave in task["waves"]:
        members = [apps[i] for i, number in plan.items() if number == wave["number"]]
        for resource in ("hours", "servers", "storage_gb"):
            limit = wave.get(resource)
            if limit is not None and sum(m[resource] for m in members) > limit + 1e-9:
                wrong.append(f"capacity {wave['number']} {resource}")
        most = rules.get("max_parallel_prod")
        if most is not None and sum(m["environment"] == "prod" for m in members) > most:
            wrong.append(f"prod {wave['number']}")
        for team, most_of in (rules.get("max_per_team_per_wave") or {}).items():
            if sum(m.get("team") == team for m in members) > most_of:
                wrong.append(f"team {team} {wave['number']}")
    return wrong


def _relations(task: Task, plan: Plan) -> list[str]:
    rules = task.get("constraints", {})
    wrong = [f"circle {c}" for c in circles(task) if len({plan[i] for i in c}) > 1]
    wrong += [f"together {ids}" for ids in rules.get("together", []) if len({plan[i] for i in ids}) > 1]
    wrong += [f"apart {a} {b}" for a, b in rules.get("apart", []) if plan[a] == plan[b]]
    wrong += [f"before {a} {b}" for a, b in rules.get("before", []) if plan[a] >= plan[b]]
    return wrong
