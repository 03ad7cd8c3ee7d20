"""The machine cuts a page as numpy does."""

from __future__ import annotations

import numpy as np
import pytest

from smtpfax.model.document import Resolution
from smtpfax.render import bilevel, packed
from smtpfax.render.bilevel import bits_of
from smtpfax.render.loops import cut
from smtpfax.render.loops.machine import machine
from smtpfax.render.pages import Grey

LIMITS = {"than": 160, "between": 200, "dark": 136, "light": 238}


def noise(rows: int, white: float, width: int = 1728) -> Grey:
    """So much of it white, in pieces of 64 pels."""
    rng = np.random.default_rng(rows)
    grey = rng.integers(0, 256, (rows, width)).astype(np.uint8)
    grey[np.repeat(rng.random((rows, width // 64)) < white, 64, axis=1)] = 255
    return grey


@pytest.mark.parametrize("limits", [LIMITS, {"than": 1, "between": 2, "dark": 1, "light": 3}, {**LIMITS, "light": 255}])
@pytest.mark.parametrize("white", [0, 0.7, 0.98])
@pytest.mark.parametrize("rows", [1, 3, 4, 7, 512, 1001])
def test_it_is_the_same_bit_by_bit(rows: int, white: float, limits: dict[str, int]) -> None:
    by = machine()
    assert by is not None
    grey = noise(rows, white)
    ours, plain = cut.inked(grey, **limits, by=by), packed.inked(grey, **limits)
    assert (ours.bits == plain.bits).all()
    assert (ours.dark == plain.dark).all()
    assert (ours.light == plain.light).all()


def test_a_page_is_the_same_where_no_code_can_be_made(monkeypatch: pytest.MonkeyPatch) -> None:
    grey = noise(800, 0.9)
    with_it = bits_of(grey, Resolution.FINE)
    monkeypatch.setattr(bilevel, "machine_for", lambda rows: None)
    assert (bits_of(grey, Resolution.FINE) == with_it).all()
