from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from smtpfax.model.account import Faxbox
from smtpfax.model.document import Coding, Document, Layout, Paper, Resolution
from smtpfax.render.asking import Asked
from smtpfax.render.coding import strip_of
from smtpfax.render.document import drawn
from smtpfax.render.header_line import render_header, with_header
from smtpfax.render.heading import HeaderLine, header_of
from smtpfax.render.limits import Limits
from smtpfax.render.pages import rows_of
from smtpfax.render.room import header_rows, with_room
from smtpfax.render.stage import PRELOAD, Renderer
from smtpfax.render.tiff import strips_of, tiff_of
from smtpfax.sandbox import Sandbox, SandboxLimits
from smtpfax.spool import Spool
from tests.render.corpus import A4, TEXT, part, pdf
from tests.render.header_reader import lines_of, pages_of

NIGHT = datetime(2026, 11, 22, 3, 5, tzinfo=UTC)
BOX = Faxbox(
    id="sales", account_id="acme", name="Sales", header="Acme Inc.", number="+12025550100", timezone="America/New_York"
)
LINE = header_of(BOX, at=NIGHT, layout=A4)
SAYS = "2026-11-21 22:05 EST +12025550100 Acme Inc. page {} of {}"


def noise(layout: Layout, seed: int = 7) -> NDArray[np.uint8]:
    """A page that is full of ink but for its room."""
    rng = np.random.default_rng(seed)
    return with_room(rng.integers(0, 256, (rows_of(layout), 216), np.uint8), layout)


def headed(pages: list[NDArray[np.uint8]], line: HeaderLine) -> bytes:
    return tiff_of(with_header([strip_of(page, line.layout) for page in pages], line), line.layout.resolution)


@pytest.mark.parametrize("paper", list(Paper))
@pytest.mark.parametrize("resolution", list(Resolution))
@pytest.mark.parametrize("coding", list(Coding))
def test_each_page_says_when_who_from_where_and_which_it_is(
    paper: Paper, resolution: Resolution, coding: Coding
) -> None:
    layout = Layout(paper=paper, resolution=resolution, coding=coding)
    pages = [noise(layout, seed) for seed in range(3)]
    tiff = headed(pages, replace(LINE, layout=layout))
    assert lines_of(tiff, resolution) == [SAYS.format(page, 3) for page in (1, 2, 3)]
    rows = header_rows(resolution)
    for before, after in zip(pages, pages_of(tiff), strict=True):
        assert (np.packbits(after[rows:], axis=1) == before[rows:]).all()


def test_its_last_row_is_blank_and_its_letters_are_high_enough_to_be_read() -> None:
    for resolution in Resolution:
        layout = Layout(resolution=resolution)
        [page] = pages_of(headed([np.zeros((rows_of(layout), 216), np.uint8)], replace(LINE, layout=layout)))
        inked = np.flatnonzero(page.any(axis=1))
        assert (inked[-1] - inked[0]) / resolution.lines_per_inch * 25.4 > 2.5
        assert inked[-1] < header_rows(resolution) - 1


def test_nothing_of_the_page_is_encoded_again() -> None:
    page = noise(A4)
    pages = [strip_of(page)] * 20
    [alone] = with_header(pages[:1], LINE)
    assert with_header(pages, LINE)[0] != alone  # for it says so
    band = pages_of(tiff_of([alone], Resolution.FINE))[0]
    assert strip_of(np.packbits(band, axis=1)) == alone  # the same octets as if it had been


@pytest.mark.parametrize("name", ["Müller & Söhne", "株式会社テスト", "شركة المثال", "ร้านตัวอย่าง", "Ελλάς"])
def test_a_name_of_any_script_is_drawn_between_the_two(name: str) -> None:
    blank = np.zeros((rows_of(A4), 216), np.uint8)
    [page] = pages_of(headed([blank], replace(LINE, name=name)))
    [bare] = pages_of(headed([blank], replace(LINE, name="")))
    new = (page ^ bare)[: header_rows(Resolution.FINE)]
    assert new[:, 400:1500].sum() > 300
    assert not new[:, :350].any()
    assert not new[:, 1500:].any()


def test_what_no_font_has_is_spelled_in_ascii() -> None:
    blank = np.zeros((rows_of(A4), 216), np.uint8)
    assert lines_of(headed([blank], replace(LINE, name="A\U00020000b"))) == lines_of(
        headed([blank], replace(LINE, name="Ab"))
    )


def test_a_long_name_is_cut_off_and_the_number_is_not() -> None:
    [line] = lines_of(headed([np.zeros((rows_of(A4), 216), np.uint8)], replace(LINE, name="x" * 300)))
    assert line.startswith("2026-11-21 22:05 EST +12025550100 xxx")
    assert line.endswith("xxx page 1 of 1")


def test_the_header_goes_before_other_names_and_zones_have_names_that_can_be_read() -> None:
    bare = replace(BOX, header="", caller_name="Acme")
    assert header_of(bare, at=NIGHT, layout=A4).name == "Acme"
    assert header_of(replace(bare, caller_name=""), at=NIGHT, layout=A4).name == "Sales"
    far = replace(BOX, timezone="America/Sao_Paulo")
    assert header_of(far, at=NIGHT, layout=A4).when == "2026-11-22 00:05 UTC-03"


@pytest.mark.parametrize("coding", list(Coding))
def test_a_page_from_before_there_was_room_gets_its_line_as_well(coding: Coding) -> None:
    full = np.random.default_rng(1).integers(0, 256, (rows_of(A4), 216), np.uint8)
    tiff = headed([full], replace(LINE, layout=replace(A4, coding=coding)))
    assert lines_of(tiff) == [SAYS.format(1, 1)]
    [page] = pages_of(tiff)
    assert (np.packbits(page[40:], axis=1) == with_room(full, A4)[40:]).all()


def test_a_fax_that_is_faxed_on_keeps_its_own_header_line() -> None:
    first = headed([noise(A4)], LINE)
    again = drawn([part(first, name="fax.tif")], layout=A4, limits=Limits())
    [page] = pages_of(tiff_of(with_header(strips_of(again.tiff)[0], replace(LINE, name="Other")), Resolution.FINE))
    assert page[:40].any()
    assert page[40:76].any()


@pytest.fixture
async def renderer(tmp_path: Path) -> AsyncIterator[Renderer]:
    sandbox = Sandbox(SandboxLimits(workers=1), preload=PRELOAD)
    await sandbox.start()
    yield Renderer(sandbox, Spool(tmp_path), Asked())
    await sandbox.stop()


async def test_a_worker_puts_it_on_and_the_bare_document_stays(renderer: Renderer, tmp_path: Path) -> None:
    page = strip_of(noise(A4))
    bare = Document(name="bare.tif", pages=2, octets=0, bits=2 * page.bits, layout=A4)
    await Spool(tmp_path).put(bare.name, tiff_of([page, page], Resolution.FINE))
    document = await renderer.headed(bare, LINE)
    tiff = await Spool(tmp_path).read(document.name)
    assert lines_of(tiff) == [SAYS.format(1, 2), SAYS.format(2, 2)]
    assert (document.pages, document.octets, document.layout) == (2, len(tiff), A4)
    assert document.bits > bare.bits
    assert lines_of(await Spool(tmp_path).read(bare.name)) == ["", ""]
    later = await renderer.headed(bare, replace(LINE, when="2026-11-21 22:06 EST"))
    assert later.name != document.name


def test_the_wire_carries_it() -> None:
    page = tiff_of([strip_of(noise(A4))], Resolution.FINE)
    told, (tiff,) = render_header(json.loads(json.dumps(LINE.to_json())), [page])
    assert lines_of(tiff) == [SAYS.format(1, 1)]
    assert told["bits"] > 0


def test_a_letter_is_faxed_at_its_size_and_only_what_begins_too_high_moves() -> None:
    high = f"{TEXT} BT /F 11 Tf 60 832 Td (at the very top) Tj ET"
    pages = pages_of(drawn([part(pdf(TEXT, high))], layout=A4, limits=Limits()).tiff)
    assert not pages[1][:40].any()
    below = [np.flatnonzero(page.any(axis=1))[-1] for page in pages]
    assert 10 < below[1] - below[0] < 40
