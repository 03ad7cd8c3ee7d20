"""Turns: how many orders of one account are read at a time.

In:    an account.
Out:   a turn, waited for; until then nothing of the request's body is read.
Fails: never.

Rule: an order in hand may be as large as a body, its document as large again; whoever sends many at once waits for his
own, and for nobody else's.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict

AT_ONCE = 8


class Turns:
    """One semaphore an account, of accounts that there are."""

    def __init__(self, most: int = AT_ONCE) -> None:
        self._each: defaultdict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(most))

    def of(self, account_id: str) -> asyncio.Semaphore:
        """To be held while an order is in hand."""
        return self._each[account_id]
