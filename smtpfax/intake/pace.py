"""Whether content comes fast enough.

In:    how many octets came, and when.
Out:   False while it may go on.
Fails: never; pure.

Rule: as in Postfix, a mail may come slowly but not for ever: a least rate after the first minute, and a total.
"""

from __future__ import annotations

from dataclasses import dataclass

PATIENCE = 60.0  # seconds before the rate counts


@dataclass(slots=True)
class Pace:
    """One content's arrival; times in seconds of the loop's clock, rate in octets a second."""

    began: float
    most_seconds: float
    least_rate: int
    octets: int = 0

    def too_slow(self, octets: int, now: float) -> bool:
        """Whether to give up, now that so many more octets came."""
        self.octets += octets
        elapsed = now - self.began
        return elapsed > self.most_seconds or (elapsed > PATIENCE and self.octets < self.least_rate * elapsed)
