"""Only one `masterflow up` has a data folder."""

from pathlib import Path

import pytest

from masterflow.bootstrap import embedded_server
from masterflow.cli import alone
from masterflow.cli.alone import the_only_one_up
from masterflow.config import Settings
from masterflow.db.embedded import EmbeddedPostgres
from masterflow.errors import Conflict


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr(alone, "PATIENCE", alone.LOOK)
    return Settings(data_dir=tmp_path / "data")


def test_a_second_one_is_refused_and_told_who_has_the_folder(settings: Settings) -> None:
    refused = pytest.raises(Conflict, match=r"is up on .*data already, as process \d+")
    with the_only_one_up(settings), refused, the_only_one_up(settings):
        raise AssertionError
    with the_only_one_up(settings):
        pass


def test_the_database_of_another_command_is_waited_for(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([True, False])
    monkeypatch.setattr(EmbeddedPostgres, "runs", property(lambda _: next(answers)))
    with the_only_one_up(settings):
        assert list(answers) == []


def test_a_database_that_another_command_keeps_is_left_alone(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(EmbeddedPostgres, "runs", property(lambda _: True))
    with pytest.raises(Conflict, match="would stop it under this one"), the_only_one_up(settings):
        raise AssertionError
    assert not embedded_server(settings).exists


def test_a_database_of_ones_own_needs_no_lock(settings: Settings) -> None:
    elsewhere = settings.model_copy(update={"database_url": "postgresql://x@db/y"})
    with the_only_one_up(elsewhere), the_only_one_up(elsewhere):
        assert not settings.data_dir.exists()
