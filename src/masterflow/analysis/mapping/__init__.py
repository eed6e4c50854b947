"""Which inventory field each column of a sheet means: a proposal for a person to approve.

Everything is computed from the headers, what the vendor of the format documents, and the values; the same input gives
the same proposal. A field is proposed for one column of a sheet, except that the columns of a numbered series
("Network #1", "Network #2") share one.
"""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from pydantic import BaseModel, ConfigDict
from scipy.optimize import linear_sum_assignment

from masterflow.analysis.mapping.candidates import Column, Documents, columns_of, documents, in_unit
from masterflow.analysis.mapping.concepts import topics_of
from masterflow.analysis.mapping.meanings import weigh_values
from masterflow.analysis.mapping.memory import Recollection
from masterflow.analysis.mapping.names import words_of
from masterflow.analysis.mapping.units import (
    MEBIBYTE,
    UNITS_OF_KIND,
    Unit,
    belongs,
    family,
    unit_by_size,
    unit_in_values,
)
from masterflow.analysis.mapping.vocabulary import Vocabulary, general
from masterflow.inventory.fields import BY_NAME, FIELDS, Field, squashed
from masterflow.inventory.files.cells import number_of
from masterflow.inventory.reading import CellValue

AUTO = 0.9  # from here on nobody is asked
ASK = 0.6  # below this the column stays an attribute
WORTH_OFFERING = 0.25  # as one of the alternatives
MOST_ALTERNATIVES = 3
WORTH_NAMING = 0.4  # a person may want to know of a field this near
UNSURE_UNIT = 0.85  # a wrong unit is wrong by a thousand: ask
FAR = 0.2  # a column is not given a field so much worse than the one it means
TIE = 1e-6  # of two equal matches the column and the field that stand first win
SPECIFIC = 1e-4  # for each word: "device id" is meant before "id"
REMEMBERED = 1.0
NAMED_SO = 1e-2  # a header that is the field's own name goes first


class Alternative(BaseModel):
    """Another field that a column may mean; `score` is between 0 and 1."""

    model_config = ConfigDict(frozen=True)

    field: str
    score: float


class ColumnMatch(BaseModel):
    """The field proposed for one column; `field` None keeps the column as an attribute.

    `confidence` is between 0 and 1; of an attribute, that no field is meant. `unit` is the unit of the column's values.
    `alternatives` are at most three other fields, the likeliest first. `remembered`: people approved just this for the
    same header of the same layout before.
    """

    model_config = ConfigDict(frozen=True)

    header: str
    field: str | None
    confidence: float
    reason: str
    unit: str | None = None
    needs_decision: bool = False
    alternatives: tuple[Alternative, ...] = ()
    remembered: bool = False


def propose(
    headers: Sequence[str],
    sample_columns: Sequence[Sequence[CellValue]],
    *,
    aliases: Mapping[tuple[str, str], str] | None = None,
    units: Mapping[tuple[str, str], str] | None = None,
    sheet: str = "",
    memory: Mapping[str, Recollection] | None = None,
    words: Vocabulary | None = None,
) -> list[ColumnMatch]:
    """One match for each header, in their order.

    `sample_columns` holds values of each column, as many as there are at hand or none; `aliases` and `units` are what
    the importer says its vendor documents; `memory` is what people approved before, by squashed header (see `recall`).
    """
    documented = documents(sheet, aliases or {}, units or {})
    topics = topics_of(words_of(sheet))
    columns = columns_of(headers, sample_columns, documented, words or general(), topics=topics, memory=memory or {})
    weigh_values(columns)
    for column in columns:
        settle_units(column, documented)
    chosen = assigned(columns)
    return [match_of(column, chosen.get(place), documented) for place, column in enumerate(columns)]


def settle_units(column: Column, documented: Documents) -> None:
    """Among fields that differ only in their unit, mean the one that the values are in."""
    if column.documented or (column.recalled and column.recalled.field):
        return
    offered, column.candidates = column.candidates, {}
    for name, candidate in offered.items():
        unit = unit_of(column, BY_NAME[name], documented)
        column.offer(in_unit(BY_NAME[name], unit.name).name, candidate.score, candidate.reason)


def assigned(columns: Sequence[Column]) -> dict[int, str]:
    """The field of each column, so that the sum of scores is highest and no field is given twice.

    Columns of a numbered series stand as one. This is the assignment problem; scipy solves it by a modified
    Jonker-Volgenant algorithm without initialization.
    """
    groups = series(columns)
    fields = [field.name for field in FIELDS if any(field.name in column.candidates for column in columns)]
    if not groups or not fields:
        return {}
    scores = np.zeros((len(groups), len(fields)))
    for row, group in enumerate(groups):
        for number, field in enumerate(fields):
            score = max(score_of(columns[place], field) for place in group)
            order = TIE * (row + number / len(fields))
            near = score >= max(least_score(columns[place]) for place in group)
            scores[row, number] = score + bonus(columns[group[0]], field) - order if near else 0.0
    rows, numbers = linear_sum_assignment(scores, maximize=True)
    return {
        place: fields[number]
        for row, number in zip(rows.tolist(), numbers.tolist(), strict=True)
        if scores[row, number] > 0
        for place in groups[row]
        if fields[number] in columns[place].candidates
    }


def least_score(column: Column) -> float:
    """How well a column must mean a field to be given it; none does when people keep the column as an attribute."""
    if column.recalled and not column.recalled.field:
        return math.inf
    return max(ASK, score_of(column, column.best()) - FAR)


def bonus(column: Column, field: str) -> float:
    """What decides between two columns that mean a field equally well; what a person approved goes before all."""
    if column.recalled and column.recalled.field == field:
        return REMEMBERED
    if squashed(column.header) == squashed(field):
        return NAMED_SO
    if squashed(column.header).endswith(squashed(field)):
        return NAMED_SO / 2
    return SPECIFIC * len(column.name.words)


def score_of(column: Column, field: str | None) -> float:
    """How well a column means a field; 0 when it does not."""
    candidate = column.candidates.get(field or "")
    return candidate.score if candidate else 0.0


def series(columns: Sequence[Column]) -> list[list[int]]:
    """Places of columns, those that differ only in a number together."""
    groups: dict[tuple[str, ...] | int, list[int]] = {}
    for place, column in enumerate(columns):
        key = column.name.words if column.name.index is not None else place
        groups.setdefault(key, []).append(place)
    return list(groups.values())


def match_of(column: Column, chosen: str | None, documented: Documents) -> ColumnMatch:
    """The match as it is shown and stored."""
    if chosen is None:
        return kept_as_attribute(column)
    candidate = column.candidates[chosen]
    unit = unit_of(column, BY_NAME[chosen], documented)
    approved = approved_unit(column, chosen)
    if approved:
        unit = as_approved(unit, approved)
    confidence = round(candidate.score if unit.sure else min(candidate.score, UNSURE_UNIT), 2)
    reason = f'"{column.header}" {candidate.reason} {chosen}'
    if not unit.sure and approved:
        reason += f"; the values are in {unit.name}, not in {approved} as approved"
    elif not unit.sure:
        reason += f"; the unit {unit.name} was judged by the size of the numbers"
    return ColumnMatch(
        header=column.header,
        field=chosen,
        confidence=confidence,
        reason=reason,
        unit=unit.name,
        needs_decision=ASK <= confidence < AUTO,
        alternatives=alternatives(column, chosen),
        remembered=column.recalled is not None and column.recalled.exact and column.recalled.field == chosen,
    )


def approved_unit(column: Column, chosen: str) -> str | None:
    """The unit that people approved for this header, where it still means the same field."""
    past = column.recalled
    return past.unit if past and past.field == chosen and belongs(past.unit, BY_NAME[chosen].kind) else None


def as_approved(unit: Unit, approved: str) -> Unit:
    """The approved unit; unsure where the values of this file are surely in another one."""
    if unit.name is None or not unit.sure or family(unit.name) == family(approved):
        return Unit(approved)
    return Unit(unit.name, sure=False)


def alternatives(column: Column, chosen: str | None) -> tuple[Alternative, ...]:
    """What else a column may mean."""
    others = sorted(
        (-candidate.score, name)
        for name, candidate in column.candidates.items()
        if name != chosen and candidate.score >= WORTH_OFFERING
    )
    return tuple(Alternative(field=name, score=round(-score, 2)) for score, name in others[:MOST_ALTERNATIVES])


def kept_as_attribute(column: Column) -> ColumnMatch:
    """A column that no field is proposed for, with the nearest one."""
    nearest = column.best()
    score = score_of(column, nearest)
    if column.recalled and not column.recalled.field:
        return remembered_attribute(column, column.recalled)
    if column.documented and nearest is None:
        confidence, reason = 1.0, "is documented by the vendor of the format; no field stands for it"
    elif score >= ASK:
        confidence, reason = 0.5, f"may be {nearest}, but another column is closer to it; kept as an attribute"
    elif score >= WORTH_NAMING:
        confidence, reason = round(1 - score, 2), f"is a little like {nearest}; kept as an attribute"
    else:
        confidence, reason = round(1 - score, 2), "is like no field; kept as an attribute"
    return ColumnMatch(
        header=column.header,
        field=None,
        confidence=confidence,
        reason=f'"{column.header}" {reason}',
        needs_decision=column.recalled is not None,
        alternatives=alternatives(column, None),
    )


def remembered_attribute(column: Column, past: Recollection) -> ColumnMatch:
    """A column that people keep as an attribute."""
    times = "once" if past.times == 1 else f"{past.times} times"
    return ColumnMatch(
        header=column.header,
        field=None,
        confidence=round(past.confidence, 2),
        reason=f'"{column.header}" was approved {times} as an attribute',
        needs_decision=past.confidence < AUTO,
        alternatives=alternatives(column, None),
        remembered=past.exact,
    )


def unit_of(column: Column, field: Field, documented: Documents) -> Unit:
    """The unit of a column's values: as documented, as the header says, as the texts say, else by size."""
    if field.kind not in UNITS_OF_KIND:
        return Unit(None)
    said = documented.units.get(squashed(column.header)) or column.name.unit
    if said and belongs(said, field.kind):
        return (
            Unit("bytes") if said in ("MB", "MiB") and field.measure == "memory" and too_large(column) else Unit(said)
        )
    written = unit_in_values(column.profile.values)
    if written and belongs(written, field.kind):
        return Unit(written)
    return unit_by_size(field, column.profile.values)


def too_large(column: Column) -> bool:
    """Whether numbers said to be MiB would be petabytes: some exports write bytes under the same header."""
    numbers = [number for value in column.profile.values if (number := number_of(value)) is not None]
    return bool(numbers) and min(numbers) >= 64 * MEBIBYTE
