"""How much memory a worker takes, with what takes most of it."""

import io
from collections.abc import AsyncIterator, Mapping

import numpy as np
import pytest
from PIL import Image

from smtpfax.model.document import Layout, Paper
from smtpfax.render.asking import Asked
from smtpfax.render.stage import PRELOAD
from smtpfax.render.trips import FILES, rendered
from smtpfax.sandbox import Sandbox, SandboxLimits

LAYOUT = Layout(paper=Paper.A4)
HTML = b"<h1>Order</h1>" + b"<p>The goods were received complete.</p>" * 60
MOST = 100 << 10  # kB


@pytest.fixture
async def worker() -> AsyncIterator[Sandbox]:
    sandbox = Sandbox(SandboxLimits(workers=1), preload=PRELOAD)
    await sandbox.start()
    yield sandbox
    await sandbox.stop()


async def drawn(worker: Sandbox, name: str, data: bytes) -> int:
    asked = Asked(layout=LAYOUT, names=(name,))
    return (await rendered(FILES, asked, [data], sandbox=worker, office=None))[0].pages


async def memory(worker: Sandbox) -> Mapping[str, int]:
    """Of the process, in kB (proc(5))."""
    answer = await worker.run("smtpfax.sandbox.drill:read", {"path": "/proc/self/status"})
    lines = answer.blobs[0].decode().splitlines()
    return {line.split(":")[0]: int(line.split()[1]) for line in lines if line.endswith(" kB")}


def scans(pages: int) -> bytes:
    """Noisy grey pages of 300 dpi with lines across them, 2 MB each."""
    rng = np.random.default_rng(1)
    levels = rng.integers(170, 230, (pages, 3508, 2480), np.uint8)
    levels[:, 300:3200:60, 200:2200] = rng.integers(0, 60, 2000, np.uint8)
    images = [Image.fromarray(page) for page in levels]
    file = io.BytesIO()
    images[0].save(file, "PDF", save_all=True, append_images=images[1:], quality=70)
    return file.getvalue()


async def test_a_worker_begins_with_little(worker: Sandbox) -> None:
    begun = await memory(worker)
    assert begun["RssFile"] < 16 << 10  # its libraries alone are 27 MB once they are loaded
    assert begun["VmHWM"] < 80 << 10


async def test_large_scans_and_html_are_drawn_within_a_hundred_megabytes(worker: Sandbox) -> None:
    data = scans(5)
    assert 8 << 20 < len(data) < 16 << 20
    assert await drawn(worker, "in.pdf", data) == 5
    assert (await memory(worker))["VmHWM"] < MOST
    assert await drawn(worker, "in.html", HTML) == 2
    assert (await memory(worker))["VmHWM"] < MOST


async def test_what_html_needs_is_forgotten_before_large_scans(worker: Sandbox) -> None:
    assert await drawn(worker, "in.html", HTML) == 2
    typeset = await memory(worker)
    assert await drawn(worker, "in.pdf", scans(5)) == 5
    after = await memory(worker)
    assert after["RssFile"] < typeset["RssFile"]
