"""Ids: opaque, unique, ordered by time.

In:    a clock and a source of randomness, handed in by `app.py`.
Out:   18 characters of Crockford's base 32: 48 bits of milliseconds, 42 bits of chance.
Fails: never.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

Clock = Callable[[], datetime]
Ids = Callable[[], str]

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]
_SHIFTS = range(80, -1, -10)


def make_ids(clock: Clock, random_bits: Callable[[int], int]) -> Ids:
    """A source of ids."""

    def new_id() -> str:
        value = (int(clock().timestamp() * 1000) << 42) | random_bits(42)
        return "".join([_PAIRS[(value >> shift) & 1023] for shift in _SHIFTS])

    return new_id
