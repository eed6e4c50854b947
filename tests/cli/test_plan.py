"""`masterflow plan`: waves of files good and bad, and the versions of a published plan."""

import asyncio
import io
import json
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from typer.testing import CliRunner, Result

from masterflow.cli import plan as command
from masterflow.cli.plan import plan_app
from masterflow.db.session import Database
from masterflow.db.urls import DatabaseUrls
from masterflow.records.plans.store import PlanStore
from masterflow.records.plans.types import Plan
from masterflow.tenancy.types import Tenant
from tests.analysis.waves.checker import best_plan, breaches
from tests.analysis.waves.tasks import app, bundled, edge, task, wave
from tests.cli.conftest import Shell
from tests.records.plans.test_store import a_plan


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(plan_app, ["waves", *map(str, arguments)])


APPS = [app(f"a{i}", hours=i + 1) for i in range(6)]
SMALL = task(APPS, [wave(1, hours=11), wave(2, hours=11)], [edge(f"a{i}", f"a{i + 1}", weight=i + 1) for i in range(5)])


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return written(tmp_path, SMALL)


def written(folder: Path, content: object) -> Path:
    file = folder / "estate.json"
    file.write_text(json.dumps(content), encoding="utf-8")
    return file


def test_json_is_all_that_is_printed_and_repeats(small: Path) -> None:
    once, again = (run(small, "--json", "--seed", "3") for _ in range(2))
    assert once.exit_code == 0
    assert once.stderr == ""
    plan = json.loads(once.stdout)
    assert breaches(SMALL, plan["waves"]) == []
    assert (plan["status"], plan["objective"]) == ("optimal", best_plan(SMALL) / 15)
    assert {**json.loads(again.stdout), "seconds": 0} == {**plan, "seconds": 0}


def test_people_get_a_table_the_figures_and_the_broken_wishes(tmp_path: Path) -> None:
    apps = [app("bold", criticality="critical", pin=1), *(app(f"a{i:02}", pin=2) for i in range(14))]
    edges = [edge("bold", f"a{i:02}", weight=i + 1) for i in range(14)]
    waves = [wave(1, start="2027-01-11", hours=4), wave(2, hours=28, freeze="none"), wave(3, freeze="all")]
    shown = run(written(tmp_path, {**task(apps, waves, edges), "colour": 1}))
    assert shown.exit_code == 0
    said = shown.stdout
    assert "The key 'colour' of the file is not known and was ignored." in said
    assert "2027-01-11   25%" in said
    assert "Crossing weight 100.0% of all dependencies, proven optimal." in said
    assert "A target moves later than what needs it: 14 broken" in said
    assert "and 2 more, all in --json" in said
    assert "bold moves in the first wave (1) although it has criticality critical." in said
    assert "everything is proven" in said


def test_an_unproven_plan_shows_its_bound(tmp_path: Path) -> None:
    shown = run(written(tmp_path, bundled("medium_150")), "--time-limit", "3")
    assert shown.exit_code == 0
    assert "proven not below" in shown.stdout


def test_a_contradiction_is_explained_and_ends_with_1(tmp_path: Path) -> None:
    file = written(tmp_path, bundled("infeasible_20"))
    shown = run(file)
    assert shown.exit_code == 1
    assert "these 5 rules cannot hold together" in shown.stdout
    assert "  - app-004 is pinned to wave 2." in shown.stdout
    machine = run(file, "--json")
    assert machine.exit_code == 1
    assert len(json.loads(machine.stdout)["conflict"]) == 5


def test_a_plan_is_written_to_a_file(small: Path, tmp_path: Path) -> None:
    target = tmp_path / "plan.json"
    assert run(small, "--out", target).exit_code == 0
    assert breaches(SMALL, json.loads(target.read_text())["waves"]) == []


def test_nothing_to_plan_is_no_failure(tmp_path: Path) -> None:
    shown = run(written(tmp_path, task([], [])))
    assert shown.exit_code == 0
    assert "There are no applications to plan." in shown.stdout


def test_what_cannot_be_read_or_written_is_refused_in_a_sentence(small: Path, tmp_path: Path) -> None:
    missing = run(tmp_path / "none.json")
    assert missing.exit_code == 1
    assert missing.stderr.startswith("masterflow: none.json: the file cannot be read: No such file or directory.")
    folder = run(tmp_path)
    assert "the file cannot be read" in folder.stderr
    broken = run(written(tmp_path, task([{"id": "x"}], [])))
    assert broken.exit_code == 1
    assert "applications[0] (x).hours is missing" in broken.stderr
    small = written(tmp_path, task([], []))
    unwritable = run(small, "--out", tmp_path / "no" / "such" / "plan.json")
    assert unwritable.exit_code == 1
    assert "the plan cannot be written" in unwritable.stderr


@pytest.mark.parametrize("arguments", [["--time-limit", "0"], ["--seed", "-1"], ["--unknown"]])
def test_wrong_usage_ends_with_2(small: Path, arguments: list[str]) -> None:
    assert run(small, *arguments).exit_code == 2


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_sees_a_bar_with_the_best_so_far(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Terminal()
    monkeypatch.setattr(command.sys, "stderr", screen)
    with command._bar(10) as tell:
        assert tell is not None
        tell(command.planned.Progress(share=0.5, seconds=5, objective=0.25, bound=0.1))
    assert "Planning" in screen.getvalue()


def test_a_pipe_sees_no_bar() -> None:
    with command._bar(10) as tell:
        assert tell is None


def test_the_versions_of_a_plan_are_listed_and_compared(ana: Shell, urls: DatabaseUrls) -> None:
    assert ana("plan", "list").out == "No plan is published.\n"
    a = a_plan()
    b = replace(a, id=uuid4(), items=(replace(a.items[0], wave=1),), objective=None, waves=a.waves[:1])
    with psycopg.connect(urls.owner.render_as_string(hide_password=False)) as connection:
        [ids] = connection.execute("SELECT client_account_id, id FROM engagements").fetchall()
    asyncio.run(_published(urls, Tenant(*ids), a, b))
    listed = ana("plan", "list", "--json").json["items"]
    assert [(one["version"], one["items"]) for one in listed] == [(2, 1), (1, 2)]
    assert "6.1%" in ana("plan", "list").out
    assert "More: --cursor " in ana("plan", "list", "--limit", "1").out
    shown = ana("plan", "compare", a.id, b.id)
    assert shown.code == 0, shown.err
    assert ("1 to 2" in shown.out, "Billing" in shown.out, "Archive" in shown.out) == (True, True, True)
    assert [m["to_wave"] for m in ana("plan", "compare", a.id, b.id, "--json").json["moved"]] == [1]
    assert "Nothing moves elsewhere." in ana("plan", "compare", a.id, a.id).out
    assert "There is no such plan." in ana("plan", "compare", a.id, uuid4()).err


async def _published(urls: DatabaseUrls, tenant: Tenant, *plans: Plan) -> None:
    database = await Database(urls, pool_size=1).open()
    for plan in plans:
        async with database.transaction(tenant) as session:
            await PlanStore(session).publish(plan)
    await database.close()
