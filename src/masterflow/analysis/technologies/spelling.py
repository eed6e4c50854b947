"""What is compared of a text: its words in small letters, without signs, and without versions."""

import re
from collections import Counter
from collections.abc import Iterator

SIGNED = {"c++": " cpp ", "c#": " csharp ", "f#": " fsharp ", ".net": " dotnet ", "dot net": " dotnet "}
EXPLANATION = re.compile(
    r"\((software|programming language|operating system|computing|company|framework|os|web browser|database|computer|"
    r"language)\)",
    re.IGNORECASE,
)
HUMPS = re.compile(r"([a-z])([A-Z])")
VERSION = re.compile(r"\b(v|ver|version|release|edition)?\s?\d[\dx.]*[a-z]?\b")
STANDARD = re.compile(r"\b(iso|iec|ecma|jsr|rfc|ieee|ansi)\b")  # the number of a standard is its name
BRACKETS = re.compile(r"\(([^)]+)\)")
GRAM_LENGTHS = (2, 3, 4)


def words_of(text: str) -> str:
    """The words of a text, separated by one space: "MS-SQL_Server (2016)" → "ms sql server 2016"."""
    plain = _plain(EXPLANATION.sub(" ", text))
    return plain or _plain(text)


def _plain(text: str) -> str:
    lowered = HUMPS.sub(r"\1 \2", text).casefold()
    for signs, word in SIGNED.items():
        lowered = lowered.replace(signs, word)
    return re.sub(r"[\W_]+", " ", lowered).strip()


def without_version(words: str) -> str:
    """The same words without numbers, unless nothing else is left or they name a standard."""
    if STANDARD.search(words):
        return words
    return " ".join(VERSION.sub(" ", words).split()) or words


def spellings_of_name(name: str) -> Iterator[str]:
    """A listed name, the parts of it that stand alone, and what it has in brackets."""
    full = name.removesuffix("|*")
    yield full
    if "|" in full:
        yield full.rpartition("|")[2]
    for bracketed in BRACKETS.findall(full):
        yield bracketed
        yield full.replace(f"({bracketed})", " ")


def grams(words: str) -> Counter[str]:
    """Runs of two to four letters of each word, its ends marked: what misspelled words still have in common."""
    found: Counter[str] = Counter()
    for word in words.split():
        marked = f" {word} "
        for length in GRAM_LENGTHS:
            found.update(marked[start : start + length] for start in range(len(marked) - length + 1))
    return found
