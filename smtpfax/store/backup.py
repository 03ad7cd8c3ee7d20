"""`smtpfax db backup`: the database, then the files of the spool that it names.

In:    an open store, the folder to make, and where the spool keeps a name.
Out:   a folder with smtpfax.db and spool/, which put back in place is a working state; and what was missing.
Fails: FileExistsError, when the folder exists; OSError, when it cannot be written; Temporary.

Rule: the database is copied first. A file that the copy names existed before it, and files never change: so a file can
be missing only if its time was over while the backup ran.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from smtpfax.journal.syncing import sync

from .retention import names_in_use
from .sqlite import open_copy
from .store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class BackedUp:
    """What a backup holds."""

    database: Path
    files: int
    octets: int
    missing: tuple[str, ...] = ()


async def back_up(store: Store, target: Path, *, path_of: Callable[[str], Path]) -> BackedUp:
    """Make the folder `target`; `path_of` is the spool's."""
    spool = target / "spool"
    await asyncio.to_thread(spool.mkdir, mode=0o700, parents=True)
    database = target / "smtpfax.db"
    await store.copy_to(database)
    names = sorted(await _names(database))
    octets, missing = await asyncio.to_thread(_copy_all, {name: path_of(name) for name in names}, spool)
    return BackedUp(database=database, files=len(names) - len(missing), octets=octets, missing=tuple(missing))


async def _names(database: Path) -> set[str]:
    engine = open_copy(database)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(names_in_use)
    finally:
        await engine.dispose()


def _copy_all(paths: dict[str, Path], folder: Path) -> tuple[int, list[str]]:
    octets = 0
    missing = []
    for name, path in paths.items():
        try:
            octets += _copy(path, folder / path.name)
        except FileNotFoundError:
            missing.append(name)
    sync(folder)
    sync(folder.parent)
    return octets, missing


def _copy(source: Path, target: Path) -> int:
    shutil.copy2(source, target)
    sync(target)
    return target.stat().st_size
