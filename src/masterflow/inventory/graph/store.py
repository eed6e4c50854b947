"""Counts the graph of an estate inside the database: what comes out has the size of what is shown."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg

from masterflow.db.keyset import LONGEST_PAGE, clean_limit, cursor_of, parts_of, whole_of
from masterflow.db.session import Session
from masterflow.errors import InvalidInput
from masterflow.inventory.estate_rows import dependency_of, plain_uuid
from masterflow.inventory.graph.shape import around, meant_by, with_cycles, without_empty_shells
from masterflow.inventory.graph.types import (
    Evidence,
    EvidencePage,
    Graph,
    GraphEdge,
    GraphNode,
    Grouping,
    Hidden,
    Neighbour,
    Neighbours,
    NodeKind,
)
from masterflow.inventory.types import Criticality, DependencyKind, Environment

MOST_LONE = 300  # machines without an application that are shown one by one
MOST_INSIDE = 2_000  # machines of expanded nodes that are shown
MOST_EDGES = 5_000  # edges that are shown, those of hard dependencies first
MOST_EXPANDED = 50
_Place = tuple[list[UUID], Grouping]
NOWHERE = {Grouping.DATACENTER: "Data centre not known", Grouping.ENVIRONMENT: "Environment not known"}

# A machine of several applications counts in one of them, as it does where dependencies are found: the one that a
# source states, and of several the first by name.
_HOME = """ranked AS MATERIALIZED (
    SELECT id, row_number() OVER (ORDER BY name, id) AS rank FROM applications
    WHERE client_account_id = $1 AND engagement_id = $2),
home AS MATERIALIZED (
    SELECT DISTINCT ON (m.asset_id) m.asset_id, m.application_id
    FROM application_members m JOIN ranked a ON a.id = m.application_id
    WHERE m.client_account_id = $1 AND m.engagement_id = $2
    ORDER BY m.asset_id, m.membership = 'proposed', a.rank),
ends AS MATERIALIZED (
    SELECT source_id AS id FROM dependencies WHERE client_account_id = $1 AND engagement_id = $2
    UNION SELECT target_id FROM dependencies WHERE client_account_id = $1 AND engagement_id = $2)"""

_LONE = f"""
WITH {_HOME}
SELECT count(*) AS machines, count(a.datacenter) AS placed, count(a.environment) AS staged
FROM assets a JOIN ends ON ends.id = a.id LEFT JOIN home h ON h.asset_id = a.id
WHERE a.client_account_id = $1 AND a.engagement_id = $2 AND h.asset_id IS NULL"""

# $3 the expanded nodes, $4 the grouping. Each machine that a node can show, and the node that stands for it.
_NODES = f"""{_HOME},
placed AS MATERIALIZED (
    SELECT a.id, a.name, a.environment, a.criticality, h.application_id,
        CASE $4 WHEN 'datacenter' THEN coalesce(a.datacenter, '') WHEN 'environment' THEN coalesce(a.environment, '')
        END AS place
    FROM assets a LEFT JOIN home h ON h.asset_id = a.id LEFT JOIN ends ON ends.id = a.id
    WHERE a.client_account_id = $1 AND a.engagement_id = $2 AND (h.asset_id IS NOT NULL OR ends.id IS NOT NULL)),
inside AS MATERIALIZED (
    SELECT placed.*, coalesce(application_id, md5($2::text || ':' || place)::uuid) AS whole FROM placed),
node AS MATERIALIZED (
    SELECT inside.*, CASE WHEN whole IS NULL OR whole = ANY($3::uuid[]) THEN id ELSE whole END AS node_id
    FROM inside)"""

_APPLICATIONS = """
SELECT a.id, a.name, a.environment, a.criticality, count(m.asset_id) AS servers,
    $3::text <> '' AND (a.name ILIKE $4 OR bool_or(s.name ILIKE $4)) AS is_meant
FROM applications a
LEFT JOIN application_members m ON m.client_account_id = $1 AND m.engagement_id = $2 AND m.application_id = a.id
LEFT JOIN assets s ON $3 <> '' AND s.client_account_id = $1 AND s.engagement_id = $2 AND s.id = m.asset_id
WHERE a.client_account_id = $1 AND a.engagement_id = $2
GROUP BY a.id, a.name, a.environment, a.criticality
ORDER BY a.name, a.id"""

_MACHINES = f"""
WITH {_NODES}
SELECT id, name, environment, criticality, whole, count(*) OVER () AS machines FROM node
WHERE node_id = id ORDER BY whole IS NOT NULL, name, id LIMIT {MOST_INSIDE}"""

_GROUPS = f"""
WITH {_NODES}
SELECT whole AS id, place, count(*) AS servers, bool_or($5::text <> '' AND name ILIKE $6) AS is_meant
FROM node WHERE application_id IS NULL AND whole IS NOT NULL GROUP BY whole, place ORDER BY place"""

# $5 the nodes that a search means, or NULL. The weightiest edges are shown; circles are found over all that are hard.
_EDGES = f"""
WITH {_NODES},
edge AS MATERIALIZED (
SELECT coalesce(s.node_id, d.source_id) AS source, coalesce(t.node_id, d.target_id) AS target,
    count(*) FILTER (WHERE d.kind = 'hard') AS hard, count(*) FILTER (WHERE d.kind = 'soft') AS soft,
    sum(d.connections) AS connections, sum(d.bytes_total) AS bytes_total, max(d.confidence) AS confidence,
    (array_agg(DISTINCT d.port) FILTER (WHERE d.port IS NOT NULL))[1:10] AS ports
FROM dependencies d LEFT JOIN node s ON s.id = d.source_id LEFT JOIN node t ON t.id = d.target_id
WHERE d.client_account_id = $1 AND d.engagement_id = $2
GROUP BY 1, 2 HAVING coalesce(s.node_id, d.source_id) <> coalesce(t.node_id, d.target_id)),
meant AS (
    SELECT edge.*, $5::uuid[] IS NULL OR source = ANY($5) OR target = ANY($5) AS is_meant FROM edge),
placed_edge AS (
    SELECT meant.*, count(*) OVER () AS edges,
        row_number() OVER (ORDER BY is_meant DESC, hard > 0 DESC, hard + soft DESC, source, target) AS place FROM meant)
SELECT *, is_meant AND place <= $6 AS is_shown FROM placed_edge WHERE hard > 0 OR is_meant AND place <= $6 OR place = 1
ORDER BY place"""

_NAMED = """named AS (
    SELECT id, name, 'asset' AS sort FROM assets WHERE client_account_id = $1 AND engagement_id = $2
    UNION ALL
    SELECT id, name, 'application' FROM applications WHERE client_account_id = $1 AND engagement_id = $2)"""

_NEIGHBOURS = f"""
WITH {_NODES},
{_NAMED},
edge AS (
    SELECT coalesce(s.node_id, d.source_id) AS source, coalesce(t.node_id, d.target_id) AS target,
        count(*) FILTER (WHERE d.kind = 'hard') AS hard, count(*) FILTER (WHERE d.kind = 'soft') AS soft
    FROM dependencies d LEFT JOIN node s ON s.id = d.source_id LEFT JOIN node t ON t.id = d.target_id
    WHERE d.client_account_id = $1 AND d.engagement_id = $2
        AND ($5 IN (d.source_id, s.whole) OR $5 IN (d.target_id, t.whole))
    GROUP BY 1, 2)
SELECT n.id, n.name, n.sort, edge.source = $5 AS is_needed, edge.hard, edge.soft
FROM edge JOIN named n ON n.id = CASE WHEN edge.source = $5 THEN edge.target ELSE edge.source END
WHERE edge.source <> edge.target ORDER BY n.name, n.id"""

_EVIDENCE = f"""
WITH {_NODES},
{_NAMED}
SELECT d.*, source.name AS source_name, target.name AS target_name
FROM dependencies d LEFT JOIN node s ON s.id = d.source_id LEFT JOIN node t ON t.id = d.target_id
JOIN named source ON source.id = d.source_id JOIN named target ON target.id = d.target_id
WHERE d.client_account_id = $1 AND d.engagement_id = $2 AND d.position > $7
    AND $5 IN (d.source_id, s.whole) AND $6 IN (d.target_id, t.whole)
ORDER BY d.position LIMIT $8"""

# Right after a publication the statistics know a handful of rows, and a loop over them takes minutes.
_NO_LOOPS = "SET LOCAL enable_nestloop = off"


class GraphStore:
    """The dependencies of one engagement in one transaction, as a graph."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def graph(self, *, expand: Sequence[UUID] = (), search: str | None = None) -> Graph:
        """One node for each application, and for each machine or group of machines without one that an edge ends at.

        `expand` shows the machines of applications or groups; the node itself stays where an edge ends at it.

        Raises:
            InvalidInput: more than 50 nodes are to be expanded.
        """
        if len(expand) > MOST_EXPANDED:
            raise InvalidInput(f"{len(expand)} nodes cannot be expanded at once.", hint=f"Ask for {MOST_EXPANDED}.")
        place = await self._place(expand)
        text, opened = search or "", set(expand)
        applications = await self._fetch(_APPLICATIONS, text, _like(text))
        groups = await self._fetch(_GROUPS, *place, text, _like(text)) if place[1] else []
        machines = await self._fetch(_MACHINES, *place)
        nodes = (
            *(_application(row, opened) for row in applications),
            *(_group(row, opened, place[1]) for row in groups),
            *map(_machine, machines),
        )
        meant = None
        if text:
            meant = meant_by(text, nodes) | {plain_uuid(r["id"]) for r in (*applications, *groups) if r["is_meant"]}
        left_out = machines[0]["machines"] - len(machines) if machines else 0
        found = await self._edges(place, meant, nodes, left_out=left_out)
        return without_empty_shells(around(found, meant) if meant is not None else found, opened)

    async def _edges(
        self,
        place: _Place,
        meant: set[UUID] | None,
        nodes: tuple[GraphNode, ...],
        *,
        left_out: int,
    ) -> Graph:
        """The nodes with the edges between them that are shown, and the circles of all."""
        rows = await self._fetch(_EDGES, *place, None if meant is None else list(meant), MOST_EDGES)
        there = {node.id for node in nodes}
        shown = [_edge(row) for row in rows if row["is_shown"]]
        edges = tuple(edge for edge in shown if edge.source in there and edge.target in there)
        hidden = Hidden(left_out, rows[0]["edges"] - len(edges) if rows else 0)
        hard = [(plain_uuid(row["source"]), plain_uuid(row["target"])) for row in rows if row["hard"]]
        names = {node.id: node.name for node in nodes if node.kind is NodeKind.APPLICATION}
        return with_cycles(Graph(nodes, edges, (), hidden), hard, names)

    async def neighbours(self, application: UUID) -> Neighbours:
        """The other ends of an application's dependencies and of those of its machines."""
        rows = await self._fetch(_NEIGHBOURS, [], Grouping.NONE, application)
        return Neighbours(
            tuple(_neighbour(row) for row in rows if row["is_needed"]),
            tuple(_neighbour(row) for row in rows if not row["is_needed"]),
        )

    async def evidence(self, source: UUID, target: UUID, *, cursor: str | None = None, limit: int) -> EvidencePage:
        """The dependencies behind an edge from one node to another, whether the nodes are expanded or not.

        Raises:
            InvalidInput: the cursor is none of this list, or the limit is not 1 to 1,000.
        """
        after = -1
        if cursor is not None:
            (position,) = parts_of(cursor, count=1)
            after = whole_of(position, cursor)
        place = await self._place(())
        rows = await self._fetch(_EVIDENCE, *place, source, target, after, clean_limit(limit, LONGEST_PAGE) + 1)
        page = rows[:limit]
        items = tuple(Evidence(dependency_of(row), row["source_name"], row["target_name"]) for row in page)
        return EvidencePage(items, cursor_of((str(page[-1]["position"]),)) if len(rows) > limit else None)

    async def _place(self, expand: Sequence[UUID]) -> _Place:
        """What every statement over nodes is told: which are expanded, and how lone machines are grouped."""
        (lone,) = await self._fetch(_LONE)
        if lone["machines"] <= MOST_LONE:
            return list(expand), Grouping.NONE
        return list(expand), Grouping.DATACENTER if lone["placed"] >= lone["staged"] else Grouping.ENVIRONMENT

    async def _fetch(self, statement: str, *values: object) -> list[asyncpg.Record]:
        tenant = self._session.tenant
        driver = await self._session.driver()
        await driver.execute(_NO_LOOPS)
        rows: list[asyncpg.Record] = await driver.fetch(
            statement, tenant.client_account_id, tenant.engagement_id, *values
        )
        return rows


def _like(text: str) -> str:
    """`text` as a part of a name, as LIKE takes it."""
    return "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"


def _application(row: asyncpg.Record, opened: set[UUID]) -> GraphNode:
    own = plain_uuid(row["id"])
    return GraphNode(
        id=own,
        kind=NodeKind.APPLICATION,
        name=row["name"],
        servers=row["servers"],
        environment=Environment(row["environment"]) if row["environment"] else None,
        criticality=Criticality(row["criticality"]) if row["criticality"] else None,
        expandable=row["servers"] > 0 and own not in opened,
    )


def _group(row: asyncpg.Record, opened: set[UUID], grouping: Grouping) -> GraphNode:
    own = plain_uuid(row["id"])
    by_environment = grouping is Grouping.ENVIRONMENT and row["place"]
    return GraphNode(
        id=own,
        kind=NodeKind.GROUP,
        name=row["place"] or NOWHERE[grouping],
        servers=row["servers"],
        environment=Environment(row["place"]) if by_environment else None,
        expandable=own not in opened,
    )


def _machine(row: asyncpg.Record) -> GraphNode:
    return GraphNode(
        id=plain_uuid(row["id"]),
        kind=NodeKind.ASSET,
        name=row["name"],
        servers=1,
        environment=Environment(row["environment"]) if row["environment"] else None,
        criticality=Criticality(row["criticality"]) if row["criticality"] else None,
        parent=plain_uuid(row["whole"]) if row["whole"] else None,
    )


def _neighbour(row: asyncpg.Record) -> Neighbour:
    return Neighbour(
        id=plain_uuid(row["id"]), kind=NodeKind(row["sort"]), name=row["name"], hard=row["hard"], soft=row["soft"]
    )


def _edge(row: asyncpg.Record) -> GraphEdge:
    return GraphEdge(
        source=plain_uuid(row["source"]),
        target=plain_uuid(row["target"]),
        kinds={DependencyKind.HARD: row["hard"], DependencyKind.SOFT: row["soft"]},
        connections=None if row["connections"] is None else int(row["connections"]),
        bytes_total=None if row["bytes_total"] is None else int(row["bytes_total"]),
        confidence=row["confidence"],
        ports=tuple(row["ports"] or ()),
    )
