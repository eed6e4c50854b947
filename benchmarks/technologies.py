"""How often is a technology recognised by a spelling that was never seen?

A fifth of each technology's known spellings is held out, the rest is learned from, over several splits. About half of
those held out differ from a kept one only in case, signs or a version, which is what inventories are like; the others
are new words. Prints the share recognised rightly of all and of the new words alone, and what was not recognised; an
answer of none counts as not right.
"""

import random
from collections.abc import Sequence
from dataclasses import replace

from rich.console import Console
from rich.table import Table

from masterflow.analysis.technologies.listed import Technology, source, technologies
from masterflow.analysis.technologies.recognition import Recognised, Recogniser
from masterflow.analysis.technologies.spelling import spellings_of_name, without_version, words_of

HELD_OUT = 0.2
SPLITS = (1, 2, 3, 4, 5)


def main() -> None:
    """Print the table."""
    headers = ("split", "unseen spellings", "right", "wrong", "none", "of new words", "right")
    table = Table(*headers, title=source(), title_justify="left")
    for seed in SPLITS:
        known, unseen = held_out(technologies(), seed)
        recogniser = Recogniser(known)
        seen = {plain(text) for one in known for text in (*spellings_of_name(one.name), *one.spellings)}
        answers = [(recogniser.recognise(text), name, plain(text) in seen) for text, name in unseen]
        new = [is_right(found, name) for found, name, is_seen in answers if not is_seen]
        right = sum(is_right(found, name) for found, name, _ in answers)
        none = sum(found is None for found, _, _ in answers)
        shares = (f"{share / len(unseen):.1%}" for share in (right, len(unseen) - right - none, none))
        table.add_row(str(seed), f"{len(unseen):,}", *shares, f"{len(new):,}", f"{sum(new) / len(new):.1%}")
    Console().print(table)


def plain(text: str) -> str:
    """A text as far as case, signs and versions do not matter."""
    return without_version(words_of(text)).replace(" ", "")


def is_right(found: Recognised | None, name: str) -> bool:
    """Whether an answer names this technology."""
    return found is not None and found.technology.name == name


def held_out(known: Sequence[Technology], seed: int) -> tuple[list[Technology], list[tuple[str, str]]]:
    """The technologies without a fifth of their spellings, and the texts that were taken away, with their names."""
    shuffling = random.Random(seed)
    kept, unseen = [], []
    for one in known:
        spellings = list(one.spellings)
        shuffling.shuffle(spellings)
        cut = max(1, int(len(spellings) * HELD_OUT)) if len(spellings) > 1 else 0
        kept.append(replace(one, spellings=tuple(spellings[cut:])))
        unseen += [(text, one.name) for text in spellings[:cut]]
    return kept, unseen


if __name__ == "__main__":
    main()
