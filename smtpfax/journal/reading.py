"""Segments of the journal, as they are read again.

In:    a segment's file, whoever writes it.
Out:   its entries, up to the first that is not whole; a content from its place; a copy.
Fails: OSError.
"""

from __future__ import annotations

import hashlib
import shutil
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from .segments import FRAME, MAGIC, Entry
from .syncing import sync


def read_segment(path: Path, start: int) -> Iterator[tuple[Entry, int]]:
    """Its head, then the whole entries, each with its end; of those before `start` the record alone."""
    size = path.stat().st_size
    with path.open("rb") as file:
        if file.read(len(MAGIC)) != MAGIC:
            return
        while (entry := _next(file, size, known=start)) is not None:
            yield entry, file.tell()


def _next(file: BinaryIO, size: int, *, known: int) -> Entry | None:
    frame = file.read(FRAME.size)
    if len(frame) < FRAME.size:
        return None
    record_octets, content_octets, crc, sha256 = FRAME.unpack(frame)
    end = file.tell() + record_octets + content_octets
    if end > size:
        return None
    if end <= known:
        record = file.read(record_octets)
        file.seek(end)
        return Entry(record, b"", sha256)
    record, content = file.read(record_octets), file.read(content_octets)
    if zlib.crc32(record) != crc or (content and hashlib.sha256(content).digest() != sha256):
        return None
    return Entry(record, content, sha256)


def read_records(path: Path, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """The records of entries that are known to be whole; where the content of each stands, and its end.

    `start` 0: from the first one on, which follows the head.
    """
    at = start or len(MAGIC)
    with path.open("rb", buffering=4096) as file:
        while at < end:
            file.seek(at)
            record_octets, content_octets, _, _ = FRAME.unpack(file.read(FRAME.size))
            record, content = file.read(record_octets), at + FRAME.size + record_octets
            if start or at > len(MAGIC):
                yield record, content, content + content_octets
            at = content + content_octets


def read_at(path: Path, start: int, octets: int) -> bytes:
    """A content, from its place."""
    with path.open("rb") as file:
        file.seek(start)
        return file.read(octets)


def journal_of(database: Path) -> Path:
    """The folder that stands beside a database."""
    return database.with_name(f"{database.name}.journal")


def copy_journal(source: Path, target: Path) -> None:
    """As it is now; what is torn off at the end counts for nothing."""
    target.mkdir(mode=0o700)
    for path in source.iterdir() if source.is_dir() else ():
        with suppress(FileNotFoundError):  # it was let go just now
            shutil.copyfile(path, target / path.name)
            (target / path.name).chmod(0o600)
            sync(target / path.name)
    sync(target)
    sync(target.parent)
