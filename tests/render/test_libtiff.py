from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from smtpfax.model.document import Coding, Layout
from smtpfax.render import libtiff
from smtpfax.render.coding import strip_of, tags_of
from smtpfax.render.tiff import strips_in
from tests.render.pillow_coder import by_pillow


@pytest.mark.parametrize("share", [0, 1, 64, 128, 255])
@pytest.mark.parametrize("rows", [1, 2, 1145, 2291])
@pytest.mark.parametrize("coding", list(Coding))
def test_the_octets_are_those_that_pillow_has_from_it(rows: int, share: int, coding: Coding) -> None:
    rng = np.random.default_rng(rows + share)
    page = np.packbits(rng.integers(0, 256, (rows, 1728)) < share, axis=1)
    layout = Layout(coding=coding)
    assert strips_in(libtiff.encoded(page, tags_of(layout))) == (by_pillow(page, layout),)


def test_no_file_stays_open() -> None:
    page, layout = np.zeros((100, 216), np.uint8), Layout(coding=Coding.GROUP_3)
    strip_of(page, layout)
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(50):
        strip_of(page, layout)
    assert len(list(Path("/proc/self/fd").iterdir())) == before
