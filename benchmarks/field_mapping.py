"""How many columns are mapped as people mapped them, per source; and without the names that a source brought with it.

usage: python benchmarks/field_mapping.py [--data tests/data] [--truth FILE] [--wrong]

The truth is `{file#sheet: {header: field or null}}`; keys that begin with "header_set:" are headers alone. The file
`canonical_fields.json` beside it names other fields that are accepted in place of one.

The second table leaves one source out: what its importer documents is taken away, and every general name that is one of
the source's headers in another dress, unless a header of another source or the field's own name is spelled so too.
"""

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console
from rich.table import Table

from masterflow.analysis.mapping import ColumnMatch, propose
from masterflow.analysis.mapping.names import header_name, spellings
from masterflow.analysis.mapping.vocabulary import Vocabulary, vocabulary_of
from masterflow.flows.discovery.inspection import proposal, sample_columns
from masterflow.inventory.fields import FIELDS, Field, squashed
from masterflow.inventory.files.heads import head_of
from masterflow.inventory.importers.catalog import importer_of

DATA = Path(__file__).parents[1] / "tests" / "data"
Meant = Mapping[str, str | None]
WHOLE_NAME = 0.95  # spellings that are trusted so far are the whole header, differently written


@dataclass(frozen=True, slots=True)
class Truth:
    """What people said: the meaning of every header of every sheet, and which fields are as good as another."""

    data: Path
    sheets: Mapping[str, Meant]
    accepted: Mapping[str, Sequence[str]]

    def sources(self) -> dict[str, list[str]]:
        """The keys of the sheets that come from one vendor or folder."""
        found: dict[str, list[str]] = {}
        for key in self.sheets:
            found.setdefault(source_of(key), []).append(key)
        return found

    def is_right(self, meant: str, field: str | None) -> bool:
        """Whether a field is the one that people named, or as good."""
        return field in (meant, *self.accepted.get(meant, ()))


@dataclass(frozen=True, slots=True)
class Score:
    """Counts over the columns of one source."""

    meant: int = 0
    right: int = 0
    null: int = 0
    mapped: int = 0
    asked: int = 0
    wrong: tuple[str, ...] = ()

    def __add__(self, other: "Score") -> "Score":
        return Score(
            self.meant + other.meant,
            self.right + other.right,
            self.null + other.null,
            self.mapped + other.mapped,
            self.asked + other.asked,
            self.wrong + other.wrong,
        )

    @property
    def right_share(self) -> float:
        """Share of the columns that mean a field which got it."""
        return self.right / self.meant

    @property
    def mapped_share(self) -> float | None:
        """Share of the columns that mean no field which got one; None where all mean one."""
        return self.mapped / self.null if self.null else None


def main() -> None:
    """Print both tables."""
    given = _arguments()
    truth = truth_of(given.data, given.truth)
    for title, scores in (("With all names", with_all_names(truth)), ("Leave one source out", leave_one_out(truth))):
        print_table(title, scores, wrong=given.wrong)


def truth_of(data: Path, file: Path | None = None) -> Truth:
    """The truth in a file, or in the one that a folder of data holds."""
    file = file or next(data.rglob("field_mapping.json"))
    canonical = json.loads((file.parent / "canonical_fields.json").read_text(encoding="utf-8"))
    return Truth(data, json.loads(file.read_text(encoding="utf-8")), canonical["aliases_accepted"])


def source_of(key: str) -> str:
    """The vendor of a file or header set: its first word; files in a further folder go by where they lay."""
    if key.startswith("header_set:"):
        return key.removeprefix("header_set:").split("_")[0]
    *folders, name = key.partition("#")[0].split("/")
    if len(folders) > 1:
        return "/".join([folders[-1], *name.split("__")[:-1]])
    words = name.split("_")
    return "_".join(words[:2]) if words[0] == "aws" else words[0]


def with_all_names(truth: Truth) -> dict[str, Score]:
    """The score of every source, as discovery would propose."""
    return {
        source: sum((score(truth, key, proposed(truth, key)) for key in keys), Score())
        for source, keys in truth.sources().items()
    }


def leave_one_out(truth: Truth) -> dict[str, Score]:
    """The score of every source without the names that it brought with it."""
    found = {}
    for source, keys in truth.sources().items():
        words = vocabulary_of([*without(truth, source)])
        found[source] = sum((score(truth, key, proposed(truth, key, words)) for key in keys), Score())
    return found


def without(truth: Truth, source: str) -> Iterator[Field]:
    """The fields with the names that only this source justifies taken away."""
    sources = truth.sources()
    own = {name for key in sources[source] for header in truth.sheets[key] for name in whole_names(header)}
    others = {
        (name, field)
        for other, keys in sources.items()
        if other != source
        for key in keys
        for header, meant in truth.sheets[key].items()
        if meant
        for name in whole_names(header)
        for field in (meant, *truth.accepted.get(meant, ()))
    }
    for field in FIELDS:
        own_name = squashed(field.name)

        def stays(name: str, field: str = field.name, own_name: str = own_name) -> bool:
            spelled = squashed(name)
            return spelled not in own or spelled == own_name or (spelled, field) in others

        yield replace(
            field,
            aliases=tuple(name for name in field.aliases if stays(name)),
            hints=tuple(name for name in field.hints if stays(name)),
        )


def whole_names(header: str) -> set[str]:
    """The ways to write all of a header as one word, with and without its unit."""
    return {spelled for spelled, trust, _ in spellings(header_name(header)) if trust >= WHOLE_NAME}


def proposed(truth: Truth, key: str, words: Vocabulary | None = None) -> dict[str, ColumnMatch]:
    """The match of each header of a file's sheet or of a header set; of equal headers the first.

    With `words` these are all that is known, and nothing that an importer documents.
    """
    found: dict[str, ColumnMatch] = {}
    for match in matches(truth, key, words):
        found.setdefault(match.header, match)
    return found


def matches(truth: Truth, key: str, words: Vocabulary | None) -> Iterator[ColumnMatch]:
    """Every match of a file's sheet, or of a header set."""
    if key.startswith("header_set:"):
        yield from propose(list(truth.sheets[key]), [], words=words)
        return
    name, _, wanted = key.partition("#")
    head = head_of(truth.data / name)
    importer = importer_of(head)
    for sheet in importer.reads(head).sheets:
        if wanted not in ("", sheet.name):
            continue
        if words is None:
            yield from proposal(sheet, importer)
        else:
            yield from propose(sheet.headers, sample_columns(sheet), words=words, sheet=sheet.name)


def score(truth: Truth, key: str, found: Mapping[str, ColumnMatch]) -> Score:
    """The counts of one sheet."""
    total = Score(asked=sum(match.needs_decision for match in found.values()))
    for header, meant in truth.sheets[key].items():
        field = found[header].field if header in found else None
        if meant is None:
            total += Score(
                null=1,
                mapped=field is not None,
                wrong=(f"{key}: {header!r} is none, not {field}",) * (field is not None),
            )
            continue
        right = truth.is_right(meant, field)
        total += Score(meant=1, right=right, wrong=() if right else (f"{key}: {header!r} is {meant}, not {field}",))
    return total


def macro(scores: Mapping[str, Score]) -> tuple[float, float]:
    """The averages over sources: share right, and share of columns without a field that got one."""
    right = [one.right_share for one in scores.values()]
    mapped = [one.mapped_share for one in scores.values() if one.mapped_share is not None]
    return sum(right) / len(right), sum(mapped) / len(mapped) if mapped else 0.0


def print_table(title: str, scores: Mapping[str, Score], *, wrong: bool) -> None:
    """A line for each source, then the averages."""
    table = Table("source", "mean a field", "right", "mean none", "mapped all the same", "asked", title=title)
    for source, one in scores.items():
        table.add_row(
            source, str(one.meant), _percent(one.right_share), str(one.null), _percent(one.mapped_share), str(one.asked)
        )
    total = sum(scores.values(), Score())
    right, mapped = macro(scores)
    table.add_section()
    table.add_row(
        "all columns",
        str(total.meant),
        _percent(total.right_share),
        str(total.null),
        _percent(total.mapped_share),
        str(total.asked),
    )
    table.add_row("average of sources", "", _percent(right), "", _percent(mapped), "")
    console = Console(width=120)
    console.print(table)
    for line in total.wrong if wrong else ():
        console.print(f"  {line}", markup=False, highlight=False)


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.1f} %"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA, help="folder that the keys of the truth start from")
    parser.add_argument("--truth", type=Path, help="field_mapping.json; without it the one found in the data")
    parser.add_argument("--wrong", action="store_true", help="also print every column that is not right")
    return parser.parse_args()


if __name__ == "__main__":
    main()
