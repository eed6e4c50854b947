"""Settings decide which database, and how each role reaches it."""

from typing import Any

import pytest
from sqlalchemy.engine import make_url

from masterflow.config import Settings
from masterflow.db.urls import derive_urls, urls_from_settings
from masterflow.errors import ConfigurationInvalid

ADMIN = "postgresql://admin:secret@db.example:5433/programme"


def settings(**values: Any) -> Settings:
    return Settings(**values)


def test_no_url_means_the_embedded_database() -> None:
    assert urls_from_settings(settings()) is None


def test_one_url_is_enough_and_the_roles_get_passwords_of_their_own() -> None:
    urls = urls_from_settings(settings(database_url=ADMIN))
    assert urls is not None
    names = [urls.app.username, urls.engine.username, urls.owner.username]
    assert names == ["masterflow_app", "masterflow_engine", "masterflow_migrate"]
    assert len({urls.app.password, urls.engine.password, urls.owner.password, "secret"}) == 4
    assert (urls.app.host, urls.app.port, urls.app.database) == ("db.example", 5433, "programme")


def test_every_machine_derives_the_same_passwords() -> None:
    url = make_url(ADMIN)
    assert derive_urls(url, "x").app == derive_urls(url, "x").app
    assert derive_urls(url, "x").app != derive_urls(url, "y").app


def test_a_url_without_a_password_asks_for_the_role_secret() -> None:
    with pytest.raises(ConfigurationInvalid, match="MASTERFLOW_DATABASE_ROLE_SECRET"):
        urls_from_settings(settings(database_url="postgresql://admin@db.example/programme"))
    given = settings(database_url="postgresql://admin@db.example/programme", database_role_secret="long")
    assert urls_from_settings(given) is not None


def test_with_three_urls_nothing_is_derived() -> None:
    urls = urls_from_settings(
        settings(
            database_app_url="postgresql://a:1@h/d",
            database_engine_url="postgresql://e:2@h/d",
            database_migrate_url="postgresql://m:3@h/d",
        )
    )
    assert urls is not None
    assert (urls.app.username, urls.engine.username, urls.owner.username, urls.admin) == ("a", "e", "m", None)


def test_a_process_without_the_owners_url_cannot_migrate() -> None:
    urls = urls_from_settings(
        settings(database_app_url="postgresql://a:1@h/d", database_engine_url="postgresql://e:2@h/d")
    )
    assert urls is not None
    with pytest.raises(ConfigurationInvalid, match="MASTERFLOW_DATABASE_MIGRATE_URL is not set"):
        _ = urls.owner


def test_half_of_the_role_urls_is_refused() -> None:
    with pytest.raises(ConfigurationInvalid, match="belong together"):
        urls_from_settings(settings(database_app_url="postgresql://a:1@h/d"))


@pytest.mark.parametrize(
    ("url", "says"),
    [("not a url", "is not a database URL"), ("mysql://a:b@h/d", "names mysql, but Masterflow runs on")],
)
def test_a_url_that_is_no_postgres_is_named(url: str, says: str) -> None:
    with pytest.raises(ConfigurationInvalid, match=f"MASTERFLOW_DATABASE_URL {says}"):
        urls_from_settings(settings(database_url=url))
