"""Pages as pictures: every pel of them, made where nothing can break out."""

from __future__ import annotations

import asyncio
import io
import struct
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio
from PIL import Image

from smtpfax.model.document import WIDTH, Coding, Document, Layout, Resolution
from smtpfax.model.errors import Temporary
from smtpfax.render.bilevel import Bits
from smtpfax.render.coding import strip_of
from smtpfax.render.facsimile import MOST_ROWS, Facsimiles
from smtpfax.render.printing import SMALL_WIDTH, draw
from smtpfax.render.tiff import tiff_of
from smtpfax.sandbox import Sandbox, SandboxLimits
from smtpfax.spool import Spool

FINE = Layout()
pytestmark = pytest.mark.asyncio(loop_scope="module")


def page(rows: int, *black: tuple[int, int]) -> Bits:
    """White, but for these pels (row, column)."""
    image = Image.new("1", (WIDTH, rows), 0)
    for row, column in black:
        image.putpixel((column, row), 1)
    return _bits(image)


def _bits(image: Image.Image) -> Bits:
    return np.frombuffer(image.tobytes(), dtype=np.uint8).reshape(image.height, WIDTH // 8)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sandbox() -> AsyncIterator[Sandbox]:
    """One worker."""
    made = Sandbox(SandboxLimits(workers=1))
    await made.start()
    yield made
    await made.stop()


async def kept(spool: Spool, *pages: Bits, layout: Layout = FINE) -> Document:
    """A document of ours, in the spool."""
    tiff = tiff_of([strip_of(bits, layout) for bits in pages], layout.resolution)
    await spool.put("fax-1.tif", tiff)
    return Document(name="fax-1.tif", pages=len(pages), octets=len(tiff), bits=1, layout=layout)


@pytest.mark.parametrize("coding", Coding)
async def test_a_picture_has_the_very_pels_that_go_over_the_line(
    sandbox: Sandbox, tmp_path: Path, coding: Coding
) -> None:
    spool = Spool(tmp_path)
    document = await kept(
        spool, page(30), page(40, (0, 0), (17, 1000), (39, 1727)), layout=replace(FINE, coding=coding)
    )
    made = await Facsimiles(sandbox, spool).picture(document, 2, small=False)
    assert made is not None
    with Image.open(io.BytesIO(made)) as picture:
        assert (picture.format, picture.mode, picture.size) == ("PNG", "1", (WIDTH, 40))
        black = [(y, x) for y in range(40) for x in range(WIDTH) if not picture.getpixel((x, y))]
    assert black == [(0, 0), (17, 1000), (39, 1727)]


@pytest.mark.parametrize(
    ("resolution", "rows"), [(Resolution.STANDARD, 98), (Resolution.FINE, 196), (Resolution.SUPERFINE, 391)]
)
async def test_a_small_one_has_the_proportions_of_the_paper(
    sandbox: Sandbox, tmp_path: Path, resolution: Resolution, rows: int
) -> None:
    spool = Spool(tmp_path)
    document = await kept(spool, page(rows), layout=replace(FINE, resolution=resolution))  # an inch high
    made = await Facsimiles(sandbox, spool).picture(document, 1, small=True)
    assert made is not None
    with Image.open(io.BytesIO(made)) as picture:
        assert picture.size == (SMALL_WIDTH, round(SMALL_WIDTH / WIDTH * 204))
        assert picture.convert("L").getextrema() == (255, 255)


async def test_a_page_that_is_not_there_is_none(sandbox: Sandbox, tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    document = await kept(spool, page(30))
    pictures = Facsimiles(sandbox, spool)
    assert await pictures.rows(document) == (30,)
    for number in (0, -1, 2):
        assert await pictures.picture(document, number, small=False) is None


async def test_what_is_deleted_is_not_shown_from_memory(sandbox: Sandbox, tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    document = await kept(spool, page(30))
    pictures = Facsimiles(sandbox, spool)
    assert await pictures.picture(document, 1, small=False) is not None
    await spool.delete(document.name)
    assert await pictures.picture(document, 1, small=False) is None
    assert await pictures.rows(document) == ()


@pytest.mark.parametrize(
    "tiff",
    [b"", b"II*\0", b"II*\0" + struct.pack("<L", 8), b"%PDF-1.7", b"II*\0\xff\xff\xff\xff" + bytes(100)],
    ids=["empty", "no directory", "cut short", "a PDF", "a directory beyond the end"],
)
async def test_a_file_that_nobody_here_made_has_no_pages(sandbox: Sandbox, tmp_path: Path, tiff: bytes) -> None:
    spool = Spool(tmp_path)
    await spool.put("fax-1.tif", tiff)
    document = Document(name="fax-1.tif", pages=1, octets=len(tiff), bits=1, layout=Layout())
    assert await Facsimiles(sandbox, spool).rows(document) == ()
    assert await Facsimiles(sandbox, spool).picture(document, 1, small=False) is None


async def test_a_page_higher_than_any_paper_is_not_decoded(sandbox: Sandbox, tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    document = await kept(spool, page(MOST_ROWS + 1))
    assert await Facsimiles(sandbox, spool).picture(document, 1, small=False) is None


async def test_a_strip_that_is_noise_harms_nobody(sandbox: Sandbox, tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    good = await kept(spool, page(30))
    noise = tiff_of([replace(strip_of(page(30)), data=bytes(range(256)) * 40)], Resolution.FINE)
    await spool.put("noise.tif", noise)
    pictures = Facsimiles(sandbox, spool)
    with pytest.raises(Temporary):
        await pictures.picture(replace(good, name="noise.tif"), 1, small=False)
    assert await pictures.picture(good, 1, small=False) is not None


async def test_pictures_are_made_once_and_kept_within_their_bound(sandbox: Sandbox, tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    document = await kept(spool, page(30, (3, 3)), page(30, (4, 4)))
    pictures = Facsimiles(sandbox, spool)
    first = await asyncio.gather(*(pictures.picture(document, 1, small=False) for _ in range(2)))
    assert first[0] == first[1] is not None
    await spool.put(document.name, b"another file")
    assert await pictures.picture(document, 1, small=False) == first[0]
    assert await pictures.picture(document, 2, small=False) is None
    tight = Facsimiles(sandbox, spool, most_octets=len(first[0] or b""))
    await kept(spool, page(30, (3, 3)), page(30, (4, 4)))
    await tight.picture(document, 1, small=False)
    await tight.picture(document, 2, small=False)
    assert [number for _, number, _ in tight._made] == [2]


async def test_what_goes_to_the_sandbox_is_one_strip() -> None:
    strip = strip_of(page(30, (1, 1)))
    request = {"rows": 30, "coding": "group4", "small": False, "lines": 196}
    _, (png,) = draw(request, [strip.data])
    with Image.open(io.BytesIO(png)) as picture:
        assert not picture.getpixel((1, 1))
