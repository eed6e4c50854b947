"""Pages of a list: where one ends and the next begins, as an opaque text."""

from collections.abc import Sequence
from typing import TypeVar

from masterflow.db.keyset import clean_limit, read_cursor, write_cursor
from masterflow.db.status import FlowStatus
from masterflow.orchestrator.store import ListQuery
from masterflow.orchestrator.types import FlowPage, ListedFlow

T = TypeVar("T", bound=str)


def query(
    *,
    flow_type: str | Sequence[str] | None,
    status: FlowStatus | Sequence[FlowStatus] | None,
    cursor: str | None,
    limit: int,
    include_deleted: bool,
    search: str | None = None,
    user_id: str | None = None,
) -> ListQuery:
    """What to read for one page; blanks around a text that is looked for do not count.

    Raises:
        InvalidInput: a cursor that no page gave, or a limit out of range.
    """
    return ListQuery(
        flow_types=_several(flow_type),
        statuses=_several(status),
        include_deleted=include_deleted,
        after=read_cursor(cursor) if cursor else None,
        limit=clean_limit(limit),
        search=(search or "").strip() or None,
        user_id=user_id,
    )


def _several(asked: T | Sequence[T] | None) -> tuple[T, ...]:
    if asked is None:
        return ()
    return (asked,) if isinstance(asked, str) else tuple(asked)


def page(found: list[ListedFlow], *, limit: int) -> FlowPage:
    """One page of the flows found, which are one more than a page if there is a next."""
    kept = found[:limit]
    return FlowPage(
        tuple(kept), write_cursor(kept[-1].status_changed_at, kept[-1].flow_id) if len(found) > limit else None
    )
