"""The janitor: strays go, what is named stays; a job that waits long tells its sender once."""

from __future__ import annotations

import os
import time
from datetime import timedelta
from pathlib import Path

from smtpfax.inbound.window import LISTED_AT_MOST
from smtpfax.janitor import ARRIVALS, YOUNG, Janitor, Keep
from smtpfax.model.account import Directory
from smtpfax.model.backend import Done
from smtpfax.model.event import Transmission
from tests.worker.shop import DOCUMENT, T0, Bench, Line, bench


def janitor(here: Bench, *, delay: timedelta | None = None) -> Janitor:
    """One that keeps things for some days."""
    keep = Keep(attempts=timedelta(days=30), strangers=timedelta(days=3), jobs=timedelta(days=9), delay=delay)
    shop = here.shop
    return Janitor(shop.store, shop.spool, keep, directory=shop.directory, clock=shop.clock)


def aged(folder: Path, hours: float) -> None:
    """As if all files had been kept so long."""
    then = time.time() - hours * 3600
    for path in (folder / "spool").iterdir():
        os.utime(path, (then, then))


async def test_a_stray_file_goes_when_it_is_old_and_a_named_one_stays(tmp_path: Path) -> None:
    async with bench(tmp_path, Line("a")) as here:
        await here.shop.spool.put("stray", b"x")
        await here.shop.spool.put(DOCUMENT.name, b"x")
        await here.job()
        await janitor(here).round()
        assert sorted(await here.shop.spool.kept()) == sorted(["stray", DOCUMENT.name])
        aged(tmp_path, 2)
        await janitor(here).round()
        assert await here.shop.spool.kept() == [DOCUMENT.name]


async def test_a_stray_whose_content_comes_again_while_strays_are_looked_for_stays(tmp_path: Path) -> None:
    async with bench(tmp_path, Line("a")) as here:
        spool = here.shop.spool
        await spool.put("stray", b"x")
        aged(tmp_path, 2)
        [(name, age)] = await spool.ages()
        assert age > YOUNG
        await spool.put(name, b"x")
        assert not await spool.delete_old(name, age=YOUNG)
        assert await spool.kept() == [name]
        aged(tmp_path, 2)
        assert await spool.delete_old(name, age=YOUNG)
        assert not await spool.delete_old(name, age=YOUNG)


def test_what_was_received_is_remembered_longer_than_it_may_be_listed_again() -> None:
    assert ARRIVALS > 2 * LISTED_AT_MOST


async def test_a_final_jobs_document_goes_after_its_days_and_never_before_its_notice(tmp_path: Path) -> None:
    done = {"t1": Done(transmission=Transmission(pages_sent=2))}
    async with bench(tmp_path, Line("a", offers=["t1"], answers=[done])) as here:
        await here.shop.spool.put(DOCUMENT.name, b"x")
        job = await here.job()
        await here.step(job)
        await here.step(job)
        aged(tmp_path, 2)
        here.now = T0 + timedelta(days=100)
        await janitor(here).round()
        assert await here.shop.spool.kept() == [DOCUMENT.name]
        [row] = await here.shop.store.notices.of_job(job.id)
        await here.shop.store.notices.sent(row.notice.id)
        await janitor(here).round()
        assert await here.shop.spool.kept() == []


async def test_a_job_that_waits_long_tells_its_sender_once(tmp_path: Path) -> None:
    async with bench(tmp_path, Line("a")) as here:
        job = await here.job()
        late = janitor(here, delay=timedelta(hours=4))
        here.now = T0 + timedelta(hours=3)
        await late.round()
        assert await here.told(job) == []
        here.now = T0 + timedelta(hours=5)
        await late.round()
        await late.round()
        assert await here.told(job) == [("delay", "ann@acme.example")]


async def test_at_start_half_written_files_and_leases_of_an_earlier_life_are_freed(tmp_path: Path) -> None:
    async with bench(tmp_path, Line("a")) as here:
        await here.job()
        store = here.shop.store
        assert len(await store.jobs.claim("me", now=here.now, lease=timedelta(hours=1), limit=5)) == 1
        (tmp_path / "spool" / ".tmp-half").write_bytes(b"x")
        await janitor(here).at_start()
        assert len(await store.jobs.claim("me", now=here.now, lease=timedelta(hours=1), limit=5)) == 1
        assert not list((tmp_path / "spool").iterdir())


async def test_an_empty_directory_does_not_stop_it(tmp_path: Path) -> None:
    async with bench(tmp_path) as here:
        here.boxes.clear()
        assert here.shop.directory().faxboxes == Directory().faxboxes
        await janitor(here).round()
