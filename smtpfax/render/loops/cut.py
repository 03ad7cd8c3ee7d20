"""Grey becomes bits, by the machine.

In:    a grey page, and limits.
Out:   Inked: which of its pels are black, and where there may be something faint.
Fails: never.
"""

from __future__ import annotations

from smtpfax.render.packed import Inked
from smtpfax.render.pages import Grey

from .machine import BITS, OCTETS, ROOM, Machine

_FOUR = 4


def inked(grey: Grey, *, than: int, between: int, dark: int, light: int, by: Machine) -> Inked:
    """As `packed.inked` does it."""
    rows, width = grey.shape
    fours = rows // _FOUR
    at = by.place_of(grey)
    dark_at = ROOM
    light_at = dark_at + 2 * fours * OCTETS
    end = light_at + fours * OCTETS
    by.memory[BITS : BITS + rows * OCTETS] = 0
    by.memory[dark_at:end] = 0
    by.run("cut", at, rows, width, than, between, dark, light, BITS, dark_at, light_at)
    return Inked(
        bits=by.memory[BITS : BITS + rows * OCTETS].reshape(rows, OCTETS).copy(),
        dark=by.memory[dark_at:light_at].reshape(2 * fours, OCTETS).copy(),
        light=by.memory[light_at:end].reshape(fours, OCTETS).copy(),
    )
