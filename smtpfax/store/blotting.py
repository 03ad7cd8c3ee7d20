"""What the journal holds of mails that were deleted is blotted out, and segments that nobody needs go.

In:    the journal's folder; a mail's id, and where its content stood; the segments that are still named.
Out:   zeros in the place of records and contents; fewer files.
Fails: OSError.

Rule: only what the database has, synced, is blotted: nobody needs it again. A mail that came meanwhile may name this
one, as the first of its fax to a number, and is not in yet: it stays. An entry stays whole, and tells of nothing,
so that who reads it again, in a backup that began earlier, finds what stands behind it. A segment that somebody writes
is let go by nobody.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

from smtpfax.journal.packing import packed
from smtpfax.journal.segments import FRAME, MAGIC
from smtpfax.journal.syncing import sync

CLOCKS = timedelta(minutes=5).total_seconds()  # by which the disk's may be off ours
REPEATED = timedelta(days=30).total_seconds()  # for so long a mail may come again, and name the first one's fax
# Less than any mail's; what stands behind it in a record is passed over.
_NOTHING = packed({"faxes": [], "repeats": [], "content": ""})


@dataclass(frozen=True, slots=True, kw_only=True)
class Blot:
    """A mail that was deleted; `segment` and `start`: where its content stands, if that goes as well."""

    mail_id: str
    since: float  # seconds of the epoch: when it was taken
    segment: str = ""
    start: int = 0
    octets: int = 0
    reached: Mapping[str, int] = field(default_factory=dict)  # how far of each segment the database had come by then


@dataclass(frozen=True, slots=True)
class _Entry:
    """Where an entry of the journal stands, and its digest."""

    at: int
    record: int
    content: int
    end: int
    sha256: bytes


def blot(folder: Path, what: Blot) -> int:
    """Its content, and its records, also those of its repetitions; how many entries that were."""
    if not folder.is_dir():
        return 0
    named = {folder / what.segment} if what.segment else set()
    found = 0
    for path in {*written(folder, what.since), *named}:
        with suppress(FileNotFoundError):  # it was let go just now
            found += _blot(path, what)
    return found


def let_go(folder: Path, *, named: Collection[str], reached: Mapping[str, int]) -> list[str]:
    """Delete segments of which every mail is in the database, and no content is kept."""
    if not folder.is_dir():
        return []
    gone = []
    for path in folder.iterdir():
        with suppress(FileNotFoundError):  # its writer took it back, for the disk was full
            if path.name not in named and _over(path, reached.get(path.name, 0)):
                path.unlink()
                gone.append(path.name)
    if gone:
        sync(folder)
    return gone


def written(folder: Path, since: float) -> Iterator[Path]:
    """The segments that were written from then on for a while: each was begun when the one before it was full."""
    ended = sorted(_ends(folder))
    for (begun, _), (end, path) in pairwise([(0.0, folder), *ended]):
        if end >= since - CLOCKS and begun <= since + REPEATED:
            yield path


def _ends(folder: Path) -> Iterator[tuple[float, Path]]:
    for path in folder.iterdir():
        with suppress(FileNotFoundError):
            yield path.stat().st_mtime, path


def _over(path: Path, reached: int) -> bool:
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return os.fstat(file.fileno()).st_size <= max(reached, len(MAGIC))


def _blot(path: Path, what: Blot) -> int:
    mail_id = what.mail_id.encode()
    with path.open("rb") as file:
        paid = [entry for entry in _entries(file) if entry.end <= what.reached.get(path.name, 0)]
        told = [entry for entry in paid if mail_id in _read(file, entry.record, entry.content)]
        kept = [entry for entry in paid if path.name == what.segment and entry.content == what.start]
    if told or kept:
        _write(path, records=told, contents=kept)
    return len({*told, *kept})


def _entries(file: BinaryIO) -> Iterator[_Entry]:
    """All but the head, up to the first that is not whole."""
    size, at, head = os.fstat(file.fileno()).st_size, len(MAGIC), True
    while at + FRAME.size <= size:
        record, content, _, sha256 = FRAME.unpack(_read(file, at, at + FRAME.size))
        begin = at + FRAME.size
        entry = _Entry(at, begin, begin + record, begin + record + content, sha256)
        if entry.end > size:
            return
        if not head:
            yield entry
        at, head = entry.end, False


def _read(file: BinaryIO, start: int, end: int) -> bytes:
    file.seek(start)
    return file.read(end - start)


def _write(path: Path, *, records: Sequence[_Entry], contents: Sequence[_Entry]) -> None:
    """What was written when is still told by the file's time."""
    with path.open("r+b") as file:
        time = os.fstat(file.fileno())
        for entry in {*records, *contents}:
            _blank(file, entry, record=entry in records, content=entry in contents)
        file.flush()
        os.utime(file.fileno(), ns=(time.st_atime_ns, time.st_mtime_ns))
        os.fsync(file.fileno())


def _blank(file: BinaryIO, entry: _Entry, *, record: bool, content: bool) -> None:
    octets = entry.content - entry.record
    told = _NOTHING.ljust(octets, b"\0") if record else _read(file, entry.record, entry.content)
    kept = bytes(entry.end - entry.content) if content else b""
    digest = hashlib.sha256(kept).digest() if content else entry.sha256
    file.seek(entry.at)
    file.write(FRAME.pack(octets, entry.end - entry.content, zlib.crc32(told), digest))
    file.write(told)
    file.write(kept)
