"""Who may visit which page: every page of the table, with everybody."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from sqlalchemy import Connection, select

from smtpfax.model.job import Job
from smtpfax.model.mail import Header
from smtpfax.store import Draft
from smtpfax.store.columns import metadata
from smtpfax.web.app import PAGES
from smtpfax.web.guard import Page
from smtpfax.web.viewer import Role
from tests.web.conftest import Person
from tests.web.town import ANN, Town

pytestmark = pytest.mark.asyncio(loop_scope="module")
EACH = pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.method} {page.path}")


@dataclass(frozen=True)
class Ids:
    """Records of the account acme."""

    attempt: str
    job: str
    inbound: str
    draft: str


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ids(here: Town) -> Ids:
    """A fax that was sent from the front desk, and what it left everywhere."""
    job = await here.fax(subject="Only acme may read this")
    await here.ends(job)
    attempt = (await here.house.store.attempts.of_job(job))[0].attempt.id
    inbound = (await here.house.store.inbox.page(limit=1, account_id="acme")).rows[0].id
    return Ids(attempt=attempt, job=job, inbound=inbound, draft=await drafted(here, await here.ends(job)))


async def drafted(here: Town, job: Job) -> str:
    """Ann's, to be looked at before it goes."""
    assert job.document is not None
    content = f"content-{job.id}"
    await here.house.spool.put(content, b"Subject: x\r\n\r\nx")
    draft = Draft(
        id=f"d-{job.mail_id}",
        owner=ANN,
        account_id="acme",
        faxbox_id="front-desk",
        number=job.number,
        header=Header(subject="Only acme may read this"),
        sha256="0" * 64,
        octets=17,
        content_name=content,
        document=job.document,
        created=here.house.clock(),
    )
    await here.house.store.drafts.add(draft)
    return draft.id


def paths(page: Page, ids: Ids) -> Iterator[str]:
    """The page's address, for records of acme."""
    folders = ("outgoing", "inbox", "preview") if "{folder:" in page.path else ("",)
    for folder in folders:
        inbound = folder == "inbox" or "/inbox/" in page.path
        id = ids.attempt if page.path.startswith("/log/") else ids.inbound if inbound else ids.job
        if page.path.startswith("/send/") or folder == "preview":
            id = ids.draft
        if "{account}" in page.path:
            id = "front-desk"
        path = re.sub(r"\{folder[^}]*\}", folder, page.path)
        path = re.sub(r"\{page:[^}]*\}\}|\{page:[^}]*\}", "1", path)
        path = re.sub(r"\{form:[^}]*\}", "pdf", path)
        yield path.replace("{account}", "acme").replace("{id}", id)


def on_a_record(page: Page) -> bool:
    return "{" in page.path


@EACH
async def test_a_stranger_sees_the_door_and_nothing_else(page: Page, ids: Ids, stranger: Person) -> None:
    for path in paths(page, ids):
        answer = await stranger.ask(page.method, path, headers={"Origin": stranger.here.url})
        assert answer.status == 303, path
        assert answer.headers["Location"].startswith("/sign-in")


@EACH
async def test_another_accounts_records_are_not_there(page: Page, ids: Ids, eve: Person) -> None:
    for path in paths(page, ids):
        if page.method == "POST":
            if on_a_record(page):
                await eve.post(path, code=403 if page.role is Role.ADMINISTRATOR else 404)
        elif on_a_record(page):
            text = await eve.get(path, code=403 if page.role is Role.ADMINISTRATOR else 404)
            assert "acme" not in text.replace(path, "")
        elif page.path != "/faxes":
            text = await eve.get(path)
            assert "acme.example" not in text
            assert "Only acme" not in text


@EACH
async def test_of_other_faxboxes_a_member_sees_nothing(page: Page, ids: Ids, ben: Person) -> None:
    for path in paths(page, ids):
        if page.method == "GET" and on_a_record(page):
            await ben.get(path, code=403 if page.role > Role.MEMBER else 404)
        elif page.method == "GET" and page.path != "/faxes":
            text = await ben.get(path)
            assert "front-desk" not in text
            assert "Only acme" not in text


@pytest.mark.parametrize("page", [page for page in PAGES if page.method == "POST"], ids=lambda page: page.path)
@pytest.mark.parametrize(
    ("token", "headers"),
    [
        (True, {"Origin": "https://evil.example"}),
        (True, {"Origin": "null"}),
        (True, {"Sec-Fetch-Site": "cross-site"}),
        (True, {}),
        (False, {"Origin": "ours"}),
    ],
    ids=["another origin", "no origin to tell", "across sites", "no browser", "no token"],
)
async def test_nothing_is_done_for_a_form_of_another_site(
    page: Page, token: bool, headers: dict[str, str], ids: Ids, ann: Person
) -> None:
    for path in paths(page, ids):
        ours = {name: value.replace("ours", ann.here.url) for name, value in headers.items()}
        given = re.search(r'name="token" value="(\w+)"', await ann.get("/"))
        assert given is not None
        answer = await ann.ask("POST", path, data={"token": given[1] if token else "0" * 64}, headers=ours)
        assert answer.status == 403
    job = await ann.here.house.store.jobs.get(ids.job)
    assert job is not None
    assert job.state == "sent"
    await ann.get("/")  # nor is anybody signed out


async def test_one_sessions_token_is_no_others(ids: Ids, ann: Person, ben: Person) -> None:
    given = re.search(r'name="token" value="(\w+)"', await ben.get("/"))
    assert given is not None
    answer = await ann.ask("POST", "/sign-out", data={"token": given[1]}, headers={"Origin": ann.here.url})
    assert answer.status == 403


@pytest.mark.parametrize("page", [page for page in PAGES if page.method == "POST"], ids=lambda page: page.path)
async def test_a_token_that_may_only_read_changes_nothing(page: Page, ids: Ids, here: Town, stranger: Person) -> None:
    form = {"api_token": await here.token("acme", "read")}
    assert (await stranger.ask("POST", "/sign-in", data=form, headers={"Origin": here.url})).status == 303
    for path in paths(page, ids):
        if not page.reads:
            await stranger.post(path, code=403)


@EACH
async def test_every_page_runs_and_loads_only_what_is_ours(page: Page, ids: Ids, ops: Person) -> None:
    for path in paths(page, ids):
        answer = await ops.ask("GET", path)
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "*" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
        if answer.content_type == "text/html":
            text = answer.text
            assert not re.search(r"<(script|style)\b(?![^>]*\bsrc=)|\sstyle=|\son\w+=|javascript:", text)
            assert not re.search(r"""(?:src|href|action)=["'](?:https?:)?//""", text)


async def test_a_page_that_is_left_open_keeps_nobody_signed_in(here: Town, ann: Person) -> None:
    async def expires() -> set[object]:
        query = "select expires from sessions where email = 'ann@acme.example'"
        database = here.house.store._database
        return set(await database.read(lambda connection: [row[0] for row in connection.exec_driver_sql(query)]))

    database = here.house.store._database
    past = "update sessions set seen = '2020-01-01 00:00:00.000000' where email = 'ann@acme.example'"
    await database.writer.do(lambda connection: connection.exec_driver_sql(past))
    before = await expires()
    await ann.get("/log?live=1&digest=0", **{"HX-Request": "true"})
    assert await expires() == before
    await ann.get("/log")
    assert await expires() != before


async def test_what_programs_ask_is_answered_as_it_was(here: Town, stranger: Person) -> None:
    answer = await stranger.ask("GET", "/v2/smtplog")
    assert (answer.status, json.loads(answer.text)["message"]) == (401, "invalid_credentials")
    assert json.loads((await stranger.ask("GET", "/healthz")).text)["status"] == "ok"
    assert (await stranger.ask("GET", "/v2/nothing")).content_type == "application/json"


async def test_what_is_not_there_is_said_on_a_page(ann: Person, stranger: Person) -> None:
    assert "There is nothing here." in await ann.get("/nothing", code=404)
    assert "There is nothing here." in await stranger.get("/nothing", code=404)
    answer = await ann.ask("DELETE", "/log")
    assert (answer.status, answer.headers["Allow"]) == (405, "GET,HEAD")


async def test_what_pages_load_is_kept_for_ever_under_a_name_of_its_content(stranger: Person) -> None:
    text = await stranger.get("/sign-in")
    found = re.findall(r'(?:href|src)="(/static/[^"]+)"', text)
    assert len(found) == 4
    for address in found:
        assert re.fullmatch(r"/static/[a-z.]+\.[0-9a-f]{16}\.(css|js|svg)", address)
        answer = await stranger.ask("GET", address)
        assert answer.status == 200
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    await stranger.get(found[0].replace(".", ".0", 1), code=404)


async def test_the_look_is_chosen_without_a_script(here: Town, stranger: Person) -> None:
    answer = await stranger.ask("POST", "/theme", data={"theme": "dark", "back": "/log"}, headers={"Origin": here.url})
    assert answer.headers["Location"] == "/log"
    assert '<html lang="en" data-theme="dark">' in await stranger.get("/sign-in")
    await stranger.ask("POST", "/theme", data={"theme": ""}, headers={"Origin": here.url})
    assert '<html lang="en">' in await stranger.get("/sign-in")


async def test_looking_changes_nothing(here: Town, ids: Ids, ops: Person) -> None:
    """Links are followed by mail filters, and fetched ahead by browsers."""

    async def everything() -> dict[str, list[object]]:
        tables = [table for table in metadata.sorted_tables if table.name not in ("sessions", "segments")]

        def read(connection: Connection) -> dict[str, list[object]]:
            return {table.name: list(map(tuple, connection.execute(select(table)))) for table in tables}

        return await here.house.store._database.read(read)

    before = await everything()
    for page in PAGES:
        for path in paths(page, ids) if page.method == "GET" else ():
            await ops.ask("GET", path)
            await ops.ask("HEAD", path)
    assert await everything() == before
