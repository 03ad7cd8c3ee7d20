"""A power cut at each place of the journal, or of the database's log, leaves mails whole or absent, and each once."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from itertools import count
from pathlib import Path

from smtpfax.journal.reading import journal_of
from smtpfax.journal.recovery import recover
from smtpfax.journal.stamps import Stamps
from smtpfax.store import Store
from smtpfax.store.sqlite import Pen
from tests.store.desk import Clock, Maker

MAILS = 6
# SQLite's file format, section 4.1: a frame of the log is a header and a page.
FRAME_HEADER, PAGE = 24, 4096


async def taken(store: Store, make: Maker, number: int) -> str:
    """A mail that was told to be ours, and is committed."""
    acceptance = make.acceptance(b"fax %d" % number)
    await store.accept(acceptance, duplicate_hours=1)
    await store._database.writer.settled()
    return acceptance.mail.id


def log_of(path: Path) -> Path:
    """The database's own log."""
    return path.with_name(f"{path.name}-wal")


def whole(path: Path) -> list[str]:
    """The mails, after what every start does; each of them whole and once, or this fails."""
    pen = Pen(path, busy_seconds=1)
    recover(pen, journal_of(path), Stamps(Clock()))
    database = pen.database
    assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    mails = [row[0] for row in database.execute("SELECT id FROM mails ORDER BY id")]
    for table, column in (("jobs", "mail_id"), ("contents", "mail_id"), ("attempts", "mail_id"), ("claims", "mail_id")):
        assert sorted(row[0] for row in database.execute(f"SELECT {column} FROM {table}")) == mails, table
    places = database.execute("SELECT segment, start, octets FROM contents ORDER BY mail_id").fetchall()
    for number, (segment, start, octets) in enumerate(places):
        content = (journal_of(path) / segment).read_bytes()[start : start + octets]
        assert content == b"fax %d" % number
    assert database.execute("SELECT sum(faxes) FROM \"usage\" WHERE scope LIKE 'faxbox%'").fetchone()[0] in (
        len(mails) or None,
    )
    pen.connection.close()
    pen.close()
    return mails


def copier(store: Store, tmp_path: Path) -> Callable[[], Path]:
    """Makes copies of the database as it stands now."""
    database, log, numbers = store.path.read_bytes(), log_of(store.path).read_bytes(), count()

    def copy() -> Path:
        path = tmp_path / f"cut{next(numbers)}" / "smtpfax.db"
        journal_of(path).mkdir(parents=True)
        path.write_bytes(database)
        log_of(path).write_bytes(log)
        return path

    return copy


async def test_a_power_cut_at_any_place_of_the_journal_leaves_each_mail_whole_or_absent(
    store: Store, make: Maker, tmp_path: Path
) -> None:
    first = await taken(store, make, 0)
    copy = copier(store, tmp_path)  # what follows never reached the database
    [segment] = journal_of(store.path).iterdir()
    begin = segment.stat().st_size
    acknowledged = {begin: first}  # by the length of the journal when it was said
    for number in range(1, MAILS):
        mail_id = await taken(store, make, number)
        acknowledged[segment.stat().st_size] = mail_id
    octets = segment.read_bytes()
    for cut in [*range(begin, len(octets), 61), *acknowledged]:
        path = copy()
        (journal_of(path) / segment.name).write_bytes(octets[:cut])
        found = whole(path)
        assert found == [mail_id for length, mail_id in acknowledged.items() if length <= cut]
        assert whole(path) == found  # the next start brings nothing new


async def test_a_power_cut_at_any_place_of_the_databases_log_loses_no_mail(
    store: Store, make: Maker, tmp_path: Path
) -> None:
    before = log_of(store.path).stat().st_size
    told = [await taken(store, make, number) for number in range(MAILS)]
    database, octets = store.path.read_bytes(), log_of(store.path).read_bytes()
    for cut in range(before, len(octets) + 1, (PAGE + FRAME_HEADER) * 3 // 2):
        path = tmp_path / f"cut{cut}" / "smtpfax.db"
        shutil.copytree(journal_of(store.path), journal_of(path))
        path.write_bytes(database)
        log_of(path).write_bytes(octets[:cut])
        assert whole(path) == told


async def test_a_journal_whose_octets_rotted_tells_no_wrong_mail(store: Store, make: Maker, tmp_path: Path) -> None:
    first = await taken(store, make, 0)
    copy = copier(store, tmp_path)
    [segment] = journal_of(store.path).iterdir()
    begin = segment.stat().st_size
    await taken(store, make, 1)
    octets = segment.read_bytes()
    for place in range(begin, len(octets), 37):
        path = copy()
        rotten = octets[:place] + bytes([octets[place] ^ 1]) + octets[place + 1 :]
        (journal_of(path) / segment.name).write_bytes(rotten)
        assert whole(path) == [first]


def test_the_tests_know_the_page_size(tmp_path: Path) -> None:
    database = sqlite3.connect(tmp_path / "x.db")
    assert database.execute("PRAGMA page_size").fetchone() == (PAGE,)
    database.close()
