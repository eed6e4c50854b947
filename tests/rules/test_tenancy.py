"""The database itself keeps tenants apart, whatever the code forgets."""

import psycopg
import pytest

from masterflow.db.rls import APP_ROLE, ENGINE_ROLE, MIGRATE_ROLE
from masterflow.db.tables import load_all
from masterflow.db.tables.metadata import Scope
from masterflow.db.urls import DatabaseUrls

TABLES = list(load_all().tables.values())
WITH_TENANT = [table.name for table in TABLES if "client_account_id" in table.columns]


@pytest.fixture
def owner(urls: DatabaseUrls):
    with psycopg.connect(urls.owner.render_as_string(hide_password=False)) as connection:
        yield connection


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_table_declares_whom_its_rows_belong_to(table) -> None:
    scope = table.info["scope"]
    columns = set(table.columns.keys())
    expected = {"client_account_id", "engagement_id"} if scope is Scope.ENGAGEMENT else {"client_account_id"}
    assert scope is Scope.NONE or expected <= columns
    assert scope is not Scope.NONE or "client_account_id" not in columns


def test_security_is_enabled_and_forced_on_every_tenant_table(owner: psycopg.Connection) -> None:
    rows = owner.execute(
        "SELECT relname, relrowsecurity AND relforcerowsecurity FROM pg_class WHERE relname = ANY(%s)", (WITH_TENANT,)
    ).fetchall()
    assert {name for name, secured in rows if secured} == set(WITH_TENANT)


def test_every_tenant_table_has_the_policy_for_reading_and_writing(owner: psycopg.Connection) -> None:
    rows = owner.execute(
        "SELECT tablename FROM pg_policies WHERE policyname = 'tenant' AND cmd = 'ALL'"
        " AND qual LIKE '%%app.client%%' AND with_check LIKE '%%app.client%%' AND %s = ANY(roles)",
        (APP_ROLE,),
    ).fetchall()
    assert set(WITH_TENANT) <= {name for (name,) in rows}


def test_the_database_has_no_table_that_the_code_does_not_declare(owner: psycopg.Connection) -> None:
    rows = owner.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    assert {name for (name,) in rows} - {"alembic_version"} == {table.name for table in TABLES}


def test_no_role_of_ours_can_pass_by_security(owner: psycopg.Connection) -> None:
    rows = owner.execute(
        "SELECT rolname FROM pg_roles WHERE rolname = ANY(%s) AND NOT rolsuper AND NOT rolbypassrls"
        " AND NOT rolcreaterole AND NOT rolcreatedb",
        ([APP_ROLE, ENGINE_ROLE, MIGRATE_ROLE],),
    ).fetchall()
    assert {name for (name,) in rows} == {APP_ROLE, ENGINE_ROLE, MIGRATE_ROLE}


def test_the_working_roles_own_nothing(owner: psycopg.Connection) -> None:
    rows = owner.execute(
        "SELECT relname FROM pg_class WHERE pg_get_userbyid(relowner) = ANY(%s)", ([APP_ROLE, ENGINE_ROLE],)
    ).fetchall()
    assert rows == []


def test_the_app_has_no_right_on_the_engines_schema(owner: psycopg.Connection) -> None:
    (allowed,) = owner.execute("SELECT has_schema_privilege(%s, 'dbos', 'USAGE')", (APP_ROLE,)).fetchone()
    assert not allowed


def test_history_cannot_be_changed_by_the_working_roles(owner: psycopg.Connection) -> None:
    for role in (APP_ROLE, ENGINE_ROLE):
        for verb in ("UPDATE", "DELETE"):
            for table in ("flow_events", "phase_results"):
                (allowed,) = owner.execute("SELECT has_table_privilege(%s, %s, %s)", (role, table, verb)).fetchone()
                assert not allowed, (role, table, verb)
