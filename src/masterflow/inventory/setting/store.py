"""Sets values on many assets at once, and again whenever an estate is published that does not know them.

A value that a person set is kept beside the decisions on contradictions: the newest word about a field holds, whichever
way it was said. Of the facts of a field the first is the one that the sources show; it comes back when the word is
taken back.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import sqlalchemy as sa

from masterflow.db.session import Session
from masterflow.db.tables.inventory import assets
from masterflow.errors import Conflict, NotFound
from masterflow.inventory.deciding import RULE
from masterflow.inventory.estate_rows import plain_uuid
from masterflow.inventory.finding.store import conditions
from masterflow.inventory.setting.types import AssetChange, FieldChange, SettableField, ValueChanges, ValueOrder

MOST_CHANGES = 100  # kinds of change that are listed for one field
MOST_SAMPLED = 20  # changed values that are shown

# $3 the assets, $4 the field, $5 the value, $6 whether it is taken back: then only where a person had said something
_CHANGED = """
WITH changed AS (
    SELECT a.id, a.name, a.{field} AS before, CASE
        WHEN NOT $6::boolean THEN $5::text
        WHEN EXISTS (SELECT FROM asset_facts f WHERE f.client_account_id = $1 AND f.engagement_id = $2
            AND f.asset_id = a.id AND f.field = $4 AND f.rule = $7)
        THEN (SELECT f.value FROM asset_facts f WHERE f.client_account_id = $1 AND f.engagement_id = $2
            AND f.asset_id = a.id AND f.field = $4 AND f.rule <> $7 ORDER BY f.position LIMIT 1)
        ELSE a.{field} END AS after
    FROM assets a WHERE a.client_account_id = $1 AND a.engagement_id = $2 AND a.id = ANY($3::uuid[])),
counted AS (
    SELECT before, after, count(*) AS assets, count(*) OVER () AS kinds FROM changed
    WHERE before IS DISTINCT FROM after GROUP BY before, after ORDER BY 3 DESC, 1, 2 LIMIT {most}),
sampled AS (
    SELECT id, name, before, after FROM changed WHERE before IS DISTINCT FROM after ORDER BY name, id LIMIT {sample})
SELECT NULL::uuid AS id, NULL::text AS name, before, after, assets, kinds FROM counted
UNION ALL SELECT id, name, before, after, NULL, NULL FROM sampled"""

_REMEMBER = """
INSERT INTO conflict_decisions
    (client_account_id, engagement_id, asset_id, field, value, reason, decided_by, decided_at, by_hand)
SELECT $1::uuid, $2::uuid, id, $4::text, $5::text, $6::text, $7::text, $8::timestamptz, true
FROM unnest($3::uuid[]) AS id
ON CONFLICT (engagement_id, asset_id, field) DO UPDATE SET value = excluded.value, reason = excluded.reason,
    decided_by = excluded.decided_by, decided_at = excluded.decided_at, by_hand = true"""

_FORGET_THE_GATE = """
UPDATE estate_decisions SET environment = NULL
WHERE client_account_id = $1 AND engagement_id = $2 AND asset_id = ANY($3::uuid[]) AND environment IS NOT NULL"""

# What was said by hand of assets that there are; $3 some of them, or NULL for all.
_SAID = """
said AS MATERIALIZED (
    SELECT d.*, d.decided_by || ' on ' || to_char(d.decided_at AT TIME ZONE 'UTC', 'YYYY-MM-DD')
        || coalesce(': ' || d.reason, '') AS told
    FROM conflict_decisions d JOIN assets a ON a.engagement_id = d.engagement_id AND a.id = d.asset_id
    WHERE d.client_account_id = $1 AND d.engagement_id = $2 AND a.client_account_id = $1 AND d.by_hand
        AND ($3::uuid[] IS NULL OR d.asset_id = ANY($3)))"""

# Assets of a published estate that do not know yet what was said of them.
_UNAWARE = f"""
WITH {_SAID}
SELECT DISTINCT said.asset_id FROM said
WHERE NOT EXISTS (SELECT FROM asset_facts f WHERE f.client_account_id = $1 AND f.engagement_id = $2
    AND f.asset_id = said.asset_id AND f.field = said.field AND f.rule = $4 AND f.chosen AND f.value = said.value
    AND f.source_file = 'set by ' || told)"""

_SHOW = f"""
WITH {_SAID},
whole AS (
    SELECT asset_id, {", ".join(f"max(value) FILTER (WHERE field = '{one}') AS {one}" for one in SettableField)}
    FROM said GROUP BY asset_id)
UPDATE assets a SET updated_at = now(), {", ".join(f"{one} = coalesce(whole.{one}, a.{one})" for one in SettableField)}
FROM whole
WHERE a.client_account_id = $1 AND a.engagement_id = $2 AND a.id = whole.asset_id
    AND ({" OR ".join(f"whole.{one} <> coalesce(a.{one}, '')" for one in SettableField)})"""

_DROP_OLD_WORDS = f"""
WITH {_SAID}
DELETE FROM asset_facts f USING said
WHERE f.client_account_id = $1 AND f.engagement_id = $2 AND f.asset_id = said.asset_id AND f.field = said.field
    AND f.rule = $4"""

_UNCHOOSE = f"""
WITH {_SAID}
UPDATE asset_facts f SET chosen = false FROM said
WHERE f.client_account_id = $1 AND f.engagement_id = $2 AND f.asset_id = said.asset_id AND f.field = said.field
    AND f.chosen"""

_ENTER = f"""
WITH {_SAID},
first AS (
    SELECT asset_id, min(position) AS position FROM asset_facts
    WHERE client_account_id = $1 AND engagement_id = $2 AND asset_id IN (SELECT asset_id FROM said) GROUP BY asset_id)
INSERT INTO asset_facts
    (client_account_id, engagement_id, asset_id, position, field, value, source_file, rule, chosen, confidence)
SELECT $1, $2, said.asset_id,
    coalesce(first.position, 1) - row_number() OVER (PARTITION BY said.asset_id ORDER BY said.field),
    said.field, said.value, 'set by ' || told, $4, true, 1.0
FROM said LEFT JOIN first ON first.asset_id = said.asset_id"""

_SETTLE = f"""
WITH {_SAID}
UPDATE conflicts c SET preferred = said.value, why = 'set by ' || told, needs_review = false,
    decided_by = said.decided_by, decided_at = said.decided_at
FROM said
WHERE c.client_account_id = $1 AND c.engagement_id = $2 AND c.asset_id = said.asset_id AND c.field = said.field
    AND c.decided_at IS DISTINCT FROM said.decided_at"""

_TAKE_BACK = """
WITH forgotten AS (
    DELETE FROM conflict_decisions WHERE client_account_id = $1 AND engagement_id = $2 AND field = $4
        AND asset_id = ANY($3::uuid[]))
DELETE FROM asset_facts WHERE client_account_id = $1 AND engagement_id = $2 AND asset_id = ANY($3::uuid[])
    AND field = $4 AND rule = $5 RETURNING asset_id"""

_CHOOSE_FIRST = """
WITH first AS (
    SELECT asset_id, min(position) AS position FROM asset_facts
    WHERE client_account_id = $1 AND engagement_id = $2 AND asset_id = ANY($3::uuid[]) AND field = $4 GROUP BY asset_id)
UPDATE asset_facts f SET chosen = true FROM first
WHERE f.client_account_id = $1 AND f.engagement_id = $2 AND f.asset_id = first.asset_id
    AND f.position = first.position"""

_SHOW_CHOSEN = """
UPDATE assets a SET {field} = (SELECT f.value FROM asset_facts f WHERE f.client_account_id = $1 AND f.engagement_id = $2
    AND f.asset_id = a.id AND f.field = '{field}' AND f.chosen LIMIT 1), updated_at = now()
WHERE a.client_account_id = $1 AND a.engagement_id = $2 AND a.id = ANY($3::uuid[])"""

_REOPEN = """
UPDATE conflicts c SET preferred = f.value, needs_review = true, decided_by = NULL, decided_at = NULL,
    why = 'what a person said was taken back: ' || $5::text
FROM asset_facts f
WHERE c.client_account_id = $1 AND c.engagement_id = $2 AND c.asset_id = ANY($3::uuid[]) AND c.field = $4
    AND f.client_account_id = $1 AND f.engagement_id = $2 AND f.asset_id = c.asset_id AND f.field = $4 AND f.chosen"""


class SettingStore:
    """The values that people set in one engagement, in one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def chosen(self, order: ValueOrder, *, expected: int | None = None) -> list[UUID]:
        """The assets that an order is about.

        Raises:
            NotFound: the engagement lacks one of the ids.
            Conflict: there are not as many as expected.
        """
        wanted = [] if order.asked is None else list(conditions(self._session, order.asked).values())
        if order.ids is not None:
            wanted.append(assets.c.id.in_(order.ids))
        query = sa.select(assets.c.id).where(self._session.mine(assets), *wanted)
        found = [plain_uuid(one) for one in (await self._session.execute(query)).scalars()]
        missing = sorted(set(order.ids or ()) - set(found), key=str)
        if missing:
            raise NotFound(
                f"There is no asset {missing[0]}{f', nor {len(missing) - 1} others' if missing[1:] else ''}.",
                hint="List the assets to see their ids.",
            )
        if expected is not None and expected != len(found):
            raise Conflict(
                f"The order is about {len(found):,} assets now, not {expected:,}: the estate changed since it was "
                "looked at.",
                hint="Look at a dry run again, then repeat the order with its count.",
            )
        return found

    async def changes(self, order: ValueOrder, ids: Sequence[UUID], *, dry_run: bool) -> ValueChanges:
        """What an order changes of the estate as it is."""
        listed: list[FieldChange] = []
        sample: list[AssetChange] = []
        left_out = 0
        for field, value in order.values.items():
            statement = _CHANGED.format(field=field, most=MOST_CHANGES, sample=MOST_SAMPLED)
            rows = await self._fetch(statement, ids, field, value, value is None, RULE)
            kinds = [row for row in rows if row["id"] is None]
            listed += [FieldChange(field, row["before"], row["after"], row["assets"]) for row in kinds]
            left_out += kinds[0]["kinds"] - len(kinds) if kinds else 0
            sample += [_asset_change(row, field) for row in rows if row["id"] is not None]
        listed.sort(key=lambda change: -change.count)
        sample.sort(key=lambda change: (change.name, str(change.id)))
        return ValueChanges(dry_run, len(ids), tuple(listed), left_out, tuple(sample[:MOST_SAMPLED]))

    async def remember(self, order: ValueOrder, ids: Sequence[UUID], *, by: str, at: datetime) -> None:
        """Keep what a person sets for every later rebuild, and show it on the published assets at once."""
        for field, value in order.values.items():
            if field is SettableField.ENVIRONMENT:
                await self._fetch(_FORGET_THE_GATE, ids)
            if value is None:
                await self._take_back(field, ids, order.reason)
            else:
                await self._fetch(_REMEMBER, ids, field, value, order.reason, by, at)
        if any(value is not None for value in order.values.values()):
            await self.apply(ids)

    async def apply(self, ids: Sequence[UUID] | None = None) -> None:
        """Show what people set, on some assets or on all of an estate that was just published."""
        if ids is None:
            ids = [row["asset_id"] for row in await self._fetch(_UNAWARE, None, RULE)]
        if not ids:
            return
        await self._fetch(_SHOW, ids)
        await self._fetch(_DROP_OLD_WORDS, ids, RULE)
        await self._fetch(_UNCHOOSE, ids)
        await self._fetch(_ENTER, ids, RULE)
        await self._fetch(_SETTLE, ids)

    async def _take_back(self, field: SettableField, ids: Sequence[UUID], reason: str) -> None:
        rows = await self._fetch(_TAKE_BACK, ids, field, RULE)
        free = [row["asset_id"] for row in rows]
        await self._fetch(_CHOOSE_FIRST, free, field)
        await self._fetch(_SHOW_CHOSEN.format(field=field), free)
        await self._fetch(_REOPEN, free, field, reason)

    async def _fetch(self, statement: str, *values: Any) -> list[asyncpg.Record]:
        tenant = self._session.tenant
        driver = await self._session.driver()
        given = (str(value) if isinstance(value, SettableField) else value for value in values)
        rows: list[asyncpg.Record] = await driver.fetch(
            statement, tenant.client_account_id, tenant.engagement_id, *given
        )
        return rows


def _asset_change(row: asyncpg.Record, field: SettableField) -> AssetChange:
    return AssetChange(plain_uuid(row["id"]), row["name"], field, row["before"], row["after"])
