"""The graph of dependencies: what stands for what, what a search leaves, and the evidence behind an edge."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from masterflow.db.session import Database
from masterflow.errors import InvalidInput
from masterflow.inventory.estate_rows import dependency_rows
from masterflow.inventory.graph import store as module
from masterflow.inventory.graph.store import GraphStore
from masterflow.inventory.graph.types import EvidencePage, Graph, Hidden, NodeKind
from masterflow.inventory.publishing.store import DEPENDENCIES, PublishingStore
from masterflow.inventory.types import Asset, Dependency, DependencyKind, Environment, Membership
from masterflow.tenancy.types import Tenant
from tests.conftest import Cast
from tests.inventory.estates import Estate, application, publish, server, staging

HARD, SOFT = DependencyKind.HARD, DependencyKind.SOFT
WEB, DB, MAIL, LONE = server("web"), server("db"), server("mail"), server("lone", environment=Environment.TEST)
BILLING, SHOP, POST = application("Billing", WEB, DB), application("Shop", WEB), application("Post", MAIL)


def needs(source: UUID, target: UUID, kind: DependencyKind = HARD, **more: object) -> Dependency:
    return Dependency(source_id=source, target_id=target, kind=kind, **more)


async def build(
    database: Database, tenant: Tenant, dependencies: Sequence[Dependency], *, lone: Sequence[Asset] = (LONE,)
) -> None:
    await publish(
        database, tenant, Estate(servers=(WEB, DB, MAIL, *lone), applications=(BILLING, SHOP, POST), flow_id=uuid4())
    )
    async with database.publishing(tenant) as session:
        flow = uuid4()
        store = staging(session, flow)
        await store.put(DEPENDENCIES, 0, dependency_rows(dependencies))
        await PublishingStore(session).publish_dependencies(store, flow_id=flow)


async def graph(database: Database, tenant: Tenant, *expand: UUID, search: str | None = None) -> Graph:
    async with database.snapshot(tenant) as session:
        return await GraphStore(session).graph(expand=expand, search=search)


async def evidence(database: Database, tenant: Tenant, source: UUID, target: UUID, **page: object) -> EvidencePage:
    async with database.snapshot(tenant) as session:
        return await GraphStore(session).evidence(source, target, **{"limit": 50, **page})


def edges(found: Graph) -> set[tuple[str, str, int, int]]:
    names = {node.id: node.name for node in found.nodes}
    return {(names[e.source], names[e.target], e.kinds[HARD], e.kinds[SOFT]) for e in found.edges}


async def test_machines_stand_behind_the_application_that_they_belong_to(database: Database, cast: Cast) -> None:
    await build(
        database,
        cast.tenant,
        [
            needs(WEB.id, MAIL.id, port=25, connections=3, bytes_total=10, confidence=0.4),
            needs(DB.id, MAIL.id, SOFT, port=443, bytes_total=2**70, confidence=0.9),
            needs(BILLING.id, POST.id, port=25),
            needs(WEB.id, DB.id),
            needs(LONE.id, SHOP.id, SOFT),
        ],
    )
    found = await graph(database, cast.tenant)
    assert edges(found) == {("Billing", "Post", 2, 1), ("lone", "Shop", 0, 1)}
    edge = next(e for e in found.edges if e.count == 3)
    assert (edge.connections, edge.bytes_total, edge.confidence, edge.ports) == (3, 2**70 + 10, 1.0, (25, 443))
    assert edge.id == f"{BILLING.id}.{POST.id}"
    assert [(n.name, n.kind, n.servers, n.expandable) for n in found.nodes] == [
        ("Billing", NodeKind.APPLICATION, 2, True),
        ("Post", NodeKind.APPLICATION, 1, True),
        ("Shop", NodeKind.APPLICATION, 1, True),
        ("lone", NodeKind.ASSET, 1, False),
    ]
    assert (found.nodes[3].environment, found.nodes[3].parent, found.hidden) == (Environment.TEST, None, Hidden())


async def test_an_expanded_application_shows_its_machines_and_stays_where_an_edge_ends_at_it(
    database: Database, cast: Cast
) -> None:
    await build(database, cast.tenant, [needs(WEB.id, MAIL.id), needs(WEB.id, DB.id)])
    found = await graph(database, cast.tenant, BILLING.id)
    assert edges(found) == {("web", "Post", 1, 0), ("web", "db", 1, 0)}
    assert {n.name: n.parent for n in found.nodes} == {"Post": None, "Shop": None, "web": BILLING.id, "db": BILLING.id}
    await build(database, cast.tenant, [needs(BILLING.id, MAIL.id)])
    found = await graph(database, cast.tenant, BILLING.id, POST.id)
    assert edges(found) == {("Billing", "mail", 1, 0)}
    assert {n.name: n.expandable for n in found.nodes if n.kind is NodeKind.APPLICATION} == {
        "Billing": False,
        "Shop": True,
    }
    with pytest.raises(InvalidInput, match="51 nodes cannot be expanded at once"):
        await graph(database, cast.tenant, *[BILLING.id] * 51)


async def test_a_machine_of_several_applications_stands_behind_the_one_that_is_stated(
    database: Database, cast: Cast
) -> None:
    guessed = application("A guess", WEB, membership=Membership.PROPOSED)
    await publish(database, cast.tenant, Estate(servers=(WEB, MAIL), applications=(guessed, SHOP, POST)))
    async with database.publishing(cast.tenant) as session:
        store = staging(session, uuid4())
        await store.put(DEPENDENCIES, 0, dependency_rows([needs(WEB.id, MAIL.id)]))
        await PublishingStore(session).publish_dependencies(store, flow_id=uuid4())
    assert edges(await graph(database, cast.tenant)) == {("Shop", "Post", 1, 0)}


@pytest.mark.parametrize("expanded", [(), (BILLING.id,)])
async def test_a_circle_of_hard_dependencies_is_numbered_and_told(
    database: Database, cast: Cast, expanded: tuple[UUID, ...]
) -> None:
    soft_back = needs(POST.id, LONE.id, SOFT)
    circle = [needs(WEB.id, POST.id), needs(POST.id, LONE.id), needs(LONE.id, DB.id)]
    await build(database, cast.tenant, [*circle, soft_back, needs(SHOP.id, POST.id)])
    found = await graph(database, cast.tenant, *expanded)
    [cycle] = found.cycles
    assert (cycle.number, [one.name for one in cycle.applications]) == (1, ["Billing", "Post"])
    assert cycle.sentence == (
        "Billing and Post need each other in a circle of hard dependencies: none can move before the others."
    )
    numbers = {node.name: node.cycle for node in found.nodes}
    assert (numbers["Post"], numbers["lone"], numbers["Shop"]) == (1, 1, None)
    assert sorted(e.within_cycle for e in found.edges) == [False, True, True, True]


async def test_soft_dependencies_and_machines_alone_make_no_circle(database: Database, cast: Cast) -> None:
    both_ways = [needs(BILLING.id, POST.id), needs(POST.id, BILLING.id, SOFT)]
    alone = [needs(LONE.id, SHOP.id), needs(SHOP.id, LONE.id)]
    await build(database, cast.tenant, [*both_ways, *alone])
    found = await graph(database, cast.tenant)
    assert (found.cycles, {n.cycle for n in found.nodes}) == ((), {None})


async def test_a_search_leaves_what_it_names_and_its_neighbours(database: Database, cast: Cast) -> None:
    await build(
        database,
        cast.tenant,
        [needs(BILLING.id, POST.id), needs(SHOP.id, POST.id), needs(POST.id, BILLING.id), needs(LONE.id, SHOP.id)],
    )
    found = await graph(database, cast.tenant, search="billi")
    assert edges(found) == {("Billing", "Post", 1, 0), ("Post", "Billing", 1, 0)}
    assert (found.hidden, len(found.cycles)) == (Hidden(nodes=2, edges=2), 1)
    by_machine = await graph(database, cast.tenant, search="DB")
    assert edges(by_machine) == edges(found)
    assert {n.name for n in (await graph(database, cast.tenant, search="%")).nodes} == set()
    expanded = await graph(database, cast.tenant, POST.id, search="mail")
    assert {n.name for n in expanded.nodes} == {"Post", "mail", "Billing", "Shop"}


@pytest.mark.parametrize(("known", "names"), [("datacenter", ["Bern", "Data centre not known"]), ("environment", [])])
async def test_many_machines_without_an_application_are_one_node_for_each_place(
    database: Database, cast: Cast, monkeypatch: pytest.MonkeyPatch, known: str, names: list[str]
) -> None:
    monkeypatch.setattr(module, "MOST_LONE", 2)
    lone = [
        replace(server(f"l{n}", environment=Environment.TEST if n < 2 else None), datacenter="Bern" if n < 2 else None)
        for n in range(3)
    ]
    if known == "environment":
        lone = [replace(one, datacenter=None) for one in lone]
        names = ["Environment not known", "test"]
    await build(database, cast.tenant, [needs(one.id, POST.id) for one in lone], lone=lone)
    found = await graph(database, cast.tenant)
    groups = [node for node in found.nodes if node.kind is NodeKind.GROUP]
    assert sorted(node.name for node in groups) == names
    assert edges(found) == {(node.name, "Post", node.servers, 0) for node in groups}
    assert {(n.environment, n.servers) for n in groups} == (
        {(None, 2), (None, 1)} if known == "datacenter" else {(Environment.TEST, 2), (None, 1)}
    )
    two = next(node for node in groups if node.servers == 2)
    opened = await graph(database, cast.tenant, two.id)
    assert {n.name: n.parent for n in opened.nodes if n.kind is NodeKind.ASSET} == {"l0": two.id, "l1": two.id}
    assert two.id not in {n.id for n in opened.nodes}
    behind = await evidence(database, cast.tenant, two.id, POST.id)
    assert [one.source_name for one in behind.items] == ["l0", "l1"]
    meant = await graph(database, cast.tenant, search="l1")
    assert {n.id for n in meant.nodes} == {two.id, POST.id}


async def test_machines_beyond_what_can_be_shown_are_counted(
    database: Database, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_MACHINES", module._MACHINES.replace(str(module.MOST_INSIDE), "1"))
    await build(database, cast.tenant, [needs(WEB.id, MAIL.id), needs(DB.id, MAIL.id)], lone=())
    found = await graph(database, cast.tenant, BILLING.id)
    assert (edges(found), found.hidden) == ({("db", "Post", 1, 0)}, Hidden(nodes=1, edges=1))


async def test_the_evidence_of_an_edge_is_read_page_by_page(database: Database, cast: Cast) -> None:
    await build(
        database,
        cast.tenant,
        [needs(WEB.id, MAIL.id, port=25), needs(MAIL.id, WEB.id), needs(BILLING.id, POST.id), needs(DB.id, MAIL.id)],
    )
    first = await evidence(database, cast.tenant, BILLING.id, POST.id, limit=2)
    second = await evidence(database, cast.tenant, BILLING.id, POST.id, limit=2, cursor=first.cursor)
    found = [(one.source_name, one.target_name) for one in (*first.items, *second.items)]
    assert (found, second.cursor) == ([("web", "mail"), ("Billing", "Post"), ("db", "mail")], None)
    assert first.items[0].dependency.port == 25
    [one] = (await evidence(database, cast.tenant, WEB.id, POST.id)).items
    assert one.dependency.source_id == WEB.id
    with pytest.raises(InvalidInput, match="is no cursor of this list"):
        await evidence(database, cast.tenant, BILLING.id, POST.id, cursor="x")


async def test_another_tenant_sees_no_node_and_no_evidence(database: Database, cast: Cast) -> None:
    await build(database, cast.tenant, [needs(BILLING.id, POST.id)])
    theirs = cast.outsider.tenant
    for expand in ((), (BILLING.id,)):
        assert await graph(database, theirs, *expand) == Graph((), ())
    assert (await evidence(database, theirs, BILLING.id, POST.id)).items == ()
