"""Lines of the audit, and what of them is asked for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class Outcome(StrEnum):
    """What came of a call."""

    DONE = "done"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One call. `code` and `message` say why it was refused; `detail` holds ids of what it was about."""

    id: UUID
    at: datetime
    user_id: UUID | None
    actor: str
    through: str
    action: str
    request_id: str
    outcome: Outcome
    code: str | None
    message: str | None
    flow_id: UUID | None
    detail: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """Which lines: those for which everything that is given here is true. `since` is included, `until` is not."""

    actor: str | None = None
    action: str | None = None
    outcome: Outcome | None = None
    flow_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
