"""Who puts into the database what it is owed, best in a process of its own: then the door's interpreter need not do it.

In:    how far of a segment of the journal, and from where, the database is to come.
Out:   that it has.
Fails: what SQLite says, and then nothing of that was put in; the process tells the daemon, and ends when that has gone.

Rule: it follows the journal, as a start after a crash does, and knows nothing besides. It needs little memory, so it
imports nothing but this room, and of the model what names a fault.
"""

from __future__ import annotations

import signal
import socket
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from smtpfax.model.errors import Temporary
from smtpfax.model.status import NO_SPACE

from .brought import Columns
from .faults import as_ours
from .packing import packed, unpacked
from .paying import Debt, pay
from .pen import Pen
from .reading import read_records
from .stamps import Stamps
from .taking import Reading

# Without site-packages: nothing of them is used.
ARGUMENTS = (
    *("-I", "-S", "-c"),
    "import sys; sys.path.insert(0, sys.argv[1]); from smtpfax.journal.clerk import main; main(int(sys.argv[2]))",
)
MOST = 64 * 1024  # octets of a message


class Clerk:
    """One database's."""

    def __init__(self, pen: Pen, folder: Path, columns: Columns) -> None:
        self._pen = pen
        self._folder = folder
        self._columns = columns
        self._stamps = Stamps(lambda: datetime.now(UTC))
        self._reading: tuple[str, int, Reading] | None = None  # of which segment, and how far

    def put(self, segment: str, start: int, end: int) -> None:
        """In one transaction, which needs no sync: the journal would tell it again."""
        self._pen.begin(sync=False)
        try:
            # A clerk that ended may have done some of it.
            reached = self._pen.database.execute("SELECT reached FROM segments WHERE name = ?", (segment,)).fetchone()
            debts = list(self._debts(segment, max(start, *reached) if reached else start, end))
            pay(self._pen.database, debts, self._columns, self._stamps)
            self._pen.commit()
        except BaseException:
            self._pen.rollback()
            raise

    def _debts(self, segment: str, start: int, end: int) -> Iterator[Debt]:
        """From there on; what stands before that was read already, or is now, for its forms."""
        name, at, reading = self._reading or ("", 0, None)
        if reading is None or name != segment or at > start:
            at, reading = 0, Reading(segment, self._columns)
        for octets, content, behind in read_records(self._folder / segment, at, end):
            debt = reading.debt(octets, content, behind)
            if debt is not None and content >= start:
                yield debt
        self._reading = segment, end, reading

    def close(self) -> None:
        """Nothing more comes."""
        self._pen.close()


def messages(sock: socket.socket) -> Iterator[tuple[Any, ...]]:
    """One after the other, until the daemon is gone."""
    with suppress(ConnectionError):
        while octets := sock.recv(MOST):
            yield unpacked(octets)


def fault_of(error: BaseException) -> tuple[bool, str]:
    """Whether it is that the disk is full; and words."""
    return isinstance(error, Temporary) and error.sentence is NO_SPACE, getattr(error, "reason", "") or str(error)


def main(descriptor: int) -> None:
    """Until the daemon has gone."""
    # It ends us by closing the line; a signal to all that is ours is its affair.
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    clerk: Clerk | None = None
    with socket.socket(fileno=descriptor) as sock:
        for asked in messages(sock):
            fault = None
            try:
                if clerk is None:
                    database, folder, busy_seconds, columns = asked
                    clerk = Clerk(Pen(Path(database), busy_seconds=busy_seconds), Path(folder), columns)
                else:
                    clerk.put(*asked)
            except Exception as error:  # noqa: BLE001 the daemon is to hear it, whatever it is
                fault = fault_of(as_ours(error))
            with suppress(OSError):  # it is gone, which is heard
                sock.send(packed(fault))
    if clerk is not None:
        clerk.close()
