"""Files over HTTP: uploaded, profiled, refused with their place."""

from uuid import uuid4

import httpx
import pytest

from masterflow.api.errors import answer, status_of
from masterflow.db.session import Database
from masterflow.errors import FileRejected, Place
from masterflow.inventory.imports.packing import pack
from masterflow.inventory.imports.store import ImportStore
from masterflow.inventory.imports.types import RejectStage
from masterflow.inventory.reading import FileRead, RawRow, Reject, Sheet
from masterflow.inventory.types import ImportId
from tests.api.conftest import MAX_UPLOAD_BYTES
from tests.conftest import Cast

READ = FileRead(
    format="csv",
    sheets=(Sheet("csv", 1, ("Name", "OS"), (RawRow(2, ("web-01", "RHEL 8")),)),),
    rejects=(Reject(Place("servers.csv", "csv", 3), "ragged", "The row has 3 cells, the header 2.", "x"),),
    traits={"delimiter": ","},
)


async def uploaded(client: httpx.AsyncClient, content: bytes = b"Name,OS\nweb-01,RHEL 8\n") -> dict[str, object]:
    sent = await client.post("/api/v1/imports", files={"file": ("servers.csv", content)})
    assert sent.status_code == 201, sent.text
    body: dict[str, object] = sent.json()
    return body


async def test_a_file_is_uploaded_once_and_listed(lead: httpx.AsyncClient) -> None:
    first, again = await uploaded(lead), await uploaded(lead)
    assert first == again
    assert (first["status"], first["uploaded_by"], first["size_bytes"]) == ("uploaded", "lead@home.example", 22)
    assert [one["id"] for one in (await lead.get("/api/v1/imports")).json()["items"]] == [first["id"]]


async def test_what_was_found_in_a_file_is_shown_with_what_could_not_be_used(
    lead: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    made = await uploaded(lead)
    async with database.transaction(cast.tenant) as session:
        await ImportStore(session).keep_read(ImportId(made["id"]), pack(READ))
    shown = (await lead.get(f"/api/v1/imports/{made['id']}")).json()
    assert (shown["status"], shown["format"], shown["profile"]["traits"]) == ("read", "csv", {"delimiter": ","})
    assert [column["header"] for column in shown["profile"]["sheets"][0]["columns"]] == ["Name", "OS"]
    rejects = f"/api/v1/imports/{made['id']}/rejects"
    as_csv = await lead.get(rejects, params={"format": "csv"})
    assert (as_csv.headers["content-type"], "rejects-" in as_csv.headers["content-disposition"]) == (
        "text/csv; charset=utf-8",
        True,
    )
    assert "The row has 3 cells, the header 2." in as_csv.text
    assert (await lead.get(rejects, headers={"Accept": "text/csv"})).content == as_csv.content
    as_json = await lead.get(rejects, params={"format": "json"}, headers={"Accept": "text/csv"})
    assert as_json.headers["content-type"] == "application/json"
    [reject] = (await lead.get(f"/api/v1/imports/{made['id']}/rejects", params={"stage": "reading"})).json()["items"]
    assert (reject["place"]["row"], reject["code"], reject["value"]) == (3, "ragged", "x")
    cleansing = {"stage": RejectStage.CLEANSING.value}
    assert (await lead.get(f"/api/v1/imports/{made['id']}/rejects", params=cleansing)).json()["items"] == []


async def test_a_file_over_the_limit_is_refused_and_nothing_kept(lead: httpx.AsyncClient) -> None:
    sent = await lead.post("/api/v1/imports", files={"file": ("big.csv", b"x" * (MAX_UPLOAD_BYTES + 1))})
    assert (sent.status_code, sent.json()["code"]) == (413, "input.file_rejected")
    assert sent.json()["place"]["file"] == "big.csv"
    assert (await lead.get("/api/v1/imports")).json()["items"] == []


@pytest.mark.parametrize("name", ["..", "/"])
async def test_a_name_that_names_no_file_is_refused(lead: httpx.AsyncClient, name: str) -> None:
    sent = await lead.post("/api/v1/imports", files={"file": (name, b"Name\n")})
    assert sent.status_code in {400, 422}, sent.text


async def test_an_upload_without_a_file_is_refused(lead: httpx.AsyncClient) -> None:
    sent = await lead.post("/api/v1/imports", files={"other": ("a.csv", b"x")})
    assert (sent.status_code, [e["field"] for e in sent.json()["errors"]]) == (422, ["file"])


async def test_an_unknown_file_is_not_found(lead: httpx.AsyncClient) -> None:
    assert (await lead.get(f"/api/v1/imports/{uuid4()}")).status_code == 404


def test_a_rejected_file_is_a_problem_with_its_place() -> None:
    error = FileRejected(Place("a.xlsx", "vInfo", 7, "OS"), "The cell is broken.", hint="Mend it.")
    assert status_of(error) == 422
    assert b'"place":{"file":"a.xlsx","sheet":"vInfo","row":7,"column":"OS"}' in answer(error).body
