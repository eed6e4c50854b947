"""A kit for tests, ours and those of people who write flow types."""

from masterflow.testing.kit import Block, Kit, make_orchestrator, running_orchestrator
from masterflow.testing.toys import Anything, Nothing, empty_flow, toy_flow, toy_phase
from masterflow.testing.waiting import eventually

__all__ = [
    "Anything",
    "Block",
    "Kit",
    "Nothing",
    "empty_flow",
    "eventually",
    "make_orchestrator",
    "running_orchestrator",
    "toy_flow",
    "toy_phase",
]
