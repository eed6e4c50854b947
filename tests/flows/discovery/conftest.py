"""A discovery of the lead, and one of the outsider."""

from collections.abc import Callable
from pathlib import Path

import pytest

from masterflow.db.session import Database
from masterflow.inventory.filestore import FileStore
from tests.conftest import Cast
from tests.flows.discovery.driving import Discovery

MOST_BYTES = 2_000_000


@pytest.fixture
def files(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path.as_uri(), max_bytes=MOST_BYTES)


@pytest.fixture
def start(database: Database, files: FileStore, cast: Cast) -> Callable[[], Discovery]:
    """Starts another discovery of the lead."""
    return lambda: Discovery(database, files, cast.lead)


@pytest.fixture
def discovery(start: Callable[[], Discovery]) -> Discovery:
    return start()
