"""A power cut at each place of the write-ahead log leaves mails whole or absent, and those acknowledged are there."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

from smtpfax.store import Store
from tests.store.desk import Maker

MAILS = 6
# SQLite's file format, section 4.1: a frame of the log is a header and a page.
FRAME_HEADER, PAGE = 24, 4096


def whole(folder: Path) -> list[str]:
    """The mails of a database after a cut; each of them whole, or this fails."""
    with sqlite3.connect(folder / "smtpfax.db") as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        mails = [row[0] for row in database.execute("SELECT id FROM mails ORDER BY id")]
        for table, column in (("jobs", "mail_id"), ("contents", "mail_id"), ("attempts", "mail_id")):
            found = {row[0] for row in database.execute(f"SELECT {column} FROM {table}")}
            assert found == set(mails), table
    database.close()
    return mails


async def test_a_power_cut_at_any_place_of_the_log_leaves_each_mail_whole_or_absent(
    store: Store, make: Maker, tmp_path: Path
) -> None:
    log = store.path.with_name(f"{store.path.name}-wal")
    before = log.stat().st_size
    acknowledged: dict[int, str] = {}  # by the length of the log when it was said
    for number in range(MAILS):
        acceptance = make.acceptance(b"fax %d" % number)
        await store.accept(acceptance, duplicate_hours=1)
        acknowledged[log.stat().st_size] = acceptance.mail.id
    assert len(acknowledged) == MAILS
    octets = log.read_bytes()
    for cut in range(before, len(octets) + 1, (PAGE + FRAME_HEADER) // 2):
        folder = tmp_path / f"cut{cut}"
        folder.mkdir()
        shutil.copy(store.path, folder / "smtpfax.db")
        (folder / "smtpfax.db-wal").write_bytes(octets[:cut])
        assert {mail for length, mail in acknowledged.items() if length <= cut} <= set(whole(folder))
