"""Small hand-made files, good and bad, and ways to look at pages."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from smtpfax.mime.choose import Part
from smtpfax.mime.kinds import Kind, sniff
from smtpfax.model.document import Layout, Paper, Resolution
from smtpfax.render.converters import CONVERTERS, Sheets, reading
from smtpfax.render.limits import Limits
from smtpfax.render.pages import canvas_of

A4 = Layout(paper=Paper.A4)
A4_POINTS = (595.28, 841.89)
TEXT_LINES = "\n".join(f"({line} the quick brown fox jumps over the lazy dog) Tj 0 -14 Td" for line in range(50))
TEXT = f"BT /F 11 Tf 60 780 Td {TEXT_LINES} ET"


def pdf_file(objects: Sequence[str], trailer: str = "") -> bytes:
    """Objects from 1 on, the first one the catalogue, and a right table of them."""
    out, at = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, 1):
        at.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode("latin-1")
    table = "".join(f"{offset:010d} 00000 n \n" for offset in at)
    end = f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R {trailer} >>\nstartxref\n{len(out)}\n%%EOF\n"
    return out + f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}{end}".encode("latin-1")


def pdf(*drawings: str, size: tuple[float, float] = A4_POINTS, page: str = "", trailer: str = "") -> bytes:
    """A page for each drawing."""
    kids = " ".join(f"{4 + 2 * index} 0 R" for index in range(len(drawings)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(drawings)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for index, drawing in enumerate(drawings):
        objects += [
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {size[0]} {size[1]}] /Contents {5 + 2 * index} 0 R "
            f"/Resources << /Font << /F 3 0 R >> >> {page} >>",
            stream("", drawing),
        ]
    return pdf_file(objects, trailer)


def stream(entries: str, data: str) -> str:
    return f"<< {entries} /Length {len(data)} >>\nstream\n{data}\nendstream"


def form_pdf(value: str) -> bytes:
    """A page that is empty but for a field that somebody filled in."""
    look = stream(
        "/Type /XObject /Subtype /Form /BBox [0 0 400 40] /Resources << /Font << /F 3 0 R >> >>",
        f"/Tx BMC BT /F 24 Tf 4 10 Td ({value}) Tj ET EMC",
    )
    return pdf_file(
        [
            "<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [5 0 R] /DR << /Font << /F 3 0 R >> >> >> >>",
            "<< /Type /Pages /Kids [4 0 R] /Count 1 >>",
            "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Annots [5 0 R] >>",
            f"<< /Type /Annot /Subtype /Widget /FT /Tx /T (name) /V ({value}) /DA (/F 24 Tf 0 g) /F 4 "
            "/Rect [100 600 500 640] /P 4 0 R /AP << /N 6 0 R >> >>",
            look,
        ]
    )


def encrypted_pdf() -> bytes:
    """One whose user password is not the empty one."""
    keys = f"/O <{'11' * 32}> /U <{'22' * 32}>"
    encrypt = f"/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 {keys} >> /ID [<{'33' * 16}> <{'33' * 16}>]"
    return pdf(TEXT, trailer=encrypt)


def image_file(image: Image.Image, kind: str, **settings: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **settings)
    return file.getvalue()


def part(data: bytes, kind: Kind | None = None, *, name: str = "", **more: Any) -> Part:
    return Part(path="1", name=name, kind=kind or sniff(data, name=name), data=data, **more)


def opened(one: Part, layout: Layout = A4, limits: Limits | None = None) -> Sheets:
    """The part as its converter opens it, at the edge that all of them share."""
    with reading(one):
        return CONVERTERS[one.kind](one, canvas=canvas_of(layout), limits=limits or Limits())


def first_page(one: Part, layout: Layout = A4, limits: Limits | None = None) -> NDArray[np.uint8]:
    sheets = opened(one, layout, limits)
    with reading(one):
        return sheets.draw(0)


def picture_of(page: NDArray[np.uint8], *, across: int = 18) -> str:
    """A page as ASCII: one character stands for 96 x 96 pels, # for the dark ones."""
    side = 1728 // across
    rows = len(page) // side
    blocks = page[: rows * side].reshape(rows, side, across, side).mean(axis=(1, 3))
    return "\n".join("".join("#" if level < 128 else "." for level in row) for row in blocks)


def pels(bits: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Packed bits as 0 and 1, 1 is black."""
    return np.unpackbits(bits, axis=1)


def at(resolution: Resolution, paper: Paper = Paper.A4) -> Layout:
    return Layout(paper=paper, resolution=resolution)


def plainly_cut(page: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """What black text becomes: the one threshold, and the slits in it that are no wider than a pel."""
    black = page < 160
    out: NDArray[np.bool_] = black.copy()
    out[:, 1:-1] |= (page[:, 1:-1] < 200) & black[:, :-2] & black[:, 2:]
    return out
