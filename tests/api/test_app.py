"""The description of the API."""

import httpx


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


async def test_every_shape_has_a_name_of_its_own(nobody: httpx.AsyncClient) -> None:
    document = (await nobody.get("/openapi.json")).json()
    assert [name for name in document["components"]["schemas"] if "__" in name] == []
