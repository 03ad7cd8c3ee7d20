from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from smtpfax.model.document import Coding, Layout
from smtpfax.render import libtiff
from smtpfax.render.coding import by_pillow, strip_of, tags_of
from smtpfax.render.tiff import strips_in


@pytest.mark.parametrize("share", [0, 1, 64, 128, 255])
@pytest.mark.parametrize("rows", [1, 2, 1145, 2291])
@pytest.mark.parametrize("coding", list(Coding))
def test_both_ways_of_encoding_give_the_same_octets(rows: int, share: int, coding: Coding) -> None:
    rng = np.random.default_rng(rows + share)
    page = np.packbits(rng.integers(0, 256, (rows, 1728)) < share, axis=1)
    tags = tags_of(Layout(coding=coding))
    assert libtiff.available()
    assert strips_in(libtiff.encoded(page, tags)) == strips_in(by_pillow(page, tags))


def test_no_file_stays_open() -> None:
    page, layout = np.zeros((100, 216), np.uint8), Layout(coding=Coding.GROUP_3)
    strip_of(page, layout)
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(50):
        strip_of(page, layout)
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_without_libtiff_pillow_encodes(monkeypatch: pytest.MonkeyPatch) -> None:
    page = np.packbits(np.eye(100, 1728, dtype=np.uint8), axis=1)
    layout = Layout(coding=Coding.GROUP_3)
    one = strip_of(page, layout)
    monkeypatch.setattr(libtiff, "available", lambda: False)
    assert strip_of(page, layout) == one
