"""The seven ways to treat an application."""

from enum import StrEnum


class Strategy(StrEnum):
    """What becomes of an application; in the order in which a tie is broken, the least irreversible first."""

    RETAIN = "retain"
    REHOST = "rehost"
    RELOCATE = "relocate"
    REPLATFORM = "replatform"
    REPURCHASE = "repurchase"
    REFACTOR = "refactor"
    RETIRE = "retire"


MOVES = frozenset(Strategy) - {Strategy.RETAIN, Strategy.RETIRE}
AS_IT_IS = frozenset({Strategy.REHOST, Strategy.RELOCATE})  # the operating system and the engines come along unchanged
