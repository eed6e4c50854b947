"""A report is put together from what is published, in one engagement and no other."""

import csv
import io
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from masterflow.db.session import Database
from masterflow.errors import NotAllowed, Place
from masterflow.inventory.filestore import FileStore
from masterflow.inventory.imports.store import ImportStore
from masterflow.inventory.reading import Reject
from masterflow.inventory.service import InventoryService
from masterflow.records.reports.rejects import HEADERS, rejects_csv
from masterflow.records.reports.service import ReportService, Told
from masterflow.tenancy.types import Principal
from tests.conftest import Cast

TOLD = Told(title="First plan", made_at=datetime(2026, 11, 23, 8, tzinfo=UTC), as_of=date(2026, 11, 23), merged=2)


async def test_an_empty_engagement_gives_a_report_that_says_nothing_is_known(database: Database, cast: Cast) -> None:
    report = await ReportService(database, cast.lead).assemble(TOLD)
    assert (report.client, report.engagement, report.as_of) == ("home", "programme", date(2026, 11, 23))
    assert (report.assets, report.assessment, report.plan, report.merged) == ((), None, None, 2)
    assert report.completeness.score is None
    assert report.next_files[0].text.startswith("An inventory of servers")


async def test_a_file_that_could_not_be_read_is_told_with_its_reason(
    database: Database, cast: Cast, tmp_path: Path
) -> None:
    files = FileStore(tmp_path.as_uri(), max_bytes=1000)
    import_id = await InventoryService(database, files, cast.lead).upload("screen.png", b"x")
    problem = Reject(Place("screen.png"), "unreadable", "This seems to be a picture.")
    async with database.transaction(cast.tenant) as session:
        await ImportStore(session).mark_unreadable(import_id, problem)
    report = await ReportService(database, cast.approver).assemble(TOLD)
    assert [(file.name, file.rejects) for file in report.files] == [("screen.png", 1)]
    assert [reject.message for reject in report.rejects] == ["This seems to be a picture."]
    assert (await ReportService(database, cast.outsider).assemble(TOLD)).files == ()


async def test_who_may_not_read_results_gets_no_report(database: Database, cast: Cast) -> None:
    nobody = Principal(user_id=cast.lead.user_id, email="n@x", tenant=cast.tenant, roles=frozenset())
    with pytest.raises(NotAllowed):
        await ReportService(database, nobody).assemble(TOLD)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\rx"])
def test_a_cell_of_the_rejects_cannot_act(text: str) -> None:
    written = rejects_csv([Reject(Place("a.csv", "s", 3, text), "code", text, text)]).decode("utf-8-sig")
    head, line = list(csv.reader(io.StringIO(written, newline="")))
    assert tuple(head) == HEADERS
    assert line == ["a.csv", "s", "3", f"'{text}", "code", f"'{text}", f"'{text}"]


def test_what_is_not_known_of_a_place_is_left_empty() -> None:
    written = rejects_csv([Reject(Place("a.csv"), "code", "why")]).decode("utf-8-sig")
    assert written.splitlines()[1] == "a.csv,,,,code,why,"
