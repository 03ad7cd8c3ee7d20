"""Outgoing, outbox and inbox over HTTP; the fax itself as PDF or TIFF."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from smtpfax.model.cause import Cause
from smtpfax.model.event import Accepted, Failed, Offered, Sent, Transmission
from smtpfax.model.job import Job
from smtpfax.model.status import Status

from .conftest import PDF, TIFF, World

FAXES = "/v2/accounts/acme/faxes"
SENT = (Offered(backend="line"), Accepted(ticket="t1"), Sent(transmission=Transmission(pages_sent=2, seconds=40)))

# As the reference shows them (auth_token apart, whose value is the client's own).
LIST_KEYS = {"auth_token", "data", "page_size", "request_id", "revision", "start_key", "status"}
DETAIL_KEYS = {"auth_token", "data", "request_id", "revision", "status"}
ROW_KEYS = {"created", "from", "id", "status", "to"}
FAX_KEYS = {
    *("attempts", "created", "delivered", "fax_timezone", "from_name", "from_number", "id", "retries", "status"),
    *("to_name", "to_number", "tx_result"),
}
RESULT_KEYS = {
    *("error_message", "fax_bad_rows", "fax_error_correction", "fax_receiver_id", "fax_speed", "pages_sent"),
    *("success", "time_elapsed"),
}


async def get(http: TestClient, world: World, path: str, **query: str) -> dict[str, Any]:
    answer = await http.get(path, params=query, headers={"X-Auth-Token": await world.token("acme")})
    body: dict[str, Any] = await answer.json()
    assert answer.status == 200, body
    return body


async def fetch(http: TestClient, world: World, path: str, **headers: str) -> tuple[int, bytes, dict[str, str]]:
    answer = await http.get(path, headers={"X-Auth-Token": await world.token("acme"), **headers})
    return answer.status, await answer.read(), dict(answer.headers)


async def ids(http: TestClient, world: World, path: str, **query: str) -> list[str]:
    return [row["id"] for row in (await get(http, world, path, **query))["data"]]


async def test_the_envelope_of_a_list_is_kazoos(http: TestClient, world: World) -> None:
    await world.taken()
    body = await get(http, world, f"{FAXES}/outgoing")
    assert body.keys() >= LIST_KEYS
    assert body["data"][0].keys() >= ROW_KEYS
    assert (body["status"], body["revision"], body["page_size"]) == ("success", "automatic", 1)
    assert isinstance(body["start_key"], str)
    assert "next_start_key" not in body


async def test_the_envelope_of_a_record_is_kazoos(http: TestClient, world: World) -> None:
    job = await world.taken()
    token = await world.token("acme")
    answer = await http.get(f"{FAXES}/outgoing/{job.id}", headers={"X-Auth-Token": token})
    body = await answer.json()
    assert body.keys() >= DETAIL_KEYS
    assert body["data"].keys() >= FAX_KEYS
    assert body["data"]["tx_result"].keys() >= RESULT_KEYS
    assert (body["auth_token"], body["version"], body["request_id"]) == (token, "0.1.0", answer.headers["X-Request-ID"])
    assert body["timestamp"].endswith("Z")


async def test_the_revision_changes_with_the_record_and_only_then(http: TestClient, world: World) -> None:
    job = await world.taken()
    path = f"{FAXES}/outgoing/{job.id}"
    first, second = (await get(http, world, path))["revision"], (await get(http, world, path))["revision"]
    await world.then(job, Offered(backend="line"))
    assert first == second != (await get(http, world, path))["revision"]


async def test_a_fax_moves_from_outgoing_to_the_outbox_and_keeps_its_id(http: TestClient, world: World) -> None:
    job = await world.taken()
    assert await ids(http, world, f"{FAXES}/outgoing") == [job.id]
    assert (await fetch(http, world, f"{FAXES}/outbox/{job.id}"))[0] == 404
    await world.then(job, *SENT)
    assert await ids(http, world, f"{FAXES}/outgoing") == []
    assert await ids(http, world, f"{FAXES}/outbox") == [job.id]
    for folder in ("outgoing", "outbox"):
        fax = (await get(http, world, f"{FAXES}/{folder}/{job.id}"))["data"]
        assert (fax["id"], fax["status"], fax["attempts"]) == (job.id, "completed", 1)
        assert (fax["subject"], fax["tx_result"]["success"]) == ("Offer", True)


async def test_the_attempt_and_the_job_name_each_other(http: TestClient, world: World) -> None:
    job = await world.taken()
    fax = (await get(http, world, f"{FAXES}/outgoing/{job.id}"))["data"]
    attempt = (await get(http, world, f"{FAXES}/smtplog/{fax['attempt_id']}"))["data"]
    assert attempt["job_id"] == job.id


async def test_lists_go_page_by_page_and_by_faxbox(http: TestClient, world: World) -> None:
    made = [(await world.taken(faxbox_id="back" if place % 2 else "sales")).id for place in range(5)]
    first = await get(http, world, f"{FAXES}/outgoing")
    second = await get(http, world, f"{FAXES}/outgoing", start_key=first["next_start_key"])
    assert [row["id"] for row in first["data"] + second["data"]] == made[::-1]
    assert await ids(http, world, f"{FAXES}/outgoing", filter_faxbox_id="back") == [made[3], made[1]]
    assert "next_start_key" not in second


async def test_a_range_of_time_holds_for_faxes_too(http: TestClient, world: World) -> None:
    made = [await world.taken() for _ in range(4)]
    rows = (await get(http, world, f"{FAXES}/outgoing", page_size="10"))["data"]
    second, third = rows[2]["created"], rows[1]["created"]
    found = await ids(http, world, f"{FAXES}/outgoing", created_from=str(second), created_to=str(third))
    assert found == [made[2].id, made[1].id]


async def test_the_inbox_shows_what_was_received(http: TestClient, world: World) -> None:
    older, newer = await world.received(), await world.received()
    await world.received("other")
    assert await ids(http, world, f"{FAXES}/inbox") == [newer.id, older.id]
    fax = (await get(http, world, f"{FAXES}/inbox/{older.id}"))["data"]
    assert (fax["from_number"], fax["to_number"], fax["pages"]) == ("+12025550123", "+12025550100", 2)


@pytest.mark.parametrize("folder", ["outgoing", "outbox", "inbox"])
async def test_a_fax_is_fetched_as_pdf_or_tiff(http: TestClient, world: World, folder: str) -> None:
    id = (await world.received()).id if folder == "inbox" else (await world.then(await world.taken(), *SENT)).id
    path = f"{FAXES}/{folder}/{id}/attachment"
    status, octets, headers = await fetch(http, world, path)
    assert (status, octets, headers["Content-Type"]) == (200, PDF, "application/pdf")
    assert headers["Content-Disposition"] == f'attachment; filename="fax-{id}.pdf"'
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    status, octets, headers = await fetch(http, world, f"{path}?disposition=inline", Accept="image/tiff")
    assert (status, octets, headers["Content-Type"]) == (200, TIFF, "image/tiff")
    assert headers["Content-Disposition"].startswith("inline;")
    assert (await fetch(http, world, path, Accept="text/html"))[0] == 406
    assert (await fetch(http, world, f"{path}?disposition=evil"))[0] == 400


async def test_a_fax_without_a_document_has_nothing_to_fetch(http: TestClient, world: World) -> None:
    job = await world.taken(rendered=False)
    assert (await fetch(http, world, f"{FAXES}/outgoing/{job.id}/attachment"))[0] == 404


async def test_a_document_whose_time_is_over_is_404(http: TestClient, world: World) -> None:
    job = await world.then(await world.taken(), *SENT)
    assert job.document is not None
    await world.spool.delete(job.document.name)
    assert (await fetch(http, world, f"{FAXES}/outbox/{job.id}/attachment"))[0] == 404


async def test_a_failed_fax_says_why_in_list_and_record(http: TestClient, world: World) -> None:
    text = "there is no fax machine at +12025550123"
    job: Job = await world.then(await world.taken(), Failed(status=Status(5, 1, 2), cause=Cause.NO_ROUTE, text=text))
    (row,) = (await get(http, world, f"{FAXES}/outbox"))["data"]
    assert (row["status"], row["tx_result"]["error_message"]) == ("failed", text)
    assert (await get(http, world, f"{FAXES}/outbox/{job.id}"))["data"]["tx_result"]["success"] is False


@pytest.mark.parametrize("id", ["nothing", "..%2f..", "%00", "a" * 400, "m1-1%20or%201=1"])
async def test_an_id_that_is_none_is_404(http: TestClient, world: World, id: str) -> None:
    for folder in ("outgoing", "outbox", "inbox", "smtplog"):
        status, body, _ = await fetch(http, world, f"{FAXES}/{folder}/{id}")
        assert status == 404
        assert json.loads(body)["message"] == "bad_identifier"


async def test_nothing_tells_where_files_are(http: TestClient, world: World, tmp_path: Path) -> None:
    job = await world.taken()
    for path in (f"{FAXES}/outgoing/{job.id}", f"{FAXES}/outgoing"):
        assert str(tmp_path) not in json.dumps(await get(http, world, path))


async def test_a_signed_address_opens_its_document_for_an_hour_and_no_other(http: TestClient, world: World) -> None:
    job, other = await world.taken(), await world.taken()
    assert job.document is not None
    assert other.document is not None
    address = world.deps.links.url(job.document).removeprefix("https://fax.example")
    answer = await http.get(address)
    assert (answer.status, await answer.read(), answer.content_type) == (200, TIFF, "image/tiff")
    for wrong in (
        address.replace(job.document.name, other.document.name),
        address.replace("expires=", "expires=9"),
        address.partition("?")[0],
        address[:-1],
    ):
        assert (await http.get(wrong)).status == 404
    world.moved.append(timedelta(hours=1, seconds=1))
    assert (await http.get(address)).status == 404


async def test_a_signed_address_of_a_document_that_is_gone_is_404(http: TestClient, world: World) -> None:
    document = await world.document("d1")
    await world.spool.delete("d1")
    assert (await http.get(world.deps.links.url(document).removeprefix("https://fax.example"))).status == 404
