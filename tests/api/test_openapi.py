"""The description is complete: every route is in it, and every operation's example works."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from app.docs import API

pytestmark = pytest.mark.anyio

METHODS = ("get", "post", "put", "patch", "delete")


def operations(app: FastAPI) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in app.openapi()["paths"].items():
        for method in METHODS:
            if method in item:
                yield method, path, item[method]


async def test_the_description_is_served(app: FastAPI, client: httpx.AsyncClient) -> None:
    answer = await client.get("/openapi.json")
    assert answer.status_code == 200
    assert answer.json() == app.openapi()


def test_the_promised_routes_are_there(app: FastAPI) -> None:
    tensor = "/runs/{id}/frames/{position}/tensors/{tensor}"
    jacobian = "/runs/{id}/frames/{position}/jacobians/{layer}"
    promised = {
        ("post", "/backprop"),
        ("post", "/layers/{type}/forward"),
        ("post", "/layers/{type}/backward"),
        ("get", "/heads"),
        ("get", "/heads/figure"),
        ("post", "/runs"),
        ("get", "/runs/{id}"),
        ("get", "/runs/{id}/frames"),
        ("get", "/runs/{id}/frames/{position}"),
        ("get", "/runs/{id}/frames/{position}/samples/{sample}"),
        ("get", "/runs/{id}/frames/{position}/regions"),
        ("get", "/runs/{id}/frames/{position}/faults"),
        ("get", tensor),
        ("get", f"{tensor}/samples"),
        ("get", f"{tensor}/cells/{{row}},{{column}}"),
        ("get", f"{tensor}/cells/{{row}},{{column}}/verdict"),
        ("get", f"{tensor}/figure"),
        ("get", f"{tensor}/code"),
        ("post", f"{tensor}/grade"),
        ("get", "/runs/{id}/frames/{position}/jacobians"),
        ("get", "/runs/{id}/frames/{position}/jacobians/figure"),
        ("get", jacobian),
        ("get", f"{jacobian}/figure"),
        ("get", "/runs/{id}/frames/{position}/check"),
        ("get", "/runs/{id}/frames/{position}/check/{tensor}/figure"),
        ("get", "/runs/{id}/frames/{position}/check/{tensor}/cells/{row},{column}"),
        ("post", "/runs/{id}/forks"),
        ("get", "/datasets"),
        ("post", "/datasets"),
        ("get", "/datasets/{upload}"),
        ("get", "/runs/{id}/history"),
        ("get", "/runs/{id}/history/figure"),
        ("get", "/runs/{id}/autopsy"),
        ("get", "/runs/{id}/compare/{other}"),
        ("get", "/runs/{id}/frames/{position}/conventions/{preset}"),
        ("get", "/runs/{id}/frames/{position}/conventions/{preset}/tensors/{tensor}"),
    }
    described = {(method, path) for method, path, _ in operations(app)}
    assert described == {(method, API + path) for method, path in promised} | {
        ("get", path) for path in ("/healthz", "/readyz", "/metrics")
    }


async def test_every_example_works(app: FastAPI, client: httpx.AsyncClient) -> None:
    for method, path, operation in operations(app):
        assert operation["summary"], path
        assert operation.get("description"), path
        for parameter in operation.get("parameters", []):
            assert parameter["in"] in ("path", "query")
            if parameter["in"] == "path":
                example = parameter["examples"]["example"]["value"]
                path = path.replace(f"{{{parameter['name']}}}", str(example))
        body, headers = None, {}
        if "requestBody" in operation:
            # A file of NumPy's has no example: it is bytes.
            kinds = operation["requestBody"]["content"].items()
            ((kind, described),) = ((kind, of) for kind, of in kinds if "examples" in of)
            example = described["examples"]["example"]["value"]
            body, headers = example if kind == "text/csv" else json.dumps(example), {"Content-Type": kind}
        answer = await client.request(method, f"http://backglass{path}", content=body, headers=headers)
        assert answer.is_success, (path, answer.text)
        assert str(answer.status_code) in operation["responses"], path


def test_every_refusal_is_described(app: FastAPI) -> None:
    for method, path, operation in operations(app):
        statuses = set(operation["responses"])
        if method == "post":
            assert {"400", "413", "415", "422"} <= statuses, path
        assert "HTTPValidationError" not in str(operation["responses"]), path
        if "{id}" in path:
            assert {"404", "410"} <= statuses, path
