"""A film of the disk: after each act what was written of the journal and of the database's log, and what of it is safe.

From any of its pictures the power may be cut: what is safe is there, and of the rest whatever the disk was quick to do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from types import MappingProxyType

from smtpfax.journal.segments import Entry, Journal, Place, Platter
from smtpfax.store.sqlite import Pen

SECTOR = 512


def append(journal: Journal, *entries: Entry) -> list[Place]:
    """Durable when this returns, or abandoned."""
    places: list[Place] = []
    try:
        places += journal.write([each.framed() for each in entries], lane=0)
        places[0].segment.sync()
    except BaseException:
        journal.abandon()
        for place in places:
            place.segment.paid(1)
        raise
    places[0].segment.keep(places)
    return places


@dataclass(frozen=True, slots=True)
class Picture:
    """Octets that are safe, and octets that were written, of each file; what was told by then."""

    files: Mapping[Path, tuple[int, int]]
    told: int  # mails
    done: int  # units of work on the database


@dataclass
class Film(Platter):
    """Takes a picture after each act; `fails` acts from now on, one of them fails."""

    pictures: list[Picture] = field(default_factory=list)
    octets: dict[Path, bytes] = field(default_factory=dict)  # the most that each file ever had
    told: int = 0
    done: int = 0
    fails: int | None = None
    _files: dict[Path, tuple[int, int]] = field(default_factory=dict)
    _short: bool = False

    def write(self, descriptor: int, buffers: Sequence[bytes]) -> int:
        self._act()
        octets = b"".join(buffers)
        self._short = not self._short  # every other write is a short one, as writev(2) may do
        written = super().write(descriptor, [octets[: len(octets) // 2 + 1]] if self._short else buffers)
        self.written(_path(descriptor), safe=False)
        return written

    def sync(self, descriptor: int) -> None:
        self._act()
        super().sync(descriptor)
        self.written(_path(descriptor), safe=True)

    def sync_folder(self, folder: Path) -> None:
        self._act()
        super().sync_folder(folder)

    def written(self, path: Path, *, safe: bool) -> None:
        """So much is there now."""
        octets = path.read_bytes()
        assert octets.startswith(self.octets.get(path, b"")), "nothing is written over"
        before, _ = self._files.get(path, (0, 0))
        self._files[path] = len(octets) if safe else before, len(octets)
        self.octets[path] = octets
        self.take()

    def take(self) -> None:
        """A picture."""
        self.pictures.append(Picture(MappingProxyType(dict(self._files)), self.told, self.done))

    def _act(self) -> None:
        if self.fails is not None:
            self.fails -= 1
            if self.fails < 0:
                self.fails = None
                raise OSError(5, "Input/output error")


class FilmedPen(Pen):
    """The connection that writes, before the film's eye."""

    def __init__(self, path: Path, film: Film) -> None:
        super().__init__(path, busy_seconds=1)
        self._log = path.with_name(f"{path.name}-wal")
        self._film = film
        self._before = self._log.stat().st_size
        self.database.set_trace_callback(self._look)

    def commit(self) -> None:
        super().commit()
        if self._look() and self.database.execute("PRAGMA synchronous").fetchone() == (2,):
            self._film.written(self._log, safe=True)

    def _look(self, _statement: str = "") -> bool:
        """Before each statement, for a commit may be in any: whether the log grew."""
        before, self._before = self._before, self._log.stat().st_size
        if self._before > before:
            self._film.written(self._log, safe=False)
        return self._before > before


Lost = Callable[[bytes, int, Random], bytes | None]


def least(octets: bytes, safe: int, _: Random) -> bytes | None:
    """Nothing but what is safe."""
    return octets[:safe] if safe else None


def most(octets: bytes, _safe: int, _: Random) -> bytes | None:
    """All that was written."""
    return octets


def some(octets: bytes, safe: int, chance: Random) -> bytes | None:
    """Some of what is not safe: it ends somewhere, and there is a hole in it, for disks keep no order."""
    end = chance.randint(safe, len(octets))
    hole = chance.randrange(safe, len(octets) + 1)
    torn = octets[:hole] + bytes(min(SECTOR, len(octets) - hole)) + octets[hole + SECTOR :]
    return torn[:end]


def cut(film: Film, picture: Picture, home: Path, target: Path, lost: Lost, chance: Random) -> None:
    """What the next start finds, in the folder `target`; the film was taken in `home`."""
    for path, (safe, written) in picture.files.items():
        left = lost(film.octets[path][:written], safe, chance)
        if left is not None:
            there = target / path.relative_to(home)
            there.parent.mkdir(parents=True, exist_ok=True)
            there.write_bytes(left)


def _path(descriptor: int) -> Path:
    return Path(f"/proc/self/fd/{descriptor}").readlink()
