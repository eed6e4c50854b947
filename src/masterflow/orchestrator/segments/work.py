"""One execution of a segment in this process: what it holds, how far it is, and how it may be stopped."""

import asyncio
from datetime import timedelta
from enum import StrEnum

from masterflow.orchestrator import correlation
from masterflow.orchestrator.segments.memory import Figures, PhaseMemory, summary
from masterflow.orchestrator.segments.store import Claimed
from masterflow.orchestrator.types import Flow, Progress


class Ending(StrEnum):
    """Why a body is stopped from outside."""

    VOID = "void"  # the row carries another token: whatever is computed cannot be kept
    PAUSE = "pause"  # somebody asked, and the body came to a checkpoint
    RELEASE = "release"  # this worker shuts down


class Work:
    """A held flow while its segment runs here."""

    def __init__(self, claimed: Claimed) -> None:
        self.claimed = claimed
        self.correlation_id = claimed.flow.correlation_id or correlation.fresh()
        self.pause_requested = claimed.flow.pause_requested
        self.draining = False
        self.ending: Ending | None = None
        self.progress: Progress | None = None
        self.progress_is_new = False
        self.memory: dict[str, Figures] = {}  # of the phases that ended here
        self._measuring: PhaseMemory | None = None
        self._body: asyncio.Task[object] | None = None

    @property
    def flow(self) -> Flow:
        """The flow as it was claimed."""
        return self.claimed.flow

    def begins(self, body: "asyncio.Task[object] | None") -> None:
        """Remember the body that runs now, and forget the progress of the one before."""
        self._body = body
        self.progress, self.progress_is_new = None, False
        if body is not None:
            self._measuring = PhaseMemory()

    def look(self, now_mib: int) -> None:
        """Remember the size of this process for the phase that runs."""
        if self._measuring is not None:
            self._measuring.look(now_mib)

    def computed(self, peak_mib: int) -> None:
        """Remember the size of a process that computed for the phase that runs."""
        if self._measuring is not None:
            self._measuring.computed(peak_mib)

    def measured(self, phase: str, took: timedelta) -> str:
        """The memory of the phases that ended here, `phase` the last, as JSON text."""
        figures = self._measuring.figures(took) if self._measuring is not None else None
        if figures is not None:
            self.memory[phase] = figures
        self._measuring = None
        return summary(self.memory)

    def note(self, progress: Progress) -> None:
        """Keep how far the body says it is, until somebody writes it."""
        self.progress_is_new = progress != self.progress
        self.progress = progress

    def end(self, ending: Ending) -> None:
        """Stop the body at its next await."""
        self.ending = ending
        if self._body is not None:
            self._body.cancel()
