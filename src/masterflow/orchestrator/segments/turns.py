"""Which of the flows that a worker has taken from the queue may run now, and which have to come again.

The queue is first come, first served. A client that starts a thousand flows at once would keep every other client
waiting behind them, and a phase that kills its worker would take the flows beside it along again and again.
"""

import random
from collections.abc import Awaitable, Callable, Collection
from datetime import timedelta
from time import monotonic
from uuid import UUID

from masterflow.orchestrator.types import Flow

SUSPECT = 2  # lost workers after which a flow runs beside no other that lost as many: the guilty one stands alone then
SHARE = 0.5  # of a worker's places that one client may hold while another waits
LOOK_AGAIN = 1.0  # seconds that an answer to "does another client wait?" is used
REST = timedelta(seconds=1)
SPREAD = 0.5  # of the rest, at random: what was put back together shall not come back together


class Turns:
    """The turns of one worker's flows. `others_wait` asks whether a flow of another client is queued."""

    def __init__(self, others_wait: Callable[[UUID], Awaitable[bool]], *, concurrency: int) -> None:
        self._others_wait = others_wait
        self._share = max(1, int(concurrency * SHARE))
        self._known: dict[UUID, tuple[float, bool]] = {}

    async def rest(self, flow: Flow, running: Collection[Flow]) -> timedelta | None:
        """How long `flow` has to rest before it is taken again; None: it may run, beside what is `running`."""
        if flow.pause_requested:
            return None
        if flow.losses >= SUSPECT and any(other.losses >= SUSPECT for other in running):
            return _rest()
        client = flow.tenant.client_account_id
        mine = [other.tenant.client_account_id for other in running].count(client)
        if mine < self._share or not await self._somebody_waits(client):
            return None
        return _rest()

    async def _somebody_waits(self, client: UUID) -> bool:
        now = monotonic()
        looked, answer = self._known.get(client, (-LOOK_AGAIN, False))
        if now - looked >= LOOK_AGAIN:
            self._known[client] = (now, answer)
            answer = await self._others_wait(client)
            self._known = {known: held for known, held in self._known.items() if now - held[0] < LOOK_AGAIN}
            self._known[client] = (now, answer)
        return answer


def _rest() -> timedelta:
    return REST * (1 + random.uniform(0, SPREAD))  # noqa: S311  spreads load, keeps no secret
