"""A process that dies at a given act: before a request, after its answer, at an act on the disk, when it looks at
the clock. What it had not kept by then is gone.

In:    the number of the act, or none.
Out:   Life; an Egress, a Disk, a clock and a relay that are acts of it.
Fails: Crash, at that act.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from smtpfax.egress import Answer, Egress, Request
from smtpfax.notice.relay import Relay
from smtpfax.spool import Disk
from tests.dispatch.benches import LOOPBACK


class Crash(BaseException):
    """The process ends here."""


@dataclass
class Life:
    """One process: it ends at the act that the fuse says; None: at none."""

    fuse: int | None = None

    def act(self) -> None:
        """One more."""
        if self.fuse is None:
            return
        self.fuse -= 1
        if self.fuse < 0:
            self.fuse = None
            raise Crash

    def clock(self, now: Callable[[], datetime]) -> Callable[[], datetime]:
        """Between any two acts the clock is looked at."""

        def look() -> datetime:
            self.act()
            return now()

        return look


class MortalEgress(Egress):
    """May end before a request leaves, and before anybody here hears its answer."""

    def __init__(self, life: Life) -> None:
        super().__init__(own_hosts=LOOPBACK)
        self._life = life

    async def send(self, request: Request) -> Answer:
        """Ask, once."""
        self._life.act()
        answer = await super().send(request)
        self._life.act()
        return answer


class MortalDisk(Disk):
    """May end before each of its acts."""

    def __init__(self, life: Life) -> None:
        self._life = life

    def create(self, path: Path) -> int:
        """A new file."""
        self._life.act()
        return super().create(path)

    def rename(self, old: Path, new: Path) -> None:
        """In one act."""
        self._life.act()
        super().rename(old, new)

    def sync_folder(self, folder: Path) -> None:
        """The names survive."""
        self._life.act()
        super().sync_folder(folder)


@dataclass(frozen=True, slots=True, kw_only=True)
class MortalRelay(Relay):
    """May end before a mail leaves, and before anybody here hears that it was taken."""

    life: Life

    async def send(self, content: bytes, recipient: str) -> str:
        """Hand one mail over."""
        self.life.act()
        reply = await Relay.send(self, content, recipient)
        self.life.act()
        return reply
