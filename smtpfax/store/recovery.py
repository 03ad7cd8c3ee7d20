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
from itertools import islice
from pathlib import Path

from .faults import faults_are_ours
from .journal import Entry, read_segment
from .paying import REACHED, Debt, pay
from .rows import unpacked
from .sqlite import Pen
from .stamps import Stamps

TOGETHER = 512  # mails that are read at a time
log = logging.getLogger(__name__)


def recover(pen: Pen, folder: Path, stamps: Stamps) -> int:
    """All segments that nobody writes."""
    if not folder.is_dir():
        return 0
    with faults_are_ours():
        reached = dict(pen.database.execute("SELECT name, reached FROM segments").fetchall())
        left = [path for path in sorted(folder.iterdir()) if path.stat().st_size > reached.get(path.name, 0)]
        return sum(_recover(pen, path, reached.get(path.name, 0), stamps) for path in left)


def _recover(pen: Pen, path: Path, reached: int, stamps: Stamps) -> int:
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return 0
        pen.begin(sync=True)
        try:
            mails = _replay(pen, path, reached, stamps)
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
    while some := [_debt(path, entry, end) for entry, end in islice(found, TOGETHER)]:
        pay(pen.database, some, columns, stamps)
        mails, whole = mails + len(some), some[-1].end
    size = path.stat().st_size
    if whole < size:
        log.warning("the journal %s ends in %d octets of no whole mail", path.name, size - whole)
    pen.database.execute(REACHED, (path.name, size))
    return mails


def _debt(path: Path, entry: Entry, end: int) -> Debt:
    record = unpacked(entry.record)
    start = end - len(entry.content)
    return Debt(record, record["faxes"], record["repeats"], None, record["content"], path.name, start, end)
