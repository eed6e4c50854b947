"""What the values of a column look like: shares of shapes and of well-known words.

Values inform which of several meanings of a header is right and in which unit; they never say from which file a column
comes.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from masterflow.analysis.estate.values import PLACEHOLDERS, SPREADSHEET_ERRORS
from masterflow.inventory.fields import FieldKind
from masterflow.inventory.files.cells import MAC, Shape, number_of, shape_of, text_of
from masterflow.inventory.reading import CellValue

T = TypeVar("T")

SAMPLE_VALUES = 200
MOSTLY = 0.7
RARELY = 0.3
FULL_PERCENT = 100
SAYS_NOTHING = ((PLACEHOLDERS | SPREADSHEET_ERRORS) - {"vm"}) | {""}  # "VM" tells a kind of machine
ADDRESS_WITHIN = re.compile(r"\b\d{1,3}(\.\d{1,3}){3}\b")
OS_TEXT = re.compile(
    r"windows|linux|red ?hat|rhel|ubuntu|debian|centos|suse|sles|rocky|alma ?linux|fedora|solaris|aix|hp-?ux|macos|"
    r"freebsd|vmware esx|esxi|z/os|ibm i\b|os/400|photon|coreos|unix",
    re.IGNORECASE,
)
OS_FAMILY_TEXT = re.compile(
    r"(ms |microsoft )?windows|linux|unix|aix|solaris|hp-?ux|macos|bsd|other|esxi?|z/?os", re.IGNORECASE
)
WORDS = {
    "environment": re.compile(
        r"prod(uction)?|non-?prod(uction)?|dev(elopment)?|tests?|testing|qa|uat|sta?ging|stage|sandbox|dr|pre-?prod(uction)?|"
        r"integration|training|disaster recovery|acceptance|int|sit|demo|lab|poc",
        re.IGNORECASE,
    ),
    "criticality": re.compile(
        r"(mission |business )?critical|very high|high|medium|moderate|low|very low|(tier|p|class|level)[ -]?\d|"
        r"\d ?- ?(most|somewhat|less|not) critical|gold|silver|bronze|platinum|vital|important",
        re.IGNORECASE,
    ),
    "power": re.compile(r"powered ?(on|off)|on|off|running|stopped|suspended|shut ?down|halted", re.IGNORECASE),
    "virtual": re.compile(
        r"virtual( machine| server)?|physical( machine| server)?|vm|bare ?metal|virtualized|cloud|blade", re.IGNORECASE
    ),
    "boot": re.compile(r"(legacy )?bios|u?efi( secure boot)?", re.IGNORECASE),
    "cloud_size": re.compile(
        r"[a-z]{1,3}\d[a-z]{0,3}(-flex)?\.(nano|micro|small|medium|large|metal|\d{0,3}xlarge)|standard_[a-z]+\d+\w*|"
        r"[a-z]\d[a-z]?-(standard|highmem|highcpu|custom|micro|small|medium|megamem|ultramem)(-\d+)?",
        re.IGNORECASE,
    ),
    "mount": re.compile(r"[a-z]:[\\/]?|/|(/[\w.@-]+)+/?|[a-z]:\\[\w\\ .-]*", re.IGNORECASE),
    "strategy": re.compile(
        r"re-?host|re-?platform|re-?factor|re-?architect|re-?purchase|re-?locate|re-?tire|re-?tain|rebuild|replace|lift.and.shift",
        re.IGNORECASE,
    ),
}
FITTING = {
    FieldKind.ADDRESS: {Shape.ADDRESS, Shape.NETWORK},
    FieldKind.MAC: {Shape.MAC},
    FieldKind.DATE: {Shape.DATE, Shape.NUMBER},
    FieldKind.INTEGER: {Shape.NUMBER},
    FieldKind.NUMBER: {Shape.NUMBER, Shape.PERCENT},
    FieldKind.SIZE: {Shape.NUMBER, Shape.SIZE},
    FieldKind.RATE: {Shape.NUMBER, Shape.SIZE},
    FieldKind.PERCENT: {Shape.NUMBER, Shape.PERCENT},
    FieldKind.MONEY: {Shape.NUMBER},
}
MISFITTING = {
    FieldKind.TEXT: {Shape.ADDRESS, Shape.MAC, Shape.UUID, Shape.DATE},
    FieldKind.CHOICE: {Shape.ADDRESS, Shape.MAC, Shape.UUID, Shape.DATE},
    FieldKind.PERSON: {Shape.ADDRESS, Shape.MAC, Shape.UUID, Shape.DATE, Shape.NUMBER},
    FieldKind.IDENTIFIER: {Shape.DATE},
    FieldKind.BOOLEAN: {Shape.ADDRESS, Shape.MAC, Shape.UUID, Shape.DATE},
}


@dataclass(frozen=True, slots=True)
class Profile:
    """Shares, from 0 to 1, of the filled cells of a sample."""

    filled: int
    shapes: Mapping[Shape, float] = field(default_factory=dict)
    os_names: float = 0.0
    os_families: float = 0.0
    words: Mapping[str, float] = field(default_factory=dict)
    over_hundred: float = 0.0
    values: tuple[CellValue, ...] = ()

    def share(self, *shapes: Shape) -> float:
        """The share of cells of these shapes."""
        return sum(self.shapes.get(shape, 0.0) for shape in shapes)

    def mostly(self, word: str) -> bool:
        """Whether most cells are words of this vocabulary."""
        return self.words.get(word, 0.0) >= MOSTLY


def profile_of(column: Sequence[CellValue]) -> Profile:
    """The profile of a column's first filled cells."""
    values = [value for value in column if text_of(value).casefold() not in SAYS_NOTHING][:SAMPLE_VALUES]
    if not values:
        return Profile(0)
    texts = [text_of(value) for value in values]
    shapes = Counter(shape_within(value) for value in values)
    return Profile(
        filled=len(values),
        shapes={shape: count / len(values) for shape, count in shapes.items()},
        os_names=share_of(texts, OS_TEXT.search),
        os_families=share_of(texts, OS_FAMILY_TEXT.fullmatch),
        words={name: share_of(texts, pattern.fullmatch) for name, pattern in WORDS.items()},
        over_hundred=share_of(values, lambda value: (number_of(value) or 0) > FULL_PERCENT),
        values=tuple(values),
    )


def shape_within(value: CellValue) -> Shape:
    """The shape of a value; a longer text around addresses, such as a list of objects, counts as what it holds."""
    shape = shape_of(value)
    if shape is Shape.TEXT and isinstance(value, str) and value[0] in "[{":
        return Shape.ADDRESS if ADDRESS_WITHIN.search(value) else Shape.MAC if MAC.search(value) else shape
    return shape


def share_of(texts: Sequence[T], test: Callable[[T], object]) -> float:
    """The share of texts that pass."""
    return sum(bool(test(text)) for text in texts) / len(texts)


def fit(profile: Profile, kind: FieldKind) -> float:
    """How well values fit a kind: 1 when they do or nothing is known, less when most contradict it."""
    if not profile.filled:
        return 1.0
    if kind is FieldKind.PERCENT and profile.over_hundred > MOSTLY:
        return 0.6
    if kind in FITTING:
        share = profile.share(*FITTING[kind])
        return 1.0 if share >= RARELY else 0.6
    return 0.75 if profile.share(*MISFITTING.get(kind, set())) > MOSTLY else 1.0


def are_short_names_of(names: Profile, fqdns: Profile) -> bool:
    """Whether values of one column are the first labels of the domain names in another; by chance hardly any are."""
    if not names.filled or not fqdns.filled or fqdns.share(Shape.FQDN) < MOSTLY:
        return False
    first_labels = {text_of(value).split(".")[0].casefold() for value in fqdns.values}
    same = sum(text_of(value).casefold() in first_labels for value in names.values)
    return same >= RARELY * names.filled
