"""The web application as it is served."""

import gzip
import re

import httpx
import pytest

from masterflow.api import web


async def test_every_address_of_the_application_answers_the_page(nobody: httpx.AsyncClient) -> None:
    for path in ("/", "/sign-in", "/e/00000000-0000-0000-0000-000000000000/flows"):
        page = await nobody.get(path)
        assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
        assert '<div id="root">' in page.text
        assert (page.headers["cache-control"], page.headers["referrer-policy"]) == ("no-store", "no-referrer")


async def test_a_page_allows_its_own_files_and_its_own_nonce_alone(nobody: httpx.AsyncClient) -> None:
    first, second = [await nobody.get("/") for _ in range(2)]
    nonces = [re.findall(r'name="csp-nonce" content="([^"]+)"', page.text) for page in (first, second)]
    assert nonces[0] != nonces[1]
    for page, [nonce] in zip((first, second), nonces, strict=True):
        policy = page.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; ")
        assert f"style-src 'self' 'nonce-{nonce}'" in policy
        assert "unsafe" not in policy
        assert not re.findall(r"(?:src|href)=\"(?!/)", page.text)
        assert "<script>" not in page.text


async def test_the_files_of_a_page_are_kept_for_good_and_come_packed(nobody: httpx.AsyncClient) -> None:
    [script] = re.findall(r'src="(/assets/[^"]+[.]js)"', (await nobody.get("/")).text)
    packed = await nobody.get(script, headers={"Accept-Encoding": "gzip"})
    plain = await nobody.get(script, headers={"Accept-Encoding": "identity"})
    assert (packed.headers["content-encoding"], "content-encoding" in plain.headers) == ("gzip", False)
    assert packed.content == plain.content
    assert int(packed.headers["content-length"]) == len(gzip.compress(plain.content, 9, mtime=0))
    assert packed.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert packed.headers["content-type"].startswith("text/javascript")


async def test_a_font_is_not_packed_twice(nobody: httpx.AsyncClient) -> None:
    font = next(path for path in sorted((web.BUILT / "assets").iterdir()) if path.suffix == ".woff2")
    answer = await nobody.get(f"/assets/{font.name}", headers={"Accept-Encoding": "gzip"})
    assert (answer.headers["content-type"], "content-encoding" in answer.headers) == ("font/woff2", False)


@pytest.mark.parametrize("name", ["nothing.js", "..%2findex.html", "%2e%2e%2fmanifest.json", "%00"])
async def test_a_file_that_is_none_of_the_applications_is_not_found(nobody: httpx.AsyncClient, name: str) -> None:
    answer = await nobody.get(f"/assets/{name}")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


async def test_an_address_of_the_api_never_answers_the_page(nobody: httpx.AsyncClient) -> None:
    assert (await nobody.get("/api/v1/nothing")).status_code == 401
    assert (await nobody.get("/nothing")).status_code == 404


async def test_without_a_build_the_page_says_how_to_make_one(
    nobody: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setattr(web, "BUILT", tmp_path)
    assert "make web" in (await nobody.get("/")).text


async def test_the_mark_is_served(nobody: httpx.AsyncClient) -> None:
    assert (await nobody.get("/mark.svg")).headers["content-type"] == "image/svg+xml"
