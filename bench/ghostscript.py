"""Ghostscript as others call it to make faxes.

In:    a PDF.
Out:   the commands of HylaFAX and Kazoo, and what their TIFF costs on the line.
Fails: never; `available` says whether `gs` is there at all.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from smtpfax.model.document import LINE_BITS_PER_SECOND

_BYTE_COUNTS = 279
# HylaFAX's ps2fax and Kazoo's fax application, with their options as these programs write them.
HYLAFAX = ("-r204x196", "-sPAPERSIZE=a4", "-sDEVICE=tiffg4")
KAZOO = ("-r200x200", "-g1728x2200", "-dPDFFitPage", "-sPAPERSIZE=a4", "-sDEVICE=tiffg4")


def available() -> bool:
    """Whether there is a Ghostscript on this machine."""
    return shutil.which("gs") is not None


def command(options: Sequence[str], source: Path, target: Path) -> list[str]:
    """What is run."""
    return ["gs", "-q", "-dNOPAUSE", "-dBATCH", "-dSAFER", *options, f"-sOutputFile={target}", str(source)]


def line_seconds(tiff: Path) -> float:
    """Of all pages, on a V.17 line."""
    octets = 0
    with Image.open(tiff) as image:
        for page in range(getattr(image, "n_frames", 1)):
            image.seek(page)
            octets += sum(image.tag_v2[_BYTE_COUNTS])
    return 8 * octets / LINE_BITS_PER_SECOND
