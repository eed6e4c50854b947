"""`masterflow plan`: waves for an estate given as JSON, which needs no database; and the versions of a plan."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from masterflow.analysis.waves import plan as planned
from masterflow.analysis.waves.reading import ReadInstance, read_instance
from masterflow.analysis.waves.solve import plan_waves
from masterflow.cli.plan_versions import compare, list_plans
from masterflow.errors import FileRejected, MasterflowError, Place

plan_app = typer.Typer(
    no_args_is_help=True, help="Waves for an estate from a file, and the versions of a published plan."
)

WISHES_SHOWN = 12  # a large estate breaks hundreds; --json has them all
IN_WORDS: dict[planned.Wish, str] = {
    "target_moves_later": "A target moves later than what needs it",
    "nonprod_before_prod": "Test before production",
    "first_wave_low_risk": "Low risk in the first wave",
    "environments_apart": "Production and other environments apart",
    "balanced_load": "Even load",
}
STOPPED: dict[planned.StoppedBy, str] = {
    "proof": "everything is proven",
    "work_limit": "the work limit ended the search; a repetition gives the same plan",
    "wall_clock": "the clock ended the search before the work limit; a repetition may give another plan",
}


plan_app.command("list")(list_plans)
plan_app.command("compare")(compare)


@plan_app.callback()
def plan() -> None:
    """Plan when what moves."""


@plan_app.command("waves")
def waves(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="JSON: applications, edges, waves, constraints.")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON with stable keys.")] = False,
    time_limit: Annotated[float, typer.Option("--time-limit", min=0.1, max=86_400, help="Seconds at most.")] = 60,
    seed: Annotated[int, typer.Option("--seed", min=0, max=2**31 - 1, help="Another seed, another search.")] = 1,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write the plan as JSON.")] = None,
) -> None:
    """Put applications into waves so that little of what talks to each other is apart; exit 1 when there is no plan."""
    with _sentences():
        task = _read(file)
        with _bar(time_limit) as progress:
            found = plan_waves(task.instance, time_limit=timedelta(seconds=time_limit), seed=seed, progress=progress)
        found = found.model_copy(update={"notes": (*task.notes, *found.notes)})
        if out is not None:
            _write(out, found)
    if as_json:
        typer.echo(json.dumps(found.to_json(), indent=1, ensure_ascii=False))
    else:
        _show(found)
    if not found.waves and found.status != "optimal":
        raise typer.Exit(1)


@contextmanager
def _sentences() -> Iterator[None]:
    try:
        yield
    except MasterflowError as error:
        _refuse(str(error), error)


def _refuse(sentence: str, cause: Exception) -> NoReturn:
    Console(stderr=True, highlight=False, soft_wrap=True).print(Text(f"masterflow: {sentence}"))
    raise typer.Exit(1) from cause


def _read(file: Path) -> ReadInstance:
    try:
        data = file.read_bytes()
    except OSError as error:
        said = f"the file cannot be read: {error.strerror or error}."
        raise FileRejected(Place(file=file.name), said, hint="Give the path of a planning file.") from error
    return read_instance(data, file.name)


def _write(out: Path, found: planned.WavePlan) -> None:
    try:
        out.write_text(json.dumps(found.to_json(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as error:
        said = f"the plan cannot be written: {error.strerror or error}."
        raise FileRejected(Place(file=str(out)), said, hint="Give a path that can be written.") from error


@contextmanager
def _bar(seconds: float) -> Iterator[Callable[[planned.Progress], None] | None]:
    """A progress bar on a terminal, nothing elsewhere."""
    if not sys.stderr.isatty():
        yield None
        return
    columns = (TextColumn("Planning"), BarColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("looking for a first plan", total=seconds)

        def tell(now: planned.Progress) -> None:
            said = f"crossing {now.objective:.1%}, not below {now.bound:.1%}"
            bar.update(task, completed=now.seconds, description=said)

        yield tell


def _show(found: planned.WavePlan) -> None:
    console = Console(highlight=False) if sys.stdout.isatty() else Console(highlight=False, width=160)
    for note in found.notes:
        console.print(Text(note))
    for item in found.conflict:
        console.print(Text(f"  - {item.sentence}"))
    if found.objective is None or found.bound is None:
        return
    console.print(_table(found))
    proven = "proven optimal" if found.status == "optimal" else f"proven not below {found.bound:.1%}"
    console.print(Text(f"Crossing weight {found.objective:.1%} of all dependencies, {proven}."))
    console.print(Text(f"Found in {found.seconds:.1f} s with seed {found.settings.seed}; {STOPPED[found.stopped_by]}."))
    _show_wishes(console, found)


def _table(found: planned.WavePlan) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column, right in (("wave", True), ("start", False), ("fill", True), ("frozen", False), ("n", True)):
        table.add_column(column, justify="right" if right else "left", no_wrap=True)
    table.add_column("applications", overflow="fold")
    for wave in found.wave_fill:
        table.add_row(
            str(wave.number),
            str(wave.start or ""),
            "" if wave.fill is None else f"{wave.fill:.0%}",
            "" if wave.freeze == "none" else wave.freeze,
            str(len(wave.applications)),
            Text(", ".join(wave.applications)),
        )
    return table


def _show_wishes(console: Console, found: planned.WavePlan) -> None:
    for wish, words in IN_WORDS.items():
        broken = [b for b in found.broken_wishes if b.wish == wish]
        if broken:
            console.print(Text(f"{words}: {len(broken):,} broken"))
        for one in broken[:WISHES_SHOWN]:
            console.print(Text(f"  - {one.sentence}"))
        if len(broken) > WISHES_SHOWN:
            console.print(Text(f"  … and {len(broken) - WISHES_SHOWN:,} more, all in --json"))
