"""Where a story plays: an engagement of its own, so that the files of two runs are two estates."""

from datetime import UTC, datetime

from masterflow.errors import Conflict, NotFound
from masterflow.tenancy.operator import LocalOperator
from masterflow.tenancy.types import Client, Engagement


async def fresh_engagement(operator: LocalOperator, *, client: str, purpose: str) -> Engagement:
    """An engagement that nobody works in yet, named after its purpose and the moment; the client is made if missing."""
    owner = await _client(operator, client)
    now = datetime.now(UTC)
    try:
        return await operator.create_engagement(owner, f"{purpose} of {now:%Y-%m-%d %H:%M}")
    except Conflict:  # the second run of this minute
        return await operator.create_engagement(owner, f"{purpose} of {now:%Y-%m-%d %H:%M:%S.%f}")


async def _client(operator: LocalOperator, name: str) -> Client:
    try:
        return await operator.find_client(name)
    except NotFound:
        return await operator.create_client(name)
