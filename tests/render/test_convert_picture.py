from __future__ import annotations

import io
import struct
import zlib
from contextlib import suppress

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from smtpfax.mime.kinds import Kind, sniff
from smtpfax.model.document import Paper, Resolution
from smtpfax.model.errors import Permanent
from smtpfax.render.bilevel import bits_of
from smtpfax.render.limits import Limits
from tests.render.corpus import A4, at, first_page, image_file, opened, part, pels, picture_of

DPI = (204, 196)
TURNED = """\
..............###.
..............###.
..............###."""
UPRIGHT = """\
..................
.###..............
.###..............
.###.............."""


def corner(mode: str = "L", size: tuple[int, int] = (600, 800)) -> Image.Image:
    """White, with a black square at the upper left."""
    image = Image.new("L", size, 255)
    image.paste(0, (0, 0, 300, 300))
    return image.convert(mode)


def noise(rows: int, width: int = 1728) -> Image.Image:
    bits = np.random.default_rng(3).random((rows, width)) < 0.2
    return Image.fromarray(~bits)


def refusal(data: bytes, kind: Kind, limits: Limits | None = None) -> Permanent:
    with pytest.raises(Permanent) as caught:
        first_page(part(data, kind, name="scan"), limits=limits)
    return caught.value


def blacks(page: NDArray[np.uint8]) -> list[int]:
    """Left, top, width and height of what is black."""
    rows, columns = np.nonzero(page < 128)
    left, top = int(columns.min()), int(rows.min())
    return [left, top, int(columns.max()) + 1 - left, int(rows.max()) + 1 - top]


@pytest.mark.parametrize(
    ("kind", "name", "mode"),
    [
        (Kind.PNG, "PNG", "L"),
        (Kind.PNG, "PNG", "P"),
        (Kind.PNG, "PNG", "1"),
        (Kind.PNG, "PNG", "RGBA"),
        (Kind.PNG, "PNG", "I;16"),
        (Kind.JPEG, "JPEG", "L"),
        (Kind.JPEG, "JPEG", "RGB"),
        (Kind.JPEG, "JPEG", "CMYK"),
        (Kind.GIF, "GIF", "P"),
        (Kind.BMP, "BMP", "RGB"),
        (Kind.BMP, "BMP", "1"),
        (Kind.WEBP, "WEBP", "RGB"),
        (Kind.TGA, "TGA", "RGB"),
        (Kind.TGA, "TGA", "RGBA"),
        (Kind.TGA, "TGA", "L"),
        (Kind.TIFF, "TIFF", "1"),
        (Kind.TIFF, "TIFF", "CMYK"),
        (Kind.TIFF, "TIFF", "LAB"),
        (Kind.TIFF, "TIFF", "F"),
        (Kind.TIFF, "TIFF", "I"),
    ],
)
def test_every_kind_and_mode_shows_the_same_picture(kind: Kind, name: str, mode: str) -> None:
    image = corner("RGB" if mode == "LAB" else mode if mode != "I;16" else "L")
    if mode == "I;16":
        image = Image.fromarray(np.asarray(image).astype(np.uint16) * 257)
    if mode == "LAB":
        image = Image.merge("LAB", [corner("L"), Image.new("L", image.size, 0), Image.new("L", image.size, 0)])
    page = first_page(part(image_file(image, name), kind))
    # 300 pixels at 96 dpi are 79.4 mm: 637 pels wide, 612 rows high; the picture is 158.75 mm wide.
    assert blacks(page) == pytest.approx([226, 98, 637, 612], abs=3)


def test_what_is_transparent_is_white() -> None:
    image = Image.new("RGBA", (400, 400), (0, 0, 0, 0))
    image.paste((0, 0, 0, 255), (0, 0, 200, 200))
    page = first_page(part(image_file(image, "PNG")))
    assert blacks(page)[2:] == pytest.approx([425, 408], abs=3)


def test_a_photograph_stands_upright_as_its_camera_says() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # its left side is up
    data = image_file(corner(size=(2000, 1000)), "JPEG", exif=exif, dpi=DPI)
    left, top, _, _ = blacks(first_page(part(data)))
    assert top == pytest.approx(98, abs=2)  # half an inch
    assert left == pytest.approx((1728 - 1000) // 2 + 700, abs=12)  # the upper right corner of an upright picture


def test_a_large_photograph_is_decoded_at_a_fraction_and_fills_the_page() -> None:
    page = first_page(part(image_file(Image.new("L", (3000, 4000), 0), "JPEG")))
    assert blacks(page) == [0, 38, 1728, 2214]


def test_a_landscape_picture_is_turned_if_it_is_wider_than_the_paper() -> None:
    turned = first_page(part(image_file(corner(size=(2400, 1600)), "PNG", dpi=(204, 204))))
    assert picture_of(turned).startswith(TURNED)
    assert picture_of(turned).count("#") == 9
    upright = first_page(part(image_file(corner(size=(1600, 900)), "PNG", dpi=(204, 204))))
    assert picture_of(upright).startswith(UPRIGHT)


@pytest.mark.parametrize("compression", ["group3", "group4", "tiff_lzw", "packbits", "tiff_adobe_deflate"])
def test_a_fax_goes_through_pel_by_pel(compression: str) -> None:
    fax = noise(2291)
    page = first_page(part(image_file(fax, "TIFF", compression=compression, dpi=DPI)))
    assert (pels(bits_of(page, Resolution.FINE)) == ~np.asarray(fax)).all()


def test_a_standard_fax_goes_through_pel_by_pel_as_standard() -> None:
    fax = noise(1145)
    page = first_page(part(image_file(fax, "TIFF", compression="group4", dpi=(204, 98))), at(Resolution.STANDARD))
    assert (pels(bits_of(page, Resolution.STANDARD)) == ~np.asarray(fax)).all()


@pytest.mark.parametrize(("rows", "high"), [(1100, 2200), (2200, 2200)])
def test_a_fax_that_does_not_say_its_resolution_is_told_by_its_rows(rows: int, high: int) -> None:
    data = image_file(Image.new("1", (1728, rows), 0), "TIFF", compression="group4")
    assert blacks(first_page(part(data)))[2:] == [1728, high]


def test_a_scan_has_the_size_of_its_paper() -> None:
    page = first_page(part(image_file(Image.new("1", (2480, 3508), 0), "TIFF", compression="group4", dpi=(300, 300))))
    assert blacks(page) == pytest.approx([21, 0, 1686, 2291], abs=1)


def test_all_pages_of_a_tiff_are_faxed_and_no_thumbnail() -> None:
    file = io.BytesIO()
    pages = [Image.new("L", (200, 200), level) for level in (0, 60, 120)]
    small = Image.new("L", (20, 20), 255)
    small.encoderinfo = {"tiffinfo": {254: 1}}
    pages[0].save(file, "TIFF", save_all=True, append_images=[pages[1], small, pages[2]])
    sheets = opened(part(file.getvalue()))
    middle = [int(sheets.draw(index)[200, 864]) for index in range(sheets.count)]
    assert middle == [0, 60, 120]


def test_of_something_that_moves_the_first_image_is_faxed() -> None:
    frames = [corner(), Image.new("L", (600, 800), 0)]
    data = image_file(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert opened(part(data)).count == 1
    assert blacks(first_page(part(data)))[2:] == pytest.approx([637, 612], abs=3)


def png_header(width: int, height: int) -> bytes:
    head = struct.pack(">LLBBBBB", width, height, 8, 0, 0, 0, 0)
    chunk = b"IHDR" + head
    data = b"IDAT" + zlib.compress(b"\0" * 1000)
    chunks = b"".join(struct.pack(">L", len(c) - 4) + c + struct.pack(">L", zlib.crc32(c)) for c in (chunk, data))
    return b"\x89PNG\r\n\x1a\n" + chunks


@pytest.mark.parametrize(
    ("data", "kind", "text"),
    [
        (png_header(60_000, 60_000), Kind.PNG, "scan is too large to be faxed: 60000 x 60000 pixels"),
        (png_header(100, 100), Kind.PNG, "scan cannot be read: it is damaged or not what it says it is"),
        (b"", Kind.PNG, "scan cannot be read: it is damaged or not what it says it is"),
        (b"II*\0\x08\0\0\0\0\0\0\0\0\0", Kind.TIFF, "scan cannot be read: it is damaged or not what it says it is"),
        (
            image_file(noise(500), "TIFF")[:900],
            Kind.TIFF,
            "scan cannot be read: it is damaged or not what it says it is",
        ),
        (image_file(corner(), "JPEG")[:600], Kind.JPEG, "scan cannot be read: it is damaged or not what it says it is"),
        (image_file(corner(), "PNG"), Kind.JPEG, "scan cannot be read: it is damaged or not what it says it is"),
    ],
    ids=["bomb", "png cut", "empty", "no directory", "tiff cut", "jpeg cut", "another kind"],
)
def test_what_cannot_be_read_ends_in_its_sentence(data: bytes, kind: Kind, text: str) -> None:
    assert refusal(data, kind).text == text


def test_the_pixels_of_every_page_are_bounded() -> None:
    file = io.BytesIO()
    Image.new("1", (10, 10)).save(file, "TIFF", save_all=True, append_images=[Image.new("1", (1001, 1000))])
    assert "1001 x 1000 pixels" in refusal(file.getvalue(), Kind.TIFF, Limits(max_pixels=1_000_000)).text


def test_an_endless_tiff_ends() -> None:
    data = bytearray(image_file(Image.new("1", (8, 8)), "TIFF"))
    (first,) = struct.unpack_from("<L", data, 4)
    (count,) = struct.unpack_from("<H", data, first)
    struct.pack_into("<L", data, first + 2 + 12 * count, first)  # its next directory is itself
    with suppress(Permanent):
        assert opened(part(bytes(data), Kind.TIFF), A4).count < 1000


@pytest.mark.parametrize("rows", [1000, 2291, 2152, 2739])
def test_a_fax_keeps_its_own_rows_on_other_paper(rows: int) -> None:
    fax = noise(rows)
    page = first_page(part(image_file(fax, "TIFF", compression="group4", dpi=DPI)), at(Resolution.FINE, Paper.LETTER))
    assert (pels(bits_of(page, Resolution.FINE)) == ~np.asarray(fax)).all()


def test_a_standard_fax_in_fine_has_each_row_twice() -> None:
    fax = noise(1145)
    page = first_page(part(image_file(fax, "TIFF", compression="group4", dpi=(204, 98))))
    assert (pels(bits_of(page, Resolution.FINE)) == (~np.asarray(fax)).repeat(2, axis=0)).all()


def test_a_long_picture_goes_on_on_further_pages() -> None:
    image = Image.new("L", (1000, 4 * 1000), 255)
    image.paste(0, (0, 3900, 1000, 4000))
    sheets = opened(part(image_file(image, "PNG", dpi=(204, 204))))
    assert sheets.count == 2
    assert blacks(sheets.draw(1)) == pytest.approx([364, round(3900 * 196 / 204) - 2229, 1000, 96], abs=2)
    assert (sheets.draw(0) == 255).all()


def psd(image: Image.Image) -> bytes:
    """What Photoshop keeps for programs without layers: the picture that they show together."""
    planes = b"".join(plane.tobytes() for plane in image.split())
    mode = {"L": 1, "RGB": 3}[image.mode]
    header = struct.pack(">4sH6xHIIHH", b"8BPS", 1, len(image.mode), image.height, image.width, 8, mode)
    return header + struct.pack(">IIIH", 0, 0, 0, 0) + planes


@pytest.mark.parametrize("mode", ["RGB", "P", "1", "L"])
def test_a_pcx_is_faxed_at_the_resolution_it_says(mode: str) -> None:
    page = first_page(part(image_file(corner(mode), "PCX")))
    assert blacks(page) == pytest.approx([252, 98, 612, 588], abs=3)  # 300 pixels at the 100 dpi that Pillow writes


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_a_file_of_layers_is_faxed_as_they_look_together(mode: str) -> None:
    page = first_page(part(psd(corner(mode)), Kind.PSD))
    assert blacks(page) == pytest.approx([226, 98, 637, 612], abs=3)


def test_a_tga_is_known_by_its_name_and_its_header() -> None:
    data = image_file(corner("RGB"), "TGA", compression="tga_rle")
    assert sniff(data, name="scan.TGA") is sniff(data, declared="image/x-tga") is Kind.TGA
    assert sniff(data, name="scan.dat") is Kind.UNKNOWN
    assert sniff(b"\1" * 100, name="scan.tga") is Kind.UNKNOWN
    assert (first_page(part(data, name="scan.tga")) < 128).any()


@pytest.mark.parametrize(("kind", "name"), [(Kind.GIF, "GIF"), (Kind.WEBP, "WEBP"), (Kind.PNG, "PNG")])
def test_of_what_moves_the_first_image_is_faxed(kind: Kind, name: str) -> None:
    frames = [corner("RGB"), Image.new("RGB", (600, 800), 0), Image.new("RGB", (600, 800), 255)]
    data = image_file(frames[0], name, save_all=True, append_images=frames[1:], duration=100)
    sheets = opened(part(data, kind))
    assert sheets.count == 1
    assert blacks(sheets.draw(0)) == pytest.approx([226, 98, 637, 612], abs=4)


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (Kind.PSD, psd(corner())[:26].replace(struct.pack(">I", 800), struct.pack(">I", 300_000)) + bytes(40)),
        (Kind.TGA, b"\0\0\2" + bytes(9) + struct.pack("<HHBB", 65_535, 65_535, 24, 0) + bytes(100)),
        (Kind.PCX, b"\n\5\1\1" + struct.pack("<HHHH", 0, 0, 65_534, 65_534) + bytes(53) + b"\1" + bytes(62)),
    ],
)
def test_seldom_kinds_are_bounded_by_their_headers(kind: Kind, data: bytes) -> None:
    assert refusal(data, kind).text.startswith("scan is too large to be faxed")


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (Kind.PSD, psd(corner())),
        (Kind.TGA, image_file(corner(), "TGA", compression="tga_rle")),
        (Kind.PCX, image_file(corner(), "PCX")),
    ],
)
def test_half_a_picture_of_a_seldom_kind_is_refused(kind: Kind, data: bytes) -> None:
    assert refusal(data[: len(data) // 2], kind).text.startswith("scan cannot be read")
