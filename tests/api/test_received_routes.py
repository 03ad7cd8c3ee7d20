"""Received faxes over HTTP: marks, ranges of dates, the page behind a link, and the PDF as it came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestClient

from smtpfax.model.abilities import Arrival, Fetched
from smtpfax.model.backend import InboundFax
from tests.api.conftest import PDF, TIFF, Line, World

INBOX = "/v2/accounts/acme/faxes/inbox"
THEIRS = b"%PDF-1.7 as it came"


class Receiving(Line):
    """A backend that receives."""

    home = ""
    every = timedelta(minutes=1)

    async def received(self, *, since: datetime, until: datetime | None = None) -> Sequence[Arrival]:
        raise NotImplementedError

    async def bring(self, arrival: Arrival) -> Fetched:
        raise NotImplementedError

    async def mark(self, ticket: str, *, read: bool) -> None:
        raise NotImplementedError


async def headers(world: World, *scopes: str) -> dict[str, str]:
    return {"X-Auth-Token": await world.token("acme", *scopes)}


async def with_original(world: World) -> InboundFax:
    """A fax whose PDF is kept as it came."""
    await world.spool.put("in-1.pdf", THEIRS)
    document = await world.document("d1")
    fax = InboundFax(
        id="fax1",
        account_id="acme",
        faxbox_id="sales",
        from_number="+12025550123",
        from_name="",
        to_number="+12025550100",
        document=document,
        received=world.clock(),
        backend="line",
        ticket="t1",
        original="in-1.pdf",
        media_type="application/pdf",
    )
    assert await world.store.inbox.take(fax)
    return fax


def link(world: World, fax: InboundFax) -> str:
    return world.deps.links.received_url(fax).removeprefix("https://fax.example")


async def test_read_and_unread_are_set_and_the_backend_is_to_be_told(http: TestClient, world: World) -> None:
    fax = await world.received()
    for read in (True, False):
        answer = await http.patch(f"{INBOX}/{fax.id}", json={"data": {"read": read}}, headers=await headers(world))
        assert answer.status == 200
        assert (await answer.json())["data"]["read"] is read
    assert world.called == ["line", "line"]


@pytest.mark.parametrize("data", [{}, {"read": 1}, {"read": "yes"}, {"read": None}])
async def test_a_mark_that_is_none_is_refused(http: TestClient, world: World, data: dict[str, object]) -> None:
    fax = await world.received()
    answer = await http.patch(f"{INBOX}/{fax.id}", json={"data": data}, headers=await headers(world))
    assert answer.status == 400


async def test_a_mark_needs_a_token_that_may_write_and_the_faxs_own_account(http: TestClient, world: World) -> None:
    fax, stranger = await world.received(), await world.received(account_id="other")
    reading = await headers(world, "read")
    assert (await http.patch(f"{INBOX}/{fax.id}", json={"data": {"read": True}}, headers=reading)).status == 403
    mine = await headers(world)
    assert (await http.patch(f"{INBOX}/{stranger.id}", json={"data": {"read": True}}, headers=mine)).status == 404


async def test_the_pdf_is_the_one_that_came_and_the_tiff_is_ours(http: TestClient, world: World) -> None:
    fax = await with_original(world)
    answer = await http.get(f"{INBOX}/{fax.id}/attachment", headers=await headers(world))
    assert (await answer.read(), answer.content_type) == (THEIRS, "application/pdf")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    tiff = await http.get(f"{INBOX}/{fax.id}/attachment", headers=await headers(world) | {"Accept": "image/tiff"})
    assert (await tiff.read(), tiff.content_type) == (TIFF, "image/tiff")


async def test_without_one_the_pdf_is_made_of_ours(http: TestClient, world: World) -> None:
    fax = await world.received()
    answer = await http.get(f"{INBOX}/{fax.id}/attachment", headers=await headers(world))
    assert await answer.read() == PDF


async def test_the_page_of_a_link_shows_little_and_changes_nothing(http: TestClient, world: World) -> None:
    fax = await with_original(world)
    for method in ("GET", "HEAD", "GET"):
        async with http.request(method, link(world, fax)) as page:
            assert (page.status, page.content_type) == (200, "text/html")
            assert page.headers["Content-Security-Policy"].startswith("default-src 'none'; form-action 'self'")
            text = await page.text()
    assert "+12025550123" in text
    assert "<script" not in text
    kept = await world.store.inbox.get(fax.id)
    assert kept is not None
    assert not kept.read


async def test_its_form_brings_the_fax_and_marks_it_as_read(http: TestClient, world: World) -> None:
    fax = await with_original(world)
    answer = await http.post(link(world, fax))
    assert (answer.status, await answer.read()) == (200, THEIRS)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="fax-fax1.pdf"'
    kept = await world.store.inbox.get(fax.id)
    assert kept is not None
    assert kept.read
    assert world.called == ["line"]


@pytest.mark.parametrize("change", ["signature=0", "expires=99999999999", "", "expires=x&signature=y"])
async def test_a_link_that_is_not_ours_opens_nothing(http: TestClient, world: World, change: str) -> None:
    fax = await with_original(world)
    path, _, query = link(world, fax).partition("?")
    forged = "&".join(filter(None, (query if change else "", change)))
    name = change.partition("=")[0]
    forged = "&".join(part for part in forged.split("&") if not part.startswith(f"{name}=") or part == change)
    for method in ("GET", "POST"):
        assert (await http.request(method, f"{path}?{forged}")).status == 404


async def test_a_link_holds_for_thirty_days_and_for_its_own_fax(http: TestClient, world: World) -> None:
    fax, other = await with_original(world), await world.received()
    mixed = link(world, fax).replace(fax.id, other.id)
    assert (await http.get(mixed)).status == 404
    good = link(world, fax)
    world.moved.append(timedelta(days=29))
    assert (await http.get(good)).status == 200
    world.moved.append(timedelta(days=2))
    assert (await http.get(good)).status == 404


async def test_a_hostile_number_is_words_on_the_page(http: TestClient, world: World) -> None:
    fax = replace(await world.received(), id="fax2", ticket="t2", from_number="<script>alert(1)</script>")
    assert await world.store.inbox.take(fax)
    text = await (await http.get(link(world, fax))).text()
    assert "<script" not in text
    assert "&lt;script&gt;" in text


async def test_a_range_of_dates_is_fetched_on_demand(admin: ClientSession, world: World) -> None:
    world.deps.backends["ring"] = Receiving()  # type: ignore[index]
    asked = {"since": "2026-11-01T00:00:00Z", "until": "2026-11-08T00:00:00+00:00"}
    answer = await admin.post("http://x/admin/inbox/ring/fetch", json={"data": asked})
    body = (await answer.json())["data"]
    assert answer.status == 200, body
    assert (len(body["taken"]), body["left"]) == (1, 2)
    assert body["taken"][0].keys() == {"id", "from", "to", "pages", "received_at", "faxbox"}
    assert world.asked == [("line", datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 8, tzinfo=UTC))]


@pytest.mark.parametrize(
    ("name", "asked", "code"),
    [
        ("ring", {}, 400),
        ("ring", {"since": "2026-11-08T00:00:00Z", "until": "2026-11-01T00:00:00Z"}, 400),
        ("ring", {"since": "2026-11-01", "until": "2026-11-08T00:00:00Z"}, 400),
        ("ring", {"since": 5, "until": "x"}, 400),
        ("line", {"since": "2026-11-01T00:00:00Z", "until": "2026-11-08T00:00:00Z"}, 409),
        ("nobody", {}, 404),
    ],
)
async def test_a_range_that_is_none_or_of_nobody_is_refused(
    admin: ClientSession, world: World, name: str, asked: dict[str, object], code: int
) -> None:
    world.deps.backends["ring"] = Receiving()  # type: ignore[index]
    answer = await admin.post(f"http://x/admin/inbox/{name}/fetch", json={"data": asked})
    assert answer.status == code
    assert world.asked == []
