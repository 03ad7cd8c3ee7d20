"""Ids: opaque, unique, ordered by time.

In:    a clock and a source of randomness, handed in by `app.py`.
Out:   18 characters of Crockford's base 32: 48 bits of milliseconds, 42 bits of chance.
Fails: never.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

Clock = Callable[[], datetime]
Ids = Callable[[], str]
Bits = Callable[[int], int]
MOST_BITS = 64
_POOL = 512  # numbers that are drawn at a time: the system's randomness costs more than an id

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]


def pooled(random_octets: Callable[[int], bytes]) -> Bits:
    """Random bits, up to MOST_BITS at a time, from a pool; each octet is used once. Not to be forked."""
    pool: Iterator[int] = iter(())
    octets = MOST_BITS // 8

    def bits(number: int) -> int:
        nonlocal pool
        drawn = next(pool, None)
        if drawn is None:
            pool = iter(memoryview(random_octets(_POOL * octets)).cast("Q"))
            drawn = next(pool)
        return drawn >> (MOST_BITS - number)

    return bits


def make_ids(clock: Clock, random_bits: Bits) -> Ids:
    """A source of ids."""

    def new_id() -> str:
        chance = random_bits(42)
        early = int(clock().timestamp() * 1000) << 2 | chance >> 40  # in two halves: small numbers are quick
        # Written out, for two are made of each mail.
        return (
            f"{_PAIRS[early >> 40 & 1023]}{_PAIRS[early >> 30 & 1023]}{_PAIRS[early >> 20 & 1023]}"
            f"{_PAIRS[early >> 10 & 1023]}{_PAIRS[early & 1023]}{_PAIRS[chance >> 30 & 1023]}"
            f"{_PAIRS[chance >> 20 & 1023]}{_PAIRS[chance >> 10 & 1023]}{_PAIRS[chance & 1023]}"
        )

    return new_id
