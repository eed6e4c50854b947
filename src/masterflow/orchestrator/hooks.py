"""What is told when a flow meets an error: to a pager, a ticket system, a chat."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from datetime import timedelta

from masterflow.logs import get_logger
from masterflow.orchestrator.types import Failure, Flow

log = get_logger(__name__)

ErrorHook = Callable[[Failure, Flow], Awaitable[None]]
"""Told what went wrong, with the flow as its row says by then."""

LONGEST_CALL = timedelta(seconds=10)


class ErrorHooks:
    """The hooks of one process. They are called after the row says what happened, in the process in which it happened:
    the worker's for what the worker runs, the caller's for flows that run elsewhere.

    A hook that raises, or takes longer than `LONGEST_CALL`, is logged and changes nothing.
    """

    def __init__(self, hooks: Iterable[ErrorHook] = ()) -> None:
        self._hooks = list(hooks)

    def add(self, hook: ErrorHook) -> None:
        """Call `hook` from now on, after those there are."""
        self._hooks.append(hook)

    async def tell(self, failure: Failure, flow: Flow) -> None:
        """Call every hook, one after another."""
        for hook in self._hooks:
            try:
                async with asyncio.timeout(LONGEST_CALL.total_seconds()):
                    await hook(failure, flow)
            except Exception:  # boundary: a hook is not ours, and the row has said what happened
                log.exception(
                    "error_hook_failed", hook=getattr(hook, "__qualname__", repr(hook)), flow_id=str(flow.flow_id)
                )
