"""`masterflow assess`: operating systems, technologies and strategies from the command line; nothing is stored."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from masterflow.analysis.eol.operating_systems import identify_os
from masterflow.analysis.eol.snapshot import snapshot
from masterflow.analysis.eol.support import ProductMatch, support_status
from masterflow.analysis.six_r.facts import read_facts
from masterflow.analysis.six_r.recommendation import Reason, Recommendation, recommend
from masterflow.analysis.technologies.listed import source, technologies
from masterflow.analysis.technologies.recognition import Recognised, recognise_technology
from masterflow.errors import FileRejected, InvalidInput, MasterflowError, Place

assess_app = typer.Typer(no_args_is_help=True, help="Support dates, technologies and strategies, from texts and facts.")

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON with stable keys.")]
OnDay = Annotated[
    datetime | None, typer.Option("--at", formats=["%Y-%m-%d"], help="Judge as of this day instead of today.")
]


@dataclass(frozen=True, slots=True)
class Asked:
    """One application of a strategy file: what the file calls it, and what was recommended."""

    id: str | None
    name: str | None
    answer: Recommendation


@assess_app.command("os")
def assess_os(
    text: Annotated[str, typer.Argument(help="An operating system as an inventory spells it.")],
    *,
    as_json: AsJson = False,
    at: OnDay = None,
) -> None:
    """Which product and release a text names, and until when that is supported."""
    with _sentences():
        if not text.strip():
            raise InvalidInput("The text is empty.", hint='Give a name such as "Red Hat Enterprise Linux 8 (64-bit)".')
        match = identify_os(text)
        if as_json:
            typer.echo(json.dumps(_os_json(match, at=at)))
        else:
            _show_os(match, at=_day(at))


@assess_app.command("technology")
def assess_technology(
    text: Annotated[str, typer.Argument(help="A technology as an inventory spells it.")], *, as_json: AsJson = False
) -> None:
    """Which technology a text names, of which category, and how sure that is; null when it is like none."""
    with _sentences():
        if not text.strip():
            raise InvalidInput("The text is empty.", hint='Give a name such as "MS SQL 2016 Ent.".')
        found = recognise_technology(text)
        if as_json:
            typer.echo(json.dumps(None if found is None else _technology_json(found)))
        elif found is None:
            typer.echo(f'"{text}" is like none of the {len(technologies()):,} technologies of {source()}.')
        else:
            known = found.technology
            typer.echo(f"{known.title} ({known.category}), confidence {found.confidence:.0%}. List: {source()}.")


@assess_app.command("strategy")
def assess_strategy(
    file: Annotated[
        Path, typer.Argument(help="JSON: facts of one application, or a list or {'cases': [...]} of them.")
    ],
    *,
    as_json: AsJson = False,
    at: OnDay = None,
) -> None:
    """Which of seven strategies fits an application, why, and what would change that."""
    with _sentences():
        cases = _cases(_read_json(file), file.name)
        answers = [_answered(case, where, at=_day(at)) for case, where in cases.items]
        if not as_json:
            for asked in answers:
                _show_strategy(asked)
        else:
            printed = [_strategy_json(a) for a in answers]
            typer.echo(json.dumps(printed if cases.many else printed[0], indent=2, ensure_ascii=False))


@dataclass(frozen=True, slots=True)
class _Cases:
    """The objects of a strategy file with the place of each; `many` tells whether the file is a list."""

    items: list[tuple[dict[str, object], str]]
    many: bool


def _read_json(file: Path) -> object:
    try:
        return json.loads(file.read_text(encoding="utf-8-sig"), parse_constant=_no_constant)
    except OSError as error:
        raise FileRejected(
            Place(file.name), f"the file cannot be read: {error.strerror}.", hint="Check the path."
        ) from error
    except ValueError as error:  # JSONDecodeError and UnicodeDecodeError
        raise FileRejected(Place(file.name), f"this is no JSON: {error}.", hint="Save it as JSON in UTF-8.") from error


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number; use null for what is not known")


def _cases(found: object, file_name: str) -> _Cases:
    if isinstance(found, dict) and "cases" in found:
        found = found["cases"]
    if not isinstance(found, list):
        return _Cases([(_object(found, file_name), file_name)], many=False)
    return _Cases(
        [(_object(f, w), w) for f, w in ((f, f"{file_name}, case {i}") for i, f in enumerate(found, 1))], many=True
    )


def _object(found: object, where: str) -> dict[str, object]:
    if not isinstance(found, dict):
        raise InvalidInput(f"{where}: expected an object of facts, found {type(found).__name__}.", hint="Use {...}.")
    return found


def _answered(case: dict[str, object], where: str, *, at: date) -> Asked:
    given = _object(case["facts"], f"{where}, facts") if "facts" in case else case
    named = case.get("id", given.get("id"))
    facts = read_facts(given, where=where if named is None else f"{where} ({named})")
    return Asked(None if named is None else str(named), facts.name, recommend(facts, at=at))


def _os_json(match: ProductMatch, *, at: datetime | None) -> dict[str, str | float | None]:
    answer: dict[str, str | float | None] = {
        "product": match.product,
        "cycle": match.cycle,
        "eol": match.eol.isoformat() if match.eol else None,
        "extended_eol": match.extended_eol.isoformat() if match.extended_eol else None,
        "confidence": match.confidence,
    }
    if at is not None:
        support = support_status(match, at=at.date())
        answer |= {"at": support.at.isoformat(), "status": support.status.value}
    return answer


def _technology_json(found: Recognised) -> dict[str, str | float]:
    known = found.technology
    return {
        "technology": known.name,
        "title": known.title,
        "category": known.category,
        "confidence": found.confidence,
    }


def _strategy_json(asked: Asked) -> dict[str, object]:
    labels = {k: v for k, v in (("id", asked.id), ("name", asked.name)) if v is not None}
    return {**labels, **asdict(asked.answer)}


def _show_os(match: ProductMatch, *, at: date) -> None:
    support = support_status(match, at=at)
    table = Table.grid(padding=(0, 2))
    rows = {
        "product": match.product or "not known",
        "release": match.cycle or "not known",
        "support ends": str(match.eol or "no date"),
        "extended support": str(match.extended_eol or "none, or no date"),
        f"on {at}": f"{support.status.value.replace('_', ' ')}: {support.sentence}",
        "confidence": f"{match.confidence:.0%}" + (f" ({match.note})" if match.note else ""),
        "source": f"endoflife.date as of {snapshot().as_of}",
    }
    for name, value in rows.items():
        table.add_row(f"[bold]{name}[/bold]", escape(value))
    Console().print(table)


def _show_strategy(asked: Asked) -> None:
    answer, console = asked.answer, Console()
    label = " ".join(part for part in (asked.id, asked.name) if part)
    heading = f"{escape(label)}: " if label else ""
    console.print(f"\n[bold]{heading}{answer.strategy.value}[/bold]")
    console.print(
        f"score {answer.score:.2f}, confidence {answer.confidence:.0%}, first under {answer.stability:.0%} of weights,"
        f" {answer.data_completeness:.0%} of the facts known"
    )
    _print_lines("For it", _sentences_of(answer.reasons))
    _print_lines("Against it", _sentences_of(answer.against))
    _print_lines("On condition", list(answer.conditions))
    _print_lines("Questions", list(answer.questions))
    _print_lines("Would work as well", [f"{r.strategy.value} ({r.score:.2f})" for r in answer.runner_ups])
    _print_lines("Not recommended", [f"{n.strategy.value}: {n.why[0].sentence}" for n in answer.not_recommended])
    _print_lines("What would change it", [c.sentence for c in answer.what_would_change])


def _sentences_of(reasons: tuple[Reason, ...]) -> list[str]:
    return [r.sentence for r in reasons]


def _print_lines(title: str, lines: list[str]) -> None:
    console = Console()
    if lines:
        console.print(f"[bold]{title}[/bold]")
    for line in lines:
        console.print(f"  • {escape(line)}")


def _day(at: datetime | None) -> date:
    return at.date() if at else datetime.now(UTC).date()


@contextmanager
def _sentences() -> Iterator[None]:
    """Print what Masterflow refuses as a sentence and leave with exit code 1."""
    try:
        yield
    except MasterflowError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
