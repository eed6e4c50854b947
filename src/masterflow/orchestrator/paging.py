"""Pages of a list: where one ends and the next begins, as an opaque text."""

import base64
import binascii
from datetime import datetime
from uuid import UUID

from masterflow.db.status import FlowStatus
from masterflow.errors import InvalidInput
from masterflow.orchestrator.store import ListQuery
from masterflow.orchestrator.types import Flow, FlowPage

LARGEST_PAGE = 200


def query(
    *, flow_type: str | None, status: FlowStatus | None, cursor: str | None, limit: int, include_deleted: bool
) -> ListQuery:
    """What to read for one page.

    Raises:
        InvalidInput: a cursor that no page gave, or a limit out of range.
    """
    if not 1 <= limit <= LARGEST_PAGE:
        raise InvalidInput(f"A page of {limit} flows cannot be read.", hint=f"Ask for 1 to {LARGEST_PAGE}.")
    return ListQuery(flow_type, status, include_deleted, _read(cursor) if cursor else None, limit)


def page(found: list[Flow], *, limit: int) -> FlowPage:
    """One page of the flows found, which are one more than a page if there is a next."""
    kept = found[:limit]
    return FlowPage(tuple(kept), _write(kept[-1]) if len(found) > limit else None)


def _write(last: Flow) -> str:
    text = f"{last.status_changed_at.isoformat()} {last.flow_id}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read(cursor: str) -> tuple[datetime, UUID]:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        moment, _, flow_id = text.partition(" ")
        at = datetime.fromisoformat(moment)
        if at.tzinfo is None:
            raise ValueError("no time zone")
        return at, UUID(flow_id)
    except (ValueError, binascii.Error) as error:
        raise InvalidInput(f"'{cursor}' is not a cursor of this list.", hint="Use the one a page gave.") from error
