"""Pages of a large estate: they ask the server for what is seen, and open all the same."""

from dataclasses import replace
from uuid import uuid4

from playwright.async_api import Browser, Response, expect

from masterflow.inventory.estate_rows import dependency_rows
from masterflow.inventory.publishing.store import DEPENDENCIES, PublishingStore
from masterflow.inventory.types import Dependency, DependencyKind, Environment
from masterflow.tenancy.types import Tenant
from tests.e2e.browser import visiting
from tests.e2e.server import Server
from tests.inventory.estates import Estate, application, publish, server, staging

ASSETS, APPLICATIONS = 20_000, 1_000
EACH = ASSETS // APPLICATIONS
MOST_ROWS = 100  # drawn at a time
LEAD = "lead@large.example"


async def _large_estate(masterflow: Server) -> Tenant:
    """Twenty thousand machines in a thousand applications, each of which needs two others."""
    tenant = await masterflow.engage("Large", "Exit", {LEAD: ("lead",)})
    machines = [
        replace(server(f"srv-{n:05}", environment=list(Environment)[n % 3]), facts=(), identities=())
        for n in range(ASSETS)
    ]
    applications = [application(f"App {n:04}", *machines[n * EACH : (n + 1) * EACH]) for n in range(APPLICATIONS)]
    needs = [
        Dependency(source_id=one.id, target_id=applications[(n * step + 1) % APPLICATIONS].id, kind=kind)
        for n, one in enumerate(applications)
        for step, kind in ((7, DependencyKind.HARD), (13, DependencyKind.SOFT))
        if (n * step + 1) % APPLICATIONS != n
    ]
    estate = Estate(servers=tuple(machines), applications=tuple(applications), flow_id=uuid4())
    async with masterflow.inside() as parts:
        await publish(parts.database, tenant, estate, size=1_000)
        async with parts.database.publishing(tenant) as session:
            store = staging(session, estate.flow_id)
            await store.put(DEPENDENCIES, 0, dependency_rows(needs))
            await PublishingStore(session).publish_dependencies(store, flow_id=estate.flow_id)
    return tenant


async def test_a_large_estate_is_scrolled_filtered_and_drawn(server: Server, browser: Browser) -> None:
    tenant = await _large_estate(server)
    async with visiting(browser, await server.link(tenant, LEAD)) as lead:
        page = lead.page
        largest: list[int] = []

        async def measure(answer: Response) -> None:
            if "/api/v1/assets" in answer.url:
                largest.append(len((await answer.json()).get("items", [])))

        page.on("response", measure)
        await lead.visit("/inventory")
        await expect(page.get_by_text("20,000 assets")).to_be_visible()
        rows = page.get_by_role("table").locator("tbody tr[data-row]")
        table = page.get_by_role("region").filter(has=page.get_by_role("table")).first
        box = await table.element_handle()
        for _ in range(5):
            height = await table.evaluate("box => box.scrollHeight")
            await table.evaluate("box => box.scrollTo(0, box.scrollHeight)")
            await page.wait_for_function("([box, height]) => box.scrollHeight > height", arg=[box, height])
        assert 0 < await rows.count() <= MOST_ROWS
        assert len(largest) >= 5
        assert max(largest) <= 1_000
        await page.keyboard.press("/")
        await page.keyboard.type("srv-19999")
        await expect(rows).to_have_count(1)
        await lead.visit("/dependencies")
        await expect(page.locator(".react-flow__node").first).to_be_visible()
        await expect(page.get_by_text("1,000 applications")).to_be_visible()
        assert lead.complaints == []
