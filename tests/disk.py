"""A disk whose power fails at a given act, and what such a cut leaves behind."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

from smtpfax.spool import Disk


class PowerCut(Exception):
    """The machine is off: nothing after this act happens."""


class DyingDisk(Disk):
    """Dies at act number `acts`.

    A file system may write back what was not synced in any order. `names_survive` chooses between the two extremes:
    names that were not synced are there and octets are not, or octets are there and names are not.
    """

    def __init__(self, acts: int, *, names_survive: bool) -> None:
        self._left = acts
        self._names_survive = names_survive
        self._paths: dict[int, Path] = {}
        self._synced: dict[Path, int] = {}  # octets of each file that are safe
        self._undo: list[Callable[[], None]] = []  # what names a cut takes back

    def create(self, path: Path) -> int:
        self._act()
        descriptor = super().create(path)
        self._paths[descriptor] = path
        self._synced[path] = 0
        self._undo.append(lambda: path.unlink(missing_ok=True))
        return descriptor

    def write(self, descriptor: int, octets: memoryview) -> int:
        if self._left == 0:
            os.write(descriptor, octets[: len(octets) // 2])  # cut in the middle of it
        self._act()
        return super().write(descriptor, octets[: len(octets) // 2 + 1])  # a short write, as write(2) may do

    def sync(self, descriptor: int) -> None:
        self._act()
        super().sync(descriptor)
        self._synced[self._paths[descriptor]] = os.fstat(descriptor).st_size

    def close(self, descriptor: int) -> None:
        super().close(descriptor)
        self._act()

    def rename(self, old: Path, new: Path) -> None:
        self._act()
        before = new.read_bytes() if new.exists() else None
        super().rename(old, new)
        self._synced[new] = self._synced.pop(old)
        self._undo.append(lambda: new.unlink() if before is None else _put_back(new, before))

    def sync_folder(self, folder: Path) -> None:
        self._act()
        super().sync_folder(folder)
        self._undo.clear()

    def remove(self, path: Path) -> None:
        self._act()
        super().remove(path)

    def _act(self) -> None:
        if self._left == 0:
            self._left = -1
            self._lose()
        if self._left < 0:
            raise PowerCut
        self._left -= 1

    def _lose(self) -> None:
        if not self._names_survive:
            for undo in reversed(self._undo):
                undo()
            return
        for path, octets in self._synced.items():
            if path.exists():
                os.truncate(path, octets)


def _put_back(path: Path, octets: bytes) -> None:
    path.unlink()
    path.write_bytes(octets)


class FullDisk(Disk):
    """Takes some octets, and then no more until it is emptied."""

    def __init__(self, room: int, error: int = errno.ENOSPC) -> None:
        self.room = room
        self._error = error

    def write(self, descriptor: int, octets: memoryview) -> int:
        if len(octets) > self.room:
            raise OSError(self._error, os.strerror(self._error))
        self.room -= len(octets)
        return super().write(descriptor, octets)
