"""Flow types of a few lines, for tests of what moves flows."""

from collections.abc import Awaitable, Callable
from typing import Any

from pydantic import BaseModel

from masterflow.spec import FlowType, Phase, PhaseContext


class Anything(BaseModel):
    """A configuration that asks for nothing and keeps nothing."""


class Nothing(BaseModel):
    """The input or output of a phase that needs or gives nothing."""


async def do_nothing(ctx: PhaseContext, given: Nothing) -> Nothing:  # noqa: ARG001  the shape of a body
    """The body of an empty phase."""
    return Nothing()


def toy_phase(
    name: str,
    run: Callable[[PhaseContext, Any], Awaitable[Any]] = do_nothing,
    *,
    takes: type[BaseModel] = Nothing,
    gives: type[BaseModel] = Nothing,
    **more: Any,
) -> Phase[Any, Any]:
    """A phase that differs from an empty one only where told."""
    return Phase(name=name, title=name.replace("_", " ").capitalize(), takes=takes, gives=gives, run=run, **more)


def toy_flow(
    *phases: Phase[Any, Any], name: str = "toy", config: type[BaseModel] = Anything, version: int = 1, **more: Any
) -> FlowType:
    """A flow type of these phases."""
    return FlowType(
        name=name, title=name.capitalize(), summary="A toy.", config=config, phases=phases, version=version, **more
    )


def empty_flow(phases: int, *, name: str = "empty") -> FlowType:
    """A flow type of so many phases that do nothing."""
    return toy_flow(*(toy_phase(f"phase_{number}") for number in range(1, phases + 1)), name=name)
