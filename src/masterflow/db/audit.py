"""The audit's two kinds of lines: a call that was done, written in its own transaction, and one that was refused."""

from uuid import UUID

import asyncpg
import orjson

from masterflow.db.calls import Ongoing
from masterflow.db.text import printable

Ids = tuple[UUID, UUID]  # of the client and of the engagement; all zeros for no engagement

LONGEST_MESSAGE = 1_000  # characters of a refusal that are kept
LONGEST_WORD = 80  # characters of a code, and of what says through what somebody came

# A transaction gets an id with its first write, so one that only read has none, and leaves no line.
_DONE = """
INSERT INTO audit_log (client_account_id, engagement_id, user_id, actor, through, action, request_id, flow_id, detail,
    outcome)
SELECT $1, nullif($2::uuid, '00000000-0000-0000-0000-000000000000'), $3, $4, $5, $6, $7, $8, $9::text::jsonb, 'done'
WHERE pg_current_xact_id_if_assigned() IS NOT NULL
RETURNING true"""

_REFUSED = """
INSERT INTO audit_log (client_account_id, engagement_id, user_id, actor, through, action, request_id, flow_id, detail,
    outcome, code, message)
VALUES ($1, nullif($2::uuid, '00000000-0000-0000-0000-000000000000'), $3, $4, $5, $6, $7, $8, $9::text::jsonb,
    'refused', $10, $11)"""


async def record_done(connection: asyncpg.Connection, tenant: Ids, ongoing: Ongoing | None) -> bool:
    """Record the call that goes on as done, if this transaction wrote anything and no earlier one of it did.

    True if a line was written: the caller notes `recorded` once the transaction has committed.
    """
    if ongoing is None or ongoing.recorded or ongoing.call.reads:
        return False
    return bool(await connection.fetchval(_DONE, *_columns(tenant, ongoing)))


async def record_refused(
    connection: asyncpg.Connection, tenant: Ids, ongoing: Ongoing, *, code: str, message: str
) -> None:
    """Record that a call was refused, and with which words."""
    await connection.execute(
        _REFUSED, *_columns(tenant, ongoing), code[:LONGEST_WORD], printable(message)[:LONGEST_MESSAGE]
    )


def _columns(tenant: Ids, ongoing: Ongoing) -> tuple[object, ...]:
    call = ongoing.call
    return (
        *tenant,
        call.user_id,
        call.actor,
        call.through[:LONGEST_WORD],
        call.action,
        call.request_id,
        ongoing.flow_id,
        orjson.dumps({name: printable(said)[:LONGEST_WORD] for name, said in call.detail.items()}).decode(),
    )
