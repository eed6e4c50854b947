"""The two services of tenancy, and people in more roles than the standing cast has."""

import pytest

from masterflow.db.session import Database
from masterflow.db.urls import DatabaseUrls
from masterflow.tenancy.operator import LocalOperator
from masterflow.tenancy.service import Tenancy
from masterflow.tenancy.types import Principal
from tests.conftest import Cast


@pytest.fixture
def tenancy(database: Database) -> Tenancy:
    return Tenancy(database)


@pytest.fixture
def operator(urls: DatabaseUrls) -> LocalOperator:
    return LocalOperator(urls.owner)


@pytest.fixture
async def admin(operator: LocalOperator, cast: Cast) -> Principal:
    """A client admin of the home client."""
    await operator.add_member(cast.tenant, email="admin@home.example", role="client_admin")
    return await operator.principal(cast.tenant, "admin@home.example")


@pytest.fixture
async def viewer(operator: LocalOperator, cast: Cast) -> Principal:
    """Somebody who only looks."""
    await operator.add_member(cast.tenant, email="viewer@home.example", role="viewer")
    return await operator.principal(cast.tenant, "viewer@home.example")
