"""Pages of a list: where one ends and the next begins, as an opaque text."""

from masterflow.db.keyset import clean_limit, read_cursor, write_cursor
from masterflow.db.status import FlowStatus
from masterflow.orchestrator.store import ListQuery
from masterflow.orchestrator.types import FlowPage, ListedFlow


def query(
    *, flow_type: str | None, status: FlowStatus | None, cursor: str | None, limit: int, include_deleted: bool
) -> ListQuery:
    """What to read for one page.

    Raises:
        InvalidInput: a cursor that no page gave, or a limit out of range.
    """
    after = read_cursor(cursor) if cursor else None
    return ListQuery(flow_type, status, include_deleted, after, clean_limit(limit))


def page(found: list[ListedFlow], *, limit: int) -> FlowPage:
    """One page of the flows found, which are one more than a page if there is a next."""
    kept = found[:limit]
    return FlowPage(
        tuple(kept), write_cursor(kept[-1].status_changed_at, kept[-1].flow_id) if len(found) > limit else None
    )
