"""What the orchestrator asks of an engine: run segments at least once, on any worker, soon."""

from typing import Protocol


class Engine(Protocol):
    """A durable queue and timer for segments; the row of the flow is the truth, an engine's memory is disposable."""
