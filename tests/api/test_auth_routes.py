"""Signing in as Kazoo's clients do."""

from __future__ import annotations

from typing import Any

from aiohttp.test_utils import TestClient

from .conftest import World


async def sign_in(http: TestClient, data: object) -> tuple[int, dict[str, Any]]:
    answer = await http.put("/v2/api_auth", json={"data": data})
    return answer.status, await answer.json()


async def test_a_key_signs_in_and_the_token_opens_its_account(http: TestClient, world: World) -> None:
    code, body = await sign_in(http, {"api_key": await world.token("acme")})
    assert (code, body["status"]) == (201, "success")
    assert body["data"] == {"account_id": "acme", "account_name": "Acme", "scopes": ["read", "write"]}
    path = f"/v2/accounts/{body['data']['account_id']}/faxes/outbox"
    assert (await http.get(path, headers={"X-Auth-Token": body["auth_token"]})).status == 200


async def test_an_administrators_key_has_no_account(http: TestClient, world: World) -> None:
    assert (await sign_in(http, {"api_key": await world.token()}))[1]["data"]["account_id"] == ""


async def test_a_revoked_key_signs_nobody_in_and_ends_what_it_began(http: TestClient, world: World) -> None:
    key = await world.token("acme")
    token = (await sign_in(http, {"api_key": key}))[1]["auth_token"]
    assert await world.store.tokens.revoke(key.split("_")[1])
    assert (await sign_in(http, {"api_key": key}))[0] == 401
    assert (await http.get("/v2/accounts/acme/faxes/outbox", headers={"X-Auth-Token": token})).status == 401


async def test_what_is_no_key_is_refused(http: TestClient, world: World) -> None:
    for key in ("sfx_x_y", "a" * 64, "\x00", "é"):
        code, body = await sign_in(http, {"api_key": key})
        assert (code, body["error"], body["message"]) == (401, "401", "invalid_credentials")
        assert "auth_token" not in body


async def test_no_key_at_all_is_a_mistake(http: TestClient) -> None:
    for data in ({}, {"api_key": ""}, {"api_key": 7}, {"api_key": "x" * 201}, {"api_key": None}):
        code, body = await sign_in(http, data)
        assert (code, list(body["data"])) == (400, ["api_key"])
