"""One server for the tests of a process, with the bundled estate in it; a browser for each test."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.e2e.browser import CHROMIUM, chromium
from tests.e2e.places import Stage, set_stage
from tests.e2e.server import Server, running


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/e2e/" in item.nodeid and CHROMIUM is None:
            item.add_marker(pytest.mark.skip(reason="chromium is not installed"))


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A server that nobody has used yet."""
    with tempfile.TemporaryDirectory(prefix="masterflow-e2e-") as folder:
        Path(folder).chmod(0o755)  # the database has a user of its own
        with running(Path(folder)) as server:
            yield server


@pytest.fixture(scope="session")
def stage(server: Server) -> Stage:
    """An engagement in which every page has something to show."""
    return asyncio.run(set_stage(server))


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Debian's Chromium."""
    async with chromium() as browser:
        yield browser
