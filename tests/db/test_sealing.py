"""A sealed value opens with its key, at its place, and nowhere else."""

import base64
import stat
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masterflow.config import Settings
from masterflow.db.sealing import Place, Sealer, sealer_from
from masterflow.errors import ConfigurationInvalid

PLACE = Place(uuid4(), "webhooks", "secret", uuid4())
OLD, NEW = bytes(32), b"n" * 32


@given(st.binary(max_size=100))
def test_what_is_sealed_opens_at_its_place(plain: bytes) -> None:
    sealer = Sealer([OLD])
    sealed = sealer.seal(plain, PLACE)
    assert sealer.open(sealed, PLACE) == plain
    assert sealed != sealer.seal(plain, PLACE)


@pytest.mark.parametrize("change", ["client_account_id", "table", "column", "row_id"])
def test_a_value_that_was_moved_does_not_open(change: str) -> None:
    other = replace(PLACE, **{change: uuid4() if change.endswith("id") else "other"})
    sealer = Sealer([OLD])
    with pytest.raises(ConfigurationInvalid, match="was changed, or belongs to another row"):
        sealer.open(sealer.seal(b"secret", PLACE), other)


def test_a_changed_bit_is_found() -> None:
    sealer = Sealer([OLD])
    sealed = sealer.seal(b"secret", PLACE)
    for position in range(len(sealed)):
        broken = bytearray(sealed)
        broken[position] ^= 1
        with pytest.raises(ConfigurationInvalid):
            sealer.open(bytes(broken), PLACE)
    with pytest.raises(ConfigurationInvalid):
        sealer.open(b"", PLACE)


def test_a_key_is_replaced_while_what_the_former_sealed_still_opens() -> None:
    sealed = Sealer([OLD]).seal(b"secret", PLACE)
    both = Sealer([NEW, OLD])
    assert both.open(sealed, PLACE) == b"secret"
    assert Sealer([NEW]).open(both.seal(b"secret", PLACE), PLACE) == b"secret"
    with pytest.raises(ConfigurationInvalid, match="MASTERFLOW_ENCRYPTION_KEY, behind a comma"):
        Sealer([NEW]).open(sealed, PLACE)


def test_a_key_has_32_bytes() -> None:
    for keys in ([], [b"short"]):
        with pytest.raises(ConfigurationInvalid, match="32 bytes"):
            Sealer(keys)


def settings(monkeypatch: pytest.MonkeyPatch, folder: Path, **values: str) -> Settings:
    for name, value in values.items():
        monkeypatch.setenv(f"MASTERFLOW_{name.upper()}", value)
    monkeypatch.setenv("MASTERFLOW_DATA_DIR", str(folder))
    return Settings.from_environment()


def test_keys_come_from_the_setting(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    keys = ",".join(base64.b64encode(key).decode() for key in (NEW, OLD))
    sealer = sealer_from(settings(monkeypatch, tmp_path, encryption_key=keys))
    assert sealer is not None
    assert sealer.open(Sealer([OLD]).seal(b"x", PLACE), PLACE) == b"x"
    for wrong in ("AAAA", "not base64", ""):
        with pytest.raises(ConfigurationInvalid, match="MASTERFLOW_ENCRYPTION_KEY is not 32 bytes in base64"):
            sealer_from(settings(monkeypatch, tmp_path, encryption_key=wrong))


def test_the_embedded_database_has_a_key_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    first = sealer_from(settings(monkeypatch, tmp_path / "data"))
    second = sealer_from(settings(monkeypatch, tmp_path / "data"))
    assert first is not None
    assert second is not None
    assert second.open(first.seal(b"x", PLACE), PLACE) == b"x"
    path = tmp_path / "data" / "encryption.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["encryption.key"]
    path.write_text("broken")
    with pytest.raises(ConfigurationInvalid, match="holds no key") as refused:
        sealer_from(settings(monkeypatch, tmp_path / "data"))
    assert refused.value.hint is not None
    assert "no backup holds it" in refused.value.hint
    assert "Restore" not in refused.value.hint


def test_a_database_of_somebody_elses_has_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert sealer_from(settings(monkeypatch, tmp_path, database_url="postgresql://u:p@h/d")) is None
    assert list(tmp_path.iterdir()) == []
