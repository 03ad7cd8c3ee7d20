"""The document for people: the same strips, wrapped in a PDF.

In:    a TIFF-F file of ours.
Out:   a PDF of as many pages, each in its true size; nothing is decoded or encoded again.
Fails: tiff.NotOurs.
"""

from __future__ import annotations

from smtpfax.model.document import PELS_PER_INCH, WIDTH, Coding, Resolution

from .tiff import Strip, strips_of

_POINTS = 72
# ISO 32000-1 table 11; our Group 3 has no block's end.
_HOW = {
    Coding.GROUP_3: "/K 0 /EndOfLine true /EndOfBlock false",
    Coding.GROUP_3_2D: "/K 4 /EndOfLine true /EndOfBlock false",
    Coding.GROUP_4: "/K -1",
}
_FIRST_PAGE = 3  # objects 1 and 2 are the catalogue and the page tree; a page is three objects


def pdf_of(tiff: bytes) -> bytes:
    """Wrap the strips."""
    strips, resolution = strips_of(tiff)
    kids = " ".join(f"{_FIRST_PAGE + 3 * index} 0 R" for index in range(len(strips)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(strips)} >>".encode(),
    ]
    for index, strip in enumerate(strips):
        objects += _page(strip, resolution, number=_FIRST_PAGE + 3 * index)
    return _file(objects)


def _page(strip: Strip, resolution: Resolution, *, number: int) -> tuple[bytes, bytes, bytes]:
    """The page, what it draws, and its image (ISO 32000-1 section 7.4.6)."""
    width = f"{WIDTH * _POINTS / PELS_PER_INCH:.2f}"
    height = f"{strip.rows * _POINTS / resolution.lines_per_inch:.2f}"
    page = (
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {width} {height}] /Contents {number + 1} 0 R "
        f"/Resources << /XObject << /P {number + 2} 0 R >> >> >>"
    )
    image = (
        f"/Type /XObject /Subtype /Image /Width {WIDTH} /Height {strip.rows} /BitsPerComponent 1 "
        f"/ColorSpace /DeviceGray /Filter /CCITTFaxDecode "
        f"/DecodeParms << {_HOW[strip.coding]} /Columns {WIDTH} /Rows {strip.rows} /BlackIs1 false >>"
    )
    return page.encode(), _stream("", f"{width} 0 0 {height} 0 0 cm /P Do".encode()), _stream(image, strip.data)


def _stream(entries: str, data: bytes) -> bytes:
    return f"<< {entries} /Length {len(data)} >>\nstream\n".encode() + data + b"\nendstream"


def _file(objects: list[bytes]) -> bytes:
    """Header, objects, and the table of where they stand (ISO 32000-1 section 7.5)."""
    out = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    table = [b"0000000000 65535 f \n"]
    for number, body in enumerate(objects, 1):
        table.append(b"%010d 00000 n \n" % len(out))
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    start = len(out)
    out += b"xref\n0 %d\n" % len(table) + b"".join(table)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(table), start)
    return bytes(out)
