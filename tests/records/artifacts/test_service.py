"""Artifacts are listed and read by their own tenant, once for every run of their phase."""

from pathlib import Path
from uuid import UUID, uuid4

import pytest

from masterflow.db.session import Database
from masterflow.errors import NotAllowed, NotFound
from masterflow.inventory.filestore import FileStore
from masterflow.records.artifacts.service import ArtifactService, add_artifact
from masterflow.records.artifacts.types import Artifact
from masterflow.tenancy.roles import Role
from masterflow.tenancy.types import Principal
from tests.conftest import Cast

FLOW = uuid4()


@pytest.fixture
def files(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path.as_uri(), max_bytes=1000)


async def add(
    database: Database,
    files: FileStore,
    cast: Cast,
    content: bytes,
    *,
    name: str = "rejects.csv",
    flow_id: UUID = FLOW,
    iteration: int = 1,
) -> Artifact:
    async with database.transaction(cast.tenant) as session:
        return await add_artifact(
            session,
            files,
            content,
            flow_id=flow_id,
            iteration=iteration,
            phase="data_validation",
            name=name,
            media_type="text/csv",
        )


async def read(service: ArtifactService, artifact_id: UUID) -> bytes:
    _, content = await service.open(artifact_id)
    return b"".join([chunk async for chunk in content])


async def test_an_artifact_is_listed_and_read(database: Database, files: FileStore, cast: Cast) -> None:
    made = await add(database, files, cast, b"row,error\n")
    await add(database, files, cast, b"x", flow_id=uuid4())
    service = ArtifactService(database, files, cast.approver)
    assert await service.list(FLOW) == (made,)
    assert (made.name, made.media_type, made.size_bytes, made.phase) == (
        "rejects.csv",
        "text/csv",
        10,
        "data_validation",
    )
    assert await read(service, made.id) == b"row,error\n"


async def test_a_phase_that_runs_again_replaces_its_artifact(database: Database, files: FileStore, cast: Cast) -> None:
    first = await add(database, files, cast, b"first")
    again = await add(database, files, cast, b"second")
    next_iteration = await add(database, files, cast, b"third", iteration=2)
    service = ArtifactService(database, files, cast.lead)
    assert again.id == first.id
    assert {a.id for a in await service.list(FLOW)} == {first.id, next_iteration.id}
    assert await read(service, first.id) == b"second"


async def test_an_outsider_sees_no_artifact(database: Database, files: FileStore, cast: Cast) -> None:
    made = await add(database, files, cast, b"secret")
    outsider = ArtifactService(database, files, cast.outsider)
    assert await outsider.list(FLOW) == ()
    with pytest.raises(NotFound, match="There is no artifact"):
        await outsider.open(made.id)


async def test_an_artifact_asks_for_a_role(database: Database, files: FileStore, cast: Cast) -> None:
    operator = Principal(uuid4(), "operator@example", cast.tenant, frozenset({Role.PLATFORM_OPERATOR}))
    service = ArtifactService(database, files, operator)
    with pytest.raises(NotAllowed, match=r"results\.read"):
        await service.list(FLOW)
    with pytest.raises(NotAllowed, match=r"results\.read"):
        await service.open(uuid4())
