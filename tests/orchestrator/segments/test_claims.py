"""Claims are written in batches."""

import asyncio
from collections.abc import Sequence
from uuid import UUID, uuid4

import pytest

from masterflow.errors import Unavailable
from masterflow.orchestrator.engine import Segment
from masterflow.orchestrator.segments import claims
from masterflow.orchestrator.segments.claims import Claims


class Store:
    """Claims every segment of an even epoch, one batch at a time."""

    def __init__(self, error: Exception | None = None) -> None:
        self.batches: list[int] = []
        self.error = error

    async def claim(self, segments: Sequence[Segment], *, worker_id: UUID) -> dict[Segment, str]:
        self.batches.append(len(segments))
        await asyncio.sleep(0)
        if self.error:
            raise self.error
        return {segment: segment.key for segment in segments if segment.epoch % 2 == 0}


def asked(count: int) -> list[Segment]:
    return [Segment(uuid4(), number) for number in range(count)]


async def test_each_asker_hears_of_its_own_segment() -> None:
    store, segments = Store(), asked(6)
    answers = await asyncio.gather(*(Claims(store, uuid4()).claim(segment) for segment in segments))
    assert answers == [segment.key if segment.epoch % 2 == 0 else None for segment in segments]


async def test_what_arrives_together_is_written_together() -> None:
    store = Store()
    batching = Claims(store, uuid4())
    await asyncio.gather(*(batching.claim(segment) for segment in asked(30)))
    assert store.batches == [30]
    await batching.claim(asked(1)[0])
    assert store.batches == [30, 1]


async def test_a_batch_has_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claims, "MOST", 4)
    store = Store()
    batching = Claims(store, uuid4())
    await asyncio.gather(*(batching.claim(segment) for segment in asked(10)))
    assert store.batches == [4, 4, 2]


async def test_a_segment_that_is_asked_for_twice_is_claimed_once() -> None:
    batching, segment = Claims(Store(), uuid4()), Segment(uuid4(), 2)
    assert await asyncio.gather(batching.claim(segment), batching.claim(segment)) == [segment.key, None]


async def test_every_asker_hears_of_an_error() -> None:
    batching = Claims(Store(Unavailable("away")), uuid4())
    answers = await asyncio.gather(*(batching.claim(segment) for segment in asked(3)), return_exceptions=True)
    assert [type(answer) for answer in answers] == [Unavailable] * 3


async def test_an_asker_that_went_away_disturbs_nobody() -> None:
    batching = Claims(Store(), uuid4())
    gone, stays = (asyncio.create_task(batching.claim(Segment(uuid4(), 2))) for _ in range(2))
    await asyncio.sleep(0)
    gone.cancel()
    assert await stays is not None
