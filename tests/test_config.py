"""Settings come from the environment, and a wrong one is named."""

from pathlib import Path

import pytest

from masterflow.config import Settings
from masterflow.errors import ConfigurationInvalid


def test_without_a_variable_the_defaults_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MASTERFLOW_DATABASE_URL", raising=False)
    settings = Settings.from_environment()
    assert settings.database_url is None
    assert settings.max_upload_bytes == 200_000_000
    assert settings.plan_seconds == 60


def test_a_wrong_value_names_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MASTERFLOW_WORKER_CONCURRENCY", "many")
    with pytest.raises(ConfigurationInvalid, match="MASTERFLOW_WORKER_CONCURRENCY = 'many'"):
        Settings.from_environment()


def test_files_lie_in_the_data_directory_unless_a_url_is_given(tmp_path: Path) -> None:
    assert Settings(data_dir=tmp_path).files_url == f"file://{tmp_path}/artifacts"
    assert Settings(data_dir=tmp_path, artifacts_url="s3://bucket").files_url == "s3://bucket"


def test_every_setting_says_what_it_means() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_a_secret_may_lie_in_a_file_and_a_variable_goes_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "masterflow_database_role_secret").write_text("from a file\n")
    (tmp_path / "masterflow_token").write_text("mf_file")
    monkeypatch.setenv("MASTERFLOW_SECRETS_DIR", str(tmp_path))
    monkeypatch.setenv("MASTERFLOW_TOKEN", "mf_variable")
    settings = Settings.from_environment()
    assert settings.database_role_secret is not None
    assert settings.database_role_secret.get_secret_value() == "from a file"
    assert settings.token is not None
    assert settings.token.get_secret_value() == "mf_variable"
    monkeypatch.setenv("MASTERFLOW_SECRETS_DIR", str(tmp_path / "none"))
    assert Settings.from_environment().database_role_secret is None
