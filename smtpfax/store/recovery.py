"""What a crash left: mails that the journal has and the database has not.

In:    the folder of the journal, the writer's connection; before anybody else writes.
Out:   their rows, each once; how many mails there were.
Fails: Temporary; nothing is taken back that was told.

Rule: a segment that another process still writes is that one's affair. Each is read from the place that the database
had reached, which was committed together with the rows of all mails before it.
"""

from __future__ import annotations

import fcntl
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

from .accepting import CONTENT, REACHED
from .faults import faults_are_ours
from .journal import Entry, read_segment
from .rows import unpacked
from .savepoint import Undone, within_savepoint
from .sqlite import Pen
from .taking import count, insert

log = logging.getLogger(__name__)


def recover(pen: Pen, folder: Path) -> int:
    """All segments that nobody writes."""
    if not folder.is_dir():
        return 0
    with faults_are_ours():
        reached = dict(pen.database.execute("SELECT name, reached FROM segments").fetchall())
        left = [path for path in sorted(folder.iterdir()) if path.stat().st_size > reached.get(path.name, 0)]
        return sum(_recover(pen, path, reached.get(path.name, 0)) for path in left)


def _recover(pen: Pen, path: Path, reached: int) -> int:
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return 0
        pen.begin(sync=True)
        try:
            mails = _replay(pen, path, reached)
            pen.commit()
        except BaseException:
            pen.rollback()
            raise
    if mails:
        log.warning("%d mails were taken from the journal %s", mails, path.name)
    return mails


def _replay(pen: Pen, path: Path, reached: int) -> int:
    found = read_segment(path, reached)
    head = next(found, None)
    if head is None:
        return 0
    columns = unpacked(head[0].record)
    mails, end = 0, reached
    for entry, after in found:
        _insert(pen, path, entry, after - len(entry.content), columns)
        mails, end = mails + 1, after
    if mails:
        pen.database.execute(REACHED, (path.name, end))
    return mails


def _insert(pen: Pen, path: Path, entry: Entry, start: int, columns: Mapping[str, Sequence[str]]) -> None:
    record = unpacked(entry.record)
    tables = {table: record.get(table, []) for table in columns}

    def work() -> None:
        insert(pen.database, tables, columns)
        count(pen.database, record["faxes"])
        if record["content"]:
            pen.database.execute(CONTENT, (record["content"], path.name, start, len(entry.content)))

    try:
        within_savepoint(pen.database, work)
    except Undone as undone:  # a bug: it was inserted once, before it came into the journal
        log.error("mail %s of the journal cannot be inserted: %s", record["content"], undone.error)
