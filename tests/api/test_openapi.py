"""The description of the API: all of it, and nothing that is not so."""

from __future__ import annotations

import re
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from smtpfax.api.app import PUBLIC
from smtpfax.api.openapi import Site, document
from smtpfax.api.routes import Route

SITE = Site(version="0.1.0", public_url="https://fax.example", page_size=50, max_page_size=1000)
EVERY = pytest.mark.parametrize("route", PUBLIC, ids=lambda route: f"{route.method} {route.path}")


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    return document(PUBLIC, SITE)


def operation(described: dict[str, Any], route: Route) -> dict[str, Any]:
    found: dict[str, Any] = described["paths"][re.sub(r":[^{}]*\}", "}", route.path)][route.method.lower()]
    return found


@EVERY
def test_every_public_route_is_described(described: dict[str, Any], route: Route) -> None:
    told = operation(described, route)
    assert len(told["summary"]) > 3
    assert not re.match(r"GET|PUT|POST|PATCH|DELETE|HEAD", told["summary"])
    assert "default" in told["responses"]
    in_path = {each["name"] for each in told["parameters"] if each["in"] == "path"}
    assert in_path == set(re.findall(r"\{([a-z_]+)", route.path))


@EVERY
def test_what_needs_a_token_says_so(described: dict[str, Any], route: Route) -> None:
    told = operation(described, route)
    assert bool(told["security"]) == (route.scope is not None)
    assert ("401" in told["responses"]) == (route.scope is not None)


def test_nothing_else_is_described(described: dict[str, Any]) -> None:
    told = {(method.upper(), path) for path, methods in described["paths"].items() for method in methods}
    assert told == {(route.method, re.sub(r":[^{}]*\}", "}", route.path)) for route in PUBLIC}


def test_every_operation_has_a_name_of_its_own(described: dict[str, Any]) -> None:
    names = [each["operationId"] for methods in described["paths"].values() for each in methods.values()]
    assert len(set(names)) == len(names)


def test_every_reference_leads_somewhere(described: dict[str, Any]) -> None:
    found = re.findall(r"'#/components/(schemas|responses)/([^']+)'", str(described))
    assert found
    assert [name for kind, name in found if name not in described["components"][kind]] == []


async def test_the_document_is_given_to_anybody(http: TestClient) -> None:
    answer = await http.get("/openapi.json")
    assert (answer.status, answer.content_type) == (200, "application/json")
    told = await answer.json()
    assert told["openapi"].startswith("3.1.")
    assert told["servers"] == [{"url": "https://fax.example"}]
