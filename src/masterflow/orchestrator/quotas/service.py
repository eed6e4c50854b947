"""What the operator of an installation allows a client, as the role that owns the tables."""

from dataclasses import replace
from uuid import UUID

from sqlalchemy.engine import URL

from masterflow.db.session import owner_transaction
from masterflow.orchestrator.quotas.store import quotas_of, set_quotas
from masterflow.orchestrator.quotas.types import ClientQuotas

QUOTA_NAMES = ("running", "created_per_hour", "flows")
DEFAULT = -1  # takes a client's own limit back


async def change_quotas(
    owner: URL,
    client_account_id: UUID,
    *,
    running: int | None = None,
    created_per_hour: int | None = None,
    flows: int | None = None,
) -> ClientQuotas:
    """What one client's engagements may have, after setting what is given: a limit, 0 for none, `DEFAULT`."""
    asked = {"running": running, "created_per_hour": created_per_hour, "flows": flows}
    given = {name: None if value == DEFAULT else value for name, value in asked.items() if value is not None}
    async with owner_transaction(owner) as connection:
        driver = (await connection.get_raw_connection()).driver_connection
        quotas = replace(await quotas_of(driver, client_account_id), **given)
        if given:
            await set_quotas(driver, client_account_id, quotas)
        return quotas
