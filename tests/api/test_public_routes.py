"""The public door, walked with every kind of token."""

from __future__ import annotations

from datetime import timedelta

import pytest
from aiohttp.test_utils import TestClient

from smtpfax.api.app import PUBLIC
from smtpfax.api.auth import Scope
from smtpfax.api.routes import Route

from .conftest import NOON, World

GUARDED = [route for route in PUBLIC if route.scope is not None]
OF_ACCOUNTS = [route for route in GUARDED if "{account}" in route.path]
OF_ALL = [route for route in GUARDED if "{account}" not in route.path]


def path_of(route: Route, account: str, id: str) -> str:
    return route.path.replace("{account}", account).replace("{faxbox}", "sales").replace("{id}", id)


async def ids_of(world: World) -> dict[str, str]:
    """A record of every kind, of account acme."""
    job, fax = await world.taken(), await world.received()
    attempts = await world.store.attempts.of_job(job.id)
    return {
        "smtplog": attempts[0].attempt.id,
        "outgoing": job.id,
        "outbox": job.id,
        "inbox": fax.id,
        "incoming": "k1",
        "faxboxes": "back",
    }


async def test_every_route_but_the_probes_asks_for_a_token(http: TestClient, world: World) -> None:
    for route in GUARDED:
        for headers in (
            {},
            {"X-Auth-Token": "sfx_x_y"},
            {"Authorization": "Basic YTpi"},
            {"X-Auth-Token": f"sfx_a_{'0' * 64}"},
        ):
            answer = await http.request(route.method, path_of(route, "acme", "m1-1"), headers=headers)
            assert answer.status == 401, route
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")
            assert (await answer.json())["message"] == "invalid_credentials"


async def test_a_foreign_token_learns_nothing_not_even_whether_an_account_exists(
    http: TestClient, world: World
) -> None:
    ids = await ids_of(world)
    headers = {"X-Auth-Token": await world.token("other")}
    for route in OF_ACCOUNTS:
        id = next((id for word, id in ids.items() if word in route.path), "")
        told = []
        for account in ("acme", "nobody"):
            answer = await http.request(route.method, path_of(route, account, id), headers=headers)
            assert answer.status == 403, route
            body = await answer.json()
            told.append({key: body[key] for key in ("data", "message", "error", "status")})
        assert told[0] == told[1]


async def test_a_record_of_another_account_is_not_there(http: TestClient, world: World) -> None:
    ids = await ids_of(world)
    headers = {"X-Auth-Token": await world.token("other")}
    for route in (route for route in OF_ACCOUNTS if "{id}" in route.path):
        id = next((id for word, id in ids.items() if word in route.path), "")
        body = {"data": {"name": "x"}}
        answer = await http.request(route.method, path_of(route, "other", id), json=body, headers=headers)
        assert answer.status == 404, route
        body = await answer.json()
        assert (body["message"], body["error"]) == ("bad_identifier", "404")
        assert "acme" not in str(body)


async def test_the_whole_log_is_for_administrators(http: TestClient, world: World) -> None:
    headers = {"X-Auth-Token": await world.token("acme")}
    for route in OF_ALL:
        answer = await http.request(route.method, path_of(route, "", "a1"), headers=headers)
        assert answer.status == 403, route


async def test_a_token_without_the_scope_is_refused(http: TestClient, world: World) -> None:
    tokens = {Scope.READ: await world.token("", "write"), Scope.WRITE: await world.token("", "read")}
    for route in GUARDED:
        headers = {"X-Auth-Token": tokens[route.scope or Scope.READ]}
        answer = await http.request(route.method, path_of(route, "acme", "m1-1"), headers=headers)
        assert answer.status == 403, route


async def test_a_token_whose_time_is_over_is_none(http: TestClient, world: World) -> None:
    headers = {"X-Auth-Token": await world.token("", expires=NOON + timedelta(hours=1))}
    world.moved.append(timedelta(hours=1))
    for route in GUARDED:
        answer = await http.request(route.method, path_of(route, "acme", "m1-1"), headers=headers)
        assert answer.status == 401, route


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
