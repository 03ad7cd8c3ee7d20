"""A slip of the finger: a number that was never faxed and is nearly one that is faxed often.

In:    a number; how many faxes its faxbox has sent to it and to its neighbours.
Out:   the number that may have been meant.
Fails: never; pure.

Rule: neighbours differ by one digit that is another, too many or left out, or by two adjacent digits that changed
places. A number that this faxbox has sent a fax to is no slip, however near it lies.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

OFTEN = 3  # faxes sent
_DIGITS = "0123456789"
_SHORTEST, _LONGEST = 7, 15  # ITU-T E.164


def neighbours(e164: str) -> frozenset[str]:
    """All numbers that are one slip away."""
    digits = e164.removeprefix("+")
    lengths = range(_SHORTEST, _LONGEST + 1)
    found = {near for near in _slips(digits) if len(near) in lengths and near[0] != "0"}
    return frozenset(f"+{near}" for near in found - {digits})


def meant_instead(e164: str, sent: Mapping[str, int]) -> str:
    """The neighbour that is faxed most often; "" when none is faxed often, or the number is known itself."""
    if sent.get(e164):
        return ""
    near = {number: count for number, count in sent.items() if count >= OFTEN and number in neighbours(e164)}
    return max(sorted(near), key=lambda number: near[number], default="")


def _slips(digits: str) -> Iterator[str]:
    for place, digit in enumerate(digits):
        before, after = digits[:place], digits[place + 1 :]
        yield before + after
        yield from (before + other + after for other in _DIGITS)
        yield from (before + other + digit + after for other in _DIGITS)
        if after:
            yield before + after[0] + digit + after[1:]
    yield from (digits + other for other in _DIGITS)
