from __future__ import annotations

import io
import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from numpy.typing import NDArray
from PIL import Image, ImageSequence

from smtpfax.model.document import Coding, Layout, Resolution
from smtpfax.render.coding import strip_of
from smtpfax.render.tiff import NotOurs, Strip, strips_of, tiff_of


def page_of(seed: int, rows: int = 300) -> NDArray[np.uint8]:
    rng = np.random.default_rng(seed)
    return (rng.random((rows, 216)) < 0.05).astype(np.uint8) * rng.integers(0, 256, (rows, 216), np.uint8)


@pytest.fixture(scope="module")
def pages() -> list[NDArray[np.uint8]]:
    return [page_of(1, 2291), page_of(2, 301), np.zeros((2291, 216), np.uint8), np.full((7, 216), 255, np.uint8)]


@pytest.fixture(scope="module")
def tiff(pages: list[NDArray[np.uint8]]) -> bytes:
    return tiff_of([strip_of(page) for page in pages], Resolution.FINE)


def test_pillow_reads_the_bits_that_were_encoded(pages: list[NDArray[np.uint8]], tiff: bytes) -> None:
    with Image.open(io.BytesIO(tiff)) as image:
        assert image.n_frames == len(pages)
        for index, page in enumerate(pages):
            image.seek(index)
            assert image.mode == "1"
            assert (np.packbits(~np.asarray(image), axis=1) == page).all()  # in Pillow's eyes 1 is white


def test_libtiff_says_that_it_is_a_fax(tmp_path: Path, tiff: bytes) -> None:
    file = tmp_path / "fax.tif"
    file.write_bytes(tiff)
    told = subprocess.run(["tiffinfo", file], capture_output=True, text=True, check=True)
    assert told.stderr == ""
    first = told.stdout.split("=== TIFF directory 1 ===")[0]
    assert first.splitlines()[2:] == [
        "  Subfile Type: multi-page document (2 = 0x2)",
        "  Image Width: 1728 Image Length: 2291",
        "  Resolution: 204, 196 pixels/inch",
        "  Bits/Sample: 1",
        "  Compression Scheme: CCITT Group 4",
        "  Photometric Interpretation: min-is-white",
        "  FillOrder: msb-to-lsb",
        "  Samples/Pixel: 1",
        "  Rows/Strip: 2291",
        "  Planar Configuration: single image plane",
        "  Page Number: 0-4",
        "  Software: smtpfax",
        "  Group 4 Options: (0 = 0x0)",
        "",
    ]
    assert [line for line in told.stdout.splitlines() if "Page Number" in line][-1] == "  Page Number: 3-4"


@pytest.mark.parametrize(
    ("coding", "options"),
    [(Coding.GROUP_3, "EOL padding (4 = 0x4)"), (Coding.GROUP_3_2D, "2-d encoding+EOL padding (5 = 0x5)")],
)
@pytest.mark.parametrize("resolution", list(Resolution))
def test_group_3_is_one_to_libtiff_and_decodes_to_the_same_bits(
    tmp_path: Path, pages: list[NDArray[np.uint8]], resolution: Resolution, coding: Coding, options: str
) -> None:
    layout = Layout(resolution=resolution, coding=coding)
    strips = [strip_of(page, layout) for page in pages]
    file, plain = tmp_path / "fax.tif", tmp_path / "plain.tif"
    file.write_bytes(tiff_of(strips, resolution))
    assert strips_of(file.read_bytes()) == (tuple(strips), resolution)
    told = subprocess.run(["tiffinfo", file], capture_output=True, text=True, check=True)
    assert told.stderr == ""
    assert told.stdout.count("Compression Scheme: CCITT Group 3") == len(pages)
    assert told.stdout.count(f"Group 3 Options: {options}") == len(pages)
    told = subprocess.run(["tiffcp", "-c", "none", file, plain], capture_output=True, text=True, check=True)
    assert told.stderr == ""
    assert all((one == two).all() for one, two in zip(_bits(plain), pages, strict=True))


def test_group_3_ends_with_its_last_row() -> None:
    """The return to control is the call's (RFC 2306: RTC exclusion)."""
    for coding in (Coding.GROUP_3, Coding.GROUP_3_2D):
        strip = strip_of(page_of(1), Layout(coding=coding))
        bits = f"{int.from_bytes(strip.data):0{strip.bits}b}"
        assert bits.count("000000000001") == strip.rows


def _bits(file: Path) -> Iterator[NDArray[np.uint8]]:
    with Image.open(file) as image:
        for frame in ImageSequence.Iterator(image):
            yield np.packbits(~np.asarray(frame), axis=1)


def test_libtiff_decodes_every_page_without_a_warning(
    tmp_path: Path, tiff: bytes, pages: list[NDArray[np.uint8]]
) -> None:
    file, plain = tmp_path / "fax.tif", tmp_path / "plain.tif"
    file.write_bytes(tiff)
    told = subprocess.run(["tiffcp", "-c", "none", file, plain], capture_output=True, text=True, check=True)
    assert told.stderr == ""
    assert all((one == two).all() for one, two in zip(_bits(plain), pages, strict=True))


@pytest.mark.parametrize("resolution", list(Resolution))
def test_our_reader_finds_what_our_writer_wrote(resolution: Resolution) -> None:
    strips = [strip_of(page_of(seed)) for seed in range(3)]
    assert strips_of(tiff_of(strips, resolution)) == (tuple(strips), resolution)


def test_every_directory_begins_on_a_word() -> None:
    tiff = tiff_of([Strip(rows=1, data=b"abc"), Strip(rows=1, data=b"abcde")], Resolution.FINE)
    count = struct.unpack_from("<H", tiff, 8)[0]
    (second,) = struct.unpack_from("<L", tiff, 10 + 12 * count)
    assert second % 2 == 0
    assert [strip.data for strip in strips_of(tiff)[0]] == [b"abc", b"abcde"]


def test_equal_pages_give_equal_octets(pages: list[NDArray[np.uint8]], tiff: bytes) -> None:
    assert tiff_of([strip_of(page) for page in pages], Resolution.FINE) == tiff


def test_a_strips_bits_are_what_goes_over_the_line() -> None:
    assert Strip(rows=1, data=b"abc").bits == 24


@pytest.mark.parametrize("data", [b"", b"II*\0", b"MM\0*", b"%PDF-1.4", b"II*\0\x08\0\0\0\xff\xff"])
def test_what_is_not_ours_is_said_to_be_so(data: bytes) -> None:
    with pytest.raises(NotOurs):
        strips_of(data)


def test_a_tiff_of_somebody_else_is_not_ours() -> None:
    file = io.BytesIO()
    Image.new("1", (100, 100)).save(file, "TIFF", compression="group4")
    with pytest.raises(NotOurs):
        strips_of(file.getvalue())


@given(at=some.integers(0, 700), octet=some.integers(0, 255))
def test_a_damaged_file_is_read_or_refused_and_never_hangs(at: int, octet: int) -> None:
    tiff = bytearray(tiff_of([Strip(rows=3, data=b"abc"), Strip(rows=4, data=b"d" * 100)], Resolution.FINE))
    tiff[at % len(tiff)] = octet
    try:
        strips, _ = strips_of(bytes(tiff))
    except NotOurs:
        return
    assert len(strips) <= 2
