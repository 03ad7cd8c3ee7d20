"""How many sessions each client has, how much content is arriving over all of them, and whose turn it is.

In:    clients as they come and go; octets as they come, and are kept or let go.
Out:   whether there are more than one client may have; whether there is room for more; turns; what is read into.
Fails: never.

Rule: a client is an address, or a /64 of IPv6, which one customer has whole. Only who is here is remembered. However
many large contents arrive side by side, the event loop comes round quickly, and those that wait have nothing in hand.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque

from .proofs import Address
from .proofs.failures import key_of

MOST_IN_HAND = 8 * 1024 * 1024  # octets over all sessions, before each reads and writes less at a time
LEAST_BLOCK = 32 * 1024


class Crowd:
    """Sessions by client."""

    def __init__(self) -> None:
        self._sessions: Counter[str] = Counter()

    def enter(self, address: Address) -> int:
        """One more; how many this client has now."""
        key = key_of(address)
        self._sessions[key] += 1
        return self._sessions[key]

    def leave(self, address: Address) -> None:
        """One less."""
        key = key_of(address)
        self._sessions[key] -= 1
        if not self._sessions[key]:
            del self._sessions[key]

    def __len__(self) -> int:
        return len(self._sessions)


class Load:
    """Octets of content that have come and are not kept yet, over all sessions."""

    def __init__(self) -> None:
        self.octets = 0
        self.in_hand = 0  # of these, not on the disk yet

    @property
    def much(self) -> bool:
        """Whether there is so much in all hands together that each has to be content with less."""
        return self.in_hand > MOST_IN_HAND

    def bears(self, octets: int, *, most: int) -> bool:
        """Whether so many more may come."""
        return self.octets + octets <= most

    def take(self, octets: int, *, most: int) -> bool:
        """So many came; whether they may stay. Those that may not are let go at once, and not counted."""
        borne = self.bears(octets, most=most)
        self.octets += octets if borne else 0
        return borne

    def drop(self, octets: int) -> None:
        """So many are kept now, or let go."""
        self.octets -= octets


class Room:
    """What connections read into: one for all of them, for what came is taken out before anything else happens.

    Else each of them would read as much as it can in the first round, and of all that heap nothing is given back.
    """

    def __init__(self) -> None:
        self.whole = memoryview(bytearray(256 * 1024))
        self.less = self.whole[: LEAST_BLOCK + 8 * 1024]  # what a line without its end keeps back is no matter then


class Turns:
    """Who has brought a block waits until those before have been let on: a few each time the event loop comes round."""

    AT_A_TIME = 2
    MOST_WRITING = 4 * 1024 * 1024  # octets on their way to the disk, before all wait for it
    PAUSE = 0.002  # seconds

    def __init__(self) -> None:
        self.writing = 0  # octets, which the disk has sooner or later
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def next(self) -> None:
        """It is one's turn; nobody who is slow is waited for."""
        loop = asyncio.get_running_loop()
        mine: asyncio.Future[None] = loop.create_future()
        if not self._waiting:
            loop.call_soon(self._let_on, loop)
        self._waiting.append(mine)
        await mine

    def _let_on(self, loop: asyncio.AbstractEventLoop) -> None:
        if self.writing > self.MOST_WRITING:
            loop.call_later(self.PAUSE, self._let_on, loop)
            return
        for _ in range(min(self.AT_A_TIME, len(self._waiting))):
            first = self._waiting.popleft()
            if not first.done():  # or its session has ended
                first.set_result(None)
        if self._waiting:
            loop.call_soon(self._let_on, loop)
