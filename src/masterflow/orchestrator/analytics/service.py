"""The report, for a verified person."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from uuid import UUID

from masterflow.db.session import Database
from masterflow.orchestrator.analytics import store
from masterflow.orchestrator.analytics.report import report
from masterflow.orchestrator.analytics.types import Analytics, Scope, Window
from masterflow.tenancy.roles import Operation, roles_allowed
from masterflow.tenancy.types import Principal


async def read_analytics(
    database: Database,
    actor: Principal,
    *,
    first: date | None = None,
    last: date | None = None,
    flow_type: str | None = None,
    scope: Scope = Scope.ENGAGEMENT,
) -> Analytics:
    """What the flows of the caller's engagement, or of the client, did from `first` to `last` (UTC, both included; the
    last 30 days unless told otherwise), and where they stand now.

    Raises:
        InvalidInput: the window ends before it begins, or has more than 366 days.
        NotAllowed: the caller may not read flows, or not those of the client as a whole.
    """
    actor.require(Operation.READ_FLOWS if scope is Scope.ENGAGEMENT else Operation.READ_CLIENT_FIGURES)
    window = Window.of(first, last, today=datetime.now(UTC).date())
    client = actor.tenant.client_account_id
    async with database.reading(actor.tenant) as connection:
        engagements: Sequence[UUID] = [actor.tenant.engagement_id]
        if scope is Scope.CLIENT:
            roles = sorted(roles_allowed(Operation.READ_CLIENT_FIGURES))
            engagements = await store.engagements_of(connection, client, actor.user_id, roles)
        standings = await store.standings_of(connection, client, engagements)
        days = await store.days_of(
            connection, client, engagements, first=window.first, last=window.last, flow_type=flow_type
        )
    return report(scope, engagements, window, flow_type=flow_type, standings=standings, days=days)
