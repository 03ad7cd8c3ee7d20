"""How often a token may ask: a bucket for each, refilled evenly.

In:    a token's id, and the time.
Out:   whole seconds to wait before it may ask; 0: now, and it is counted.
Fails: never.

Rule: only tokens that exist are counted, and of those that did not ask for so long that their bucket is full nothing
is kept; there are never more than MOST buckets. A clock that is set back refills nothing.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from math import ceil

MOST = 10_000


@dataclass(frozen=True, slots=True)
class _Bucket:
    left: float  # requests
    at: datetime


class Limiter:
    """`per_minute` evenly over the minute, and `burst` at once after a pause; 0 a minute is no limit."""

    def __init__(self, *, per_minute: int = 0, burst: int = 1) -> None:
        self._per_second = per_minute / 60
        self._burst = float(burst)
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()  # who asked last stands last

    def wait(self, key: str, now: datetime) -> int:
        """Count a request, or say how long it has to wait."""
        if not self._per_second:
            return 0
        left = self._left(self._buckets.pop(key, _Bucket(self._burst, now)), now)
        allowed = left >= 1
        self._buckets[key] = _Bucket(left - 1 if allowed else left, now)
        self._forget(now)
        return 0 if allowed else max(1, ceil((1 - left) / self._per_second))

    def _left(self, bucket: _Bucket, now: datetime) -> float:
        passed = max(0.0, (now - bucket.at).total_seconds())
        return min(self._burst, bucket.left + passed * self._per_second)

    def _forget(self, now: datetime) -> None:
        """Whoever did not ask for longest is looked at first."""
        while self._buckets:
            oldest = next(iter(self._buckets))
            if len(self._buckets) <= MOST and self._left(self._buckets[oldest], now) < self._burst:
                return
            del self._buckets[oldest]


NO_LIMIT = Limiter()
