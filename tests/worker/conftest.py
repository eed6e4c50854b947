"""Parts of a worker, apart from each other."""

from uuid import UUID

import psycopg
import pytest

from masterflow.db.session import Database
from masterflow.db.urls import DatabaseUrls
from masterflow.orchestrator import FlowTypeRegistry, MasterFlowOrchestrator
from masterflow.orchestrator.engine_inline import InlineEngine
from masterflow.testing import empty_flow


class Table:
    """The table of workers, as nobody in particular."""

    def __init__(self, urls: DatabaseUrls) -> None:
        self._url = urls.engine.render_as_string(hide_password=False)

    def execute(self, statement: str, *values: object) -> list[tuple]:
        with psycopg.connect(self._url, autocommit=True) as connection:
            cursor = connection.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    def put(self, worker_id: UUID, *, age: str = "0 seconds", lock_key: int = 77) -> None:
        self.execute(
            """INSERT INTO workers (worker_id, lock_key, host, pid, version, beat_at)
               VALUES (%s, %s, 'h', 1, '', clock_timestamp() - %s::interval)""",
            worker_id,
            lock_key,
            age,
        )


@pytest.fixture
def table(urls: DatabaseUrls) -> Table:
    return Table(urls)


@pytest.fixture
def engine() -> InlineEngine:
    return InlineEngine()


@pytest.fixture
def orchestrator(database: Database, engine: InlineEngine) -> MasterFlowOrchestrator:
    return MasterFlowOrchestrator(database, FlowTypeRegistry([empty_flow(2)]), engine)
