"""Which flows may run now, and which have to come again."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

from masterflow.orchestrator.segments import turns as module
from masterflow.orchestrator.segments.turns import SUSPECT, Turns
from masterflow.tenancy.types import Tenant

HOME, AWAY = uuid4(), uuid4()


def flow(client: UUID = HOME, *, losses: int = 0, pause_requested: bool = False) -> Any:
    return SimpleNamespace(tenant=Tenant(client, uuid4()), losses=losses, pause_requested=pause_requested)


class Others:
    """Whether somebody else waits, and how often that was asked."""

    def __init__(self, *, wait: bool) -> None:
        self.wait, self.asked = wait, 0

    async def __call__(self, client: UUID) -> bool:
        self.asked += 1
        return self.wait


async def test_a_client_with_more_than_its_share_rests_while_another_waits() -> None:
    others = Others(wait=True)
    turns = Turns(others, concurrency=4)
    assert await turns.rest(flow(), [flow()]) is None
    assert others.asked == 0
    rest = await turns.rest(flow(), [flow(), flow()])
    assert rest is not None
    assert timedelta(seconds=1) <= rest <= timedelta(seconds=1.5)
    assert await turns.rest(flow(AWAY), [flow(), flow()]) is None
    assert await turns.rest(flow(pause_requested=True), [flow(), flow()]) is None


async def test_a_client_alone_may_have_every_place_and_the_question_is_asked_once_a_second(monkeypatch) -> None:
    now = [100.0]
    monkeypatch.setattr(module, "monotonic", lambda: now[0])
    others = Others(wait=False)
    turns = Turns(others, concurrency=2)
    for _ in range(5):
        assert await turns.rest(flow(), [flow()] * 50) is None
    assert others.asked == 1
    others.wait = True
    now[0] += 1.0
    assert await turns.rest(flow(), [flow()] * 50) is not None
    assert others.asked == 2


async def test_of_flows_that_lost_several_workers_one_runs_at_a_time() -> None:
    turns = Turns(Others(wait=False), concurrency=100)
    suspect = flow(losses=SUSPECT)
    assert await turns.rest(suspect, [flow(), flow(losses=SUSPECT - 1)]) is None
    assert await turns.rest(suspect, [flow(AWAY, losses=SUSPECT)]) is not None
    assert await turns.rest(flow(), [flow(losses=SUSPECT)]) is None
