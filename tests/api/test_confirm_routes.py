"""A sender answers whether a number is right: the page, the answer, and whom it does not open to."""

from __future__ import annotations

from datetime import timedelta

import pytest
from aiohttp.test_utils import TestClient

from smtpfax.api.links import Links
from smtpfax.model.event import Cancelled, Held, Released, Rendered
from smtpfax.model.job import Job, State

from .conftest import World

QUESTION = Held(reason="is it right?", resembles="+12025550132")


async def asked(world: World) -> tuple[Job, str]:
    """A job that is held, and the path of its link."""
    job = await world.then(await world.taken(), QUESTION)
    return job, path(world, job)


def path(world: World, job: Job) -> str:
    return world.deps.links.question_url(job).removeprefix("https://fax.example")


async def stands(world: World, job: Job) -> Job:
    found = await world.store.jobs.get(job.id)
    assert found is not None
    return found


async def test_the_page_shows_both_numbers_and_changes_nothing(http: TestClient, world: World) -> None:
    job, link = await asked(world)
    for method in ("GET", "HEAD", "GET"):
        async with http.request(method, link) as page:
            assert (page.status, page.content_type) == (200, "text/html")
            assert page.headers["Content-Security-Policy"].startswith("default-src 'none'; form-action 'self'")
            assert page.headers["Referrer-Policy"] == "no-referrer"
            assert page.headers["Cache-Control"] == "no-store"
            text = await page.text()
    assert "+12025550123" in text
    assert "+12025550132" in text
    assert "<script" not in text
    assert await stands(world, job) == job


@pytest.mark.parametrize(
    ("answer", "event", "says", "state"),
    [("send", Released, "on its way", State.RENDERED), ("cancel", Cancelled, "cancelled", State.CANCELLED)],
)
async def test_the_answer_releases_or_cancels_once(
    http: TestClient, world: World, answer: str, event: type, says: str, state: State
) -> None:
    job, link = await asked(world)
    async with http.post(link, data={"answer": answer}) as page:
        assert page.status == 200
        assert says in await page.text()
    after = await stands(world, job)
    assert (after.held, after.state) == (None if answer == "send" else job.held, state)
    assert isinstance((await world.store.jobs.history(job.id))[-1][0], event)
    assert world.woken
    for again in ("send", "cancel"):
        async with http.post(link, data={"answer": again}) as page:
            assert page.status == 404
    assert await stands(world, job) == after


async def test_only_one_of_two_answers_counts(http: TestClient, world: World) -> None:
    _, link = await asked(world)
    async with http.get(link) as page:
        assert page.status == 200
    async with http.post(link, data={"answer": "cancel"}) as page:
        assert page.status == 200
    async with http.get(link) as page:
        assert page.status == 404
        assert "answered already" in await page.text()


@pytest.mark.parametrize("data", [{}, {"answer": "yes"}, {"answer": ""}, {"other": "send"}])
async def test_what_is_no_answer_changes_nothing(http: TestClient, world: World, data: dict[str, str]) -> None:
    job, link = await asked(world)
    async with http.post(link, data=data) as page:
        assert page.status == 400
    assert await stands(world, job) == job


@pytest.mark.parametrize("change", ["id", "expires", "signature", "bare", "late", "odd"])
async def test_no_other_address_opens_it(http: TestClient, world: World, change: str) -> None:
    job, link = await asked(world)
    other, _ = await asked(world)
    wrong = {
        "id": link.replace(job.id, other.id),
        "expires": link.replace("expires=1", "expires=2"),
        "signature": link[:-1] + ("0" if link[-1] != "0" else "1"),
        "bare": link.partition("?")[0],
        "late": link,
        "odd": link.partition("&")[0] + "&signature=%ED%A0%80",
    }[change]
    if change == "late":
        world.moved.append(timedelta(days=15))
    for method in ("GET", "POST"):
        async with http.request(method, wrong, data={"answer": "send"} if method == "POST" else None) as page:
            assert page.status == 404
    assert await stands(world, job) == job


async def test_a_link_does_not_open_another_hold_of_the_same_job(http: TestClient, world: World) -> None:
    job, link = await asked(world)
    job = await world.then(job, Released())
    job = await world.then(job, Held(reason="held by the administrator"))
    async with http.post(link, data={"answer": "send"}) as page:
        assert page.status == 404
    assert (await stands(world, job)).held is not None


async def test_a_link_that_was_made_before_a_restart_opens_it(http: TestClient, world: World) -> None:
    job, link = await asked(world)
    key = await world.store.keys.get("links", lambda: b"k" * 32)
    assert Links("https://fax.example", key, world.clock).question_url(job).endswith(link)
    async with http.get(link) as page:
        assert page.status == 200


async def test_a_documents_link_answers_no_question(world: World) -> None:
    job, _ = await asked(world)
    links, rendered = world.deps.links, (await world.store.jobs.history(job.id))[0][0]
    assert isinstance(rendered, Rendered)
    query = links.url(rendered.document).partition("?")[2]
    expires, signature = (pair.partition("=")[2] for pair in query.split("&"))
    assert links.opens(rendered.document.name, expires, signature)
    assert not links.answers(job, expires, signature)
    assert not links.opens(job.id, expires, signature)
