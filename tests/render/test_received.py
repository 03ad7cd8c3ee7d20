"""What a fax service received is drawn again: a PDF, a TIFF of another make, hostile files."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pypdfium2 as pdfium
import pytest
from PIL import Image

from smtpfax.model.account import Faxbox
from smtpfax.model.document import Paper, Resolution
from smtpfax.model.errors import Permanent
from smtpfax.render.asking import Asked
from smtpfax.render.stage import PRELOAD, Renderer
from smtpfax.sandbox import Sandbox, SandboxLimits
from smtpfax.spool import Spool
from tests.render.corpus import TEXT, encrypted_pdf, pdf

BOX = Faxbox(id="sales", account_id="acme", name="Sales")


@pytest.fixture
async def renderer(tmp_path: Path) -> AsyncIterator[Renderer]:
    sandbox = Sandbox(SandboxLimits(workers=1), preload=PRELOAD)
    await sandbox.start()
    yield Renderer(sandbox, Spool(tmp_path / "spool"), Asked())
    await sandbox.stop()


def tiff(pages: int, *, compression: str = "group3", rows: int = 2156) -> bytes:
    """A fax as another machine writes it: 204 x 196, a black bar on each page at a height of its own."""
    images = []
    for page in range(pages):
        pels = np.ones((rows, 1728), bool)
        pels[100 + 200 * page : 150 + 200 * page, 200:1500] = False
        images.append(Image.fromarray(pels))
    out = io.BytesIO()
    images[0].save(out, "TIFF", save_all=True, append_images=images[1:], compression=compression, dpi=(204, 196))
    return out.getvalue()


def opened(octets: bytes) -> list[np.ndarray]:
    """The pages of a TIFF, black as True."""
    image = Image.open(io.BytesIO(octets))
    found = []
    for index in range(image.n_frames):  # type: ignore[attr-defined]
        image.seek(index)
        found.append(~np.asarray(image.convert("1")))
    return found


@pytest.mark.parametrize("compression", ["group3", "group4", "tiff_lzw", None])
async def test_a_tiff_of_any_make_becomes_our_document_pel_by_pel_and_a_pdf(
    renderer: Renderer, tmp_path: Path, compression: str | None
) -> None:
    octets = tiff(3, compression=compression)  # type: ignore[arg-type]
    document = await renderer.received("fax.tif", octets, BOX)
    assert (document.pages, document.layout.resolution) == (3, Resolution.FINE)
    ours = opened((tmp_path / "spool" / document.name).read_bytes())
    for drawn, came in zip(ours, opened(octets), strict=True):
        assert np.array_equal(drawn, came)
    assert len(pdfium.PdfDocument(await renderer.pdf(document))) == 3


async def test_a_pdf_is_drawn_and_the_same_one_twice_is_one_file(renderer: Renderer, tmp_path: Path) -> None:
    first, second = [await renderer.received("fax.pdf", pdf(TEXT, TEXT), BOX) for _ in range(2)]
    assert first == second
    assert first.pages == 2
    assert len(list((tmp_path / "spool").iterdir())) == 1


async def test_the_page_that_stands_for_what_cannot_be_drawn_is_one(renderer: Renderer) -> None:
    assert (await renderer.received("fax.txt", b"A fax came in.\n", BOX)).pages == 1


async def test_more_pages_than_may_be_sent_may_come_in(renderer: Renderer) -> None:
    assert (await renderer.received("fax.tif", tiff(230, rows=300), BOX)).pages == 230


@pytest.mark.parametrize("octets", [encrypted_pdf(), b"%PDF-1.4 nothing more", tiff(1)[:300]], ids=str)
async def test_what_is_damaged_or_encrypted_is_permanent(renderer: Renderer, octets: bytes) -> None:
    with pytest.raises(Permanent):
        await renderer.received("fax.pdf" if octets[:1] == b"%" else "fax.tif", octets, BOX)


async def test_the_paper_is_the_faxboxs(renderer: Renderer) -> None:
    box = Faxbox(id="sales", account_id="acme", name="Sales", paper=Paper.A4)
    assert (await renderer.received("fax.pdf", pdf(TEXT), box)).layout.paper is Paper.A4
