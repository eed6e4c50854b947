"""How often is a technology recognised by a spelling that was never seen?

A fifth of each technology's known spellings is held out, the rest is learned from, over several splits. Prints the
share recognised rightly, wrongly and not at all; an answer of none counts as not right.
"""

import random
from collections.abc import Sequence
from dataclasses import replace

from rich.console import Console
from rich.table import Table

from masterflow.analysis.technologies.listed import Technology, source, technologies
from masterflow.analysis.technologies.recognition import Recogniser

HELD_OUT = 0.2
SPLITS = (1, 2, 3, 4, 5)


def main() -> None:
    """Print the table."""
    table = Table("split", "unseen spellings", "right", "wrong", "none", title=source(), title_justify="left")
    for seed in SPLITS:
        known, unseen = held_out(technologies(), seed)
        recogniser = Recogniser(known)
        answers = [(recogniser.recognise(text), name) for text, name in unseen]
        right = sum(found is not None and found.technology.name == name for found, name in answers)
        none = sum(found is None for found, _ in answers)
        shares = (right, len(unseen) - right - none, none)
        table.add_row(str(seed), f"{len(unseen):,}", *(f"{share / len(unseen):.1%}" for share in shares))
    Console().print(table)


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
