"""A power cut after any act on the disk, while the database is owed mails of several segments of the journal."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count, groupby, pairwise, product
from operator import itemgetter
from pathlib import Path
from random import Random
from shutil import copytree, rmtree

import pytest
from sqlalchemy import Connection

from smtpfax.journal.batches import Appender, Batch, Waiting
from smtpfax.journal.brought import Brought, Filling, Places
from smtpfax.journal.claims import Claimed, claim
from smtpfax.journal.clerk import Clerk
from smtpfax.journal.clerking import of_one_segment
from smtpfax.journal.owing import TOGETHER, Owing
from smtpfax.journal.packing import Row, moment, packed
from smtpfax.journal.paying import Debt
from smtpfax.journal.reading import journal_of
from smtpfax.journal.recovery import recover
from smtpfax.journal.segments import Journal
from smtpfax.journal.stamps import Stamps
from smtpfax.journal.taking import Arrived, Reading, Taken
from smtpfax.model.accepting import Acceptance, Filled
from smtpfax.model.notice import Notice, NoticeKind
from smtpfax.model.number import FaxNumber
from smtpfax.store.forms import filling_of
from smtpfax.store.forms import form_of as known_form
from smtpfax.store.sqlite import Pen
from smtpfax.store.taking import COLUMNS, HEAD, brought_by
from smtpfax.store.writer import Unit, Writer
from tests.store.conftest import Opener
from tests.store.desk import FAX, Clock, Desk, Maker, filled, form_of
from tests.store.film import Film, FilmedPen, Lost, Picture, cut, least, most, some

OTHER = FaxNumber(e164="+12025550199")
PLACES = Places.of(COLUMNS)
CREATED_AT = ("attempts", "created")  # which the writer stamps
CREATED = COLUMNS["attempts"].index("created")
Tables = dict[str, list[Row]]


@dataclass
class Mill:
    """The store's two threads, turned by hand, so that the same seed does the same."""

    path: Path
    clock: Clock
    make: Maker
    film: Film = field(default_factory=Film)
    taken: list[tuple[str, Taken]] = field(default_factory=list)  # with its segment, in the journal's order
    refused: list[Taken] = field(default_factory=list)  # the disk failed
    begun: int = 0  # units

    def __post_init__(self) -> None:
        self.database = self.path.read_bytes()  # all that follows is in its log
        self.forms = {"of a form": form_of(self.make, FAX, decided=True)}
        self.forms["of another form"] = form_of(self.make, FAX, OTHER, decided=False)
        self.owing, self.claimed = Owing(), Claimed(self.path, busy_seconds=1)
        self.claimed.learn()
        self.pen = FilmedPen(self.path, self.film)
        self.film.written(self.path.with_name("smtpfax.db-wal"), safe=True)
        names = (f"segment{number}" for number in count())
        self.journal = Journal(journal_of(self.path), head=HEAD, names=lambda: next(names), platter=self.film)
        self.appender = Appender(self.journal, self.claimed, self.owing, COLUMNS)
        self.clerk = Clerk(self.pen, journal_of(self.path), COLUMNS)
        self.writer = Writer(self.pen, self.settled)

    def bring(self, acceptances: Sequence[Acceptance | Filled]) -> None:
        """All of them together, told if the disk takes them."""
        until = self.clock() + timedelta(hours=1)
        mails = [Waiting(brought(each, until), lambda _: None) for each in acceptances]
        batch = self.appender.begin(mails, moment(self.clock()) or "")
        self.write(batch)
        while not self.appender.end(batch):
            self.write(batch)
        if batch.error is not None:
            self.appender.abandon([batch])
            assert isinstance(batch.error, OSError)
            self.refused += [kept(each, until) for each in acceptances]
            return
        segment = self.journal._segment
        assert segment is not None
        for each in mails:
            assert isinstance(each.outcome, Taken)
            self.taken.append((segment.name, each.outcome))
        self.film.told = len(self.taken)
        self.film.take()

    def write(self, batch: Batch) -> None:
        """To the disk."""
        self.appender.write(batch)
        self.appender.sync(batch)

    def pay(self) -> None:
        """What is owed, because somebody reads."""
        while owed := of_one_segment(self.owing.first()):
            self.clerk.put(owed[0].place.segment.name, owed[0].place.entry, owed[-1].place.end)
            for mail in owed:
                self.claimed.paid(mail.id, mail.claimed)
            self.owing.paid(owed)

    async def settled(self) -> None:
        """For the writer; its turns are ours."""

    def work(self) -> None:
        """A unit about the first job of all, which is told."""

        def one_more(connection: Connection) -> None:
            connection.exec_driver_sql("UPDATE jobs SET version = version + 1 WHERE id = (SELECT min(id) FROM jobs)")

        self.begun += 1
        self.pay()
        self.writer._turn([Unit(one_more, 0)])
        self.film.done = self.begun
        self.film.take()

    def close(self) -> None:
        """The end."""
        self.pen.connection.close()
        self.pen.close()
        self.claimed.close()


@pytest.fixture
async def mill(opener: Opener, clock: Clock, make: Maker, caplog: pytest.LogCaptureFixture) -> AsyncIterator[Mill]:
    """On a new database; no mail is put in twice, which would be an error in the log."""
    store = await opener()
    await store.close()
    await asyncio.to_thread(journal_of(store.path).mkdir)
    mill = Mill(store.path, clock, make)
    yield mill
    mill.close()
    assert [record for record in caplog.get_records("call") if record.levelno >= logging.ERROR] == []


def brought(mail: Acceptance | Filled, until: datetime) -> Brought | Filling:
    """As it comes to the journal."""
    return filling_of(mail, known_form(mail.form), until) if isinstance(mail, Filled) else brought_by(mail, until)


def kept(mail: Acceptance | Filled, until: datetime) -> Taken:
    """What would have become of it, if nobody was first."""
    whole = brought_by(mail.acceptance() if isinstance(mail, Filled) else mail, until)
    arrived = Arrived.of(whole, PLACES)
    return arrived.taken(claim([arrived], {}))


def debt(mail: Taken) -> Debt:
    """What its entry brings."""
    entry, reading = mail.entry(), Reading("", COLUMNS)
    if entry.form is not None:
        reading.debt(packed({"form": list(entry.form)}), 0, 0)
    brings = reading.debt(entry.record, 0, 0)
    assert brings is not None
    return brings


def expected(taken: Sequence[Taken]) -> Tables:
    """What the tables have of these mails: each table's rows in the order of its keys."""
    found: Tables = {table: [] for table in COLUMNS}
    keys, counters = dict[str, Row](), Counter[tuple[str, str]]()
    for mail in taken:
        for table in COLUMNS:
            found[table] += debt(mail).tables.get(table, [])
        keys |= {row[0]: row for row in mail.claimed}
        counters.update({(scope, hour): faxes for scope, hour, faxes in debt(mail).faxes})
    found["claims"] = list(keys.values())
    found["attempts"] = [[*row[:CREATED], *row[CREATED + 1 :]] for row in found["attempts"]]
    found["usage"] = [[*which, faxes] for which, faxes in counters.items()]
    return {table: sorted(rows) for table, rows in found.items()}


def there(database: sqlite3.Connection) -> Tables:
    """The same, as the database has it; whatever work was done on a job is not looked at."""
    found: Tables = {}
    for table, names in COLUMNS.items():
        told = ", ".join("0" if name == "version" else f'"{name}"' for name in names if (table, name) != CREATED_AT)
        found[table] = sorted(map(list, database.execute(f'SELECT {told} FROM "{table}"')))
    found["usage"] = sorted(map(list, database.execute('SELECT scope, hour, faxes FROM "usage"')))
    return found


def contents(database: sqlite3.Connection, folder: Path) -> dict[str, bytes]:
    """By their mail."""
    rows = database.execute("SELECT mail_id, segment, start, octets FROM contents").fetchall()
    return {mail: (folder / name).read_bytes()[start : start + octets] for mail, name, start, octets in rows}


@dataclass(frozen=True)
class Start:
    """What a start found and did."""

    tables: Tables
    contents: dict[str, bytes]
    units: int


def start(path: Path, clock: Clock, film: Film | None = None) -> Start:
    """As every start does; the next one finds nothing to do."""
    pen, stamps = FilmedPen(path, film) if film else Pen(path, busy_seconds=1), Stamps(clock)
    if film is not None:
        film.written(path.with_name("smtpfax.db-wal"), safe=True)
    [(last,)] = pen.database.execute("SELECT max(created) FROM attempts").fetchall()
    stamps.last = last and datetime.fromisoformat(f"{last}+00:00")
    recover(pen, journal_of(path), stamps)
    found = _found(pen.database, journal_of(path))
    assert recover(pen, journal_of(path), stamps) == 0
    reached = dict(pen.database.execute("SELECT name, reached FROM segments").fetchall())
    octets = {segment.name: segment.stat().st_size for segment in journal_of(path).glob("*")}
    torn_off = {name for name, end in reached.items() if octets.get(name, end) != end}
    assert not torn_off, "it would keep its segment for ever"
    assert found == _found(pen.database, journal_of(path))
    pen.connection.close()
    pen.close()
    return found


def _found(database: sqlite3.Connection, folder: Path) -> Start:
    assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    stamps = [moment for (moment,) in database.execute("SELECT created FROM attempts")]
    assert len(set(stamps)) == len(stamps)
    [(units,)] = database.execute("SELECT coalesce(sum(version), 0) FROM jobs").fetchall()
    return Start(there(database), contents(database, folder), units)


def judge(mill: Mill, picture: Picture, found: Start) -> None:
    """What was told is there, and nothing is there in half."""
    attempts = {row[0] for row in found.tables["attempts"]}
    present = [(segment, mail, debt(mail).tables["attempts"][0][0] in attempts) for segment, mail in mill.taken]
    assert all(here for _, _, here in present[: picture.told])
    for _, group in groupby(present, key=itemgetter(0)):
        here = [each for _, _, each in group]
        assert here == sorted(here, reverse=True), "behind what is torn nothing is read"
    mails = [mail for _, mail, here in present if here]
    mails += [mail for mail in mill.refused if debt(mail).tables["attempts"][0][0] in attempts]
    assert found.tables == expected(mails)
    assert found.contents == {mail.id: mail.content for mail in mails if mail.record["content"]}
    assert picture.done <= found.units <= picture.done + 1


class Cutter:
    """Cuts the power at a picture, and starts again."""

    def __init__(self, mill: Mill, folder: Path, seed: int) -> None:
        self._mill, self._folder, self._chance, self._numbers = mill, folder, Random(seed), count()

    def cut(self, picture: Picture, lost: Lost) -> Path:
        """The database that is left."""
        target = self._folder / f"cut{next(self._numbers)}"
        target.mkdir()
        (target / "smtpfax.db").write_bytes(self._mill.database)
        cut(self._mill.film, picture, self._mill.path.parent, target, lost, self._chance)
        return target / "smtpfax.db"

    def try_all(self, pictures: Sequence[Picture], *lost: Lost) -> None:
        """Each way of losing, at each of them."""
        for picture in pictures:
            for each in lost:
                path = self.cut(picture, each)
                judge(self._mill, picture, start(path, self._mill.clock))
                rmtree(path.parent)


def some_mails(mill: Mill, chance: Random) -> list[Acceptance | Filled]:
    """New ones, and such as came before."""
    return [one_mail(mill, chance.choice(KINDS)) for _ in range(chance.randint(1, 5))]


KINDS = ("new", "of a form", "of another form", "large", "two faxes", "with a notice", "again", "again and late")


def one_mail(mill: Mill, kind: str) -> Acceptance | Filled:
    """Of one kind."""
    make = mill.make
    if kind.endswith("form"):
        return filled(make, mill.forms[kind], make.id("content").encode(), mill.clock())
    octets = b"again" if kind.startswith("again") else make.id("content").encode()
    if kind == "again and late":
        mill.clock.turn(hours=2)  # the first one's key is free
    acceptance = make.acceptance(octets, *((FAX, OTHER) if kind == "two faxes" else ()))
    if kind == "large":
        return in_the_spool(make)
    if kind == "with a notice":
        job, at = acceptance.jobs[0], mill.clock()
        notice = Notice(
            id=make.id("n"),
            kind=NoticeKind.RECEIPT,
            mail_id=job.mail_id,
            job_id=job.id,
            recipient="ann@acme.example",
            created=at,
            due=at,
        )
        return replace(acceptance, notices=[notice])
    return acceptance


def in_the_spool(make: Maker) -> Acceptance:
    """One whose content the journal has not."""
    acceptance = make.acceptance(make.id("content").encode())
    content = replace(acceptance.mail.content, inline=None, name="in-the-spool")
    return replace(acceptance, mail=replace(acceptance.mail, content=content))


def run(mill: Mill, chance: Random) -> None:
    """Whatever may come in whatever order."""
    mill.bring([one_mail(mill, "again")])
    for act in chance.choices(("mails", "pay", "work", "new segment", "failure"), (9, 3, 2, 2, 1), k=12):
        match act:
            case "mails":
                mill.bring(some_mails(mill, chance))
            case "pay":
                mill.pay()
            case "work":
                mill.work()
            case "new segment":
                mill.journal.close()
            case "failure":
                mill.film.fails = chance.randrange(6)
                mill.bring([one_mail(mill, "new"), one_mail(mill, "large")])
                mill.film.fails = None


@pytest.mark.parametrize("seed", range(3))
async def test_a_power_cut_after_any_act_leaves_what_was_told_whole_and_once(
    mill: Mill, tmp_path: Path, seed: int
) -> None:
    run(mill, Random(seed))
    Cutter(mill, tmp_path, seed).try_all(mill.film.pictures, least, most, some)
    assert mill.path.read_bytes() == mill.database, "all of it was in the log"


async def test_a_power_cut_within_a_large_payment_leaves_each_mail_once(mill: Mill, tmp_path: Path) -> None:
    for _ in range(3):
        mill.bring([one_mail(mill, "new") for _ in range(TOGETHER // 2)])
        mill.journal.close()
    owed = len(mill.film.pictures)
    mill.pay()
    mill.work()  # what it writes is synced, and with it all that was paid before
    paying = mill.film.pictures[owed:]
    assert [len(picture.files) for picture in paying[:2]] == [4, 4], "two transactions of mails in three segments"
    Cutter(mill, tmp_path, 0).try_all(paying, least, most, some)


async def test_a_power_cut_while_a_start_reads_several_segments_is_as_if_it_had_not_begun(
    mill: Mill, tmp_path: Path
) -> None:
    for _ in range(3):
        mill.bring([one_mail(mill, kind) for kind in KINDS])
        mill.journal.close()
    before, film, cutter = mill.film.pictures[-1], Film(), Cutter(mill, tmp_path, 0)
    first = cutter.cut(before, least)
    copytree(first.parent, tmp_path / "filmed")
    judge(mill, before, start(tmp_path / "filmed" / "smtpfax.db", mill.clock, film))
    assert len(film.pictures) == 1 + 2 * 3, "the log as it was, and each segment's transaction with its sync"
    for picture, lost in product(film.pictures, (least, most, some)):
        rmtree(tmp_path / "again", ignore_errors=True)
        copytree(first.parent, tmp_path / "again")
        cut(film, picture, tmp_path / "filmed", tmp_path / "again", lost, Random(1))
        judge(mill, before, start(tmp_path / "again" / "smtpfax.db", mill.clock))


async def test_a_segment_goes_only_when_what_the_database_has_of_it_survives_a_power_cut(
    desk: Desk, tmp_path: Path
) -> None:
    mail, store = in_the_spool(desk.make), desk.store
    await desk.accept(mail)
    store._appending._appender._journal.close()  # as when it is full
    [segment] = await asyncio.to_thread(lambda: list(journal_of(store.path).iterdir()))
    log, seen = store.path.with_name("smtpfax.db-wal"), list[Seen]()

    def look(statement: str) -> None:
        seen.append(Seen(statement, segment.exists(), log.stat().st_size))

    store._database.writer._pen.database.set_trace_callback(look)
    assert await store.retention.segments() == 1
    assert not segment.exists()
    left = tmp_path / "left"
    left.mkdir()
    (left / "smtpfax.db").write_bytes(store.path.read_bytes())
    (left / "smtpfax.db-wal").write_bytes(log.read_bytes()[: safe_when_gone(seen)])
    assert start(left / "smtpfax.db", desk.clock).tables["mails"][0][0] == mail.mail.id


@dataclass(frozen=True)
class Seen:
    """Before a statement of the writer's."""

    statement: str
    segment: bool  # is it there
    octets: int  # of the database's log


def safe_when_gone(seen: Sequence[Seen]) -> int:
    """Octets of the log that were synced for certain when the segment went."""
    assert seen[0].segment
    assert not seen[-1].segment
    safe, syncs = 0, True
    for here, after in pairwise(seen):
        if not here.segment:
            break
        if here.statement.startswith("PRAGMA synchronous"):
            syncs = here.statement.endswith("FULL")
        if here.statement == "COMMIT" and syncs and after.octets > here.octets:
            safe = after.octets
    return safe
