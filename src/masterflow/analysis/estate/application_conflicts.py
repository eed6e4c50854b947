"""Where lists of applications contradict each other: owners, criticality, and what one list says twice.

Only people can decide these, so every one waits for a person; until then the first list by name is shown. Two lists
have columns of their own, so what they say beside owner and criticality is compared within one list only.
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from masterflow.analysis.estate.tabular import ApplicationRow
from masterflow.analysis.estate.values import ENVIRONMENT_WORDS
from masterflow.inventory.types import Conflict, Environment, Fact

SLIPS = 0.2  # of the applications of a list may be there twice by mistake
FIELDS_READ = frozenset({"business_owner", "technical_owner", "criticality", "environment"})
CHANGES_BY_ITSELF = re.compile(
    r"(^|[_\W])(sys|id|updated|created|modified|date|time|timestamp|version|status|description|comments?|notes?|name)"
    r"([_\W]|$)",
    re.IGNORECASE,
)


def lists_of_parts(applications: Iterable[Sequence[ApplicationRow]]) -> frozenset[str]:
    """Files that list many of their applications several times: a row for each part, which may well differ."""
    once: Counter[str] = Counter()
    several: Counter[str] = Counter()
    for rows in applications:
        for file, count in Counter(row.source.file for row in rows).items():
            once[file] += 1
            several[file] += count > 1
    return frozenset(file for file in once if several[file] > max(1, SLIPS * once[file]))


def row_conflicts(name: str, rows: Sequence[ApplicationRow], *, of_parts: Collection[str] = ()) -> Iterator[Conflict]:
    """The contradictions among the rows of one application, in the order of the rows; of each field the first.

    What the files `of_parts` say beside owner and criticality is not compared.
    """
    told: set[str] = set()
    for conflict in _conflicts(name, rows, of_parts):
        if conflict.field not in told:
            told.add(conflict.field)
            yield conflict


def _conflicts(name: str, rows: Sequence[ApplicationRow], of_parts: Collection[str]) -> Iterator[Conflict]:
    read: Sequence[tuple[str, Callable[[ApplicationRow], str | None]]] = (
        ("business_owner", lambda row: row.business_owner),
        ("criticality", lambda row: str(row.criticality) if row.criticality else None),
    )
    for field, value_of in read:
        yield from _conflict(name, field, [(row, value) for row in rows if (value := value_of(row))])
    lists: dict[tuple[str, Environment | None], list[ApplicationRow]] = {}
    for row in (r for r in rows if r.source.file not in of_parts):
        lists.setdefault((row.source.file, row.environment or _environment_in(row.name)), []).append(row)
    for own in lists.values():
        for field in dict.fromkeys(key for row in own for key in row.attributes):
            if field not in FIELDS_READ and not CHANGES_BY_ITSELF.search(field):
                yield from _conflict(name, field, [(r, r.attributes[field]) for r in own if field in r.attributes])


def _environment_in(name: str) -> Environment | None:
    """The environment at the end of a name: "Payroll (TEST)" and "Payroll (PROD)" may well be told apart."""
    last = re.findall(r"[a-z]+", name.casefold())[-1:]
    return ENVIRONMENT_WORDS.get(last[0]) if last else None


def _conflict(name: str, field: str, said: Sequence[tuple[ApplicationRow, str]]) -> Iterator[Conflict]:
    distinct: dict[str, tuple[ApplicationRow, str]] = {}
    for row, value in said:
        distinct.setdefault(value.casefold(), (row, value))
    if len(distinct) < 2:
        return
    files = list(dict.fromkeys(row.source.file for row, _ in distinct.values()))
    where = f"is listed {len(distinct)} times in {files[0]}" if len(files) == 1 else f"is in {' and '.join(files)}"
    values = tuple(
        Fact(field, value, replace(row.source, column=field), "application_list", chosen=number == 0)
        for number, (row, value) in enumerate(distinct.values())
    )
    yield Conflict(
        asset_name=name,
        field=field,
        values=values,
        preferred=values[0].value,
        why=f"the application {where} with different values; a person should decide",
        needs_review=True,
    )
