"""The seven ways to treat an application."""

from masterflow.records.assessments.types import Strategy

MOVES = frozenset(Strategy) - {Strategy.RETAIN, Strategy.RETIRE}
AS_IT_IS = frozenset({Strategy.REHOST, Strategy.RELOCATE})  # the operating system and the engines come along unchanged

__all__ = ["AS_IT_IS", "MOVES", "Strategy"]
