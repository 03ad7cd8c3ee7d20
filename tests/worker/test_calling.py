"""Webhooks are due with the end of their fax, and are called until their program has them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from smtpfax.api.meter import Metrics
from smtpfax.egress import Places, Strangers
from smtpfax.model import event as e
from smtpfax.model.cause import Cause
from smtpfax.model.job import Job
from smtpfax.model.particulars import Particulars
from smtpfax.model.records import webhook_from
from smtpfax.model.status import Status
from smtpfax.model.webhook import Webhook
from smtpfax.notice.webhook import Webhooks
from smtpfax.store.accounts import Changes, Kind, Record
from smtpfax.worker.calling import CallRoom
from tests.egress.rough import Behaviour, Rough, ok, rough
from tests.worker.shop import HABITS, Bench, bench

ENDS = (
    e.Failed(status=Status(5, 0, 0), cause=Cause.DOCUMENT, text="no"),
    e.Cancelled(),
)


async def record(job: Job) -> Mapping[str, Any]:
    return {"id": job.id, "state": job.state}


def room(here: Bench, server: Rough | None = None) -> CallRoom:
    """A fresh one, as after a restart."""
    private = frozenset({f"127.0.0.1:{server.port}"} if server else ())
    return CallRoom(
        store=here.shop.store,
        webhooks=Webhooks(strangers=Strangers(Places(private=private)), secret="s", seconds=2),
        directory=here.shop.directory,
        record=record,
        give_up=timedelta(hours=1),
        lease=HABITS.lease,
        owner="w",
        clock=lambda: here.now,
        meter=Metrics(),
    )


@asynccontextmanager
async def hooked(folder: Path, behave: Behaviour) -> AsyncIterator[tuple[Bench, Rough, Job]]:
    """A job whose order names the program."""
    async with bench(folder) as here, rough(behave) as server:
        job = await here.queued(particulars=Particulars(webhook=Webhook(url=f"{server.url}/hook")))
        yield here, server, job


async def became(here: Bench, job: Job) -> list[tuple[str, int]]:
    rows = await here.shop.store.notices.of_job(job.id)
    return [(row.became, row.notice.tries) for row in rows if row.notice.kind == "webhook"]


async def test_the_end_of_a_fax_makes_its_webhook_due_in_the_same_commit(tmp_path: Path) -> None:
    async with bench(tmp_path) as here:
        for place, end in enumerate(ENDS):
            job = await here.queued(particulars=Particulars(webhook=Webhook(url=f"http://x.example/{place}")))
            assert await became(here, job) == []
            # As a door writes it, without notices of its own.
            await here.shop.store.jobs.advance(job, [end], at=here.now)
            assert await became(here, job) == [("", 0)]


async def test_a_faxbox_names_a_program_for_all_of_its_faxes_unless_an_order_names_another(tmp_path: Path) -> None:
    async with bench(tmp_path) as here, rough(ok()) as server:
        mine = {"name": "Sales", "notifications": {"outbound": {"callback": {"url": f"{server.url}/of-the-faxbox"}}}}
        account = Record(kind=Kind.ACCOUNT, account_id="acme", id="acme", data={"name": "Acme"})
        faxbox = Record(kind=Kind.FAXBOX, account_id="acme", id="sales", data=mine)
        await here.shop.store.accounts.write(Changes(put=[account, faxbox]))
        here.boxes[:] = [replace(here.boxes[0], webhook=webhook_from(mine))]
        other = Particulars(webhook=Webhook(url=f"{server.url}/of-the-order"))
        for job in (await here.queued(), await here.queued(particulars=other)):
            await here.shop.store.jobs.advance(job, [e.Cancelled()], at=here.now)
        while await room(here, server).round():
            pass
    assert sorted(seen.split(b" ")[1] for seen in server.seen) == [b"/of-the-faxbox", b"/of-the-order"]


async def test_who_ordered_no_webhook_has_none(tmp_path: Path) -> None:
    async with bench(tmp_path) as here:
        job = await here.queued(particulars=Particulars(send_to=("bob@acme.example",)))
        await here.shop.store.jobs.advance(job, [e.Cancelled()], at=here.now)
        assert await became(here, job) == []
        assert await room(here).round() is False


async def test_a_program_is_called_once_and_the_job_tells_it(tmp_path: Path) -> None:
    async with hooked(tmp_path, ok()) as (here, server, job):
        await here.shop.write(job, e.Cancelled())
        assert await room(here, server).round() is True
        assert await room(here, server).round() is False
        assert await became(here, job) == [("sent", 0)]
    assert [json.loads(seen.partition(b"\r\n\r\n")[2])["data"]["state"] for seen in server.seen] == ["cancelled"]


async def test_a_program_that_fails_is_called_again_later_and_then_no_more(tmp_path: Path) -> None:
    async with hooked(tmp_path, ok(status="500 Oh")) as (here, server, job):
        await here.shop.write(job, e.Cancelled())
        while await room(here, server).round():
            (row,) = await here.shop.store.notices.of_job(job.id)
            here.now = row.notice.due
        assert await became(here, job) == [("given_up", 3)]  # after 1, 6 and 21 minutes the next pause is too long
    assert len(server.seen) == 4


async def test_an_address_inside_is_given_up_at_once(tmp_path: Path) -> None:
    async with hooked(tmp_path, ok()) as (here, server, job):
        await here.shop.write(job, e.Cancelled())
        await room(here).round()
        assert await became(here, job) == [("given_up", 0)]
    assert server.seen == []


async def test_mails_and_webhooks_are_claimed_by_their_own_loops(tmp_path: Path) -> None:
    async with hooked(tmp_path, ok()) as (here, _, job):
        failed = e.Failed(status=Status(5, 0, 0), cause=Cause.DOCUMENT, text="no")
        await here.shop.write(job, failed)
        here.now += timedelta(hours=1)
        claim = here.shop.store.notices.claim
        calls = await claim("w", now=here.now, lease=HABITS.lease, limit=9, webhooks=True)
        mails = await claim("w", now=here.now, lease=HABITS.lease, limit=9)
        assert ([n.kind for n in calls], {n.kind for n in mails}) == (["webhook"], {"failure"})


async def test_a_client_that_heard_it_itself_withdraws_mails_and_no_webhook(tmp_path: Path) -> None:
    async with hooked(tmp_path, ok()) as (here, _, job):
        failed = e.Failed(status=Status(5, 0, 0), cause=Cause.DOCUMENT, text="no")
        await here.shop.write(job, failed)
        await here.shop.store.notices.withdraw([job.id])
        rows = await here.shop.store.notices.of_job(job.id)
        assert {row.notice.kind.value: row.became for row in rows} == {"failure": "withdrawn", "webhook": ""}


async def test_without_a_relay_a_program_is_told_all_the_same(tmp_path: Path) -> None:
    async with hooked(tmp_path, ok()) as (here, server, job):
        shop = replace(here.shop, habits=replace(HABITS, notices=False))
        await shop.write(job, e.Cancelled())
        await room(here, server).round()
    assert len(server.seen) == 1


async def test_whoever_tells_of_ends_is_rung(tmp_path: Path) -> None:
    rung: list[None] = []
    async with bench(tmp_path) as here:
        shop = replace(here.shop, ended=lambda: rung.append(None))
        job = await shop.write(await here.queued(), e.Held(reason="x"))
        assert rung == []
        await shop.write(job, e.Cancelled())
    assert rung == [None]
