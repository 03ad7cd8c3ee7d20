"""Clients that know Kazoo's API and nothing of ours."""

from __future__ import annotations

import asyncio
import json
import shutil
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from smtpfax.api.envelope import EPOCH
from smtpfax.dispatch.kazoo.client import Client
from smtpfax.dispatch.settings import KazooSettings
from smtpfax.egress import Egress

from .conftest import NOON, World

WEEK = 7 * 86400


class Portal:
    """What a portal does: sign in once, send the token, follow next_start_key, tell errors field by field."""

    def __init__(self, http: TestClient) -> None:
        self._http = http
        self._token = self._account = ""

    async def sign_in(self, api_key: str) -> None:
        body = await self._ask("PUT", "/v2/api_auth", {"api_key": api_key})
        self._token, self._account = body["auth_token"], body["data"]["account_id"]

    async def ask(self, method: str, path: str, data: Any = None, **query: str) -> dict[str, Any]:
        return await self._ask(method, f"/v2/accounts/{self._account}/{path}", data, **query)

    async def all(self, path: str, **query: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        while True:
            body = await self.ask("GET", path, **query)
            assert body["page_size"] == len(body["data"])
            rows += body["data"]
            if "next_start_key" not in body:
                return rows
            query["start_key"] = body["next_start_key"]

    async def _ask(self, method: str, path: str, data: Any = None, **query: str) -> dict[str, Any]:
        body = {"json": {"data": data}} if data is not None else {}
        headers = {"X-Auth-Token": self._token} if self._token else {}
        answer = await self._http.request(method, path, params=query, headers=headers, **body)
        told: dict[str, Any] = await answer.json()
        assert told["status"] == ("success" if answer.ok else "error")
        assert {"request_id", "data"} <= told.keys()
        return told


@pytest.fixture
async def portal(http: TestClient, world: World) -> Portal:
    client = Portal(http)
    await client.sign_in(await world.token("acme"))
    return client


async def test_a_portal_manages_faxboxes(portal: Portal) -> None:
    box = {"name": "Night desk", "retries": 2, "smtp_permission_list": ["night@acme.example"]}
    box |= {"fax_timezone": "inherit"}
    made = (await portal.ask("PUT", "faxboxes", box))["data"]
    assert {key: made[key] for key in box} == {**box, "fax_timezone": "UTC"}, "its account's"
    listed = {each["id"]: each for each in await portal.all("faxboxes")}
    assert listed[made["id"]] == made
    made["name"], made["notifications"]["outbound"]["email"]["send_to"] = "Night", ["night@acme.example"]
    saved = (await portal.ask("POST", f"faxboxes/{made['id']}", made))["data"]
    assert saved == made
    wrong = await portal.ask("POST", f"faxboxes/{made['id']}", {**made, "name": "x" * 200})
    assert (wrong["error"], wrong["message"]) == ("400", "validation error")
    assert [rule["message"] for rule in wrong["data"]["name"].values()]
    assert (await portal.ask("DELETE", f"faxboxes/{made['id']}"))["data"]["_read_only"]["deleted"] is True
    gone = await portal.ask("GET", f"faxboxes/{made['id']}")
    assert (gone["error"], gone["message"], gone["data"]["cause"]) == ("404", "bad_identifier", made["id"])


async def test_a_portal_shows_the_log_of_a_week(portal: Portal, world: World) -> None:
    jobs = [(await world.taken()).id for _ in range(7)]
    refused = await world.refused(account_id="acme")
    now = int(NOON.timestamp()) + EPOCH
    week = {"created_from": str(now - WEEK), "created_to": str(now + 60)}
    rows = await portal.all("faxes/smtplog", **week)
    assert [row["id"] for row in rows[:1]] == [refused.id]
    assert [row.get("error") is None for row in rows] == [False] + [True] * 7, "without an error it went well"
    details = [(await portal.ask("GET", f"faxes/smtplog/{row['id']}"))["data"] for row in rows]
    assert [each["faxdoc_id"] for each in details] == ["", *jobs[::-1]]
    assert all(detail["created"] == row["created"] for detail, row in zip(details, rows, strict=True))
    whole = await portal.ask("GET", "faxes/smtplog", paginate="false", **week)
    assert [row["id"] for row in whole["data"]] == [row["id"] for row in rows]


async def test_a_portal_follows_a_fax_to_its_end(portal: Portal, world: World) -> None:
    job = await world.taken()
    (row,) = await portal.all("faxes/outgoing")
    assert (row["id"], row["status"], row["to"]) == (job.id, "pending", "+12025550123")
    fax = (await portal.ask("GET", f"faxes/outgoing/{row['id']}"))["data"]
    assert (fax["retries"], fax["attempts"], fax["tx_result"]["success"]) == (3, 0, False)
    received = await world.received()
    assert [each["id"] for each in await portal.all("faxes/inbox")] == [received.id]


async def test_our_own_client_of_kazoos_signs_in_here(http: TestClient, world: World) -> None:
    url = str(http.make_url("/v2"))
    settings = KazooSettings(url=url, account_id="acme", api_key=await world.token("acme"))
    client = Client(settings, egress=Egress(own_hosts=frozenset({"127.0.0.1"})), clock=world.clock)
    await world.taken()
    answer = await client.get("faxes/outgoing", {"page_size": 10})
    assert (answer.status, len(json.loads(answer.body)["data"])) == (200, 1)


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
async def test_the_documents_curl_line_runs(http: TestClient, world: World) -> None:
    """As it stands in Kazoo's documentation."""
    await world.taken()
    url = str(http.make_url("/v2/accounts/acme/faxes/smtplog"))
    line = ("curl", "-s", "-X", "GET", "-H", f"X-Auth-Token: {await world.token('acme')}", url)
    process = await asyncio.create_subprocess_exec(*line, stdout=asyncio.subprocess.PIPE)
    output, _ = await process.communicate()
    body = json.loads(output)
    assert {"auth_token", "data", "page_size", "request_id", "revision", "start_key", "status"} <= body.keys()
