"""The public door, walked with every kind of token."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta

import pytest
from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient

from smtpfax.api.app import PUBLIC
from smtpfax.api.auth import Scope
from smtpfax.api.routes import Route
from smtpfax.model.event import Cancelled

from .conftest import NOON, World

GUARDED = [route for route in PUBLIC if route.scope is not None]
OF_ACCOUNTS = [route for route in GUARDED if "{account}" in route.path]
OF_ALL = [route for route in GUARDED if "{account}" not in route.path]
# What a list of the path is of; a route with an id of something else is refused by the first test that walks it.
KINDS = {"smtplog": "attempt", "outgoing": "job", "outbox": "job", "inbox": "fax", "incoming": "fax", "faxboxes": "box"}


def name_of(route: Route) -> str:
    return f"{route.method} {route.path}"


def path_of(route: Route, account: str, ids: Mapping[str, str] | None = None) -> str:
    """The path, with a record in the place of each id."""
    path = route.path.replace("{account}", account)
    for list_name, name in re.findall(r"([a-z]+)/\{([a-z_]+)[^}]*\}", path):
        id = ids[KINDS[list_name]] if ids else "m1-1"
        path = re.sub(rf"\{{{name}[^}}]*\}}", id, path, count=1)
    return path


async def ids_of(world: World) -> dict[str, str]:
    """A record of every kind, of account acme."""
    job, fax = await world.taken(), await world.received()
    attempts = await world.store.attempts.of_job(job.id)
    return {"attempt": attempts[0].attempt.id, "job": job.id, "fax": fax.id, "box": "back"}


async def ask(http: TestClient, route: Route, path: str, headers: Mapping[str, str]) -> ClientResponse:
    """With a body that would be taken, were it looked at."""
    data = {"name": "Mine"} if "/faxboxes" in route.path else {"read": True}
    body = {} if route.method == "GET" else {"json": {"data": data, "action": "resubmit"}}
    return await http.request(route.method, path, headers=headers, **body)


# Each of these walks its routes in one world: a world takes longer to make than a route to walk.


async def test_every_route_but_the_open_ones_asks_for_a_token(http: TestClient) -> None:
    for route in GUARDED:
        for headers in (
            {},
            {"X-Auth-Token": "sfx_x_y"},
            {"Authorization": "Basic YTpi"},
            {"X-Auth-Token": f"sfx_a_{'0' * 64}"},
        ):
            answer = await ask(http, route, path_of(route, "acme"), headers)
            assert answer.status == 401, name_of(route)
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")
            assert (await answer.json())["message"] == "invalid_credentials"


async def test_a_foreign_token_learns_nothing_not_even_whether_an_account_exists(
    http: TestClient, world: World
) -> None:
    ids, before = await ids_of(world), await world.store.accounts.records()
    headers = {"X-Auth-Token": await world.token("other")}
    for route in OF_ACCOUNTS:
        told = []
        for account in ("acme", "nobody"):
            answer = await ask(http, route, path_of(route, account, ids), headers)
            assert answer.status == 403, name_of(route)
            body = await answer.json()
            told.append({key: body[key] for key in ("data", "message", "error", "status")})
        assert told[0] == told[1], name_of(route)
    assert await world.store.accounts.records() == before


async def test_a_record_of_another_account_is_not_there(http: TestClient, world: World) -> None:
    ids, before = await ids_of(world), await world.store.accounts.records()
    headers = {"X-Auth-Token": await world.token("other")}
    for route in (route for route in OF_ACCOUNTS if "{id}" in route.path):
        answer = await ask(http, route, path_of(route, "other", ids), headers)
        body = await answer.json()
        reads = route.method in ("GET", "DELETE")  # without a body, of which 400 would be said whatever it is for
        not_there = (body["message"], body["error"]) == ("bad_identifier", "404")
        assert not_there or (answer.status == 400 and not reads), name_of(route)
        assert "acme" not in str(body), name_of(route)
        assert await world.store.jobs.get(ids["job"]) is not None, name_of(route)
        assert await world.store.inbox.get(ids["fax"]) is not None, name_of(route)
    assert await world.store.accounts.records() == before


async def test_no_list_of_an_account_shows_a_record_of_another(http: TestClient, world: World) -> None:
    ids, ended = await ids_of(world), await world.then(await world.taken(), Cancelled())
    headers = {"X-Auth-Token": await world.token("other")}
    for route in (route for route in OF_ACCOUNTS if "{id}" not in route.path and route.method == "GET"):
        answer = await ask(http, route, path_of(route, "other", ids), headers)
        text = await answer.text()
        assert not [id for id in (*ids.values(), ended.id) if f'"id":"{id}"' in text], name_of(route)
        assert '"account_id":"acme"' not in text, name_of(route)
        assert answer.status == (404 if "{" in route.path.replace("{account}", "") else 200), name_of(route)


async def test_what_is_of_all_accounts_is_for_administrators(http: TestClient, world: World) -> None:
    headers = {"X-Auth-Token": await world.token("acme")}
    for route in OF_ALL:
        assert (await ask(http, route, path_of(route, ""), headers)).status == 403, name_of(route)


async def test_a_token_without_the_scope_is_refused(http: TestClient, world: World) -> None:
    tokens = {scope: await world.token("", *(each for each in Scope if each is not scope)) for scope in Scope}
    for route in GUARDED:
        assert route.scope is not None
        headers = {"X-Auth-Token": tokens[route.scope]}
        assert (await ask(http, route, path_of(route, "acme"), headers)).status == 403, name_of(route)


async def test_a_token_whose_time_is_over_is_none(http: TestClient, world: World) -> None:
    token = await world.token("", expires=NOON + timedelta(hours=1))
    world.moved.append(timedelta(hours=1))
    for route in GUARDED:
        answer = await ask(http, route, path_of(route, "acme"), {"X-Auth-Token": token})
        assert answer.status == 401, name_of(route)


async def test_a_revoked_token_is_none(http: TestClient, world: World) -> None:
    token = await world.token()
    headers = {"Authorization": f"bearer {token}"}
    assert (await http.get("/v2/smtplog", headers=headers)).status == 200
    assert await world.store.tokens.revoke(token.split("_")[1])
    assert (await http.get("/v2/smtplog", headers=headers)).status == 401


async def test_the_right_secret_under_another_id_is_none(http: TestClient, world: World) -> None:
    first, second = await world.token(), await world.token()
    mixed = "_".join(["sfx", first.split("_")[1], second.split("_")[2]])
    assert (await http.get("/v2/smtplog", headers={"X-Auth-Token": mixed})).status == 401


async def test_that_a_token_is_used_is_written_once_a_minute(http: TestClient, world: World) -> None:
    headers = {"X-Auth-Token": await world.token()}
    seen = []
    for seconds in (0, 10, 60):
        world.moved.append(timedelta(seconds=seconds))
        await http.get("/v2/smtplog", headers=headers)
        seen.append((await world.store.tokens.list())[0].last_used)
    assert seen == [NOON, NOON, NOON + timedelta(seconds=70)]


async def test_an_account_that_is_not_there_is_404_for_the_administrator(http: TestClient, world: World) -> None:
    answer = await http.get("/v2/accounts/nobody/faxes/outgoing", headers={"X-Auth-Token": await world.token()})
    assert answer.status == 404


async def test_another_method_is_405_and_names_those_there_are(http: TestClient, world: World) -> None:
    answer = await http.delete("/v2/smtplog", headers={"X-Auth-Token": await world.token()})
    assert (answer.status, answer.headers["Allow"]) == (405, "GET,HEAD")
    assert (await answer.json())["message"] == "invalid_method"


@pytest.mark.parametrize(
    "path", ["/", "/v2", "/v2/accounts", "/admin/status", "/v2/smtplog/", "/%00", "/v2/smtplog/a/b"]
)
async def test_what_is_not_in_the_table_is_404(http: TestClient, path: str) -> None:
    answer = await http.get(path)
    assert answer.status == 404
    assert (await answer.json())["status"] == "error"


async def test_every_answer_has_safe_headers_and_its_id(http: TestClient, world: World) -> None:
    for path in ("/healthz", "/nowhere", "/v2/smtplog"):
        answer = await http.get(path)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Server"] == "smtpfax"
        assert len(answer.headers["X-Request-ID"]) == 18


async def test_head_is_answered_as_get_without_a_body(http: TestClient, world: World) -> None:
    answer = await http.head("/v2/smtplog", headers={"X-Auth-Token": await world.token()})
    assert (answer.status, await answer.read()) == (200, b"")
