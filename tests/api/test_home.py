"""The page at `/`, and the description of the API."""

import base64
import hashlib
import re

import httpx

from masterflow.api.app import describe_api


async def test_the_page_says_what_works_and_needs_nothing_from_outside(nobody: httpx.AsyncClient) -> None:
    answer = await nobody.get("/")
    assert answer.headers["content-type"].startswith("text/html")
    assert "<code>toy</code>" in answer.text
    assert "Is the sum right?" in answer.text
    assert "<code>POST /api/v1/flows</code>" in answer.text
    assert not re.findall(r'(?:src|href)="(?!/)', answer.text)


async def test_the_pages_policy_allows_its_own_style_alone(nobody: httpx.AsyncClient) -> None:
    answer = await nobody.get("/")
    [style] = re.findall(r"<style>(.*?)</style>", answer.text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; ")
    assert f"style-src 'sha256-{digest}'" in policy


async def test_every_route_says_what_it_does_and_what_it_refuses(nobody: httpx.AsyncClient) -> None:
    document = (await nobody.get("/openapi.json")).json()
    operations = [
        (path, method, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if path.startswith("/api/")
    ]
    assert len({operation["operationId"] for _, _, operation in operations}) == len(operations)
    for path, method, operation in operations:
        where = f"{method} {path}"
        session = {"session": []} if method == "get" else {"session": [], "csrf": []}
        security = None if path == "/api/v1/sign-in" else [{"token": []}, session]
        assert operation.get("security") == security, where
        assert {"400", "401", "403", "500", "503"} <= set(operation["responses"]), where
        assert "{" not in path or "404" in operation["responses"], where
        assert "requestBody" not in operation or {"413", "415", "422"} <= set(operation["responses"]), where
        assert all(
            "application/problem+json" in response["content"]
            for status, response in operation["responses"].items()
            if status >= "400"
        ), where


async def test_every_payload_has_an_example(nobody: httpx.AsyncClient) -> None:
    document = (await nobody.get("/openapi.json")).json()
    for path, methods in document["paths"].items():
        for operation in methods.values():
            schema = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
            if schema:
                name = schema["$ref"].rsplit("/", 1)[1]
                assert "example" in document["components"]["schemas"][name], (path, name)


def test_the_reference_lists_every_route_with_a_summary() -> None:
    assert all(method and path.startswith("/") and summary for method, path, summary in describe_api())
