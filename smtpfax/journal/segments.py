"""The journal: mails as they were taken, in the order in which they were, each with its small content.

In:    the entries of a batch, to be durable together by one sync.
Out:   where each content stands (`reading` reads it, and what a crash left).
Fails: OSError, when the disk is full or broken: then nothing of the batch counts.

Rule: a segment is written by the process that made it, and never again after a failure or a restart. That process holds
a lock on it until the database has all of its entries. Of an entry that is torn, and of all behind it in its segment,
nobody was told.

    MAGIC   then entries, the first of which names the columns of the others' rows; a form stands before the first
            mail that fills it:
            octets of the record, octets of the content, CRC-32 of the record, SHA-256 of the content (big-endian)
            the record (`taking.Record`), as `packing.packed` makes it; the content
"""

from __future__ import annotations

import fcntl
import os
import struct
import threading
import time
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from .brought import Columns, Form
from .packing import packed
from .syncing import sync

MAGIC = b"SFXJ\x00\x01\r\n"
FRAME = struct.Struct(">III32s")
MOST_OCTETS = 64 * 1024 * 1024  # of a segment, before the next is begun
MOST_SECONDS = 86400.0  # that it is written to: it goes when none of its mails is kept
_MOST_BUFFERS = 999  # of one write (IOV_MAX is 1024)


def head_of(columns: Columns) -> bytes:
    """The record of a segment's first entry."""
    return packed(dict(columns))


class Entry(NamedTuple):
    """One mail: its record, and its content, if it is small enough to be here."""

    record: bytes
    content: bytes = b""
    sha256: bytes = bytes(32)  # of the content
    form: Form | None = None  # which is to stand before it, once in each segment

    def framed(self) -> Framed:
        """As it is written."""
        frame = FRAME.pack(len(self.record), len(self.content), zlib.crc32(self.record), self.sha256)
        return Framed(frame + self.record, self.content, self.form)


class Framed(NamedTuple):
    """An entry that is ready for the disk."""

    ahead: bytes  # what stands before the content
    content: bytes
    form: Form | None = None


class Platter:
    """Each act on the disk by itself, so that a test can fail any of them."""

    def write(self, descriptor: int, buffers: Sequence[bytes]) -> int:
        """Some of the octets; how many."""
        return os.writev(descriptor, buffers)

    def sync(self, descriptor: int) -> None:
        """The octets survive a power cut, and the file's length with them."""
        os.fdatasync(descriptor)

    def sync_folder(self, folder: Path) -> None:
        """The names in it survive a power cut."""
        sync(folder)


class Segment:
    """A segment that is being written; locked until it is closed, and nothing of it is owed to the database."""

    def __init__(self, path: Path, head: bytes, platter: Platter) -> None:
        self.name = path.name
        self.end = self._safe = len(MAGIC)
        self._began = time.monotonic()
        self._path = path
        self._platter = platter
        self._owed = 0  # entries that the database has not
        self._closed = self._gone = False
        self._forms: set[int] = set()  # the numbers of those that stand here
        self._counting = threading.Lock()
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
        self._descriptor = os.open(path, flags, 0o600)
        self._lanes = [self._descriptor]  # by which it is synced: each hears of every error once
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX)
            self._write([MAGIC])
            places = self.write([Entry(head).framed()])
            self.sync()
            self.keep(places)
            self.paid(1)  # which is no mail
            self._first = self.end
            platter.sync_folder(path.parent)
        except BaseException:
            self.paid(self._owed)
            self.close()
            path.unlink()
            raise

    @property
    def full(self) -> bool:
        """It is large enough, or old enough."""
        return self.end > MOST_OCTETS or time.monotonic() - self._began > MOST_SECONDS

    def write(self, entries: Sequence[Framed], *, lane: int = 0) -> list[Place]:
        """All of them, to be synced by that lane; where their contents stand. They are owed to the database."""
        while len(self._lanes) <= lane:  # before anything is written that it is to hear of
            self._lanes.append(os.open(self._path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW))
        forms, buffers, places, end = set(self._forms), list[bytes](), list[Place](), self.end
        for ahead, content, form in entries:
            begin = end
            if form is not None and form.number not in forms:
                forms.add(form.number)
                buffers.append(Entry(packed({"form": list(form)})).framed().ahead)
                end += len(buffers[-1])
            start = end + len(ahead)
            end = start + len(content)
            places.append(Place(self, start, len(content), begin))
            buffers += (ahead, content) if content else (ahead,)
        self._write(buffers)
        self._forms, self.end = forms, end
        with self._counting:
            self._owed += len(entries)
        return places

    def sync(self, *, lane: int = 0) -> None:
        """What was written so far is durable when this returns."""
        self._platter.sync(self._lanes[lane])

    def keep(self, places: Sequence[Place]) -> None:
        """These are durable, and all before them."""
        self._safe = max(self._safe, places[-1].end)

    def paid(self, entries: int) -> None:
        """The database has so many more."""
        with self._counting:
            self._owed -= entries
            self._let_go()

    def cut(self) -> None:
        """What was written in vain goes; all of it, if no mail was written before: a full disk would collect them."""
        if self._gone or self._descriptor < 0:
            return
        os.ftruncate(self._descriptor, self._safe)
        if self._safe == self._first:
            self._gone = True
            self._path.unlink()

    def close(self) -> None:
        """Nothing more is written into it."""
        with self._counting:
            self._closed = True
            self._let_go()

    def _let_go(self) -> None:
        if self._closed and not self._owed and self._descriptor >= 0:
            for descriptor in self._lanes:
                os.close(descriptor)
            self._descriptor = -1

    def _write(self, buffers: list[bytes]) -> None:
        for first in range(0, len(buffers), _MOST_BUFFERS):
            some = buffers[first : first + _MOST_BUFFERS]
            written = self._platter.write(self._descriptor, some)
            if written < sum(map(len, some)):  # the disk is nearly full, or a signal came
                rest = b"".join(some)[written:]
                while rest:
                    rest = rest[self._platter.write(self._descriptor, [rest]) :]


class Place(NamedTuple):
    """Where a content stands; its entry ends with it."""

    segment: Segment
    start: int
    octets: int
    entry: int  # where that begins, or its form before it

    @property
    def end(self) -> int:
        """Where the next entry stands."""
        return self.start + self.octets


class Journal:
    """A folder of segments, and the one that this process writes; made when there is something to write."""

    def __init__(self, folder: Path, *, head: bytes, names: Callable[[], str], platter: Platter | None = None) -> None:
        self.folder = folder
        self._head = head
        self._names = names
        self._platter = platter or Platter()
        self._segment: Segment | None = None
        self._named = False  # the folder's own name survives a power cut

    def write(self, entries: Sequence[Framed], *, lane: int) -> list[Place]:
        """To be synced by that lane of their segment."""
        return self._now().write(entries, lane=lane)

    def abandon(self) -> None:
        """The segment goes no further; what was written there in vain is cut off."""
        segment = self._segment
        if segment is not None:
            try:
                segment.cut()
            finally:
                self.close()

    def _now(self) -> Segment:
        segment = self._segment
        return self._begin() if segment is None or segment.full else segment

    def close(self) -> None:
        """Nothing more will come."""
        segment, self._segment = self._segment, None
        if segment is not None:
            segment.close()

    def _begin(self) -> Segment:
        self.close()
        if not self._named:
            self.folder.mkdir(mode=0o700, exist_ok=True)
            self._platter.sync_folder(self.folder.parent)
            self._named = True
        self._segment = Segment(self.folder / self._names(), self._head, self._platter)
        return self._segment
