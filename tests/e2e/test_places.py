"""What holds for every page: nothing to complain of, for people and for their browsers."""

import json
import re

import pytest
from playwright.async_api import Browser, Request, StorageState

from tests.e2e.browser import UNFINISHED, Scheme, Visitor, visiting
from tests.e2e.places import LEAD, Stage
from tests.e2e.server import Server

MOST_KB = 300  # of what a page needs at its first load, packed, beside the one font of 48 kB that all share
NOT_COUNTED = re.compile(r"/api/|[.]woff2$")


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (1440, "dark"), (390, "light")])
async def test_no_page_breaks_a_rule_of_accessibility_or_complains(
    server: Server, stage: Stage, browser: Browser, width: int, scheme: Scheme
) -> None:
    found: dict[str, list[str]] = {}
    async with visiting(browser, await server.link(stage.tenant, LEAD), width=width, scheme=scheme) as lead:
        for place in stage.places:
            await lead.visit(place.path)
            wrong = await lead.violations() + lead.complaints + await _too_wide(lead)
            if wrong:
                found[place.name] = wrong
            lead.complaints.clear()
    assert found == {}


async def test_every_page_has_a_name_and_one_heading(server: Server, stage: Stage, browser: Browser) -> None:
    async with visiting(browser, await server.link(stage.tenant, LEAD)) as lead:
        titles = set()
        for place in stage.places:
            await lead.visit(place.path)
            assert await lead.page.locator("h1").count() == 1, place
            titles.add(await lead.page.title())
    assert all(title.endswith("· Masterflow") for title in titles)


async def test_the_first_load_of_a_page_is_small(server: Server, stage: Stage, browser: Browser) -> None:
    sizes: dict[str, float] = {}
    async with visiting(browser, await server.link(stage.tenant, LEAD)) as lead:
        signed_in = await lead.page.context.storage_state()
        for place in stage.places:
            sizes[place.name] = await _first_load(browser, signed_in, f"{lead.url}/e/{lead.engagement}{place.path}")
    assert {name: size for name, size in sizes.items() if size > MOST_KB} == {}, json.dumps(sizes, indent=1)


async def _first_load(browser: Browser, signed_in: StorageState, url: str) -> float:
    """What a browser that has nothing yet fetches to draw a page, in kB as it travels, without the API's answers
    and the font."""
    context = await browser.new_context(storage_state=signed_in)
    fetched: list[Request] = []
    page = await context.new_page()
    page.on("requestfinished", lambda request: fetched.append(request))  # noqa: PLW0108 - a builtin is refused
    await page.goto(url, wait_until="domcontentloaded")
    await page.locator("h1").first.wait_for()
    await page.wait_for_function(f"() => !document.querySelector({UNFINISHED!r})")
    sizes = [(await one.sizes())["responseBodySize"] for one in fetched if not NOT_COUNTED.search(one.url)]
    await context.close()
    return sum(sizes) / 1000


async def _too_wide(visitor: Visitor) -> list[str]:
    wide = await visitor.page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    return ["the page scrolls sideways"] if wide else []
