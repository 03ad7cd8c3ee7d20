"""Tokens, users, backends, status and backup over the admin socket."""

from __future__ import annotations

import hashlib
import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestClient
from argon2 import PasswordHasher

from smtpfax.model.errors import Temporary
from smtpfax.model.status import BACKEND_DOWN
from smtpfax.store import Changes, Kind, Record

from .conftest import TIFF, World


async def ask(admin: ClientSession, method: str, path: str, data: object = None) -> tuple[int, Any]:
    body = {"json": {"data": data}} if data is not None else {}
    async with admin.request(method, f"/admin/{path}", **body) as answer:  # type: ignore[arg-type]
        told = await answer.json()
        return answer.status, told["data"]


async def with_ann(world: World) -> None:
    ann = Record(kind=Kind.USER, account_id="acme", id="ann@acme.example", data={"email": "ann@acme.example"})
    await world.store.accounts.write(Changes(put=[ann]))


async def test_a_new_token_is_told_once_and_kept_as_a_hash(
    admin: ClientSession, http: TestClient, world: World, tmp_path: Path
) -> None:
    status, token = await ask(admin, "POST", "tokens", {"account_id": "acme", "name": "crm"})
    assert (status, token["scopes"], token["account_id"]) == (201, ["read", "write"], "acme")
    answer = await http.get("/v2/accounts/acme/faxes/outgoing", headers={"X-Auth-Token": token["token"]})
    assert answer.status == 200
    assert "token" not in (await ask(admin, "GET", "tokens"))[1][0]
    secret = token["token"].split("_")[2]
    with sqlite3.connect(tmp_path / "s.db") as database:
        rows = str(database.execute("SELECT * FROM tokens").fetchall())
    database.close()
    assert secret not in rows
    assert hashlib.sha256(secret.encode()).hexdigest() in rows


async def test_a_token_may_have_less_scope_and_an_end(admin: ClientSession, world: World) -> None:
    _, token = await ask(admin, "POST", "tokens", {"scopes": ["read"], "days": 2})
    assert (token["scopes"], token["account_id"]) == (["read"], "")
    assert token["expires_at"] == "2026-03-03T12:00:00.000Z"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ({"account_id": "nobody"}, 404),
        ({"scopes": ["everything"]}, 400),
        ({"days": 0}, 400),
        ({"colour": "blue"}, 400),
        ({"name": "x" * 129}, 400),
    ],
)
async def test_a_token_that_cannot_be_is_refused(admin: ClientSession, data: dict[str, Any], code: int) -> None:
    assert (await ask(admin, "POST", "tokens", data))[0] == code


async def test_a_token_is_revoked(admin: ClientSession, world: World) -> None:
    _, token = await ask(admin, "POST", "tokens", {})
    assert (await ask(admin, "DELETE", f"tokens/{token['id']}"))[0] == 200
    assert await ask(admin, "GET", "tokens") == (200, [])
    assert (await ask(admin, "DELETE", f"tokens/{token['id']}"))[0] == 404


async def test_a_password_is_kept_as_argon2id(admin: ClientSession, world: World) -> None:
    await with_ann(world)
    assert (await ask(admin, "GET", "users"))[1][0]["has_password"] is False
    status, _ = await ask(admin, "POST", "users/password", {"email": "Ann@acme.example", "password": "correct horse"})
    assert status == 200
    kept = await world.store.accounts.password_hash("ann@acme.example")
    assert kept is not None
    assert kept.startswith("$argon2id$")
    assert PasswordHasher().verify(kept, "correct horse")
    (ann,) = (await ask(admin, "GET", "users"))[1]
    assert (ann["email"], ann["role"], ann["has_password"]) == ("ann@acme.example", "member", True)
    assert ann["reverse_paths"] == ["ann@acme.example"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ({"email": "bob@acme.example", "password": "correct horse"}, 404),
        ({"email": "ann@acme.example", "password": "kurz"}, 400),
        ({"email": "ann@acme.example", "password": "lone \ud800 surrogate"}, 400),
        ({"email": "ann@acme.example"}, 400),
    ],
)
async def test_a_password_that_cannot_be_is_refused_and_never_repeated(
    admin: ClientSession, world: World, data: dict[str, str], code: int
) -> None:
    await with_ann(world)
    status, told = await ask(admin, "POST", "users/password", data)
    assert status == code
    assert data.get("password", "never") not in str(told)


async def test_backends_are_listed_with_their_limits_and_faxboxes(admin: ClientSession) -> None:
    (line,) = (await ask(admin, "GET", "backends"))[1]
    assert line == {
        "name": "line",
        "kind": "embedded",
        "max_bytes": 1000,
        "max_pages": 20,
        "faxboxes": ["acme/sales"],
    }


async def test_a_backend_is_tried_and_its_fault_told(admin: ClientSession, world: World) -> None:
    assert (await ask(admin, "POST", "backends/line/test"))[1] == {"ok": True, "text": "signed in"}
    world.deps.backends["line"].fault = Temporary(BACKEND_DOWN, reason="connection refused")  # type: ignore[attr-defined]
    assert (await ask(admin, "POST", "backends/line/test"))[1] == {"ok": False, "text": "connection refused"}
    assert (await ask(admin, "POST", "backends/pigeon/test"))[0] == 404


async def test_status_tells_how_things_stand(admin: ClientSession, world: World) -> None:
    await world.taken()
    world.moved.append(timedelta(minutes=5))
    _, status = await ask(admin, "GET", "status")
    assert (status["version"], status["accounts"], status["faxboxes"]) == ("0.1.0", 2, 3)
    assert (status["jobs"]["rendered"], status["oldest"]) == (1, "2026-03-01T12:00:01.000Z")
    assert status["free_bytes"] > 0


async def test_a_backup_holds_database_and_documents(admin: ClientSession, world: World, tmp_path: Path) -> None:
    job = await world.taken()
    target = tmp_path / "backup"
    status, told = await ask(admin, "POST", "backup", {"target": str(target)})
    assert (status, told["files"], told["missing"]) == (200, 1, [])
    assert job.document is not None
    assert (target / "spool" / job.document.name).read_bytes() == TIFF
    assert (target / "smtpfax.db").exists()
    assert (await ask(admin, "POST", "backup", {"target": str(target)}))[0] == 400


@pytest.mark.parametrize("target", ["relative", "", 7, None, "/dev/null/x", "/tmp/\x00"])
async def test_a_backup_needs_a_folder_that_can_be_made(admin: ClientSession, target: object) -> None:
    status, told = await ask(admin, "POST", "backup", {"target": target})
    assert (status, list(told)) == (400, ["target"])


async def test_the_log_and_the_queue_of_all_accounts(admin: ClientSession, world: World) -> None:
    mine, theirs = await world.taken(), await world.taken(account_id="other")
    stranger = await world.refused()
    _, rows = await ask(admin, "GET", "log")
    assert [row["job_id"] for row in rows] == ["", theirs.id, mine.id]
    _, detail = await ask(admin, "GET", f"log/{stranger.id}")
    assert detail["client"]["helo"] == "stranger"
    assert [row["id"] for row in (await ask(admin, "GET", "queue"))[1]] == [theirs.id, mine.id]


async def test_the_administrator_filters_by_account_and_then_by_faxbox(admin: ClientSession, world: World) -> None:
    mine, theirs = await world.taken(), await world.taken(account_id="other")
    stranger = await world.refused()
    for query, jobs in (
        ("filter_account_id=acme", [mine.id]),
        ("filter_account_id=other&filter_faxbox_id=sales", [theirs.id]),
        ("filter_account_id=other&filter_faxbox_id=back", []),
    ):
        assert [row["id"] for row in (await ask(admin, "GET", f"queue?{query}"))[1]] == jobs
        assert [row["job_id"] for row in (await ask(admin, "GET", f"log?{query}"))[1]] == jobs
    assert [row["id"] for row in (await ask(admin, "GET", "log?filter_account_id="))[1]] == [stranger.id]
    for path in ("queue", "log"):
        status, told = await ask(admin, "GET", f"{path}?filter_faxbox_id=sales")
        assert (status, list(told)) == (400, ["filter_faxbox_id"])


async def test_an_account_does_not_filter_by_account(http: TestClient, world: World) -> None:
    headers = {"X-Auth-Token": await world.token("acme")}
    for folder in ("smtplog", "outgoing"):
        answer = await http.get(f"/v2/accounts/acme/faxes/{folder}?filter_account_id=other", headers=headers)
        assert answer.status == 400


@pytest.mark.parametrize(
    ("address", "steps", "dialled"),
    [
        ("Ann@2025550123.fax.acme.example", {"for": "Ann", "number": "+12025550123"}, True),
        ("+19005551234", {"type": "premium", "decided by": "allow_types by default: premium is not allowed"}, False),
        ("call me", {}, False),
    ],
)
async def test_a_number_is_explained_by_a_faxboxs_rules(
    admin: ClientSession, address: str, steps: dict[str, str], dialled: bool
) -> None:
    async with admin.get("/admin/number", params={"address": address, "faxbox": "acme/sales"}) as answer:
        told = (await answer.json())["data"]
    assert (answer.status, told["dialled"]) == (200, dialled)
    assert steps.items() <= told["steps"].items()


async def test_a_number_is_explained_for_a_faxbox_that_there_is(admin: ClientSession) -> None:
    async with admin.get("/admin/number", params={"address": "+12025550123", "faxbox": "sales"}) as answer:
        assert answer.status == 400
