"""What a crash left: mails that the journal has and the database has not.

In:    the folder of the journal, the writer's connection; before anybody else writes.
Out:   their rows, each once; how many mails there were.
Fails: Temporary; nothing is taken back that was told.

Rule: a segment that another process still writes is that one's affair. Each is read from the place that the database
had reached, which was committed together with the rows of all mails before it. What is torn off at its end counts as
read: nobody was told of it, and the segment is to go with its last content.
"""

from __future__ import annotations

import fcntl
import logging
import sqlite3
from itertools import islice
from pathlib import Path

from .faults import as_ours
from .packing import unpacked
from .paying import REACHED, pay
from .pen import Pen
from .reading import read_segment
from .stamps import Stamps
from .taking import Reading

TOGETHER = 512  # mails that are read at a time
log = logging.getLogger(__name__)


def recover(pen: Pen, folder: Path, stamps: Stamps) -> int:
    """All segments that nobody writes."""
    if not folder.is_dir():
        return 0
    try:
        reached = dict(pen.database.execute("SELECT name, reached FROM segments").fetchall())
        left = [path for path in sorted(folder.iterdir()) if path.stat().st_size > reached.get(path.name, 0)]
        return sum(_recover(pen, path, stamps) for path in left)
    except (sqlite3.Error, OSError) as error:
        raise as_ours(error) from error


def _recover(pen: Pen, path: Path, stamps: Stamps) -> int:
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return 0
        pen.begin(sync=True)
        try:
            # A clerk whose daemon was killed may have put some in since.
            found = pen.database.execute("SELECT reached FROM segments WHERE name = ?", (path.name,)).fetchone()
            mails = _replay(pen, path, found[0] if found else 0, stamps)
            pen.commit()
        except BaseException:
            pen.rollback()
            raise
    if mails:
        log.warning("%d mails were taken from the journal %s", mails, path.name)
    return mails


def _replay(pen: Pen, path: Path, reached: int, stamps: Stamps) -> int:
    found = read_segment(path, reached)
    head = next(found, None)
    if head is None:
        return 0
    columns, mails, whole = unpacked(head[0].record), 0, max(reached, head[1])
    reading = Reading(path.name, columns)
    while some := list(islice(found, TOGETHER)):
        read = [reading.debt(entry.record, end - len(entry.content), end) for entry, end in some]
        debts = [debt for debt in read if debt is not None and debt.end > reached]
        pay(pen.database, debts, columns, stamps)
        mails, whole = mails + len(debts), max(whole, some[-1][1])
    size = path.stat().st_size
    if whole < size:
        log.warning("the journal %s ends in %d octets of no whole mail", path.name, size - whole)
    pen.database.execute(REACHED, (path.name, size))
    return mails
