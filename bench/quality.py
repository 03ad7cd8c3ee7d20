"""Looks: sheets of what is hard to fax, ours beside Ghostscript's, as PNGs.

In:    a folder to write to; Ghostscript's `gs`, if it is there.
Out:   a PNG for each sheet: ours at the left, Ghostscript's at the right, with the seconds each takes on the line; and
       readme.png, with a piece of some.
Fails: exit 1 without Ghostscript, when ours have been written.

    python -m bench.quality FOLDER
"""

from __future__ import annotations

import io
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from bench.corpus import sheets
from bench.ghostscript import HYLAFAX, available, command, line_seconds
from smtpfax.mime.choose import Part
from smtpfax.mime.kinds import Kind
from smtpfax.model.document import LINE_BITS_PER_SECOND, Layout, Paper
from smtpfax.render.document import drawn
from smtpfax.render.limits import Limits

_HEADER = 40
_LAYOUT = Layout(paper=Paper.A4)
_SHOWN = {"colours": (180, 440, 880, 1160), "boxes": (180, 425, 880, 780), "photographs": (330, 660, 1030, 1080)}


def ours(document: bytes) -> tuple[Image.Image, float]:
    """The first page as we fax it, and its seconds on the line."""
    part = Part(path="1", name="sheet.pdf", kind=Kind.PDF, data=document)
    fax = drawn([part], layout=_LAYOUT, limits=Limits())
    return Image.open(io.BytesIO(fax.tiff)).convert("L"), fax.bits / LINE_BITS_PER_SECOND


def theirs(document: bytes) -> tuple[Image.Image, float]:
    """The same by Ghostscript, with HylaFAX's command."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "sheet.pdf", Path(folder) / "sheet.tif"
        source.write_bytes(document)
        subprocess.run(command(HYLAFAX, source, target), check=True, capture_output=True)
        return Image.open(io.BytesIO(target.read_bytes())).convert("L"), line_seconds(target)


def beside(pages: Sequence[tuple[str, Image.Image]]) -> Image.Image:
    """Side by side, each with its heading."""
    width = sum(page.width for _, page in pages) + 20 * (len(pages) - 1)
    sheet = Image.new("L", (width, _HEADER + max(page.height for _, page in pages)), 255)
    pen, left = ImageDraw.Draw(sheet), 0
    for heading, page in pages:
        pen.text((left + 10, 6), heading, fill=0, font=ImageFont.load_default(24))
        sheet.paste(page, (left, _HEADER))
        left += page.width + 20
    return sheet


def shown(pages: Mapping[str, Sequence[tuple[str, Image.Image]]]) -> Image.Image:
    """What the README shows: a piece of some sheets, at half their size, for people's screens."""
    pieces = [beside([(heading, page.crop(box)) for heading, page in pages[name]]) for name, box in _SHOWN.items()]
    whole = Image.new("L", (pieces[0].width, sum(piece.height for piece in pieces)), 255)
    top = 0
    for piece in pieces:
        whole.paste(piece, (0, top))
        top += piece.height
    return whole.resize((whole.width * 3 // 4, whole.height * 3 // 4), Image.Resampling.BOX).quantize(8)


def main(folder: Path) -> int:
    """Write them all."""
    folder.mkdir(parents=True, exist_ok=True)
    written: dict[str, Sequence[tuple[str, Image.Image]]] = {}
    for name, document in sheets().items():
        page, seconds = ours(document)
        pages = [(f"smtpfax, {seconds:.0f} s on the line", page)]
        if available():
            other, others = theirs(document)
            pages.append((f"Ghostscript, {others:.0f} s on the line", other))
        written[name] = pages
        beside(pages).convert("1").save(folder / f"{name}.png", optimize=True)
        print(folder / f"{name}.png", *(heading for heading, _ in pages), sep="  ")
    shown(written).save(folder / "readme.png", optimize=True)
    if not available():
        print("Ghostscript (gs) is not installed: only our own pages were written", file=sys.stderr)
    return 0 if available() else 1


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m bench.quality FOLDER")
    sys.exit(main(Path(sys.argv[1])))
