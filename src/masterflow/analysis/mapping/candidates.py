"""Which fields a header may mean, each with a score from 0 to 1 and the reason.

The score of a field is the best of: a spelling that the vendor documents, a known name, a known name inside the
header, words in common, and few letters of difference. Values then speak for one meaning of several.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from rapidfuzz import process
from rapidfuzz.distance import OSA

from masterflow.analysis.mapping.concepts import TOPICS, WEAK
from masterflow.analysis.mapping.memory import Recollection
from masterflow.analysis.mapping.names import HeaderName, header_name, spellings
from masterflow.analysis.mapping.profiles import Profile, fit, profile_of
from masterflow.analysis.mapping.units import SIZE_UNITS, belongs, family
from masterflow.analysis.mapping.vocabulary import Vocabulary
from masterflow.inventory.fields import BY_NAME, FIELDS, Field, FieldKind, squashed
from masterflow.inventory.reading import CellValue

KNOWN = 0.9  # from here on a name is known, and looking for similar ones is idle
WORDS_IN_COMMON = 0.86  # when all words are in common
WORDS_BESIDE_TOPIC = 0.82  # of a sheet about something else
ON_TOPIC = 0.88
LEAST = 0.2  # what a header means less than that is not worth keeping
ONLY_USE = 0.65
ENDS_LIKE = 0.75
MOST_BEFORE = 2  # words before it
BELOW_MEMORY = 0.1  # what else a remembered header may mean
NOT_A_FLAG = 0.9
FLAG_WORDS = frozenset({"is", "has", "flag", "enabled", "hosts"})
FEW_LETTERS = 0.89  # less for every letter of difference
PER_LETTER = 0.05
MIN_LENGTH = 6  # shorter words differ by a letter and mean different things
LONG = 12  # from this length on two letters may differ
WRONG_UNIT = 0.5
FLOW_PREFERENCE = 0.02  # between two ends of a connection "source" is a machine, not a tool


@dataclass(frozen=True, slots=True)
class Candidate:
    """A field that a header may mean."""

    score: float
    reason: str


@dataclass(slots=True)
class Column:
    """A header, what its values look like, and the fields it may mean.

    `known` go by the header's name, whatever its values say; `documented`: the vendor says what it means; `of_disks`:
    every row of the sheet is a disk; `recalled`: a person approved it for the same header.
    """

    header: str
    name: HeaderName
    profile: Profile
    candidates: dict[str, Candidate] = field(default_factory=dict)
    known: frozenset[str] = frozenset()
    documented: bool = False
    of_disks: bool = False
    recalled: Recollection | None = None

    @property
    def settled(self) -> bool:
        """Whether a vendor or a person has said what the column means."""
        return self.documented or self.recalled is not None

    def offer(self, field_name: str, score: float, reason: str) -> None:
        """Add a candidate, or raise its score."""
        if score < LEAST:
            return
        known = self.candidates.get(field_name)
        if known is None or score > known.score:
            self.candidates[field_name] = Candidate(score, reason)

    def best(self) -> str | None:
        """The field with the highest score, the first by name among equals."""
        return min(self.candidates, key=lambda name: (-self.candidates[name].score, name), default=None)


@dataclass(frozen=True, slots=True)
class Documents:
    """What the vendor of a format documents about one sheet: header to field, "" for columns without one."""

    fields: Mapping[str, str]
    units: Mapping[str, str]


def documents(sheet: str, aliases: Mapping[tuple[str, str], str], units: Mapping[tuple[str, str], str]) -> Documents:
    """The entries for this sheet, before those for any sheet."""
    return Documents(of_sheet(sheet, aliases), of_sheet(sheet, units))


def of_sheet(sheet: str, entries: Mapping[tuple[str, str], str]) -> dict[str, str]:
    """Squashed header to value, for one sheet."""
    wanted = ("", sheet.casefold())
    found = sorted(entries.items(), key=lambda entry: len(entry[0][0]))
    return {squashed(header): value for (where, header), value in found if where.casefold() in wanted}


def columns_of(
    headers: Sequence[str],
    samples: Sequence[Sequence[CellValue]],
    documented: Documents,
    words: Vocabulary,
    *,
    topics: Sequence[str] = (),
    memory: Mapping[str, Recollection] = MappingProxyType({}),
) -> list[Column]:
    """Every header with its candidates; `topics` are what the sheet is about, `memory` goes by squashed header."""
    columns = []
    for place, header in enumerate(headers):
        values = samples[place] if place < len(samples) else ()
        column = Column(header, header_name(header), profile_of(values), of_disks="disk" in topics)
        columns.append(column)
        said = documented.fields.get(squashed(header))
        if said is None:
            find_candidates(column, words, topics)
        else:
            column.documented = True
            if said:
                column.offer(said, 1.0, "is documented by the vendor of the format as")
        if squashed(header) in memory:
            remember(column, memory[squashed(header)])
    keep_topic(columns)
    return columns


def remember(column: Column, past: Recollection) -> None:
    """Let what a person approved outrank every name; from another sheet or kind of source it is one meaning more."""
    if not past.exact:
        column.offer(past.field, past.confidence, "was approved in another kind of file as")
        return
    column.recalled = past
    below = max(0.0, past.confidence - BELOW_MEMORY)
    others = {name: Candidate(min(c.score, below), c.reason) for name, c in column.candidates.items()}
    times = "once" if past.times == 1 else f"{past.times} times"
    own = {past.field: Candidate(past.confidence, f"was approved {times} as")} if past.field else {}
    column.candidates = others | own


def find_candidates(column: Column, words: Vocabulary, topics: Sequence[str] = ()) -> None:
    """Offer every field that the general vocabulary knows by this header or by a similar one.

    `topics` are what the sheet is about, if its name says so.
    """
    offer_known_names(column, words)
    column.known = frozenset(name for name, candidate in column.candidates.items() if candidate.score >= KNOWN)
    if not column.known:
        offer_what_is_said(column, words, topics)
        offer_ending(column)
        offer_few_letters(column, words)
    for name in list(column.candidates):
        candidate = column.candidates[name]
        meant = BY_NAME[name]
        weight = fit(column.profile, meant.kind) * unit_weight(column.name.unit, meant) * flag_weight(column, meant)
        column.candidates[name] = Candidate(candidate.score * weight, candidate.reason)


def unit_weight(unit: str | None, meant: Field) -> float:
    """A header in GB is no percentage, no text and no number of things."""
    return WRONG_UNIT if unit and not belongs(unit, meant.kind) else 1.0


def flag_weight(column: Column, meant: Field) -> float:
    """A yes or no is named as one ("Is virtual", "Has database") or holds them."""
    if meant.kind is not FieldKind.BOOLEAN or column.profile.filled or FLAG_WORDS & set(column.name.words):
        return 1.0
    return NOT_A_FLAG


def offer_known_names(column: Column, words: Vocabulary) -> None:
    """Offer the fields that go by one of the header's spellings."""
    for spelling, trust, reason in (*spellings(column.name),):
        for meant, weight in words.known.get(spelling, ()):
            column.offer(in_unit(meant, column.name.unit).name, trust * weight, reason)


def in_unit(meant: Field, unit: str | None) -> Field:
    """The field of the same measure that is kept in this unit; the field itself when there is none."""
    if unit is None or meant.measure is None:
        return meant
    siblings = [other for other in FIELDS if other.measure == meant.measure and other.unit]
    return next((other for other in siblings if other.unit and family(other.unit) == family(unit)), meant)


def offer_what_is_said(column: Column, words: Vocabulary, topics: Sequence[str]) -> None:
    """Offer the fields of which a name says nearly the same, as the sheet's topic completes it."""
    said = column.name.tokens
    topics = [topic for topic in topics if topic not in said]
    if not topics and column.name.unit in SIZE_UNITS and not TOPICS & said:
        topics = ["disk"]  # "Used GiB" of a machine is of its disks
    trust = WORDS_BESIDE_TOPIC if topics else WORDS_IN_COMMON
    offer_words_in_common(column, words, said, trust, "has most words in common with")
    for topic in topics:
        reason = f"as said of {topic} has most words in common with"
        offer_words_in_common(column, words, said | {topic}, WORDS_IN_COMMON, reason)
        joined = "".join(column.name.words)
        for spelling in (topic + joined, joined + topic):
            for meant, weight in words.known.get(spelling, ()):
                column.offer(
                    in_unit(meant, column.name.unit).name, ON_TOPIC * weight, f"as said of {topic} is a name of"
                )
    offer_only_use(column, words, said, topics)


def offer_only_use(column: Column, words: Vocabulary, said: frozenset[str], topics: Sequence[str]) -> None:
    """Offer the field that alone has these words in its names, unless it is about something else than the sheet."""
    uses = [phrase for phrase in words.sharing(said - WEAK) if said <= phrase.tokens]
    others = TOPICS - {*topics} if topics else frozenset[str]()
    if (
        len(uses) > 1
        and len({use.meant.measure or use.meant.name for use in uses}) == 1
        and not others & uses[0].tokens
    ):
        field = in_unit(uses[0].meant, column.name.unit).name
        column.offer(field, ONLY_USE, "has words that stand in names of nothing but")


def offer_words_in_common(column: Column, words: Vocabulary, said: frozenset[str], trust: float, reason: str) -> None:
    """Offer the fields of which a name says nearly the same."""
    for phrase in words.sharing(said):
        score = trust * words.overlap(said, phrase.tokens)
        column.offer(in_unit(phrase.meant, column.name.unit).name, score, reason)


def offer_ending(column: Column) -> None:
    """Offer the field whose own name the header ends with, as in "EFI secure boot"."""
    for meant in FIELDS:
        own = tuple(meant.name.split("_"))
        before = len(column.name.words) - len(own)
        if len(own) > 1 and 0 < before <= MOST_BEFORE and column.name.words[before:] == own:
            column.offer(meant.name, ENDS_LIKE, "ends with the name of")


def offer_few_letters(column: Column, words: Vocabulary) -> None:
    """Offer the fields of which a name differs by a letter or two, as in "Hostnmae" (optimal string alignment)."""
    spelled = "".join(column.name.words)
    if len(spelled) < MIN_LENGTH:
        return
    allowed = 2 if len(spelled) >= LONG else 1
    near = process.extract(spelled, words.known.keys(), scorer=OSA.distance, score_cutoff=allowed, limit=3)
    for spelling, letters, _ in near:
        if spelling[0] != spelled[0] or digits_of(spelling) != digits_of(spelled):
            continue  # people rarely mistype the first letter, and IPv4 is not IPv6
        for meant, weight in words.known[spelling]:
            score = (FEW_LETTERS - PER_LETTER * letters) * weight
            reason = f'is spelled nearly like "{spelling}", a name of'
            column.offer(in_unit(meant, column.name.unit).name, score, reason)


def digits_of(text: str) -> str:
    """The digits of a text."""
    return "".join(letter for letter in text if letter.isdigit())


def keep_topic(columns: Sequence[Column]) -> None:
    """Keep fields about connections only where both ends are named, and prefer them there."""
    likely = [column.best() for column in columns]
    ends = {name.partition("_")[0] for name in likely if name and BY_NAME[name].topic == "flow"}
    is_flow = {"source", "target"} <= ends
    for column in columns:
        for name in [name for name in column.candidates if BY_NAME[name].topic == "flow" and not column.settled]:
            candidate = column.candidates.pop(name)
            if is_flow:
                column.candidates[name] = Candidate(min(1.0, candidate.score + FLOW_PREFERENCE), candidate.reason)
