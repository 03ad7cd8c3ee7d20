"""Faxes ordered over HTTP: whose faxbox, who sends, who is told; documents by address; keys that name an order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from smtpfax.api.turns import Turns
from smtpfax.egress import Places, Strangers
from smtpfax.model.backend import Limits
from smtpfax.model.cause import Cause
from smtpfax.model.event import Failed
from smtpfax.model.mail import Origin
from smtpfax.model.status import Status
from smtpfax.spool import Spool
from smtpfax.store import Changes, Kind, Record
from tests.egress.rough import Behaviour, Rough, drops, never_answers, ok, rough, says

from .conftest import World

ACME = "/v2/accounts/acme"
TO: Mapping[str, Any] = {"to_number": "2025550123", "faxbox_id": "sales", "text": "Dear Bob"}
NAMED = {"from_number": "12025550100", "to_number": "2025550123"}


async def order(
    http: TestClient, world: World, data: Mapping[str, Any], path: str = "/faxes", account: str = "acme", **headers: str
) -> tuple[int, dict[str, Any]]:
    sent = {"X-Auth-Token": await world.token(account), **headers}
    answer = await http.put(f"/v2/accounts/{account}{path}", json={"data": data}, headers=sent)
    return answer.status, (await answer.json())["data"]


async def add_faxbox(world: World, **data: object) -> None:
    """One more, or the same changed."""
    record = Record(
        kind=Kind.FAXBOX, account_id="acme", id=str(data.pop("id")), data={"name": "x", **data}, made_by="t"
    )
    await world.store.accounts.write(Changes(put=(record,)))
    await world.reload()


# Which faxbox, and who sends.


@pytest.mark.parametrize("path", ["/faxes", "/faxes/outgoing"])
async def test_an_order_is_kept_before_it_is_answered(http: TestClient, world: World, path: str) -> None:
    status, told = await order(http, world, TO, path)
    assert (status, told["status"], told["faxbox_id"]) == (202, "attaching_files", "sales")
    job = await world.store.jobs.get(told["id"])
    assert job is not None
    assert (job.origin, job.reverse_path.null, job.most_tries) == (Origin.HTTP, True, 3)
    assert world.woken


async def test_the_answer_says_where_the_job_is_told(http: TestClient, world: World) -> None:
    token = await world.token("acme")
    answer = await http.put(f"{ACME}/faxes", json={"data": TO}, headers={"X-Auth-Token": token})
    there = await http.get(answer.headers["Location"], headers={"X-Auth-Token": token})
    assert (await there.json())["data"]["id"] == (await answer.json())["data"]["id"]


@pytest.mark.parametrize("path", ["/faxboxes/back/faxes", "/faxboxes/back/faxes/outgoing"])
async def test_the_faxbox_of_the_path_stands_before_all_others(http: TestClient, world: World, path: str) -> None:
    status, told = await order(http, world, {**TO, **NAMED}, path)
    assert (status, told["faxbox_id"], told["from_number"]) == (202, "back", "+12025550100")


async def test_the_senders_number_names_its_faxbox(http: TestClient, world: World) -> None:
    assert (await order(http, world, {**NAMED, "text": "x"}))[1]["faxbox_id"] == "sales"


async def test_an_account_with_one_faxbox_needs_to_name_none(http: TestClient, world: World) -> None:
    status, told = await order(http, world, {"to_number": "2025550123", "text": "x"}, account="other")
    assert (status, told["faxbox_id"]) == (202, "sales")


async def test_a_faxbox_that_is_not_the_accounts_is_not_there(http: TestClient, world: World) -> None:
    assert (await order(http, world, TO, "/faxboxes/nothing/faxes"))[0] == 404


async def test_a_number_of_another_account_is_nobodys_to_send_from(http: TestClient, world: World) -> None:
    status, told = await order(http, world, {**NAMED, "text": "x", "faxbox_id": "sales"}, account="other")
    assert (status, list(told["from_number"])) == (400, ["forbidden"])


async def test_a_token_that_only_reads_or_is_anothers_orders_nothing(http: TestClient, world: World) -> None:
    for token in (await world.token("acme", "read"), await world.token("other")):
        answer = await http.put(f"{ACME}/faxes", json={"data": TO}, headers={"X-Auth-Token": token})
        assert answer.status == 403


# What is said is kept and told again.


async def test_every_field_of_kazoos_schema_is_told_again(http: TestClient, world: World) -> None:
    said = {
        **NAMED,
        "to_name": "To Name",
        "from_name": "Test Fax",
        "subject": "Offer",
        "retries": 4,
        "attempts": 3,
        "fax_timezone": "Europe/Berlin",
        "text": "x",
        "tx_result": {"success": True},
        "notifications": {
            "email": {"send_to": "Bob@acme.example"},
            "sms": {"send_to": ["+12025550111"]},
            "callback": {"url": "https://hooks.acme.example/fax", "method": "put"},
        },
    }
    _, told = await order(http, world, said)
    wanted = {"to_name": "To Name", "from_name": "Test Fax", "subject": "Offer", "retries": 4, "attempts": 0}
    wanted |= {"from_number": "+12025550100", "to_number": "+12025550123", "fax_timezone": "Europe/Berlin"}
    assert {name: told[name] for name in wanted} == wanted
    assert told["tx_result"]["success"] is False
    assert told["notifications"] == {
        "email": {"send_to": ["bob@acme.example"]},
        "sms": {"send_to": ["+12025550111"], "delivered": False},
        "callback": {"url": "https://hooks.acme.example/fax", "method": "put", "type": "json"},
    }


async def test_what_kazoo_says_of_no_zone_and_what_is_null_was_not_said(http: TestClient, world: World) -> None:
    status, told = await order(http, world, {**TO, "fax_timezone": "undefined", "document": None, "unknown": 1})
    assert (status, told["fax_timezone"], "document" in told) == (202, "UTC", False)


async def test_retries_are_calls_in_all(http: TestClient, world: World) -> None:
    for retries in (0, 1, 4):
        _, told = await order(http, world, {**TO, "retries": retries})
        job = await world.store.jobs.get(told["id"])
        assert job is not None
        assert (job.most_tries, told["retries"]) == (retries, retries)


async def test_a_fax_is_scheduled_and_expires_from_its_own_time(http: TestClient, world: World) -> None:
    _, told = await order(http, world, {**TO, "send_time": "2026-03-02T09:00:00+01:00"})
    assert (told["scheduled"], told["expires"]) == ("2026-03-02T08:00:00.000Z", "2026-03-03T08:00:00.000Z")


WRONG: tuple[tuple[dict[str, Any], str, str], ...] = (
    ({"to_number": "call me"}, "to_number", "invalid"),
    ({"to_number": "+19005551234"}, "to_number", "forbidden"),
    ({"from_number": "none"}, "from_number", "invalid"),
    ({"from_number": "+12025550199"}, "from_number", "forbidden"),
    ({"faxbox_id": "nothing"}, "faxbox_id", "unknown"),
    ({"faxbox_id": None}, "from_number", "required"),
    ({"text": " \n"}, "document.url", "required"),
    ({"send_time": "2026-06-01T09:00:00Z"}, "send_time", "maximum"),
)


async def test_a_field_that_means_nothing_here_is_named_with_its_rule(http: TestClient, world: World) -> None:
    for data, field, rule in WRONG:
        status, told = await order(http, world, {**TO, **data})
        assert (status, {name: list(rules) for name, rules in told.items()}) == (400, {field: [rule]})
    assert (await world.store.jobs.page(final=False, limit=1)).rows == ()


# Policy holds as for mail.


async def test_a_cap_is_429_with_the_time_to_come_again(http: TestClient, world: World) -> None:
    await add_faxbox(world, id="capped", caps={"faxes_per_hour": 1})
    capped = {**TO, "faxbox_id": "capped"}
    assert (await order(http, world, capped))[0] == 202
    answer = await http.put(f"{ACME}/faxes", json={"data": capped}, headers={"X-Auth-Token": await world.token("acme")})
    assert (answer.status, answer.headers["Retry-After"]) == (429, "3600")
    assert "1 fax in an hour" in (await answer.json())["data"]["message"]
    world.moved.append(timedelta(hours=1))
    assert (await order(http, world, capped))[0] == 202


async def test_orders_that_come_together_pass_no_cap_together(http: TestClient, world: World) -> None:
    await add_faxbox(world, id="capped", caps={"faxes_per_hour": 2})
    answers = await asyncio.gather(*(order(http, world, {**TO, "faxbox_id": "capped"}) for _ in range(6)))
    assert sorted(status for status, _ in answers) == [202, 202, 429, 429, 429, 429]


async def test_a_number_that_rests_is_not_ordered(http: TestClient, world: World) -> None:
    gone = Failed(status=Status(5, 1, 2), cause=Cause.UNALLOCATED, text="no such number", counted=True)
    for _ in range(3):
        await world.then(await world.taken(), gone)
    status, told = await order(http, world, TO)
    assert (status, list(told["to_number"])) == (400, ["resting"])


async def test_a_fax_that_no_service_takes_is_413_and_leaves_nothing_behind(http: TestClient, world: World) -> None:
    object.__setattr__(world.deps, "inline_octets", 10)
    setattr(world.deps.backends["line"], "limits", Limits(octets=1000, pages=20, mail_octets=500))  # noqa: B010
    assert (await order(http, world, {**TO, "text": "x" * 1000}))[0] == 413
    assert list(world.spool.folder.iterdir()) == []


async def test_a_large_order_is_kept_in_the_spool(http: TestClient, world: World) -> None:
    object.__setattr__(world.deps, "inline_octets", 1000)
    _, told = await order(http, world, {**TO, "text": "x" * 5000})
    mail = await world.store.mails.get(told["mail_id"])
    assert mail is not None
    assert len(await world.spool.read(mail.content.name)) == mail.content.octets > 5000


async def test_a_disk_without_room_is_our_fault_and_passes(http: TestClient, world: World) -> None:
    object.__setattr__(world.deps, "spool", Spool(world.spool.folder, min_free_bytes=1 << 60))
    answer = await http.put(f"{ACME}/faxes", json={"data": TO}, headers={"X-Auth-Token": await world.token("acme")})
    assert (answer.status, "Retry-After" in answer.headers) == (503, True)


# Documents by their address.


def lets(world: World, server: Rough) -> None:
    """The settings name it."""
    places = Places(private=frozenset({f"127.0.0.1:{server.port}"}))
    object.__setattr__(world.deps, "strangers", Strangers(places))
    object.__setattr__(world.deps, "fetch_seconds", 0.5)


async def fetched(http: TestClient, world: World, behave: Behaviour, **document: str) -> tuple[int, Any, Rough]:
    async with rough(behave) as server:
        lets(world, server)
        data = {**NAMED, "document": {"url": f"{server.url}/docs/fax.pdf?key=1", **document}}
        status, told = await order(http, world, data)
    return status, told, server


async def test_a_document_is_fetched_before_the_answer(http: TestClient, world: World) -> None:
    status, told, server = await fetched(
        http, world, ok(b"%PDF-1.7 there", headers=b"Content-Type: application/pdf\r\n"), referer="http://r.example/"
    )
    assert status == 202
    assert told["document"] == {
        "url": f"{server.url}/docs/fax.pdf?key=1",
        "method": "get",
        "referer": "http://r.example/",
    }
    assert server.seen[0].startswith(b"GET /docs/fax.pdf?key=1 HTTP/1.1\r\n")
    assert b"Referer: http://r.example/\r\n" in server.seen[0]
    job = await world.store.jobs.get(told["id"])
    assert job is not None
    content = await world.store.mails.inline(job.mail_id)
    assert content is not None
    assert b'filename="fax.pdf"' in content


async def test_a_document_is_posted_for_where_the_order_says_so(http: TestClient, world: World) -> None:
    said = {"method": "post", "content": "id=7", "content_type": "text/plain", "host": "docs.acme.example"}
    _, _, server = await fetched(http, world, ok(b"%PDF"), **said)
    head, _, body = server.seen[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /docs/fax.pdf?key=1 ")
    assert b"Host: docs.acme.example" in head
    assert b"Content-Type: text/plain" in head
    assert body == b"id=7"


THERE: tuple[tuple[Behaviour, int, str], ...] = (
    (ok(b""), 400, "invalid"),
    (ok(b"gone", status="404 Not Found"), 400, "invalid"),
    (ok(b"no", status="401 Unauthorized"), 400, "invalid"),
    (says(b"HTTP/1.1 302 Found\r\nLocation: http://10.0.0.1/\r\nContent-Length: 0\r\n\r\n"), 400, "forbidden"),
    (ok(b"x" * 200_001), 413, "maxSize"),
    (ok(b"oh", status="500 Oh"), 502, "unavailable"),
    (ok(b"slow", status="429 Slow"), 502, "unavailable"),
    (drops, 502, "unreachable"),
    (never_answers, 502, "unreachable"),
    (says(b"SSH-2.0-OpenSSH\r\n"), 502, "unreachable"),
)


async def test_what_is_wrong_there_is_told_and_nothing_is_kept(http: TestClient, world: World) -> None:
    for behave, code, rule in THERE:
        status, told, _ = await fetched(http, world, behave)
        assert (status, list(told["document.url"])) == (code, [rule])
    assert (await world.store.jobs.page(final=False, limit=1)).rows == ()


INSIDE = (
    "http://127.0.0.1/",
    "http://localhost:80/",
    "http://[::1]/",
    "http://8.8.8.8:22/",
    "file:///etc/passwd",
    "gopher://x",
)


async def test_an_address_inside_is_not_asked(http: TestClient, world: World) -> None:
    for url in INSIDE:
        status, told = await order(http, world, {**NAMED, "document": {"url": url}})
        assert (status, list(told["document.url"])) == (400, ["forbidden"])


async def test_nothing_is_fetched_for_a_number_that_is_not_called(http: TestClient, world: World) -> None:
    async with rough(ok(b"%PDF")) as server:
        lets(world, server)
        data = {**NAMED, "to_number": "+19005551234", "document": {"url": f"{server.url}/"}}
        assert (await order(http, world, data))[0] == 400
    assert server.seen == []


# Keys.


async def keyed(http: TestClient, world: World, key: str, data: Mapping[str, Any] = TO) -> tuple[int, Any]:
    return await order(http, world, data, **{"Idempotency-Key": key})


async def test_the_same_request_with_the_same_key_is_the_same_fax(http: TestClient, world: World) -> None:
    (code, first), (again, second) = await keyed(http, world, "k"), await keyed(http, world, "k")
    assert (code, again, first["id"]) == (202, 202, second["id"])
    assert (await keyed(http, world, "l"))[1]["id"] != first["id"]
    assert (await order(http, world, TO))[1]["id"] != first["id"]


async def test_without_a_key_every_order_is_a_fax(http: TestClient, world: World) -> None:
    assert len({(await order(http, world, TO))[1]["id"] for _ in range(3)}) == 3


async def test_another_request_with_the_same_key_is_422(http: TestClient, world: World) -> None:
    await keyed(http, world, "k")
    for other in ({**TO, "text": "Dear Eve"}, {**TO, "to_number": "2025550124"}):
        status, told = await keyed(http, world, "k", other)
        assert (status, list(told)) == (422, ["Idempotency-Key"])


async def test_orders_with_one_key_that_come_together_are_one_fax(http: TestClient, world: World) -> None:
    object.__setattr__(world.deps, "inline_octets", 10)
    answers = await asyncio.gather(*(keyed(http, world, "k") for _ in range(8)))
    assert {status for status, _ in answers} == {202}
    assert len({told["id"] for _, told in answers}) == 1
    assert len((await world.store.jobs.page(final=False, limit=9)).rows) == 1
    assert len(list(world.spool.folder.iterdir())) == 1  # what the others had written is deleted


async def test_a_key_holds_for_a_day_also_when_its_fax_has_failed(http: TestClient, world: World) -> None:
    _, first = await keyed(http, world, "k")
    job = await world.store.jobs.get(first["id"])
    assert job is not None
    await world.then(job, Failed(status=Status(5, 0, 0), cause=Cause.DOCUMENT, text="no"))
    world.moved.append(timedelta(hours=23))
    again = (await keyed(http, world, "k"))[1]
    assert (again["id"], again["state"]) == (first["id"], "failed")
    world.moved.append(timedelta(hours=1))
    assert (await keyed(http, world, "k"))[1]["id"] != first["id"]


async def test_a_key_is_of_one_account(http: TestClient, world: World) -> None:
    data = {"to_number": "2025550123", "text": "x", "faxbox_id": "sales"}
    first = await order(http, world, data, account="acme", **{"Idempotency-Key": "k"})
    second = await order(http, world, data, account="other", **{"Idempotency-Key": "k"})
    assert (first[0], second[0]) == (202, 202)
    assert first[1]["id"] != second[1]["id"]


async def test_an_order_that_was_refused_leaves_its_key_free(http: TestClient, world: World) -> None:
    assert (await keyed(http, world, "k", {**TO, "to_number": "x"}))[0] == 400
    assert (await keyed(http, world, "k"))[0] == 202


async def test_a_key_that_is_none_is_400(http: TestClient, world: World) -> None:
    for key in ("", " ", "x" * 256, "a\tb", "ü"):
        status, told = await keyed(http, world, key)
        assert (status, list(told)) == (400, ["Idempotency-Key"])


# Many at once.


async def test_an_order_waits_for_its_own_accounts_turn_and_for_no_others(http: TestClient, world: World) -> None:
    object.__setattr__(world.deps, "turns", Turns(1))
    async with asyncio.TaskGroup() as group, world.deps.turns.of("acme"):
        waits = group.create_task(order(http, world, TO))
        assert (await order(http, world, TO, account="other"))[0] == 202
        assert not waits.done()
    assert waits.result()[0] == 202


async def test_a_body_that_does_not_arrive_is_408_and_gives_its_turn_back(http: TestClient, world: World) -> None:
    object.__setattr__(world.deps, "turns", Turns(1))
    object.__setattr__(world.deps, "body_seconds", 0.1)
    hangs = asyncio.Event()

    async def body() -> AsyncIterator[bytes]:
        yield b"{"
        await hangs.wait()

    headers = {"X-Auth-Token": await world.token("acme"), "Content-Type": "application/json"}
    async with asyncio.TaskGroup() as group:
        hung = group.create_task(http.put(f"{ACME}/faxes", data=body(), headers=headers))
        async with asyncio.timeout(20):
            assert (await hung).status == 408
        hangs.set()
    assert (await order(http, world, TO))[0] == 202
