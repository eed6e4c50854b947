"""Every run has an engagement of its own."""

from masterflow.db.urls import DatabaseUrls
from masterflow.demo.cast import fresh_engagement
from masterflow.tenancy.operator import LocalOperator


async def test_two_runs_of_one_minute_are_two_engagements_of_one_client(urls: DatabaseUrls) -> None:
    operator = LocalOperator(urls.owner)
    made = [await fresh_engagement(operator, client="Northwind", purpose="Quickstart") for _ in range(3)]
    assert len({engagement.id for engagement in made}) == 3
    assert all(engagement.name.startswith("Quickstart of 20") for engagement in made)
    assert [client.name for client in await operator.clients()] == ["Northwind"]
