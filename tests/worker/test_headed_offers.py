"""What is offered has the header line of its very try, unless the service prints one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np

from smtpfax.model import event as e
from smtpfax.model.cause import Cause
from smtpfax.model.document import Document, Layout, Resolution
from smtpfax.model.errors import Temporary
from smtpfax.model.job import Job, State
from smtpfax.model.status import BUSY
from smtpfax.render.asking import Asked
from smtpfax.render.coding import strip_of
from smtpfax.render.stage import PRELOAD, Renderer
from smtpfax.render.tiff import tiff_of
from smtpfax.sandbox import Sandbox, SandboxLimits
from tests.render.header_reader import lines_of
from tests.worker.shop import Bench, Line, bench

PAGE = np.zeros((2156, 216), np.uint8)
TIFF = tiff_of([strip_of(PAGE)], Resolution.FINE)
BARE = Document(name="fax-bare.tif", pages=1, octets=len(TIFF), bits=8, layout=Layout())


@asynccontextmanager
async def office(folder: Path, *lines: Line) -> AsyncIterator[Bench]:
    """A bench with a renderer."""
    sandbox = Sandbox(SandboxLimits(workers=1), preload=PRELOAD)
    await sandbox.start()
    try:
        async with bench(folder, *lines) as here:
            here.shop = replace(here.shop, renderer=Renderer(sandbox, here.shop.spool, Asked()))
            here.boxes[0] = replace(here.boxes[0], number="+12025550100", timezone="Asia/Tokyo")
            yield here
    finally:
        await sandbox.stop()


async def rendered(here: Bench) -> Job:
    await here.shop.spool.put(BARE.name, TIFF)
    return await here.shop.write(await here.queued(), e.Rendered(document=BARE))


async def says(here: Bench, document: Document | None) -> list[str]:
    assert document is not None
    return lines_of(await here.shop.spool.read(document.name))


async def test_each_try_has_its_own_time_and_the_document_stays_bare(tmp_path: Path) -> None:
    busy = Temporary(BUSY, cause=Cause.BUSY)
    line = Line("a", offers=[busy, "t1"], prints_header=False)
    async with office(tmp_path, line) as here:
        job = await here.step(await rendered(here))
        assert job.state is State.RENDERED
        here.now += timedelta(hours=1)
        job = await here.step(job)
        assert job.state is State.ACCEPTED
        assert job.document == BARE
        said = [await says(here, offer.document) for offer in line.offered]
        assert said == [[f"2026-11-21 {hour}:00 JST +12025550100 Sales page 1 of 1"] for hour in (21, 22)]
        assert job.headed == job.leaving == line.offered[1].document
        assert await here.shop.store.retention.names_in_use() >= {BARE.name, line.offered[1].document.name}


async def test_a_service_that_prints_its_own_gets_the_bare_document(tmp_path: Path) -> None:
    line = Line("a", offers=["t1"], prints_header=True)
    async with office(tmp_path, line) as here:
        job = await here.step(await rendered(here))
        assert line.offered[0].document == job.leaving == BARE
        assert job.headed is None


async def test_without_its_document_nothing_is_offered(tmp_path: Path) -> None:
    line = Line("a", offers=["t1"], prints_header=False)
    async with office(tmp_path, line) as here:
        job = await rendered(here)
        await here.shop.spool.delete(BARE.name)
        job = await here.step(job)
        assert (job.state, job.cause, line.offered) == (State.RENDERED, Cause.OURS, [])
