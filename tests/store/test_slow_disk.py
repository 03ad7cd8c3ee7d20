"""A disk that is slow is asked for several batches at a time: told in their order, and failed together."""

from __future__ import annotations

import asyncio
import hashlib
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest

from smtpfax.journal.appending import LANES, Appending
from smtpfax.journal.batches import Appender, Told, Waiting
from smtpfax.journal.claims import Claimed
from smtpfax.journal.owing import Owing
from smtpfax.journal.packing import moment
from smtpfax.journal.reading import journal_of, read_segment
from smtpfax.journal.segments import Journal, Platter
from smtpfax.journal.sieve import Sieve
from smtpfax.model.accepting import Acceptance, Filled
from smtpfax.model.errors import Temporary
from smtpfax.store.forms import filling_of
from smtpfax.store.forms import form_of as known_form
from smtpfax.store.taking import COLUMNS, HEAD, brought_by
from tests.store.conftest import Opener
from tests.store.desk import FAX, NOON, Clock, Maker, filled, form_of

UNTIL = NOON + timedelta(hours=9)


@dataclass
class Slow(Platter):
    """A disk whose syncs end when they are let, one by one, in any order; once it is slow."""

    slow: bool = False
    syncs: list[Sync] = field(default_factory=list)
    changed: Callable[[], None] = lambda: None

    def sync(self, descriptor: int) -> None:
        if self.slow:
            one = Sync()
            self.syncs.append(one)
            self.changed()
            assert one.over.wait(30)
            if one.fault is not None:
                raise one.fault
        super().sync(descriptor)


@dataclass
class Sync:
    over: threading.Event = field(default_factory=threading.Event)
    fault: OSError | None = None

    def end(self, fault: OSError | None = None) -> None:
        self.fault = fault
        self.over.set()


class Wharf:
    """Appending on a slow disk, and what was told."""

    def __init__(self, path: Path, make: Maker) -> None:
        self.disk, names = Slow(), (f"s{number}" for number in count())
        self.folder = journal_of(path)
        self.make, self.owing, self.claimed = make, Owing(), Claimed(path, busy_seconds=1)
        self.claimed.learn()
        journal = Journal(self.folder, head=HEAD, names=lambda: next(names), platter=self.disk)
        appender = Appender(journal, self.claimed, self.owing, COLUMNS)
        self.appending = Appending(appender, lambda: moment(NOON) or "")
        self.form = form_of(make, FAX, decided=True)
        self.told: list[str] = []
        self.faults: list[str] = []
        self.heard = asyncio.Event()
        loop = asyncio.get_running_loop()
        self.disk.changed = lambda: loop.call_soon_threadsafe(self.heard.set)
        self.appending.open()

    def bring(self, mail: Acceptance | Filled, name: str) -> None:
        def told(outcome: Told) -> None:
            (self.faults if isinstance(outcome, BaseException) else self.told).append(name)
            assert isinstance(outcome, list | tuple | Temporary)
            self.heard.set()

        whole = filling_of(mail, known_form(mail.form), UNTIL) if isinstance(mail, Filled) else brought_by(mail, UNTIL)
        self.appending.bring(Waiting(whole, told))

    def one(self, name: str) -> None:
        self.bring(filled(self.make, self.form, name.encode(), NOON), name)

    async def until(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(30):
            while not true():
                self.heard.clear()
                await self.heard.wait()

    async def slow_down(self) -> None:
        """The first one tells that the disk is slow."""
        self.one("first")
        await self.until(lambda: self.told == ["first"])
        self.disk.slow = True
        self.one("second")
        await self.until(lambda: len(self.disk.syncs) == 1)
        await asyncio.sleep(0.005)
        self.disk.syncs[0].end()
        await self.until(lambda: self.told == ["first", "second"])
        self.disk.syncs.clear()

    async def fly(self, *names: str) -> None:
        """Each in a batch of its own."""
        for number, name in enumerate(names, 1):
            self.one(name)
            await self.until(lambda number=number: len(self.disk.syncs) == number)  # type: ignore[misc]

    def mails(self) -> list[str]:
        """What the journal has, in all its segments, in their order."""
        contents = []
        for path in sorted(self.folder.iterdir()):
            contents += [entry.content.decode() for entry, _ in read_segment(path, 0) if entry.content]
        return contents


@pytest.fixture
async def wharf(opener: Opener, clock: Clock, make: Maker) -> AsyncIterator[Wharf]:
    store = await opener()
    await store.close()
    wharf = Wharf(store.path, make)
    yield wharf
    wharf.disk.slow = False
    for sync in wharf.disk.syncs:
        sync.over.set()
    await wharf.appending.close()
    for owed in wharf.owing.first():
        owed.place.segment.paid(1)


async def test_several_are_asked_for_at_a_time_and_told_in_their_order(wharf: Wharf) -> None:
    await wharf.slow_down()
    await wharf.fly("a", "b", "c")
    wharf.disk.syncs[2].end()
    wharf.disk.syncs[1].end()
    await asyncio.sleep(0.05)
    assert wharf.told == ["first", "second"], "what stands before them is not durable"
    wharf.disk.syncs[0].end()
    await wharf.until(lambda: len(wharf.told) == 5)
    assert wharf.told == ["first", "second", "a", "b", "c"] == wharf.mails()


async def test_no_more_than_so_many_at_a_time_and_what_comes_meanwhile_shares_the_next(wharf: Wharf) -> None:
    await wharf.slow_down()
    flying, later = [f"flying {n}" for n in range(LANES)], [f"later {n}" for n in range(5)]
    await wharf.fly(*flying)
    for name in later:
        wharf.one(name)
    await asyncio.sleep(0.05)
    assert len(wharf.disk.syncs) == LANES
    for sync in list(wharf.disk.syncs):
        await asyncio.sleep(0.005)
        sync.end()
    await wharf.until(lambda: len(wharf.disk.syncs) == LANES + 1)
    wharf.disk.syncs[-1].end()
    await wharf.until(lambda: len(wharf.told) == 2 + LANES + len(later))
    assert wharf.told == ["first", "second", *flying, *later]


async def test_when_one_fails_all_behind_it_fail_and_nothing_before_it(wharf: Wharf) -> None:
    await wharf.slow_down()
    await wharf.fly("a", "b", "c", "d")
    wharf.disk.syncs[3].end()
    wharf.disk.syncs[2].end()
    wharf.disk.syncs[1].end(OSError(5, "Input/output error"))
    wharf.disk.syncs[0].end()
    await wharf.until(lambda: len(wharf.faults) == 3)
    assert (wharf.told, wharf.faults) == (["first", "second", "a"], ["b", "c", "d"])
    wharf.disk.slow = False
    for name in ("b", "c", "e"):  # their clients come again: nobody has their keys
        wharf.one(name)
    await wharf.until(lambda: len(wharf.told) == 6)
    assert wharf.told == ["first", "second", "a", "b", "c", "e"] == wharf.mails()
    assert len(list(wharf.folder.iterdir())) == 2
    assert len(wharf.owing) == 6


async def test_a_repetition_of_what_flies_is_told_after_it_and_fails_with_it(wharf: Wharf) -> None:
    await wharf.slow_down()
    await wharf.fly("a", "a")
    wharf.disk.syncs[1].end()
    await asyncio.sleep(0.05)
    assert wharf.told == ["first", "second"]
    wharf.disk.syncs[0].end(OSError(28, "No space left on device"))
    await wharf.until(lambda: wharf.faults == ["a", "a"])
    wharf.disk.slow = False
    wharf.one("a")
    await wharf.until(lambda: wharf.told == ["first", "second", "a"])
    assert wharf.mails() == ["first", "second", "a"]


async def test_one_that_the_database_may_know_goes_alone(wharf: Wharf) -> None:
    await wharf.slow_down()
    await wharf.fly("a")
    wharf.bring(wharf.make.acceptance(b"whole"), "whole")  # whose id may be anybody's
    wharf.one("b")
    await asyncio.sleep(0.05)
    assert len(wharf.disk.syncs) == 1
    wharf.disk.syncs[0].end()
    await wharf.until(lambda: len(wharf.disk.syncs) == 2)
    wharf.one("c")
    await asyncio.sleep(0.05)
    assert len(wharf.disk.syncs) == 2
    wharf.disk.syncs[1].end()
    await wharf.until(lambda: len(wharf.disk.syncs) == 3)
    wharf.disk.syncs[2].end()
    await wharf.until(lambda: len(wharf.told) == 6)
    assert wharf.told == ["first", "second", "a", "whole", "b", "c"]


def test_a_sieve_forgets_no_key_and_knows_few_that_nobody_holds() -> None:
    sieve = Sieve()
    keys = [hashlib.sha256(b"%d" % number).hexdigest() for number in range(20_000)]
    for key in keys[:10_000]:
        sieve.add(key)
    assert all(map(sieve.may_have, keys[:10_000]))
    assert sum(map(sieve.may_have, keys[10_000:])) < 20
    sieve.add("order 1")
    assert sieve.may_have("order 2"), "one that is no digest may always be there"
