"""Database engines in the words of facts and inventories."""

from datetime import date

import pytest

from masterflow.analysis.eol.databases import database_support, identify_database
from tests.analysis.assessment_data import TODAY


@pytest.mark.parametrize(
    ("text", "product_id", "cycle", "status"),
    [
        ("Oracle 19c", "oracle-database", "19", "supported"),
        ("Oracle 12.2", "oracle-database", "12.2", "ended"),
        ("Oracle Database 12c Release 2", "oracle-database", "12.2", "ended"),
        ("Oracle 11gR2", "oracle-database", "11.2", "ended"),
        ("Oracle 11.2.0.4", "oracle-database", "11.2", "ended"),
        ("Oracle 12c", "oracle-database", None, "ended"),
        ("Oracle 26ai", "oracle-database", "23", "supported"),
        ("Oracle", "oracle-database", None, "unknown"),
        ("SQL Server 2014", "mssqlserver", "12.0-sp3", "extended_only"),
        ("Microsoft SQL Server 2016 Standard", "mssqlserver", "13.0-sp3", "extended_only"),
        ("SQL Server 2016 SP1", "mssqlserver", "13.0-sp1", "ended"),
        ("MSSQL 2008 R2", "mssqlserver", "10.50-sp3", "ended"),
        ("SQL Server 15.0.2000", "mssqlserver", "15.0", "supported"),
        ("SQL Server", "mssqlserver", None, "unknown"),
        ("PostgreSQL 11", "postgresql", "11", "ended"),
        ("postgres 9.6.24", "postgresql", "9.6", "ended"),
        ("PostgreSQL 14 or later", "postgresql", None, "unknown"),
        ("Oracle MySQL 8.0", "mysql", "8.0", "ended"),
        ("MySQL 8", "mysql", None, "unknown"),
        ("MySQL 99.9", "mysql", None, "unknown"),
        ("DB2 11.5", "ibm-db2", "11.5", "within_12_months"),
        ("Elasticsearch 7.17", "elasticsearch", "7", "ended"),
        ("managed PostgreSQL", None, None, "unknown"),
        ("Oracle Linux 7", None, None, "unknown"),
        ("Sybase ASE 16", None, None, "unknown"),
    ],
)
def test_an_engine_is_named_with_its_status(text: str, product_id: str | None, cycle: str | None, status: str) -> None:
    match = identify_database(text)
    assert (match.product, match.cycle) == (product_id, cycle)
    assert database_support(text, at=TODAY).status == status


def test_releases_that_share_their_dates_need_not_be_told_apart() -> None:
    assert identify_database("PostgreSQL 14.2").confidence == 1.0
    assert identify_database("Redis 6").confidence == 0.5


def test_the_sentence_speaks_of_the_release_and_not_of_its_codename() -> None:
    sentence = database_support("SQL Server 2014", at=TODAY).sentence
    assert sentence == (
        "Support of Microsoft SQL Server 2014 SP3 ended on 2024-07-09; extended support is offered until 2027-07-12."
    )


def test_support_is_judged_on_the_day_asked_for() -> None:
    assert database_support("PostgreSQL 16", at=date(2029, 1, 1)).status == "ended"
    assert "leaves open which of 5 releases" in database_support("MySQL 8", at=TODAY).sentence
