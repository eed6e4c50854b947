"""Whether a concurrent history of one thing can be explained by some order of its operations, one after another.

The search of Wing and Gong with Lowe's memory: take the operations that may come first, try each on the model, and
remember which sets of operations led to which state. An operation without an answer may have happened at any moment
after it was sent, or never.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

State = TypeVar("State", bound=Hashable)
Kind = TypeVar("Kind")

NEVER = float("inf")


@dataclass(frozen=True, slots=True)
class Operation(Generic[Kind]):
    """What a client did: when it asked and when it was answered; `answered` is NEVER if nobody knows."""

    what: Kind
    asked: float
    answered: float = NEVER

    @property
    def is_known(self) -> bool:
        """Whether somebody heard the answer."""
        return self.answered != NEVER


def explained(
    history: Sequence[Operation[Kind]], start: State, step: Callable[[State, Kind, bool], State | None]
) -> bool:
    """Whether some order explains `history`.

    `step(state, what, known)` answers the state after the operation, or None where it cannot have had that answer; an
    operation that is not known had any answer.
    """
    everything = (1 << len(history)) - 1
    must = sum(1 << index for index, operation in enumerate(history) if operation.is_known)
    seen: set[tuple[int, State]] = set()
    stack = [(0, start)]
    while stack:
        done, state = stack.pop()
        if done & must == must:
            return True
        if (done, state) in seen:
            continue
        seen.add((done, state))
        left = [index for index in range(len(history)) if not done & (1 << index) & everything]
        first_answer = min(history[index].answered for index in left)
        for index in left:
            operation = history[index]
            if operation.asked > first_answer:
                continue  # another one was answered before this was asked
            after = step(state, operation.what, operation.is_known)
            if after is not None:
                stack.append((done | 1 << index, after))
    return False
