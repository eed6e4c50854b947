"""Cursors."""

import pytest

from masterflow.db.keyset import cursor_of
from masterflow.errors import InvalidInput
from masterflow.orchestrator import paging


def ask(cursor: str | None = None, limit: int = 25):
    return paging.query(flow_type=None, status=None, cursor=cursor, limit=limit, include_deleted=False)


@pytest.mark.parametrize("limit", [0, 201, -1])
def test_a_page_has_one_to_two_hundred_flows(limit: int) -> None:
    with pytest.raises(InvalidInput, match="Ask for 1 to 200"):
        ask(limit=limit)


@pytest.mark.parametrize(
    "cursor",
    ["x", "!!", cursor_of(["2026-01-01T00:00:00", "018f0000-0000-7000-8000-000000000000"])],
)
def test_a_cursor_that_no_page_gave_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidInput, match="is no cursor of this list"):
        ask(cursor=cursor)


def test_the_last_page_has_no_cursor() -> None:
    assert paging.page([], limit=25).cursor is None
