"""What is remembered of single messages, and may be forgotten: at worst it is asked for once more.

In:    a message's id, and what is known of it.
Out:   the same, as long as it is among the last so many.
Fails: never.
"""

from __future__ import annotations

from typing import TypeVar

T = TypeVar("T")
MOST = 1000


class Memory(dict[int, T]):
    """The last MOST; the one that was told first is forgotten first."""

    def __setitem__(self, message: int, known: T) -> None:
        if message not in self and len(self) >= MOST:
            del self[next(iter(self))]
        super().__setitem__(message, known)
