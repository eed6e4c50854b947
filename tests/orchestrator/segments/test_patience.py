"""What is fenced is asked again while the database is away, and no longer than that."""

from datetime import timedelta

import pytest

from masterflow.errors import Conflict, Unavailable
from masterflow.orchestrator.segments import patience


class Database:
    """Away for so many calls."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.calls = 0

    @patience.patient
    async def answer(self, what: str) -> str:
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return what


@pytest.fixture(autouse=True)
def _no_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "REST", timedelta(0))


async def test_a_call_is_repeated_until_the_database_is_back() -> None:
    database = Database(Unavailable("away"), Unavailable("starting"))
    assert await database.answer("here") == "here"
    assert database.calls == 3


async def test_a_database_that_stays_away_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "LONGEST", timedelta(0))
    database = Database(Unavailable("away"))
    with pytest.raises(Unavailable, match="away"):
        await database.answer("here")
    assert database.calls == 1


async def test_any_other_error_is_not_repeated() -> None:
    database = Database(Conflict("decided"))
    with pytest.raises(Conflict, match="decided"):
        await database.answer("here")
    assert database.calls == 1
