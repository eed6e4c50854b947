"""Whether the process lives and can work."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import httpx
import psycopg
import pytest
from fastapi import FastAPI
from sqlalchemy.engine import make_url

from masterflow.api.parts import Services
from masterflow.db.health import NO_ANSWER, Health, Prober, probe
from masterflow.db.urls import DatabaseUrls, derive_urls
from masterflow.errors import Unavailable


@pytest.fixture(autouse=True)
def probed_anew(app: FastAPI) -> None:
    """Every answer of these tests is of now."""
    app.state.services = replace(app.state.services, probed=Prober(good_for=timedelta(0)))


def change(urls: DatabaseUrls, statement: str) -> None:
    with psycopg.connect(urls.owner.render_as_string(hide_password=False)) as connection:
        connection.execute(statement)


def checks(answer: httpx.Response) -> dict[str, tuple[bool, str]]:
    return {check["name"]: (check["ok"], check["says"]) for check in answer.json()["checks"]}


def beat(urls: DatabaseUrls, age: str) -> None:
    change(
        urls,
        "INSERT INTO workers (worker_id, lock_key, host, pid, version, beat_at)"
        f" VALUES (gen_random_uuid(), 1, 'here', 1, '0', now() - interval '{age}')",
    )


async def test_a_process_that_answers_is_alive(nobody: httpx.AsyncClient) -> None:
    assert (await nobody.get("/health/live")).json() == {"status": "alive"}


async def test_it_is_ready_when_a_worker_was_seen(nobody: httpx.AsyncClient, urls: DatabaseUrls) -> None:
    beat(urls, "3 seconds")
    answer = await nobody.get("/health/ready")
    assert (answer.status_code, answer.json()["status"]) == (200, "ready")


async def test_without_a_worker_it_is_degraded_and_says_what_to_start(
    nobody: httpx.AsyncClient, urls: DatabaseUrls
) -> None:
    never = await nobody.get("/health/ready")
    assert (never.status_code, never.json()["status"]) == (200, "degraded")
    assert checks(never)["worker"] == (False, "none was ever seen: start `masterflow worker`")
    beat(urls, "31 seconds")
    late = checks(await nobody.get("/health/ready"))["worker"]
    assert not late[0]
    assert late[1].startswith("last seen 31 s ago")


async def test_an_old_database_is_not_ready(nobody: httpx.AsyncClient, urls: DatabaseUrls) -> None:
    change(urls, "UPDATE alembic_version SET version_num = '0000'")
    answer = await nobody.get("/health/ready")
    assert (answer.status_code, answer.json()["status"]) == (503, "unavailable")
    assert "run `masterflow db migrate`" in checks(answer)["migrations"][1]


async def test_a_database_that_is_away_is_not_ready(app: FastAPI, nobody: httpx.AsyncClient) -> None:
    known: Services = app.state.services
    away = derive_urls(make_url("postgresql://x:y@127.0.0.1:1/none"), "secret")
    app.state.services = replace(known, urls=away)
    answer = await nobody.get("/health/ready")
    assert answer.status_code == 503
    said = checks(answer)["database"][1]
    assert said == NO_ANSWER
    assert "127.0.0.1" not in answer.text
    assert [check["says"] for check in answer.json()["checks"][1:]] == [
        "unknown while the database does not answer"
    ] * 2


async def test_many_who_ask_at_once_share_one_probe(
    app: FastAPI, nobody: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    running, probes = 0, 0

    async def counted(urls: DatabaseUrls) -> Health:
        nonlocal running, probes
        running, probes = running + 1, probes + 1
        assert running == 1
        try:
            return await probe(urls)
        finally:
            running -= 1

    monkeypatch.setattr("masterflow.db.health.probe", counted)
    app.state.services = replace(app.state.services, probed=Prober(good_for=timedelta(hours=1)))
    answers = await asyncio.gather(*(nobody.get("/health/ready") for _ in range(10)))
    assert ({answer.status_code for answer in answers}, probes) == ({200}, 1)
    app.state.services = replace(app.state.services, probed=Prober(good_for=timedelta(0)))
    await asyncio.gather(*(nobody.get("/health/ready") for _ in range(3)))
    assert probes == 4


async def test_a_database_that_is_away_is_a_503_that_says_when_to_come_back(
    nobody: httpx.AsyncClient, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise Unavailable("The database does not answer.", hint="Try again shortly.")

    monkeypatch.setattr(type(app.state.services.tenancy), "enter", away)
    answer = await nobody.get("/api/v1/me", headers={"Authorization": "Bearer mf_any"})
    assert (answer.status_code, answer.headers["retry-after"], answer.json()["code"]) == (503, "5", "unavailable")
