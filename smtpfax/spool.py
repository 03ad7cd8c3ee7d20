"""Large content and documents kept durably, found again by name after any crash.

In:    octets under a name, whole or while they arrive.
Out:   the same octets by that name, or the path of the file that holds them.
Fails: Temporary, when the disk is full or broken; ValueError for a name that could leave the folder.

Guarantees:
**G1** 250 only after the content and its rows survive a power cut. Rows and content up to a threshold of at least
256 KiB share one sync per batch of mails; a larger content's file and folder are synced before that commit. (Rows of
refusals may be up to a second late.)
**G2** a job that is not final has its content.

    .tmp-…    being written: nobody's after a crash, swept at start
    NAME      whole and durable: it was written and synced under a name of no meaning, renamed, and the folder synced

Another kind of spool needs only what Spool and Arriving show.
"""

from __future__ import annotations

import asyncio
import errno
import os
import re
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

from smtpfax.model.errors import Temporary
from smtpfax.model.status import NO_SPACE, OUR_FAULT

BLOCK = 32 * 1024  # so much is written at once, away from the event loop; less waits for more
_MOST_PIECES = 16  # that are written one by one
MOMENT = 0.2  # seconds: whoever has just looked for free space need not look again
_NAME = re.compile(r"[0-9A-Za-z](?:[0-9A-Za-z_-]|\.(?=[0-9A-Za-z])){0,99}")
_TEMPORARY = ".tmp-"
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


class Disk:
    """Each act on the disk by itself, so that a test can cut the power at any of them."""

    def create(self, path: Path) -> int:
        """A new file, ours alone to read."""
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)

    def write(self, descriptor: int, octets: memoryview) -> int:
        """Some of the octets; how many."""
        return os.write(descriptor, octets)

    def sync(self, descriptor: int) -> None:
        """The file's octets survive a power cut."""
        os.fsync(descriptor)

    def close(self, descriptor: int) -> None:
        """Let go of a file."""
        os.close(descriptor)

    def rename(self, old: Path, new: Path) -> None:
        """In one act; a file of that name is replaced."""
        old.replace(new)

    def sync_folder(self, folder: Path) -> None:
        """The folder's names survive a power cut: fsync of a file does not make its name durable (fsync(2))."""
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def remove(self, path: Path) -> None:
        """Missing is fine."""
        path.unlink(missing_ok=True)


class Arriving:
    """A content of unknown size on its way in; one act at a time, whatever becomes of the callers."""

    def __init__(self, folder: Path, disk: Disk) -> None:
        self._folder = folder
        self._disk = disk
        self._path = folder / f"{_TEMPORARY}{uuid4().hex}"
        self._waiting: list[bytes] = []
        self._octets = 0  # that wait
        self._descriptor: int | None = None
        self._broken = False
        self._over = False
        self._lock = threading.Lock()  # a cancelled caller's thread goes on: the next act waits for it

    async def write(self, *pieces: bytes) -> None:
        """Take pieces, large ones uncopied; they are on the disk some time before `keep` returns."""
        self._waiting += pieces
        self._octets += sum(map(len, pieces))
        if self._octets >= BLOCK:
            await asyncio.to_thread(self._write)

    async def keep(self, name: str) -> None:
        """All of it is here: durable under this name when this returns."""
        await asyncio.to_thread(self._keep, self._folder / checked(name))

    async def discard(self) -> None:
        """It will not be needed; after `keep` this does nothing."""
        await asyncio.to_thread(self._discard)

    def _write(self) -> None:
        with self._lock, _told_as_ours():
            if self._over or self._broken:
                raise Temporary(OUR_FAULT, reason="spool: written to after its end")
            self._broken = True  # until it went well: a content with a hole is never kept
            if self._descriptor is None:
                self._descriptor = self._disk.create(self._path)
            pieces, self._waiting, self._octets = self._waiting, [], 0
            # Whoever sends an octet at a time shall not cost us a call of the kernel for each.
            for piece in pieces if len(pieces) <= _MOST_PIECES else (b"".join(pieces),):
                rest = memoryview(piece)
                while rest:
                    rest = rest[self._disk.write(self._descriptor, rest) :]
            self._broken = False

    def _keep(self, path: Path) -> None:
        self._write()
        with self._lock, _told_as_ours():
            descriptor, self._descriptor = self._descriptor, None
            if descriptor is None:
                raise Temporary(OUR_FAULT, reason="spool: kept after its end")
            try:
                self._disk.sync(descriptor)
            finally:
                self._disk.close(descriptor)
            self._disk.rename(self._path, path)
            self._over = True
            self._disk.sync_folder(self._folder)

    def _discard(self) -> None:
        with self._lock:
            if self._over:
                return
            self._over = True
            descriptor, self._descriptor = self._descriptor, None
            with suppress(OSError):  # the sweep at the next start finds it
                if descriptor is not None:
                    self._disk.close(descriptor)
                self._disk.remove(self._path)


class Spool:
    """One folder of files."""

    def __init__(
        self, folder: Path, disk: Disk | None = None, min_free_bytes: int = 0, *, look_every: float = MOMENT
    ) -> None:
        self.folder = folder
        self._disk = disk or Disk()
        self._min_free = min_free_bytes
        self._look_every = look_every
        self._free, self._looked = 0, float("-inf")
        with _told_as_ours():
            if not folder.is_dir():
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                self._disk.sync_folder(folder.parent)

    def path(self, name: str) -> Path:
        """Where the file of this name is, or would be."""
        return self.folder / checked(name)

    def arriving(self) -> Arriving:
        """Begin to take a content."""
        return Arriving(self.folder, self._disk)

    async def put(self, name: str, octets: bytes) -> None:
        """Keep octets: durable under this name when this returns; what had the name is replaced."""
        checked(name)
        arriving = self.arriving()
        try:
            await arriving.write(octets)
            await arriving.keep(name)
        except BaseException:
            await asyncio.shield(arriving.discard())
            raise

    async def read(self, name: str) -> bytes:
        """The octets under this name."""
        path = self.path(name)
        with _told_as_ours():
            return await asyncio.to_thread(path.read_bytes)

    def has(self, name: str) -> bool:
        """Whether something is kept under this name."""
        return self.path(name).is_file()

    async def delete(self, name: str) -> None:
        """Forget the name; missing is fine. After a power cut it may be back, and is a stray."""
        path = self.path(name)
        with _told_as_ours():
            await asyncio.to_thread(self._disk.remove, path)

    async def delete_old(self, name: str, *, age: timedelta) -> bool:
        """Forget the name, unless something was kept under it since it was found to be so old."""
        path = self.path(name)
        with _told_as_ours():
            return await asyncio.to_thread(self._delete_old, path, age)

    async def kept(self) -> list[str]:
        """Every name."""
        return [name for name, _ in await self.ages()]

    async def ages(self) -> list[tuple[str, timedelta]]:
        """Every name, and since when it has been kept."""
        with _told_as_ours():
            return await asyncio.to_thread(self._ages)

    async def sweep(self) -> int:
        """At start: what was being written when the last process ended is nobody's. How many there were."""
        with _told_as_ours():
            return await asyncio.to_thread(self._sweep)

    def free_bytes(self) -> int:
        """What an unprivileged process may still write here."""
        with _told_as_ours():
            return shutil.disk_usage(self.folder).free

    def enough_space(self, octets: int) -> bool:
        """Whether so much may come in, as it was within the last moment; false also when the disk does not answer."""
        now = time.monotonic()
        if now - self._looked >= self._look_every:
            self._looked = now
            try:
                self._free = self.free_bytes()
            except Temporary:
                self._free = -1
        return self._free >= octets + self._min_free

    def _ages(self) -> list[tuple[str, timedelta]]:
        now = time.time()
        with os.scandir(self.folder) as entries:
            return [
                (entry.name, timedelta(seconds=now - entry.stat().st_mtime))
                for entry in entries
                if _NAME.fullmatch(entry.name) and entry.is_file(follow_symlinks=False)
            ]

    def _delete_old(self, path: Path, age: timedelta) -> bool:
        try:
            old = time.time() - path.stat().st_mtime > age.total_seconds()
        except FileNotFoundError:
            return False
        if old:
            self._disk.remove(path)
        return old

    def _sweep(self) -> int:
        left = list(self.folder.glob(f"{_TEMPORARY}*"))
        for path in left:
            self._disk.remove(path)
        return len(left)


def checked(name: str) -> str:
    """The name, if it is one of a file in the folder and of nothing else."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"not a name in the spool: {name!r}")
    return name


@contextmanager
def _told_as_ours() -> Iterator[None]:
    """The disk's faults are never the sender's (G6)."""
    try:
        yield
    except OSError as error:
        sentence = NO_SPACE if error.errno in _FULL else OUR_FAULT
        raise Temporary(sentence, reason=f"spool: {error}") from error
