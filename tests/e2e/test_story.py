"""A programme in the pages, as its people live it: files, columns, the estate, strategies, waves, and a second person
who approves."""

import re
from uuid import UUID

from playwright.async_api import Browser, expect

from masterflow.demo.northwind import estate_files
from tests.e2e.browser import Visitor, visiting
from tests.e2e.server import Server

LEAD, APPROVER, OUTSIDER = "lead@story.example", "approver@story.example", "lead@elsewhere.example"
SUBJECT = "Claims Handling"
COLUMN, FIELD = "Location", "Location"
SLOW_MS = 180_000  # for what a flow computes


async def test_a_programme_from_files_to_approved_waves(server: Server, browser: Browser) -> None:
    tenant = await server.engage("Story", "Exit", {LEAD: ("lead",), APPROVER: ("approver",)})
    elsewhere = await server.engage("Elsewhere", "Exit", {OUTSIDER: ("lead",)})
    async with (
        visiting(browser, await server.link(tenant, LEAD)) as lead,
        visiting(browser, await server.link(tenant, APPROVER)) as approver,
        visiting(browser, await server.link(elsewhere, OUTSIDER)) as outsider,
    ):
        await _bring_files(lead)
        await _decide_columns(approver)
        await _approve(approver, "Is this the estate", lead)
        await _look_at_the_estate(lead)
        await _begin(lead, "assessment")
        await _override(approver)
        await _completed(lead)
        await _begin(lead, "planning")
        moved = await _move(approver)
        await _completed(lead)
        await _read_the_plan(lead, moved)
        await _sees_nothing(outsider, lead.page.url, tenant.engagement_id)
        assert lead.complaints + approver.complaints + outsider.complaints == []


async def _bring_files(lead: Visitor) -> None:
    """Drop the estate's files and start a discovery of them."""
    await lead.visit("/imports")
    await lead.page.get_by_label("Files to import").set_input_files([str(file) for file in estate_files()])
    await expect(lead.page.get_by_text(f"{len(estate_files())} files chosen")).to_be_visible(timeout=SLOW_MS)
    await lead.page.get_by_role("button", name="Start a discovery").click()
    await lead.page.wait_for_url("**/flows/*")


async def _open_gate(approver: Visitor, asks: str) -> None:
    """Open the question that waits, as soon as it is asked: the inbox is live."""
    await approver.visit("/inbox")
    await approver.page.get_by_role("main").get_by_role("link", name=re.compile(asks)).first.click(timeout=SLOW_MS)
    await approver.page.wait_for_url("**/inbox/*")
    await approver.settled()


async def _decide_columns(approver: Visitor) -> None:
    """Keep a column as an attribute that was proposed as a field, and approve the rest as it is."""
    await _open_gate(approver, "Are these column matches right")
    page = approver.page
    await page.get_by_text("All (").click()
    await page.get_by_label("Search columns, fields and values").fill(COLUMN)
    field = page.get_by_role("combobox", name=f"Field of {COLUMN}", exact=True)
    await expect(field).to_have_value(FIELD)
    await page.get_by_role("button", name=f"Keep {COLUMN} as an attribute").click()
    await expect(field).to_have_value("")
    await _approve_here(approver, "Approve with edits")


async def _approve(approver: Visitor, asks: str, lead: Visitor) -> None:
    """Answer the gates of the lead's flow until it is completed."""
    await _open_gate(approver, asks)
    await _approve_here(approver)
    await _completed(lead)


async def _approve_here(approver: Visitor, words: str = "Approve") -> None:
    await approver.page.get_by_role("button", name=words, exact=True).click()
    await approver.page.get_by_role("dialog").get_by_role("button", name=re.compile("^Approve")).click()
    await expect(approver.page.get_by_text("Approved by").first).to_be_visible()


async def _completed(lead: Visitor) -> None:
    """The lead's page of the flow says so by itself."""
    await expect(lead.page.get_by_role("main").get_by_text("Completed", exact=True).first).to_be_visible(
        timeout=SLOW_MS
    )


async def _look_at_the_estate(lead: Visitor) -> None:
    """Search, narrow by a facet, and see where a value comes from."""
    await lead.visit("/inventory")
    await lead.page.keyboard.press("/")
    await lead.page.keyboard.type("nf-clm-db")
    table = lead.page.get_by_role("table")
    await expect(table.get_by_role("row")).to_have_count(3)  # its header and two servers
    await table.get_by_role("link").first.click()
    await lead.page.wait_for_url("**/inventory/*")
    await expect(lead.page.get_by_text(re.compile(r"rvtools_estate\.xlsx")).first).to_be_visible()


async def _begin(lead: Visitor, flow_type: str) -> None:
    """Start a flow from the form that is made of its schema."""
    await lead.visit(f"/flows/new?type={flow_type}")
    await lead.page.get_by_role("button", name=re.compile("^(Start|Create)")).click()
    await lead.page.wait_for_url(re.compile(r"/flows/[0-9a-f]{8}-"))


async def _override(approver: Visitor) -> None:
    """Accept what the rules say but for one application, and approve."""
    await _open_gate(approver, "Are these strategies right")
    await approver.page.get_by_role("link", name="Open the assessment").click()
    await approver.settled()
    page = approver.page
    await page.get_by_role("main").get_by_text(SUBJECT, exact=True).first.click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("radio", name=re.compile("^Retain")).click()
    await dialog.get_by_label("Reason").fill("The vendor ends the contract in March.")
    await dialog.get_by_role("button", name="Keep this override").click()
    await page.get_by_role("button", name="Approve with 1 override…").click()
    await page.get_by_role("dialog").get_by_role("button", name=re.compile("^Approve")).click()
    await expect(page.get_by_role("dialog")).to_be_hidden()


async def _move(approver: Visitor) -> str:
    """Move an application by keyboard to a wave that takes it, undoing what is not allowed; its name."""
    await _open_gate(approver, "Is this the order to move in")
    gate = approver.page.url.rsplit("/", 1)[1]
    await approver.visit(f"/plan?gate={gate}")
    page = approver.page
    handles = page.get_by_role("button", name=re.compile(r"^Move .+ to wave…$"))
    for number in range(await handles.count()):
        name = (await handles.nth(number).get_attribute("aria-label") or "")[5:-9]
        await handles.nth(number).click()
        choices = (
            page.get_by_role("dialog")
            .get_by_role("button", name=re.compile(r"^Wave \d"))
            .and_(page.locator(":enabled"))
        )
        await choices.last.click()
        await expect(page.get_by_text("Checking")).to_be_hidden()
        answer = page.get_by_role("button", name=re.compile(r"^Approve with \d+ moves?…$"))
        if await answer.is_enabled():
            await answer.click()
            await page.get_by_role("dialog").get_by_role("button", name=re.compile("^Approve")).click()
            await expect(page.get_by_role("dialog")).to_be_hidden()
            return name
        await page.get_by_role("button", name="Discard all").click()
    raise AssertionError("no application may move")


async def _read_the_plan(lead: Visitor, moved: str) -> None:
    """The approved plan shows the move, and the assessment the override with its reason."""
    await lead.visit("/plan")
    await expect(lead.page.get_by_role("main").get_by_text(moved, exact=True).first).to_be_visible()
    await lead.visit("/assessment")
    await lead.page.get_by_role("main").get_by_text(SUBJECT, exact=True).first.click()
    await expect(lead.page.get_by_text("The vendor ends the contract in March.").first).to_be_visible()


async def _sees_nothing(outsider: Visitor, url: str, engagement: UUID) -> None:
    """Addresses of another client's engagement lead nowhere, from either engagement."""
    await outsider.page.goto(url)
    await expect(outsider.page.get_by_text("is not open to you")).to_be_visible()
    await outsider.page.goto(url.replace(str(engagement), outsider.engagement))
    await expect(outsider.page.get_by_role("alert").first).to_be_visible()
    assert SUBJECT not in await outsider.page.content()
