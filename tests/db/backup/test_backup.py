"""A backup is taken while work goes on, found damaged by a single byte, and restored only where nothing is."""

import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import URL

from masterflow.db.backup import Source, restore, take, verify
from masterflow.db.backup import programs as programs_module
from masterflow.db.backup.manifest import NAME, Manifest, backed_up
from masterflow.db.backup.programs import Programs, programs_for
from masterflow.db.embedded import EmbeddedPostgres
from masterflow.db.embedded import programs as wheel
from masterflow.errors import Conflict, InvalidInput, Unavailable

FILE = b"an upload"


def silent(_: str) -> None:
    """Nobody follows."""


def run(url: URL, statement: str) -> list[tuple]:
    with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def fingerprint(url: URL) -> object:
    return run(url, "SELECT count(*), md5(string_agg(t::text, '|' ORDER BY id)) FROM things t")


class House:
    """A data folder with a running embedded server, some rows and a file."""

    def __init__(self, room: Path) -> None:
        self.room = room
        self.data = room / "data"
        self.server = EmbeddedPostgres(self.data / "postgres")
        self.url = self.server.start()
        run(self.url, "CREATE TABLE things AS SELECT n AS id, md5(n::text) AS what FROM generate_series(1, 5000) n")
        kept = self.data / "artifacts" / hashlib.sha256(FILE).hexdigest()
        kept.parent.mkdir()
        kept.write_bytes(FILE)
        (kept.parent / "half.part").write_bytes(b"half")

    @property
    def source(self) -> Source:
        return Source(url=self.url, artifacts=self.data / "artifacts", password=self.server.password_file)


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    with tempfile.TemporaryDirectory(prefix="masterflow-backup-") as name:
        room = Path(name)
        room.chmod(0o755)
        house = House(room)
        yield house
        house.server.stop()


@pytest.fixture(scope="module")
def kept(house: House) -> Path:
    target = house.room / "kept"
    take(house.source, target, tell=silent)
    return target


@pytest.fixture
def copy(kept: Path, house: House) -> Iterator[Path]:
    target = house.room / "copy"
    shutil.copytree(kept, target)
    yield target
    shutil.rmtree(target)


@pytest.mark.parametrize("name", ["backup", "backup.tar"])
def test_a_restored_folder_equals_the_state_at_the_backup_though_work_went_on(house: House, name: str) -> None:
    told: list[str] = []
    before = fingerprint(house.url)
    manifest = take(house.source, house.room / name, tell=told.append)
    run(house.url, "INSERT INTO things SELECT max(id) + 1, 'written after the backup' FROM things")
    run(house.url, "UPDATE things SET what = 'changed after the backup' WHERE id = 1")
    new = house.room / f"restored-{name}"
    restore(house.room / name, new, tell=told.append)
    server = EmbeddedPostgres(new / "postgres")
    url = server.start()
    try:
        assert fingerprint(url) == before
        assert fingerprint(house.url) != before
        assert url.password == house.url.password
        assert run(url, "SHOW data_checksums") == [("on",)]
    finally:
        server.stop()
    assert [p.read_bytes() for p in (new / "artifacts").rglob("*") if p.is_file()] == [FILE]
    assert (manifest.embedded, manifest.artifacts, manifest.postgres_major) == (True, "artifacts.tar", 18)
    assert any("%" in line for line in told), "progress is shown"
    assert [p.name for p in house.room.iterdir() if p.name.startswith(".")] == [], "nothing half is left"


def test_a_backup_is_readable_by_its_owner_only(kept: Path) -> None:
    assert kept.stat().st_mode & 0o077 == 0


def test_a_backup_overwrites_nothing(house: House, kept: Path) -> None:
    with pytest.raises(Conflict, match="overwrites nothing"):
        take(house.source, kept, tell=silent)


def test_a_whole_backup_is_verified(kept: Path) -> None:
    assert verify(kept, tell=silent) == Manifest.read(kept)


@pytest.mark.parametrize(
    "name", [NAME, "database/base.tar", "database/pg_wal.tar", "database/backup_manifest", "artifacts.tar", "password"]
)
@pytest.mark.parametrize("place", [0.0, 0.5, 1.0])
def test_one_flipped_byte_is_found_and_nothing_is_restored(house: House, copy: Path, name: str, place: float) -> None:
    path = copy / name
    content = bytearray(path.read_bytes())
    content[int(place * (len(content) - 1))] ^= 1
    path.write_bytes(content)
    with pytest.raises(InvalidInput, match="damaged"):
        verify(copy, tell=silent)
    with pytest.raises(InvalidInput, match="damaged"):
        restore(copy, house.room / "never", tell=silent)
    assert not (house.room / "never").exists()


def test_a_flipped_byte_that_our_checksums_were_taken_after_is_found_by_postgres(house: House, copy: Path) -> None:
    path = copy / "database" / "base.tar"
    content = bytearray(path.read_bytes())
    at = content.index(hashlib.md5(b"77").hexdigest().encode())
    content[at] ^= 1
    path.write_bytes(content)
    manifest = Manifest.read(copy)
    manifest.model_copy(update={"files": backed_up(copy)}).write(copy)
    with pytest.raises(InvalidInput, match=r"pg_verifybackup failed: .*checksum mismatch"):
        verify(copy, tell=silent)


def test_a_missing_file_is_named(copy: Path) -> None:
    (copy / "artifacts.tar").unlink()
    with pytest.raises(InvalidInput, match=r"artifacts\.tar is missing"):
        verify(copy, tell=silent)
    (copy / "artifacts.tar").write_bytes(b"short")
    with pytest.raises(InvalidInput, match=r"artifacts\.tar has 5 bytes"):
        verify(copy, tell=silent)


def test_what_is_no_backup_is_said(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="is no backup"):
        verify(tmp_path, tell=silent)
    with pytest.raises(InvalidInput, match="There is no backup at"):
        verify(tmp_path / "none", tell=silent)
    (tmp_path / "text.tar").write_text("no archive")
    with pytest.raises(InvalidInput, match="cannot be unpacked"):
        verify(tmp_path / "text.tar", tell=silent)


def test_a_folder_with_a_running_server_is_never_restored_into(house: House, kept: Path) -> None:
    with pytest.raises(Conflict, match="A server runs on the data"):
        restore(kept, house.data, tell=silent)
    assert house.server.runs


def test_a_folder_that_holds_anything_is_never_restored_into(kept: Path, tmp_path: Path) -> None:
    (tmp_path / "data" / "postgres" / "pgdata").mkdir(parents=True)
    (tmp_path / "data" / "postgres" / "pgdata" / "PG_VERSION").write_text("18\n")
    with pytest.raises(Conflict, match="holds a database"):
        restore(kept, tmp_path / "data", tell=silent)
    with pytest.raises(Conflict, match="is not empty"):
        restore(kept, tmp_path, tell=silent)
    (tmp_path / "file").write_text("x")
    with pytest.raises(Conflict, match="is no folder"):
        restore(kept, tmp_path / "file", tell=silent)


def test_a_server_of_ones_own_is_backed_up_without_a_password_file(house: House) -> None:
    source = Source(url=house.url, artifacts=None, artifacts_url="s3://bucket/files")
    manifest = take(source, house.room / "external", tell=silent)
    assert (manifest.embedded, manifest.artifacts, manifest.artifacts_url) == (False, None, "s3://bucket/files")
    restore(house.room / "external", house.room / "external-restored", tell=silent)
    assert not (house.room / "external-restored" / "postgres" / "password").exists()


def test_a_role_that_may_not_replicate_is_told_so_and_nothing_is_left(house: House) -> None:
    run(house.url, "CREATE ROLE clerk LOGIN PASSWORD 'x'")
    source = Source(url=house.url.set(username="clerk", password="x"), artifacts=None)
    with pytest.raises(Unavailable, match=r"pg_basebackup failed: .*[Rr]eplication|REPLICATION"):
        take(source, house.room / "clerk", tell=silent)
    assert not (house.room / "clerk").exists()


def test_a_server_that_is_away_is_said_in_a_sentence(house: House) -> None:
    source = Source(url=house.url.set(port=1), artifacts=None)
    with pytest.raises(Unavailable, match="does not answer as postgres"):
        take(source, house.room / "away", tell=silent)


def test_a_server_with_tablespaces_of_its_own_is_refused(house: House) -> None:
    place = house.room / "elsewhere"
    place.mkdir()
    shutil.chown(place, *_owner_of(house.server.data))
    run(house.url, f"CREATE TABLESPACE elsewhere LOCATION '{place}'")
    try:
        with pytest.raises(InvalidInput, match="tablespaces outside its folder: elsewhere"):
            take(house.source, house.room / "spaces", tell=silent)
    finally:
        run(house.url, "DROP TABLESPACE elsewhere")


def _owner_of(path: Path) -> tuple[int, int]:
    seen = path.stat()
    return seen.st_uid, seen.st_gid


def test_programs_of_another_version_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert programs_for(18) == Programs(wheel() / "bin")
    monkeypatch.setattr(programs_module, "_folders", lambda _: iter([wheel() / "bin", Path("/nowhere")]))
    with pytest.raises(Unavailable, match=r"The server is Postgres 16, .*found: 18 in"):
        programs_for(16)


def test_programs_are_looked_for_beside_the_wheel_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> Path:
        raise Unavailable("not installed")

    monkeypatch.setattr(programs_module, "programs", none)
    monkeypatch.setattr(programs_module.shutil, "which", lambda _: "/opt/postgres/bin/pg_basebackup")
    assert [str(folder) for folder in programs_module._folders(16)] == [
        "/usr/lib/postgresql/16/bin",
        "/opt/postgres/bin",
    ]
