"""What the store forgets in time, what a backup holds, what a crash leaves, and whose database it opens."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from smtpfax.model.accepting import Acceptance
from smtpfax.model.errors import ConfigError, Temporary
from smtpfax.model.event import Accepted, Cancelled, Offered, Rendered, Sent
from smtpfax.model.job import Job
from smtpfax.model.notice import postmaster_notice
from smtpfax.store import AttemptFilter, Changes, Kind, Record, Store, back_up
from smtpfax.store.migrate import NEWEST, current, settings, upgrade
from smtpfax.store.sqlite import database_file, open_engines
from tests.store.desk import DOCUMENT, Clock, Desk, Maker, to_accepted

DEFAULT = timedelta(days=90)
ACME = Record(kind=Kind.ACCOUNT, account_id="acme", id="acme", data={"name": "Acme"})


def sales(days: int) -> Record:
    return Record(kind=Kind.FAXBOX, account_id="acme", id="sales", data={"name": "Sales", "retention_days": days})


async def sent(desk: Desk, name: str, *, spooled: bool = True) -> Job:
    """A fax whose content and document are in the spool."""
    mail = desk.make.mail(name.encode(), spooled=spooled)
    job = desk.make.job(mail)
    await desk.accept(Acceptance(mail=mail, jobs=[job], attempts=[desk.make.attempt(job=job)]))
    return await desk.walk(job, *to_accepted(name, replace(DOCUMENT, name=f"{name}.tif")), Sent())


async def test_content_and_document_go_after_the_faxboxs_days_and_the_rest_later(desk: Desk) -> None:
    await desk.store.accounts.write(Changes(put=[ACME, sales(7)]))
    job = await sent(desk, "d")
    assert await desk.store.retention.names_in_use() == {job.mail_id, "d.tif"}

    now = desk.clock.turn(days=7)
    assert await desk.store.retention.strip_jobs(now=now, default=DEFAULT) == 0
    now = desk.clock.turn(seconds=1)
    assert await desk.store.retention.strip_jobs(now=now, default=DEFAULT) == 1

    assert await desk.store.retention.names_in_use() == set()
    assert await desk.job(job.id) == job
    assert await desk.store.retention.strip_jobs(now=now, default=DEFAULT) == 0

    now = desk.clock.turn(days=90)
    await desk.store.retention.strip_jobs(now=now, default=DEFAULT)
    assert await desk.store.jobs.get(job.id) is None
    assert await desk.store.mails.get(job.mail_id) is None
    [row] = (await desk.store.attempts.page(AttemptFilter(), limit=9)).rows
    assert row.state == "sent"


async def test_a_document_with_its_header_line_goes_with_the_bare_one(desk: Desk) -> None:
    await desk.store.accounts.write(Changes(put=[ACME, sales(7)]))
    mail = desk.make.mail()
    job = desk.make.job(mail)
    await desk.accept(Acceptance(mail=mail, jobs=[job]))
    bare, headed = replace(DOCUMENT, name="bare.tif"), replace(DOCUMENT, name="headed.tif")
    await desk.walk(job, Rendered(document=bare), Offered(backend="line", document=headed))
    assert await desk.store.retention.names_in_use() == {"bare.tif", "headed.tif"}
    assert (await desk.job(job.id)).headed == headed
    await desk.walk(await desk.job(job.id), Accepted(ticket="t"), Sent())
    assert await desk.store.retention.strip_jobs(now=desk.clock.turn(days=8), default=DEFAULT) == 1
    assert await desk.store.retention.names_in_use() == set()


async def test_a_faxbox_that_keeps_longer_than_the_default_does(desk: Desk) -> None:
    await desk.store.accounts.write(Changes(put=[ACME, sales(365)]))
    job = await sent(desk, "d")
    await desk.store.retention.strip_jobs(now=desk.clock.turn(days=200), default=DEFAULT)
    assert await desk.store.jobs.get(job.id) == job
    assert len(await desk.store.retention.names_in_use()) == 2
    await desk.store.retention.strip_jobs(now=desk.clock.turn(days=200), default=DEFAULT)
    assert await desk.store.jobs.get(job.id) is None


async def test_what_is_not_final_and_what_a_notice_waits_for_is_kept(desk: Desk) -> None:
    await desk.store.accounts.write(Changes(put=[ACME, sales(0)]))
    waits = await desk.walk(await desk.taken(b"open"), Rendered(document=DOCUMENT))
    told = await desk.taken(b"told")
    mail = await desk.store.mails.get(told.mail_id)
    assert mail is not None
    notice = replace(postmaster_notice(mail, "ann@acme.example"), job_id=told.id)
    await desk.walk(told, Cancelled(), notices=(notice,))

    now = desk.clock.turn(days=1000)
    assert await desk.store.retention.strip_jobs(now=now, default=DEFAULT) == 0
    assert await desk.store.mails.inline(waits.mail_id) == b"open"
    assert await desk.store.mails.inline(told.mail_id) == b"told"

    await desk.store.notices.sent(notice.id)
    assert await desk.store.retention.strip_jobs(now=now, default=DEFAULT) == 1
    assert await desk.store.mails.inline(told.mail_id) is None
    assert await desk.store.jobs.get(waits.id) == waits


async def test_postmasters_mail_goes_once_its_notice_is_gone(desk: Desk) -> None:
    mail = desk.make.mail(b"help", spooled=True)
    notice = postmaster_notice(mail, "admin@acme.example")
    await desk.accept(Acceptance(mail=mail, notices=[notice]))
    now = desk.clock.turn(days=91)
    await desk.store.retention.strip_jobs(now=now, default=DEFAULT)
    assert await desk.store.retention.names_in_use() == {mail.id}
    await desk.store.notices.give_up(notice.id, "no relay")
    await desk.store.retention.strip_jobs(now=now, default=DEFAULT)
    assert await desk.store.mails.get(mail.id) is None


async def test_old_rows_of_the_log_go_in_batches(desk: Desk) -> None:
    for account_id in ["acme"] * 700 + [""] * 600:
        desk.store.attempts.add(desk.make.attempt(account_id=account_id))
    await desk.store.attempts.flush()
    cut = desk.clock.turn(hours=1)
    desk.store.attempts.add(desk.make.attempt())
    await desk.store.attempts.flush()

    assert await desk.store.retention.strangers_before(cut) == 600
    assert await desk.store.retention.attempts_before(cut) == 700
    assert len((await desk.store.attempts.page(AttemptFilter(), limit=9)).rows) == 1


async def test_claims_go_when_they_are_over(desk: Desk) -> None:
    await desk.taken()
    assert await desk.store.retention.claims_before(desk.clock.turn(hours=47)) == 0
    assert await desk.store.retention.claims_before(desk.clock.turn(hours=1)) == 1


async def test_a_backup_is_a_store_and_the_files_that_it_names(desk: Desk, tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    spool.mkdir()
    job, gone = await sent(desk, "d"), await sent(desk, "gone", spooled=False)
    for name in (job.mail_id, "d.tif", "stray"):
        (spool / name).write_bytes(name.encode())

    done = await back_up(desk.store, tmp_path / "backup", path_of=spool.joinpath)

    assert (done.files, done.missing) == (2, ("gone.tif",))
    assert sorted(path.name for path in (tmp_path / "backup" / "spool").glob("*")) == sorted([job.mail_id, "d.tif"])
    copy = await Store.open(str(done.database), busy_seconds=1, clock=desk.clock, ids=desk.make.id)
    assert await copy.jobs.get(job.id) == job
    assert await copy.mails.inline(gone.mail_id) == b"gone"
    await copy.close()
    with pytest.raises(FileExistsError):
        await back_up(desk.store, tmp_path / "backup", path_of=spool.joinpath)


CHILD = """
import asyncio, itertools, sys
from smtpfax.store import Store
from tests.store.desk import Clock, Maker

async def one(store, make, lane):
    for n in itertools.count():
        acceptance = make.acceptance(f"{lane}/{n}".encode())
        await store.accept(acceptance, duplicate_hours=48)
        print(acceptance.mail.id, acceptance.jobs[0].id, flush=True)

async def main():
    make = Maker(Clock())
    store = await Store.open(sys.argv[1], busy_seconds=5, clock=make.clock, ids=make.id)
    await asyncio.gather(*(one(store, make, lane) for lane in range(20)))

asyncio.run(main())
"""


def test_whatever_was_acknowledged_before_a_kill_is_there_after_it(tmp_path: Path, clock: Clock, make: Maker) -> None:
    path = tmp_path / "killed.db"
    with subprocess.Popen(
        [sys.executable, "-c", CHILD, str(path)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    ) as child:
        assert child.stdout is not None
        told = [child.stdout.readline().split() for _ in range(300)]
        child.send_signal(signal.SIGKILL)
        told += [line.split() for line in child.stdout if line.endswith("\n")]

    async def look() -> None:
        store = await Store.open(str(path), busy_seconds=5, clock=clock, ids=make.id)
        for mail_id, job_id in told:
            assert await store.mails.inline(mail_id)
            assert [job.id for job in await store.jobs.of_mail(mail_id)] == [job_id]
        await store.close()

    asyncio.run(look())
    with sqlite3.connect(path) as connection:
        assert connection.execute("pragma integrity_check").fetchall() == [("ok",)]
        halves = "select count(*) from mails where not exists (select 1 from jobs where mail_id = mails.id)"
        assert connection.execute(halves).fetchone() == (0,)
    connection.close()


@pytest.fixture
def tiny(tmp_path: Path) -> Iterator[Path]:
    """A real file system of two megabytes."""
    folder = tmp_path / "tiny"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("a tmpfs cannot be mounted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


async def test_a_full_disk_is_our_fault_and_ends(tiny: Path, clock: Clock, make: Maker) -> None:
    filler = tiny / "filler"
    filler.write_bytes(bytes(900_000))
    store = await Store.open(str(tiny / "s.db"), busy_seconds=1, clock=clock, ids=make.id)
    desk = Desk(store, clock, make)
    kept: list[Job] = []

    async def fill() -> None:
        while True:
            kept.append(await desk.taken(make.id().encode() * 5000))

    with pytest.raises(Temporary) as caught:
        await fill()
    assert str(caught.value.status) == "4.3.1"

    filler.unlink()
    kept.append(await desk.taken())
    assert [await store.jobs.get(job.id) for job in kept] == kept
    await store.close()


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    return tmp_path / "new" / "folder" / "smtpfax.db"


def migrate(way: Callable[[Config, str], None], there: str, connection: Connection) -> None:
    way(settings(connection), there)


async def by_migrations(path: Path, *ways: tuple[Callable[[Config, str], None], str]) -> str | None:
    """A database that alembic alone made; its revision."""
    writing, reading = await open_engines(path, busy_seconds=1)
    async with writing.begin() as connection:
        for way, there in ways:
            await connection.run_sync(partial(migrate, way, there))
    revision = await current(reading)
    await writing.dispose()
    await reading.dispose()
    return revision


def described(path: Path) -> dict[str, object]:
    """Tables and indexes as SQLite has them, but for the order of columns, and for defaults: those are of old rows."""
    with closing(sqlite3.connect(path)) as database:

        def pragma(name: str, of: str, columns: str) -> list[tuple[object, ...]]:
            return sorted(database.execute(f"SELECT {columns} FROM pragma_{name}(?)", (of,)), key=repr)

        rows = "SELECT name, wr, strict FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite_%'"
        tables = {
            name: (
                kind,
                pragma("table_xinfo", name, 'name, type, "notnull", pk, hidden'),
                pragma("foreign_key_list", name, '"table", "from", "to", on_update, on_delete'),
                pragma("index_list", name, 'name, "unique", origin, partial'),
            )
            for name, *kind in database.execute(rows)
        }
        return tables | dict(
            database.execute("SELECT name, sql FROM sqlite_master WHERE type NOT IN ('table', 'view')")
        )


async def test_the_migrations_make_the_tables_that_the_code_has(fresh: Path, tmp_path: Path) -> None:
    assert await by_migrations(fresh, (command.upgrade, "head")) == NEWEST
    await by_migrations(fresh, (lambda config, _: command.check(config), ""))  # raises when the two differ
    made = tmp_path / "made.db"
    writing, reading = await open_engines(made, busy_seconds=1)
    assert await upgrade(writing) == NEWEST == await current(reading)
    await writing.dispose()
    await reading.dispose()
    assert described(made) == described(fresh)


async def test_a_new_database_has_its_indexes_in_one_order(fresh: Path, clock: Clock, make: Maker) -> None:
    """Of two that seem as good SQLite takes the later one: else a filter would be quick in one database out of two."""
    await (await Store.open(str(fresh), busy_seconds=5, clock=clock, ids=make.id)).close()
    with closing(sqlite3.connect(fresh)) as database:
        asked = "SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = 'attempts' ORDER BY rowid"
        names = [name for (name,) in database.execute(asked) if name.startswith("ix_")]
    assert len(names) > 5
    assert names == sorted(names)


async def test_a_database_of_an_older_program_is_migrated(fresh: Path, clock: Clock, make: Maker) -> None:
    assert await by_migrations(fresh, (command.upgrade, "0001")) == "0001"
    store = await Store.open(str(fresh), busy_seconds=1, clock=clock, ids=make.id)
    await Desk(store, clock, make).taken()
    await store.close()
    assert await Store.revision(str(fresh)) == NEWEST


def test_a_database_is_ours_alone_to_read(fresh: Path, clock: Clock, make: Maker) -> None:
    async def use() -> set[int]:
        store = await Store.open(str(fresh), busy_seconds=1, clock=clock, ids=make.id)
        await Desk(store, clock, make).taken()
        modes = {path.stat().st_mode & 0o777 for path in (fresh, *fresh.parent.glob("*-wal"))}
        await store.close()
        return modes

    assert asyncio.run(use()) == {0o600}


async def test_a_migration_goes_back_as_well(fresh: Path) -> None:
    there, back = (command.upgrade, "head"), (command.downgrade, "base")
    assert await by_migrations(fresh, there, back, there) == NEWEST


async def test_several_that_start_at_once_wait_for_each_other(fresh: Path, clock: Clock, make: Maker) -> None:
    opened = await asyncio.gather(*(Store.open(str(fresh), busy_seconds=5, clock=clock, ids=make.id) for _ in range(4)))
    for store in opened:
        await store.close()


async def test_a_database_of_a_newer_program_is_refused(fresh: Path, clock: Clock, make: Maker) -> None:
    await (await Store.open(str(fresh), busy_seconds=1, clock=clock, ids=make.id)).close()
    with sqlite3.connect(fresh) as connection:
        connection.execute("update alembic_version set version_num = '9999'")
    connection.close()
    with pytest.raises(ConfigError, match=r"newer smtpfax \(revision 9999\)"):
        await Store.open(str(fresh), busy_seconds=1, clock=clock, ids=make.id)


async def test_a_file_that_is_no_database_is_refused(tmp_path: Path, clock: Clock, make: Maker) -> None:
    (tmp_path / "text.db").write_text("this is not a database, whatever its name says" * 100)
    with pytest.raises(ConfigError, match="not a database"):
        await Store.open(str(tmp_path / "text.db"), busy_seconds=1, clock=clock, ids=make.id)
    with pytest.raises(ConfigError, match="cannot be opened"):
        await Store.open(str(tmp_path / "text.db" / "x.db"), busy_seconds=1, clock=clock, ids=make.id)


async def test_a_locked_database_at_start_is_our_fault(fresh: Path, clock: Clock, make: Maker) -> None:
    await (await Store.open(str(fresh), busy_seconds=1, clock=clock, ids=make.id)).close()
    other = sqlite3.connect(fresh, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(Temporary):
        await Store.open(str(fresh), busy_seconds=0.1, clock=clock, ids=make.id)
    other.close()


def test_the_path_of_a_url_is_absolute() -> None:
    for url in ("sqlite:///var/lib/x.db", "sqlite:////var/lib/x.db", "/var/lib/x.db"):
        assert database_file(url) == Path("/var/lib/x.db")
    for url in ("postgresql://db/x", "sqlite://", "sqlite:///"):
        with pytest.raises(ConfigError):
            database_file(url)
