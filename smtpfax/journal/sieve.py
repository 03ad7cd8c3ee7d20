"""A sieve for keys: tells of nearly all that nobody holds them, without a look at the database.

In:    keys, those of mails by content being hexadecimal digests; those that are held, once.
Out:   False: nobody ever held it; True: somebody may.
Fails: never.

Rule: a Bloom filter that forgets nothing. With a million keys it is wrong about two new ones of a thousand, with ten
millions about two thirds of them: then the database is asked, as it would be without. A start makes it anew.
"""

from __future__ import annotations

_BITS = 24  # of a place: 2 MiB
_MASK = (1 << _BITS) - 1
_DIGITS = 24  # four places


class Sieve:
    """Of one database."""

    def __init__(self) -> None:
        self._bits = bytearray(1 << (_BITS - 3))

    def add(self, key: str) -> None:
        """Somebody holds it. One that is no digest is passed over, for it may always be there."""
        number = _number(key) or 0
        bits = self._bits
        while number:
            place = number & _MASK
            bits[place >> 3] |= 1 << (place & 7)
            number >>= _BITS

    def may_have(self, key: str) -> bool:
        """Whether somebody may hold it."""
        number, bits = _number(key), self._bits
        if number is None:
            return True
        while number:
            place = number & _MASK
            if not bits[place >> 3] >> (place & 7) & 1:
                return False
            number >>= _BITS
        return True


def _number(key: str) -> int | None:
    try:
        return int(key[:_DIGITS], 16)
    except ValueError:
        return None
