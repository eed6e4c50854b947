"""The frame of the pages in a real browser: signing in, keys, and a server that comes and goes."""

import signal

from playwright.async_api import Browser, expect

from tests.e2e.browser import visiting
from tests.e2e.server import Server

LEAD = {"lead@frame.example": ("lead", "client_admin")}


async def test_a_link_signs_in_once(server: Server, browser: Browser) -> None:
    tenant = await server.engage("Frame one", "Exit", LEAD)
    link = await server.link(tenant, "lead@frame.example")
    async with visiting(browser, link) as lead:
        assert lead.engagement == str(tenant.engagement_id)
        await expect(lead.page.get_by_role("heading", name="Flows", level=1)).to_be_visible()
        assert "code" not in lead.page.url
        assert lead.complaints == []
    page = await browser.new_page()
    await page.goto(link)
    await expect(page.get_by_role("alert")).to_contain_text("link")
    await page.context.close()


async def test_who_is_not_signed_in_is_told_how(server: Server, browser: Browser) -> None:
    page = await browser.new_page()
    await page.goto(f"{server.url}/e/00000000-0000-0000-0000-000000000000/flows")
    await expect(page.get_by_text("You are not signed in")).to_be_visible()
    await page.context.close()


async def test_an_outsider_sees_nothing_of_another_clients_engagement(server: Server, browser: Browser) -> None:
    home = await server.engage("Frame two", "Secret exit", {"lead@two.example": ("lead",)})
    away = await server.engage("Frame three", "Other exit", {"out@three.example": ("lead",)})
    async with visiting(browser, await server.link(away, "out@three.example")) as outsider:
        await outsider.page.goto(f"{server.url}/e/{home.engagement_id}/flows")
        await expect(outsider.page.get_by_text("is not open to you")).to_be_visible()
        assert "Secret exit" not in await outsider.page.content()


async def test_a_page_recovers_when_the_server_was_away(server: Server, browser: Browser) -> None:
    tenant = await server.engage("Frame four", "Exit", {"lead@four.example": ("lead",)})
    async with visiting(browser, await server.link(tenant, "lead@four.example")) as lead:
        await expect(lead.page.get_by_role("status", name="Live")).to_be_visible()
        server.stop(signal.SIGKILL)
        await expect(lead.page.get_by_text("The server does not answer")).to_be_visible()
        server.start()
        await expect(lead.page.get_by_role("status", name="Live")).to_be_visible(timeout=30_000)
        await expect(lead.page.get_by_text("The server does not answer")).to_be_hidden()


async def test_keys_lead_to_places(server: Server, browser: Browser) -> None:
    tenant = await server.engage("Frame five", "Exit", {"lead@five.example": ("lead",)})
    async with visiting(browser, await server.link(tenant, "lead@five.example")) as lead:
        await lead.page.keyboard.press("g")
        await lead.page.keyboard.press("i")
        await expect(lead.page.get_by_role("heading", name="Inbox", level=1)).to_be_visible()
        await lead.page.keyboard.press("?")
        await expect(lead.page.get_by_role("dialog", name="Keys")).to_be_visible()
