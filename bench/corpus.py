"""What the benches draw: PDFs made here, so that everybody measures the same.

In:    nothing.
Out:   PDF files, each as octets: text, grey scans, mixed pages, and the sheets on which quality is looked at.
Fails: never.

Rule: all is made by arithmetic from fixed seeds; no font is embedded (the standard 14 are in every PDF program).
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pypdfium2 as pdfium
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[np.uint8]
WIDTH, HEIGHT = 595.28, 841.89  # A4 in points
_TEXT = """The undersigned confirms that the goods listed below were received complete and in good order on the day
named above and that payment of 1,284.50 is due within thirty days of this notice unless agreed otherwise in writing"""
_WORDS = _TEXT.split()
_FONTS = {"F": "Helvetica", "B": "Helvetica-Bold", "T": "Times-Roman", "C": "Courier"}
_COLOURS: Mapping[str, tuple[int, int, int]] = {
    "#000000 black": (0, 0, 0),
    "#555555 grey": (85, 85, 85),
    "#888888 grey": (136, 136, 136),
    "#aaaaaa light grey": (170, 170, 170),
    "#cccccc pale grey": (204, 204, 204),
    "#dddddd very pale grey": (221, 221, 221),
    "#cc0000 red": (204, 0, 0),
    "#0000ee link blue": (0, 0, 238),
    "#00a000 green": (0, 160, 0),
    "#ff8000 orange": (255, 128, 0),
    "#ffcc00 amber": (255, 204, 0),
    "#ffff00 yellow": (255, 255, 0),
    "#00ffff cyan": (0, 255, 255),
    "#ff80c0 pink": (255, 128, 192),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A page: its drawing, and the pictures that it names (/P0, /P1 ...)."""

    drawing: str
    pictures: Sequence[Image.Image] = field(default_factory=tuple)


def pdf(sheets: Sequence[Sheet]) -> bytes:
    """The sheets as one file."""
    objects: list[bytes] = [b"<< /Type /Catalog /Pages 2 0 R >>", b""]
    fonts = " ".join(f"/{name} {_add(objects, _font(base))} 0 R" for name, base in _FONTS.items())
    pages = []
    for sheet in sheets:
        pictures = [f"/P{index} {_add(objects, _image(each))} 0 R" for index, each in enumerate(sheet.pictures)]
        drawing = _add(objects, _stream("", sheet.drawing.encode("latin-1")))
        page = (
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {WIDTH} {HEIGHT}] /Contents {drawing} 0 R "
            f"/Resources << /Font << {fonts} >> /XObject << {' '.join(pictures)} >> >> >>"
        )
        pages.append(_add(objects, page.encode()))
    kids = " ".join(f"{number} 0 R" for number in pages)
    objects[1] = f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode()
    return _file(objects)


def text(pages: int) -> bytes:
    """Dense text in 11 points."""
    return pdf([Sheet(drawing=_paragraphs(seed)) for seed in range(pages)])


def scans(pages: int) -> bytes:
    """Grey scans of text at 300 dpi, noisy, a little askew, on paper that is not white."""
    return pdf([_full_page(_scanned(text(1), seed)) for seed in range(pages)])


def mixed(pages: int, *, colour: bool = True) -> bytes:
    """A photograph of 242 pixels an inch, coloured text, a table of hairlines and black text."""
    return pdf([_mixed_sheet(landscape(1600, 1000, seed, colour=colour)) for seed in range(pages)])


def sheets() -> dict[str, bytes]:
    """What quality is looked at on, by name."""
    return {
        "colours": pdf([Sheet(drawing="\n".join(_colours()))]),
        "boxes": pdf([Sheet(drawing="\n".join(_boxes()))]),
        "photographs": pdf([_photographs()]),
        "charts": pdf([Sheet(drawing="\n".join(_charts()))]),
        "scan": scans(1),
        "hairlines": pdf([Sheet(drawing="\n".join(_hairlines()))]),
        "mixed": mixed(1),
    }


def landscape(width: int, height: int, seed: int = 0, *, colour: bool = True) -> Image.Image:
    """Something like a photograph: sky, a sun, hills, and two balls in the light."""
    greys = _landscape(width, height, seed)
    if not colour:
        return greys
    # Blue above, green below, as light as the greys are.
    tint = np.linspace((-28, 2, 64), (4, 12, -74), height)[:, None, :]
    levels = np.asarray(greys).astype(np.float64)[:, :, None] + tint
    return Image.fromarray(levels.clip(0, 255).astype(np.uint8))


def _landscape(width: int, height: int, seed: int) -> Image.Image:
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width] / height
    level = 235 - 110 * y + 40 * np.exp(-((x - 1.0) ** 2 + (y - 0.2) ** 2) * 30)
    for depth in range(4):
        ridge = 0.45 + 0.13 * depth + 0.06 * np.sin(x * (5 + 3 * depth) + depth) + 0.02 * np.sin(x * 41 + 9 * depth)
        grain = rng.normal(0, 9, (height, width))
        level = np.where(y > ridge, 150 - 35 * depth + 40 * (y - ridge) + grain, level)
    for centre, radius in ((0.35, 0.16), (0.85, 0.11)):
        dx, dy = (x - centre) / radius, (y - 0.72) / radius
        inside = dx**2 + dy**2 < 1
        depth_at = np.sqrt(np.clip(1 - dx**2 - dy**2, 0, 1))
        level = np.where(inside, 25 + 220 * np.clip(0.5 * depth_at - 0.5 * dx - 0.6 * dy, 0, 1), level)
    return Image.fromarray(level.clip(0, 255).astype(np.uint8))


def _paragraphs(seed: int) -> str:
    rng = np.random.default_rng(seed)
    lines = (" ".join(rng.choice(_WORDS, 15)) for _ in range(52))
    shown = "\n".join(f"({line[:92]}) Tj 0 -14 Td" for line in lines)
    return f"BT /T 11 Tf 60 780 Td {shown} ET"


def _scanned(document: bytes, seed: int) -> Image.Image:
    page = pdfium.PdfDocument(document)[0].render(scale=300 / 72, grayscale=True).to_pil().convert("L")
    rng = np.random.default_rng(seed)
    page = page.rotate(0.4 + 0.1 * seed, resample=Image.Resampling.BICUBIC, fillcolor=255)
    levels = np.asarray(page).astype(np.float64) * (222 - 30) / 255 + 30
    levels += rng.normal(0, 7, levels.shape) - np.linspace(0, 10, levels.shape[1])
    return Image.fromarray(levels.clip(0, 255).astype(np.uint8))


def _full_page(image: Image.Image) -> Sheet:
    return Sheet(drawing=f"q {WIDTH} 0 0 {HEIGHT} 0 0 cm /P0 Do Q", pictures=[image])


def _mixed_sheet(photograph: Image.Image) -> Sheet:
    words = "\n".join(f"({' '.join(_WORDS[start : start + 13])}) Tj 0 -14 Td" for start in range(9))
    lines = "\n".join(f"60 {300 - 16 * row} m 535 {300 - 16 * row} l S" for row in range(16))
    columns = "\n".join(f"{60 + 95 * column} 60 m {60 + 95 * column} 300 l S" for column in range(6))
    cells = "\n".join(_line(68 + 95 * (index % 5), 64 + 16 * (index // 5), f"{index * 37}.50") for index in range(75))
    captions = "".join(
        _line(60, 790 - 16 * row, "A caption in colour: please return by Friday", colour=colour, size=12)
        for row, colour in enumerate([(204, 0, 0), (0, 0, 238), (120, 120, 120)])
    )
    body = f"0 g BT /F 11 Tf 60 435 Td {words} ET .25 w {lines} {columns} {cells}"
    drawing = f"q 475 0 0 297 60 453 cm /P0 Do Q {captions} {body}"
    return Sheet(drawing=drawing, pictures=[photograph])


def _colours() -> Iterator[str]:
    yield _line(60, 800, "Colours of text on white", size=16)
    for row, (name, colour) in enumerate(_COLOURS.items()):
        y = 770 - 52 * row
        yield _line(60, y, f"{name}: the quick brown fox jumps over 13 lazy dogs", colour=colour, size=12)
        yield _line(60, y - 12, "in 8 points: the quick brown fox jumps over the lazy dog, 0123456789", colour=colour)
        yield _line(380, y - 12, "Bold in 20", colour=colour, size=20, font="B")
        yield _line(500, y - 8, "Times", colour=colour, size=14, font="T")
        yield _rgb(colour, "RG") + f" .5 w 60 {y - 18} m 535 {y - 18} l S"


def _boxes() -> Iterator[str]:
    yield _line(60, 800, "Text on boxes", size=16)
    for row, level in enumerate([0, 40, 70, 96, 112, 128, 144, 160, 176, 192, 208, 224, 240]):
        y = 760 - 44 * row
        yield _fill((level,) * 3, 60, y - 10, 230, 34) + _fill((level,) * 3, 305, y - 10, 230, 34)
        yield _line(68, y + 8, f"Black on {level}", size=12)
        yield _line(68, y - 4, "in 8 points: total due 1,284.50")
        yield _line(313, y + 8, f"White on {level}", size=12, colour=(255, 255, 255))
        yield _line(313, y - 4, "in 8 points: total due 1,284.50", colour=(255, 255, 255))
    colours = [(31, 56, 100), (68, 114, 196), (237, 125, 49), (255, 255, 0), (112, 173, 71), (0, 255, 255)]
    for column, colour in enumerate(colours):
        x = 60 + 80 * column
        yield _fill(colour, x, 130, 75, 16) + _line(x + 4, 135, "Row black", size=9)
        yield _fill(colour, x, 110, 75, 16) + _line(x + 4, 115, "Row white", size=9, colour=(255, 255, 255))
        yield _fill(colour, x, 60, 75, 40) + _line(x + 4, 75, "Row grey", size=9, colour=(128, 128, 128))


def _photographs() -> Sheet:
    x = np.linspace(0, 255, 1200)
    ramp = Image.fromarray(np.tile(x, (120, 1)).astype(np.uint8))
    lettered = landscape(900, 300, 3)
    drawing = (
        f"{_line(60, 800, 'Photographs', size=16)} q 475 0 0 320 60 460 cm /P0 Do Q "
        f"{_line(60, 445, 'A caption right under it, in 9 points', size=9)} q 475 0 0 48 60 380 cm /P1 Do Q "
        f"q 475 0 0 160 60 200 cm /P2 Do Q "
        f"{_line(80, 300, 'WHITE ON A PHOTOGRAPH', size=22, font='B', colour=(255,) * 3)}"
        f" {_line(80, 220, 'black on a photograph', size=22, font='B')}"
    )
    return Sheet(drawing=drawing, pictures=[landscape(1200, 800, 1), ramp, lettered])


def _charts() -> Iterator[str]:
    yield _line(60, 800, "Charts", size=16)
    colours = [(68, 114, 196), (237, 125, 49), (165, 165, 165), (255, 192, 0), (112, 173, 71)]
    for index, height in enumerate([180, 120, 150, 70, 200, 130, 90, 160, 60, 110]):
        colour = colours[index % 5]
        yield _fill(colour, 80 + 42 * index, 540, 34, height)
        yield _line(84 + 42 * index, 545 + height, f"{height}%", size=9)
        yield _line(86 + 42 * index, 550, str(height), size=10, colour=(255, 255, 255), font="B")
    yield "0 G .5 w 70 540 m 520 540 l S 70 540 m 70 770 l S"
    yield from (f".8 G .25 w 70 {540 + 40 * step} m 520 {540 + 40 * step} l S" for step in range(1, 6))
    for index, colour in enumerate(colours):
        points = [(80 + 40 * step, 400 + 60 * math.sin(step * (0.5 + 0.2 * index) + index)) for step in range(11)]
        path = " l ".join(f"{x:.1f} {y:.1f}" for x, y in points).replace(" l ", " m ", 1)
        yield f"{_rgb(colour, 'RG')} 1.5 w {path} l S"
    yield from _pie(colours)
    for row in range(6):
        yield _fill(
            (221, 235, 247) if row % 2 else (68, 114, 196) if row == 0 else (255,) * 3, 300, 240 - 18 * row, 235, 18
        )
        colour = (255,) * 3 if row == 0 else (0,) * 3
        yield _line(306, 245 - 18 * row, f"Row {row}     {row * 17}.20     {row * 31}.99", size=10, colour=colour)


def _pie(colours: Sequence[tuple[int, int, int]]) -> Iterator[str]:
    for index, colour in enumerate(colours):
        turn = [index * 2 * math.pi / 5 + step * 2 * math.pi / 100 for step in range(21)]
        rim = " ".join(f"{160 + 80 * math.cos(angle):.1f} {200 + 80 * math.sin(angle):.1f} l" for angle in turn)
        yield f"{_rgb(colour, 'rg')} 160 200 m {rim} f"
        middle = turn[10]
        yield _line(150 + 50 * math.cos(middle), 197 + 50 * math.sin(middle), f"{index}0%", size=10, font="B")


def _hairlines() -> Iterator[str]:
    yield _line(60, 800, "Hairlines and small text", size=16)
    for row, width in enumerate([0, 0.1, 0.25, 0.35, 0.5, 0.75, 1]):
        for column, level in enumerate([0, 0.4, 0.6, 0.75]):
            x, y = 60 + 120 * column, 770 - 24 * row
            yield f"{level} G {width} w {x} {y} m {x + 70} {y} l S {x + 80} {y - 10} m {x + 100} {y + 8} l S"
    for row, size in enumerate([4, 5, 6, 7, 8, 9, 10, 12]):
        sample = f"{size} points: the quick brown fox jumps over the lazy dog 0123456789"
        yield _line(60, 570 - 18 * row, sample, size=size) + _line(60, 410 - 18 * row, sample, size=size, font="T")
        yield _line(60, 250 - 18 * row, sample, size=size, font="C", colour=(100, 100, 100))


def _line(
    x: float, y: float, words: str, *, size: float = 8, font: str = "F", colour: Sequence[int] = (0, 0, 0)
) -> str:
    return f"{_rgb(colour, 'rg')} BT /{font} {size} Tf {x:.1f} {y:.1f} Td ({words}) Tj ET\n"


def _fill(colour: Sequence[int], x: float, y: float, width: float, height: float) -> str:
    return f"{_rgb(colour, 'rg')} {x} {y} {width} {height} re f\n"


def _rgb(colour: Sequence[int], operator: str) -> str:
    return " ".join(f"{value / 255:.3f}" for value in colour) + f" {operator}"


def _font(base: str) -> bytes:
    return f"<< /Type /Font /Subtype /Type1 /BaseFont /{base} >>".encode()


def _image(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=80)
    space = "DeviceRGB" if image.mode == "RGB" else "DeviceGray"
    entries = (
        f"/Type /XObject /Subtype /Image /Width {image.width} /Height {image.height} /BitsPerComponent 8 "
        f"/ColorSpace /{space} /Filter /DCTDecode"
    )
    return _stream(entries, file.getvalue())


def _stream(entries: str, data: bytes) -> bytes:
    return f"<< {entries} /Length {len(data)} >>\nstream\n".encode() + data + b"\nendstream"


def _add(objects: list[bytes], body: bytes) -> int:
    objects.append(body)
    return len(objects)


def _file(objects: Sequence[bytes]) -> bytes:
    out = bytearray(b"%PDF-1.4\n")
    table = [b"0000000000 65535 f \n"]
    for number, body in enumerate(objects, 1):
        table.append(b"%010d 00000 n \n" % len(out))
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    start = len(out)
    out += b"xref\n0 %d\n" % len(table) + b"".join(table)
    return bytes(out + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(table), start))


CORPUS: Mapping[str, Callable[[], bytes]] = {
    "text, one page": lambda: text(1),
    "text, twenty pages": lambda: text(20),
    "mixed, three pages": lambda: mixed(3),
    "mixed, three pages in greys": lambda: mixed(3, colour=False),
    "grey scans, five pages": lambda: scans(5),
}
