"""Chromium, and somebody who looks at the pages with it."""

import json
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from playwright.async_api import Browser, ConsoleMessage, Page, async_playwright, expect

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE_MS = 20_000
UNFINISHED = "[aria-label=Loading], [aria-busy=true], .mantine-Skeleton-root[data-visible]"
# What Chromium itself says of a request that failed or was refused; the pages tell it in words.
SAID_BY_THE_BROWSER = re.compile(r"Failed to load resource")

Scheme = Literal["light", "dark"]
expect.set_options(timeout=PATIENCE_MS)


@dataclass
class Visitor:
    """Somebody signed in, with a browser of their own. `complaints` are errors of pages and of their console."""

    page: Page
    url: str
    engagement: str
    complaints: list[str] = field(default_factory=list)

    async def visit(self, place: str) -> None:
        """Open a place of the engagement, and wait until it is drawn."""
        await self.page.goto(f"{self.url}/e/{self.engagement}{place}")
        await self.settled()

    async def settled(self) -> None:
        """Wait until the page has its heading and waits for nothing."""
        await self.page.locator("#main h1").first.wait_for()
        await self.page.wait_for_function(f"() => !document.querySelector({UNFINISHED!r})")

    async def violations(self) -> list[str]:
        """What axe finds wrong with the page as it is shown."""
        await self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = await self.page.evaluate("async () => (await axe.run(document)).violations")
        return [
            f"{one['id']}: {node['html'][:160]} {json.dumps(node['target'])}" for one in found for node in one["nodes"]
        ]


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """A browser without a window."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=list(QUIET))
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def visiting(
    browser: Browser, link: str, *, width: int = 1440, height: int = 900, scheme: Scheme = "light"
) -> AsyncIterator[Visitor]:
    """Somebody who opened their sign-in link in a browser of their own."""
    context = await browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, reduced_motion="reduce"
    )
    context.set_default_timeout(PATIENCE_MS)
    page = await context.new_page()
    visitor = Visitor(page, link.split("/sign-in", maxsplit=1)[0], "")
    page.on("console", lambda message: _heard(visitor, message))
    page.on("pageerror", lambda error: visitor.complaints.append(str(error)))
    await page.goto(link)
    await page.wait_for_url("**/e/**")
    visitor.engagement = page.url.split("/e/")[1].split("/")[0]
    await visitor.settled()
    try:
        yield visitor
    finally:
        await context.close()


def _heard(visitor: Visitor, message: ConsoleMessage) -> None:
    if message.type in {"error", "warning"} and not SAID_BY_THE_BROWSER.search(message.text):
        visitor.complaints.append(f"{message.type}: {message.text}")
