"""What people do on the pages beside the story: many flows, going back, values by hand, evidence, other people."""

import re

from playwright.async_api import Browser, Locator, expect

from tests.e2e.browser import Visitor, visiting
from tests.e2e.places import LEAD, Stage
from tests.e2e.server import Server

SLOW_MS = 60_000


def _dialog(visitor: Visitor) -> Locator:
    return visitor.page.get_by_role("dialog")


async def test_flows_are_cancelled_after_a_count_and_the_list_and_the_job_tell_it(
    server: Server, stage: Stage, browser: Browser
) -> None:
    async with visiting(browser, await server.link(stage.tenant, LEAD)) as lead:
        for number in (1, 2):
            await lead.visit("/flows/new?type=planning")
            await lead.page.get_by_label("Name").first.fill(f"To be cancelled {number}")
            await lead.page.get_by_role("switch", name="Start at once").uncheck()
            await lead.page.get_by_role("button", name="Create", exact=True).click()
            await lead.page.wait_for_url(re.compile(r"/flows/[0-9a-f]{8}-"))
        await lead.visit("/flows?q=cancelled")
        await lead.page.get_by_label("Choose all that is listed").check()
        await lead.page.get_by_role("region", name="Chosen flows").get_by_role("button", name="Cancel").click()
        await _dialog(lead).get_by_role("button", name="Cancel 2 flows").click()
        await expect(_dialog(lead).get_by_role("button", name="Done")).to_be_visible(timeout=SLOW_MS)
        await _dialog(lead).get_by_role("button", name="Done").click()
        await expect(lead.page.get_by_role("table").get_by_text("Cancelled", exact=True)).to_have_count(2)
        assert lead.complaints == []


async def test_a_view_is_saved_opened_and_deleted(server: Server, stage: Stage, browser: Browser) -> None:
    async with visiting(browser, await server.link(stage.tenant, LEAD)) as lead:
        await lead.visit("/flows?status=completed&type=planning")
        await lead.page.get_by_role("button", name="Views").click()
        await lead.page.get_by_role("menuitem", name="Save this view").click()
        await _dialog(lead).get_by_label("Name").fill("Finished plans")
        await _dialog(lead).get_by_role("button", name="Save").click()
        await expect(_dialog(lead)).to_be_hidden()
        await lead.visit("/flows")
        await lead.page.get_by_role("button", name="Views").click()
        await lead.page.get_by_role("menuitem", name="Finished plans", exact=True).click()
        await lead.page.wait_for_url("**/flows?*status=completed*")
        await lead.page.get_by_role("button", name="Finished plans").click()
        await lead.page.get_by_role("menuitem", name="Delete the view Finished plans").click()
        await expect(lead.page.get_by_text("The view Finished plans is deleted.")).to_be_visible()


async def test_a_flow_is_rolled_back_from_its_page(server: Server, stage: Stage, browser: Browser) -> None:
    flow = next(place.path for place in stage.places if place.name == "flow")
    async with visiting(browser, await server.link(stage.tenant, LEAD)) as lead:
        await lead.visit(flow)
        await lead.page.get_by_role("button", name="Roll back").click()
        await expect(_dialog(lead).get_by_text("Runs again")).to_be_visible()
        await _dialog(lead).get_by_label("Reason").fill("A freeze was announced.")
        await _dialog(lead).get_by_role("button", name="Roll back and run").click()
        await expect(_dialog(lead)).to_be_hidden()
        await expect(lead.page.get_by_text("Waiting for approval").first).to_be_visible(timeout=SLOW_MS)
        await lead.visit(f"{flow}?tab=history")
        await expect(lead.page.get_by_text("A freeze was announced.").first).to_be_visible()


async def test_a_value_is_set_by_hand_after_a_preview_and_tells_who_set_it(
    server: Server, stage: Stage, browser: Browser
) -> None:
    async with visiting(browser, await server.link(stage.tenant, LEAD)) as lead:
        page = lead.page
        await lead.visit("/inventory?search=nf-bil-phy-p03")
        await page.get_by_label("Choose all that is listed").check()
        await page.get_by_role("button", name="Edit…").click()
        await _dialog(lead).get_by_label("Department", exact=True).select_option("set")
        await _dialog(lead).get_by_label("New department").fill("Finance")
        await _dialog(lead).get_by_label("Reason").fill("The owner said so.")
        await _dialog(lead).get_by_role("button", name="Preview").click()
        await expect(_dialog(lead).get_by_text("Finance").first).to_be_visible()
        await _dialog(lead).get_by_role("button", name="Set on 1 asset").click()
        await expect(_dialog(lead)).to_be_hidden()
        await page.get_by_role("table").get_by_role("link", name="nf-bil-phy-p03").click()
        await page.wait_for_url("**/inventory/*")
        await expect(page.get_by_text(re.compile(rf"set by {LEAD}")).first).to_be_visible()


async def test_the_evidence_of_a_dependency_is_shown_and_an_application_opens(
    server: Server, stage: Stage, browser: Browser
) -> None:
    async with visiting(browser, await server.link(stage.tenant, LEAD)) as lead:
        page = lead.page
        await lead.visit("/dependencies?view=table")
        await page.get_by_role("table").locator("tbody tr[data-row]").first.click()
        panel = page.get_by_role("complementary", name="About what is chosen")
        await expect(
            panel.get_by_text("servicenow_cmdb_rel_ci.csv").or_(panel.get_by_text("netflow")).first
        ).to_be_visible()
        await lead.visit("/dependencies")
        await expect(page.locator(".react-flow__edge").first).to_be_attached()
        nodes = await page.locator(".react-flow__node").count()
        find = page.get_by_label("Find an application or server")
        await find.press_sequentially("billing cor")
        await expect(find).to_be_focused()
        await find.press("Enter")
        await panel.get_by_role("button", name="Show its servers").click()
        await expect(page.locator(".react-flow__node")).not_to_have_count(nodes)


async def test_a_person_is_added_signs_in_and_sees_only_what_they_may(
    server: Server, stage: Stage, browser: Browser
) -> None:
    async with visiting(browser, await server.link(stage.tenant, LEAD)) as lead:
        page = lead.page
        await lead.visit("/admin/people")
        await page.get_by_role("button", name="Add a person").click()
        await _dialog(lead).get_by_label("Address").fill("guest@northwind.example")
        await _dialog(lead).get_by_label("Name").fill("Guest")
        await _dialog(lead).get_by_role("button", name="Add", exact=True).click()
        await _dialog(lead).get_by_role("button", name="Make a sign-in link").click()
        link = await page.get_by_label("The secret").inner_text()
    async with visiting(browser, server.url + link[link.index("/sign-in") :]) as guest:
        await expect(guest.page.get_by_role("link", name="New flow")).to_be_hidden()
        await guest.visit("/imports")
        await expect(guest.page.get_by_role("button", name="Choose files")).to_be_hidden()
        assert guest.complaints == []


async def test_somebody_of_two_engagements_switches_between_them(server: Server, browser: Browser) -> None:
    first = await server.engage("Switch", "First exit", {"lead@switch.example": ("lead",)})
    second = await server.engage("Switch", "Second exit", {"lead@switch.example": ("lead",)})
    async with visiting(browser, await server.link(first, "lead@switch.example")) as lead:
        await lead.page.get_by_role("button", name=re.compile("^Engagement First exit")).click()
        await lead.page.get_by_role("menuitem", name="Second exit").click()
        await lead.page.wait_for_url(f"**/e/{second.engagement_id}/**")
        await expect(lead.page.get_by_role("button", name=re.compile("^Engagement Second exit"))).to_be_visible()
