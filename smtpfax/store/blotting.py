"""What the journal holds of mails that were deleted is blotted out, and segments that nobody needs go.

In:    the journal's folder; a mail's id, and where its content stood; the segments that are still named.
Out:   zeros in the place of records and contents; fewer files.
Fails: OSError.

Rule: only what the database has, synced, is blotted: nobody reads it again. Frames stay, so that what stands behind
them is found. A segment that somebody writes is that one's affair.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO

from .journal import FRAME, MAGIC, sync_folder

CLOCKS = timedelta(minutes=5)  # by which the disk's may be off ours
_Place = tuple[int, int]  # from, until


@dataclass(frozen=True, slots=True, kw_only=True)
class Blot:
    """A mail that was deleted; `segment` and `start`: where its content stands, if that goes as well."""

    mail_id: str
    since: float  # seconds of the epoch: when it was taken
    segment: str = ""
    start: int = 0
    octets: int = 0


def blot(folder: Path, what: Blot) -> int:
    """Its content, and its records, also those of its repetitions; how many of these were found."""
    if not folder.is_dir():
        return 0
    if what.segment:
        _zero(folder / what.segment, [(what.start, what.start + what.octets)])
    later = [path for path in folder.iterdir() if path.stat().st_mtime >= what.since - CLOCKS.total_seconds()]
    return sum(_records(path, what.mail_id.encode()) for path in later)


def let_go(folder: Path, *, named: Collection[str], reached: Mapping[str, int]) -> list[str]:
    """Delete segments of which every mail is in the database, and no content is kept."""
    if not folder.is_dir():
        return []
    gone = [path for path in folder.iterdir() if path.name not in named and _over(path, reached.get(path.name, 0))]
    for path in gone:
        path.unlink()
    if gone:
        sync_folder(folder)
    return [path.name for path in gone]


def _over(path: Path, reached: int) -> bool:
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return os.fstat(file.fileno()).st_size <= max(reached, len(MAGIC))


def _records(path: Path, mail_id: bytes) -> int:
    with path.open("rb") as file:
        found = [place for place in _records_in(file) if mail_id in _read(file, place)]
    if found:
        _zero(path, found)
    return len(found)


def _records_in(file: BinaryIO) -> Iterator[_Place]:
    """Where they stand, but for the head's; up to the first entry that is not whole."""
    size, at, head = os.fstat(file.fileno()).st_size, len(MAGIC), True
    while at + FRAME.size <= size:
        record, content, _, _ = FRAME.unpack(_read(file, (at, at + FRAME.size)))
        begin, at = at + FRAME.size, at + FRAME.size + record + content
        if at > size:
            return
        if not head:
            yield begin, begin + record
        head = False


def _read(file: BinaryIO, place: _Place) -> bytes:
    file.seek(place[0])
    return file.read(place[1] - place[0])


def _zero(path: Path, places: Sequence[_Place]) -> None:
    with path.open("r+b") as file:
        for start, end in places:
            file.seek(start)
            file.write(bytes(end - start))
        file.flush()
        os.fdatasync(file.fileno())
