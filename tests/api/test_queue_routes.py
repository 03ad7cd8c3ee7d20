"""Steering jobs from the admin socket."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import ClientSession

from smtpfax.model.cause import Cause
from smtpfax.model.event import Accepted, Cancelled, Deferred, Event, Held, Offered, Sent, kind_of
from smtpfax.model.job import Job, State
from smtpfax.model.status import Status

from .conftest import World

OFFERED = Offered(backend="line")
ACCEPTED = Accepted(ticket="t1")


async def steer(admin: ClientSession, job: Job, command: str) -> tuple[int, dict[str, Any]]:
    async with admin.post(f"/admin/queue/{job.id}/{command}", json={"data": {}}) as answer:
        body: dict[str, Any] = (await answer.json())["data"]
        return answer.status, body


async def stands(world: World, job: Job) -> Job:
    found = await world.store.jobs.get(job.id)
    assert found is not None
    return found


def deferred(world: World) -> Deferred:
    later = world.clock().replace(hour=20)
    return Deferred(status=Status(4, 4, 0), cause=Cause.BUSY, text="the line was busy", due=later, counted=True)


async def test_a_retry_is_due_at_once_and_wakes_the_worker(admin: ClientSession, world: World) -> None:
    job = await world.then(await world.taken(), OFFERED, deferred(world))
    assert (await stands(world, job)).due > world.clock()
    status, told = await steer(admin, job, "retry")
    assert (status, told["state"], told["attempts"]) == (200, "rendered", 1)
    assert (await stands(world, job)).due == world.clock()
    assert world.woken


async def test_hold_and_release(admin: ClientSession, world: World) -> None:
    job = await world.taken()
    status, told = await steer(admin, job, "hold")
    assert (status, told["held"]) == (200, "2026-03-01T12:00:02.000Z")
    assert (await steer(admin, job, "hold"))[0] == 409
    assert (await steer(admin, job, "retry"))[0] == 409
    status, told = await steer(admin, job, "release")
    assert (status, told["held"]) == (200, None)
    assert [step["event"] for step in told["history"]] == ["rendered", "held", "released"]


@pytest.mark.parametrize("rendered", [True, False])
async def test_what_no_backend_has_is_cancelled_at_once(admin: ClientSession, world: World, rendered: bool) -> None:
    job = await world.taken(rendered=rendered)
    status, told = await steer(admin, job, "cancel")
    assert (status, told["state"], told["status"]) == (200, "cancelled", "failed")


@pytest.mark.parametrize("events", [(OFFERED,), (OFFERED, ACCEPTED)])
async def test_what_a_backend_may_have_is_marked(admin: ClientSession, world: World, events: tuple[Event, ...]) -> None:
    job = await world.then(await world.taken(), *events)
    status, told = await steer(admin, job, "cancel")
    assert (status, told["cancel_asked"], told["state"]) == (200, True, job.state.value)
    assert (await steer(admin, job, "cancel"))[0] == 409


@pytest.mark.parametrize(
    ("events", "command"),
    [
        ((), "release"),
        ((OFFERED,), "hold"),
        ((OFFERED,), "retry"),
        ((OFFERED, ACCEPTED), "release"),
        ((OFFERED, ACCEPTED), "retry"),
        ((Held(),), "hold"),
        *(((OFFERED, Sent()), command) for command in ("retry", "cancel", "hold", "release")),
        *(((Cancelled(),), command) for command in ("retry", "cancel", "hold", "release")),
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(map(kind_of, value)) or "rendered",
)
async def test_a_command_that_does_not_fit_is_409_and_changes_nothing(
    admin: ClientSession, world: World, events: tuple[Event, ...], command: str
) -> None:
    job = await world.taken()
    job = await world.then(job, *events) if events else job
    status, told = await steer(admin, job, command)
    assert (status, list(told)) == (409, ["message"])
    assert (await stands(world, job)).version == job.version


async def test_a_job_that_is_not_there_is_404(admin: ClientSession, world: World) -> None:
    job = await world.taken()
    async with admin.post(f"/admin/queue/{job.mail_id}-9/cancel") as answer:
        assert answer.status == 404


async def test_the_queue_shows_those_under_way_and_on_wish_the_others(admin: ClientSession, world: World) -> None:
    jobs = [await world.taken() for _ in range(5)]
    for job in jobs[::2]:
        await world.then(job, OFFERED, Sent())
    open_ids, all_ids = [jobs[3].id, jobs[1].id], [job.id for job in reversed(jobs)]
    assert await _walk(admin, "/admin/queue") == open_ids
    assert await _walk(admin, "/admin/queue?all=true") == all_ids


async def _walk(admin: ClientSession, path: str) -> list[str]:
    found: list[str] = []
    query: dict[str, str] = {"page_size": "2"}
    while True:
        async with admin.get(path, params=query) as answer:
            body = await answer.json()
        found += [row["id"] for row in body["data"]]
        if "next_start_key" not in body:
            return found
        query["start_key"] = body["next_start_key"]


async def test_a_line_of_the_queue_tells_what_a_person_wants_to_know(admin: ClientSession, world: World) -> None:
    job = await world.taken()
    async with admin.get("/admin/queue") as answer:
        (row,) = (await answer.json())["data"]
    assert (row["id"], row["state"], row["to"], row["pages"]) == (job.id, State.RENDERED, "+12025550123", 2)
    assert row["created_at"] < row["next_at"]
