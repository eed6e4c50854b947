"""Files are kept once, whole, for one tenant, wherever their name points."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masterflow.errors import FileRejected, InvalidInput, NotFound, Unavailable
from masterflow.inventory.filestore import LONGEST_NAME, FileStore, safe_name
from masterflow.tenancy.types import Tenant

TENANT = Tenant(uuid4(), uuid4())


@pytest.fixture(params=["file", "memory"])
def files(request: pytest.FixtureRequest, tmp_path: Path) -> FileStore:
    """A disk, and an object store's manners: no folders, no rename."""
    url = (tmp_path / "kept").as_uri() if request.param == "file" else f"memory://{uuid4().hex}"
    return FileStore(url, max_bytes=1000)


def kept_files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def chunks(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def content_of(files: FileStore, sha256: bytes, tenant: Tenant = TENANT) -> bytes:
    return b"".join([chunk async for chunk in files.read(tenant, sha256)])


async def test_a_file_comes_back_as_it_was_given(files: FileStore) -> None:
    streamed = await files.keep(TENANT, chunks(b"one", b"two"), name="a.csv")
    whole = await files.keep(TENANT, b"onetwo", name="b.csv")
    assert streamed == whole
    assert streamed.size_bytes == 6
    assert await content_of(files, streamed.sha256) == b"onetwo"


async def test_an_empty_file_is_kept_too(files: FileStore) -> None:
    stored = await files.keep(TENANT, b"", name="a.csv")
    assert await content_of(files, stored.sha256) == b""


async def test_a_file_over_the_limit_is_refused_while_it_comes(files: FileStore) -> None:
    taken = []

    async def endless() -> AsyncIterator[bytes]:
        while True:
            taken.append(1)
            yield b"x" * 300

    with pytest.raises(FileRejected, match=r"big\.csv: The file is larger than the limit of 0\.001 MB"):
        await files.keep(TENANT, endless(), name="big.csv")
    assert len(taken) == 4


async def test_a_file_of_the_limit_is_taken(files: FileStore) -> None:
    assert (await files.keep(TENANT, b"x" * 1000, name="a.csv")).size_bytes == 1000


async def test_another_tenant_has_not_got_the_file(files: FileStore) -> None:
    stored = await files.keep(TENANT, b"secret", name="a.csv")
    for other in (Tenant(uuid4(), TENANT.engagement_id), Tenant(TENANT.client_account_id, uuid4())):
        with pytest.raises(NotFound):
            await content_of(files, stored.sha256, other)


async def test_a_file_is_handed_out_under_the_name_it_came_with(files: FileStore) -> None:
    stored = await files.keep(TENANT, b"x", name="a.csv")
    async with files.local(TENANT, stored.sha256, name="../../etc/servers.csv") as path:
        assert path.name == "servers.csv"
        assert path.read_bytes() == b"x"
    assert not path.exists()


async def test_half_a_copy_does_not_pass_for_the_file(tmp_path: Path) -> None:
    files = FileStore(tmp_path.as_uri(), max_bytes=1000)
    stored = await files.keep(TENANT, b"whole", name="a.csv")
    (kept,) = kept_files(tmp_path)
    kept.write_bytes(b"wh")
    await files.keep(TENANT, b"whole", name="a.csv")
    assert await content_of(files, stored.sha256) == b"whole"
    assert kept_files(tmp_path) == [kept]


async def test_where_a_file_lies_does_not_follow_from_its_name(tmp_path: Path) -> None:
    files = FileStore((tmp_path / "kept").as_uri(), max_bytes=1000)
    stored = await files.keep(TENANT, b"x", name="../../../escaped.csv")
    (kept,) = kept_files(tmp_path)
    name = stored.sha256.hex()
    assert kept.relative_to(tmp_path / "kept").parts == (
        str(TENANT.client_account_id),
        str(TENANT.engagement_id),
        name[:2],
        name,
    )


async def test_a_place_that_cannot_be_written_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("a file, not a folder")
    files = FileStore((tmp_path / "kept").as_uri(), max_bytes=1000)
    with pytest.raises(Unavailable, match="MASTERFLOW_ARTIFACTS_URL"):
        await files.keep(TENANT, b"x", name="a.csv")


@pytest.mark.parametrize(
    ("given_name", "expected"),
    [
        ("servers.csv", "servers.csv"),
        ("C:\\exports\\RVTools 4.7.xlsx", "RVTools 4.7.xlsx"),
        ("/etc/passwd", "passwd"),
        ("a\x00b\n.csv", "a_b_.csv"),
        ('what?"<x>*|:.csv', "what_x_.csv"),
        (".bashrc", ".bashrc"),
    ],
)
def test_a_name_keeps_its_last_part(given_name: str, expected: str) -> None:
    assert safe_name(given_name) == expected


@pytest.mark.parametrize("name", ["", " ", ".", "..", "a/..", "/", "dir/"])
def test_a_name_of_nothing_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput, match="is not a file name"):
        safe_name(name)


@given(st.text(min_size=1, max_size=400), st.sampled_from([".csv", ".xlsx", ""]))
def test_any_name_fits_a_file_system_and_keeps_its_suffix(stem: str, suffix: str) -> None:
    try:
        name = safe_name("x" + stem.replace("/", "").replace("\\", "") + suffix)
    except InvalidInput:
        return
    assert len(name.encode()) <= LONGEST_NAME
    assert "/" not in name
    assert "\0" not in name
    assert name.endswith(suffix)
