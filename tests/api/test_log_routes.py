"""The SMTP log over HTTP."""

from __future__ import annotations

import asyncio
import base64
import json
from dataclasses import replace
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import given, settings
from hypothesis import strategies as st

from smtpfax.api.app import make_public
from smtpfax.api.envelope import gregorian
from smtpfax.model.cause import Cause
from smtpfax.model.event import Failed, PartNote, Rendered
from smtpfax.model.status import Status

from .conftest import NOON, World

LOG = "/v2/accounts/acme/faxes/smtplog"
BROKEN = Failed(status=Status(5, 6, 0), cause=Cause.DOCUMENT, text="offer.pdf is encrypted: send it without a password")


async def get(http: TestClient, world: World, path: str, **query: str) -> dict[str, Any]:
    answer = await http.get(path, params=query, headers={"X-Auth-Token": await world.token()})
    body: dict[str, Any] = await answer.json()
    assert answer.status == 200, body
    return body


async def walk(http: TestClient, world: World, path: str, **query: str) -> list[list[str]]:
    """Ids, page by page, by following the keys."""
    pages = []
    while True:
        body = await get(http, world, path, **query)
        pages.append([row["id"] for row in body["data"]])
        assert body["page_size"] == len(body["data"])
        if "next_start_key" not in body:
            return pages
        query["start_key"] = body["next_start_key"]


def forged(at: str, name: str = "x") -> str:
    return base64.urlsafe_b64encode(json.dumps([at, name]).encode()).decode().rstrip("=")


async def attempt_of(world: World, job_id: str) -> str:
    return (await world.store.attempts.of_job(job_id))[0].attempt.id


async def test_a_walk_shows_every_row_once_newest_first(http: TestClient, world: World) -> None:
    made = [await attempt_of(world, (await world.taken()).id) for _ in range(7)]
    pages = await walk(http, world, LOG)
    assert [len(page) for page in pages] == [3, 3, 1]
    assert [id for page in pages for id in page] == made[::-1]


async def test_rows_that_come_while_somebody_reads_neither_skip_nor_repeat(http: TestClient, world: World) -> None:
    made = [await attempt_of(world, (await world.taken()).id) for _ in range(4)]
    first = await get(http, world, LOG)
    newer = await attempt_of(world, (await world.taken()).id)
    second = await get(http, world, LOG, start_key=first["next_start_key"])
    assert [row["id"] for row in first["data"] + second["data"]] == made[::-1]
    again = await get(http, world, LOG, start_key=first["start_key"])
    assert [row["id"] for row in again["data"]] == [row["id"] for row in first["data"]]
    assert (await get(http, world, LOG))["data"][0]["id"] == newer


async def test_the_administrator_sees_all_accounts_and_strangers(http: TestClient, world: World) -> None:
    mine = await attempt_of(world, (await world.taken()).id)
    theirs = await attempt_of(world, (await world.taken(account_id="other")).id)
    stranger = (await world.refused()).id
    assert (await walk(http, world, "/v2/smtplog"))[0] == [stranger, theirs, mine]
    assert await walk(http, world, LOG) == [[mine]]


async def test_a_refused_row_says_why_and_a_taken_one_how_its_job_stands(http: TestClient, world: World) -> None:
    job = await world.taken()
    await world.refused(account_id="acme")
    refused, taken = (await get(http, world, LOG))["data"]
    assert (refused["outcome"], refused["from"], refused["state"]) == ("refused", "eve@stranger.example", "")
    assert refused["error"] == "<x@nowhere.example>: no fax service for this domain here"
    assert refused["reply"].startswith("550 5.1.2 ")
    assert (taken["outcome"], taken["state"], taken["job_id"]) == ("taken", "rendered", job.id)
    assert "error" not in taken


async def test_a_taken_mail_whose_fax_failed_says_so_in_list_and_detail(http: TestClient, world: World) -> None:
    job = await world.then(await world.taken(rendered=False), BROKEN)
    (row,) = (await get(http, world, LOG))["data"]
    assert (row["state"], row["error"]) == ("failed", BROKEN.text)
    detail = (await get(http, world, f"{LOG}/{row['id']}"))["data"]
    assert detail["errors"] == [BROKEN.text]
    assert detail["faxdoc_id"] == job.id
    assert [step["event"] for step in detail["history"]] == ["failed"]


async def test_the_detail_tells_the_whole_story(http: TestClient, world: World) -> None:
    job = await world.taken(rendered=False)
    parts = (
        PartNote(path="1.1", name="logo.png", kind="image/png", octets=300, left_out="a logo of the mail's text"),
        PartNote(path="1.2", name="offer.pdf", kind="application/pdf", octets=9000, pages=2),
    )
    await world.then(job, Rendered(document=await world.document("d1"), parts=parts))
    detail = (await get(http, world, f"{LOG}/{await attempt_of(world, job.id)}"))["data"]
    assert detail["client"]["address"] == "192.0.2.7"
    assert (detail["content_type"], detail["filename"]) == ("application/pdf", "offer.pdf")
    assert detail["left_out"][0]["reason"] == "a logo of the mail's text"
    assert (detail["subject"], detail["created"]) == ("Offer", gregorian(NOON) + 1)
    assert detail["history"][0]["event"] == "rendered"


async def test_filters_find_what_they_name(http: TestClient, world: World) -> None:
    sales, back = await world.taken(), await world.taken(faxbox_id="back")
    refused = await world.refused(account_id="acme")
    for query, found in (
        ({"filter_faxbox_id": "back"}, [await attempt_of(world, back.id)]),
        ({"filter_faxbox_id": "sales", "filter_outcome": "taken"}, [await attempt_of(world, sales.id)]),
        ({"filter_outcome": "refused"}, [refused.id]),
        ({"filter_from": "EVE@stranger.example"}, [refused.id]),
        ({"filter_to": "x@nowhere.example"}, [refused.id]),
        ({"filter_state": "sent"}, []),
    ):
        assert [row["id"] for row in (await get(http, world, LOG, **query))["data"]] == found


async def test_the_range_of_time_has_both_its_ends(http: TestClient, world: World) -> None:
    made = [await attempt_of(world, (await world.taken(rendered=False)).id) for _ in range(5)]
    base = gregorian(NOON)
    pages = await walk(http, world, LOG, created_from=str(base + 2), created_to=str(base + 4))
    assert pages == [[made[3], made[2], made[1]]]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("page_size", "0"),
        ("page_size", "101"),
        ("page_size", "-1"),
        ("page_size", "many"),
        ("page_size", "٣"),
        ("start_key", "bm9uc2Vuc2U"),
        ("start_key", forged("0001-01-01T00:00:00+14:00")),  # before the first year, in UTC
        ("start_key", forged("2026-03-01T12:00:00+00:00", "\ud800")),
        ("start_key", forged("2026-03-01T12:00:00+00:00") + "=="),
        ("created_from", "yesterday"),
        ("created_to", "1"),
        ("ascending", "true"),
        ("descending", "false"),
        ("paginate", "maybe"),
        ("filter_subject", "Offer"),
        ("filter_not_outcome", "taken"),
        ("filter_outcome", "lost"),
        ("filter_state", "pending"),
        ("filter_from", "x" * 321),
    ],
)
async def test_a_key_that_is_wrong_is_400_and_named(http: TestClient, world: World, key: str, value: str) -> None:
    answer = await http.get(LOG, params={key: value}, headers={"X-Auth-Token": await world.token()})
    body = await answer.json()
    assert (answer.status, body["message"], body["error"]) == (400, "validation error", "400")
    assert list(body["data"]) == [key]


async def test_all_rows_at_once_tell_nothing_of_pages(http: TestClient, world: World) -> None:
    made = [await attempt_of(world, (await world.taken(rendered=False)).id) for _ in range(5)]
    body = await get(http, world, LOG, paginate="false")
    assert [row["id"] for row in body["data"]] == made[::-1]
    assert not {"page_size", "start_key", "next_start_key"} & body.keys()


async def test_more_rows_than_an_answer_may_hold_are_not_given_in_part(world: World) -> None:
    """Kazoo's answer to it is 416 as well: its guard of memory."""
    few = replace(world.deps, page_size=2, max_page_size=4)
    async with TestClient(TestServer(make_public(few))) as http:
        for _ in range(4):
            await world.refused(account_id="acme")
        assert len((await get(http, world, LOG, paginate="false"))["data"]) == 4
        await world.refused(account_id="acme")
        answer = await http.get(LOG, params={"paginate": "false"}, headers={"X-Auth-Token": await world.token()})
        assert (answer.status, (await answer.json())["error"]) == (416, "416")


async def test_a_range_that_ends_before_it_begins_is_400(http: TestClient, world: World) -> None:
    now = gregorian(NOON)
    query = {"created_from": str(now), "created_to": str(now - 1)}
    answer = await http.get(LOG, params=query, headers={"X-Auth-Token": await world.token()})
    assert "date_range" in (await answer.json())["data"]["created_from"]


async def test_keys_that_nobody_knows_are_passed_over(http: TestClient, world: World) -> None:
    await world.taken()
    assert len((await get(http, world, LOG, colour="blue", has_key="subject"))["data"]) == 1


FORGED = st.one_of(
    st.text(max_size=60),
    st.recursive(st.none() | st.integers() | st.text(max_size=8), lambda inner: st.lists(inner, max_size=3)).map(
        lambda value: base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")
    ),
    st.tuples(st.datetimes().map(lambda at: at.isoformat() + "+14:00"), st.text(max_size=8)).map(
        lambda value: base64.urlsafe_b64encode(json.dumps(value).encode()).decode()
    ),
)
QUERIES = st.dictionaries(
    st.sampled_from(["page_size", "created_from", "created_to", "filter_from", "filter_state", "ascending", "x"]),
    st.text(max_size=12) | st.integers().map(str),
    max_size=3,
)


async def test_no_cursor_and_no_query_is_ever_a_fault_of_ours(http: TestClient, world: World) -> None:
    await world.taken()
    headers = {"X-Auth-Token": await world.token()}
    loop = asyncio.get_running_loop()

    @settings(max_examples=150, deadline=None, database=None)
    @given(FORGED, QUERIES)
    def try_it(start_key: str, query: dict[str, str]) -> None:
        asked = http.get(LOG, params={"start_key": start_key, **query}, headers=headers)
        answer = asyncio.run_coroutine_threadsafe(_status(asked), loop).result()
        assert answer in (200, 400)

    await asyncio.to_thread(try_it)


async def _status(asked: Any) -> int:
    return int((await asked).status)
