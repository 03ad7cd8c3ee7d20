"""Counting what happens, without knowing who counts.

In:    a metric's name and its labels (never a number or an address).
Out:   nothing; `api` ships an implementation for Prometheus, `app.py` hands it to the rooms.
Fails: never.
"""

from __future__ import annotations

from typing import Protocol


class Meter(Protocol):
    """Counters, gauges and histograms by name."""

    def set(self, name: str, value: float, /, **labels: str) -> None:
        """Set a gauge."""

    def count(self, name: str, amount: float = 1, /, **labels: str) -> None:
        """Add to a counter."""

    def observe(self, name: str, value: float, /, **labels: str) -> None:
        """Add a value, in seconds, to a histogram."""
