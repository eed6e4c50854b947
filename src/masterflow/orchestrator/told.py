"""What is told of every command on a flow: a count and a span."""

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from masterflow.errors import MasterflowError, Unavailable
from masterflow.logs.metrics import count_command
from masterflow.logs.spans import span
from masterflow.orchestrator.types import Flow

C = TypeVar("C", bound=type)


def told(*reads: str) -> Callable[[C], C]:
    """Count every public command of a class and give it a span; `reads` only answer, and are left alone."""

    def decorate(cls: C) -> C:
        for name, method in list(vars(cls).items()):
            if not name.startswith("_") and name not in reads and inspect.iscoroutinefunction(method):
                setattr(cls, name, _told(name, method))
        return cls

    return decorate


def _told(name: str, method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    async def command(*arguments: Any, **named: Any) -> Any:
        with span(f"command {name}", {"masterflow.command": name}) as current:
            try:
                answer = await method(*arguments, **named)
            except Exception as error:  # boundary: one command; counted and raised again
                count_command(name, outcome_of(error))
                raise
            count_command(name, "done")
            if isinstance(answer, Flow):
                current.set_attribute("masterflow.flow_id", str(answer.flow_id))
            return answer

    return command


def outcome_of(error: Exception) -> str:
    """`refused` with a sentence to the caller, or `failed`: broken, or a part that is away."""
    return "refused" if isinstance(error, MasterflowError) and not isinstance(error, Unavailable) else "failed"
