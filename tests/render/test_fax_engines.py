"""Foreign fax software takes our documents as they are: HylaFAX's tiffcheck, and a T.30 call by libspandsp."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from smtpfax.model.document import Coding, Layout, Paper, Resolution
from smtpfax.render.coding import strip_of
from smtpfax.render.document import drawn
from smtpfax.render.header_line import with_header
from smtpfax.render.heading import HeaderLine
from smtpfax.render.limits import Limits
from smtpfax.render.pages import rows_of
from smtpfax.render.room import with_room
from smtpfax.render.tiff import strips_of, tiff_of
from tests.render import t30
from tests.render.corpus import TEXT, image_file, part, pdf
from tests.render.header_reader import lines_of, pages_of

# Where .ci/setup unpacks it: installed as a package, it would start a daemon.
HYLAFAX = Path(sys.prefix) / "hylafax/usr/lib/hylafax"
TIFFCHECK = HYLAFAX / "bin/tiffcheck"
PHOTO = Image.radial_gradient("L").resize((900, 1200))
LAYOUTS = [Layout(paper=p, resolution=r, coding=c) for p, r, c in product(Paper, Resolution, Coding)]
NAMES = ["-".join((each.paper, each.resolution, each.coding)) for each in LAYOUTS]
AS = {Coding.GROUP_3: "-1", Coding.GROUP_3_2D: "-2", Coding.GROUP_4: "-3"}


def headed(tiff: bytes, layout: Layout) -> bytes:
    line = HeaderLine(when="2026-11-21 22:05 EST", name="Acme Inc.", number="+12025550100", layout=layout)
    return tiff_of(with_header(strips_of(tiff)[0], line), layout.resolution)


def checked(file: Path, layout: Layout, *more: str) -> str:
    """What HylaFAX says that it would have to do, for a machine with this paper."""
    how = (AS[layout.coding], "-r", str(layout.resolution.lines_per_inch), "-l", str(int(layout.paper.millimetres[1])))
    env = {**os.environ, "LD_LIBRARY_PATH": str(HYLAFAX)}
    told = subprocess.run([TIFFCHECK, *how, *more, file], env=env, capture_output=True, text=True, check=True)
    assert told.stderr == ""
    return told.stdout


@pytest.mark.skipif(not TIFFCHECK.exists(), reason="HylaFAX's tiffcheck is not unpacked here (.ci/setup test)")
@pytest.mark.parametrize("layout", LAYOUTS, ids=NAMES)
def test_hylafax_has_nothing_to_do(tmp_path: Path, layout: Layout) -> None:
    full = with_room(np.random.default_rng(1).integers(0, 256, (rows_of(layout), 216), np.uint8), layout)
    file = tmp_path / "fax.tif"
    file.write_bytes(headed(tiff_of([strip_of(full, layout)] * 2, layout.resolution), layout))
    assert checked(file, layout) == "OK\n"


@pytest.mark.skipif(not TIFFCHECK.exists(), reason="HylaFAX's tiffcheck is not unpacked here (.ci/setup test)")
def test_hylafax_would_say_so_if_it_had(tmp_path: Path) -> None:
    file, layout = tmp_path / "fax.tif", Layout(paper=Paper.A4)
    file.write_bytes(tiff_of([strip_of(np.zeros((2292, 216), np.uint8))], Resolution.FINE))
    assert checked(file, layout).startswith("RESIZE\n")
    assert checked(file, replace(layout, resolution=Resolution.STANDARD)).startswith("RESIZE+REVRES\n")


@pytest.mark.skipif(not TIFFCHECK.exists(), reason="HylaFAX's tiffcheck is not unpacked here (.ci/setup test)")
@pytest.mark.parametrize("paper", list(Paper))
def test_whatever_is_rendered_passes_untouched(tmp_path: Path, paper: Paper) -> None:
    """Pages of many sizes, turned, shrunk and split, in one document."""
    layout = Layout(paper=paper)
    sizes = [(595, 842), (842, 595), (612, 1008), (200, 300), (612, 5000), (2000, 300)]
    files = [*(pdf(TEXT, size=size) for size in sizes), image_file(PHOTO, "JPEG"), b"words\n\fand words"]
    file = tmp_path / "fax.tif"
    file.write_bytes(headed(drawn([part(data) for data in files], layout=layout, limits=Limits()).tiff, layout))
    assert checked(file, layout) == "OK\n"


CALLS = [(layout, Coding.GROUP_4) for layout in LAYOUTS]
CALLS += [(Layout(coding=coding), line) for coding, line in product(Coding, (Coding.GROUP_3, Coding.GROUP_3_2D))]


@pytest.mark.skipif(t30.library() is None, reason="libspandsp is not installed (.ci/setup test)")
@pytest.mark.parametrize(("layout", "line"), CALLS, ids=[*NAMES, *map(str, range(6))])
def test_every_pel_arrives_by_a_call(tmp_path: Path, layout: Layout, line: Coding) -> None:
    """To a machine that reads as much as `line`; what reads Group 4 corrects errors (ITU-T T.6)."""
    sent, received = tmp_path / "sent.tif", tmp_path / "received.tif"
    tiff = drawn([part(pdf(TEXT)), part(image_file(PHOTO, "PNG"))], layout=layout, limits=Limits()).tiff
    sent.write_bytes(headed(tiff, layout))
    called = t30.call(sent, received, line=line, ecm=line is Coding.GROUP_4)
    assert (called.sender, called.receiver) == (t30.OK, t30.OK)
    before, after = pages_of(sent.read_bytes()), pages_of(received.read_bytes())
    assert len(before) == len(after) == 2
    assert all((one == two).all() for one, two in zip(before, after, strict=True))
    assert lines_of(received.read_bytes(), layout.resolution)[1].endswith("page 2 of 2")
