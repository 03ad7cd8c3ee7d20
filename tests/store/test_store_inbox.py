"""Received faxes in the store: taken once, told once, found again by their backend's names."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

from smtpfax.model.backend import InboundFax
from smtpfax.model.letter import Letter
from smtpfax.store import Store
from tests.store.conftest import Opener
from tests.store.desk import DOCUMENT, NOON, Clock

FAX = InboundFax(
    id="in1",
    account_id="acme",
    faxbox_id="sales",
    from_number="+12025550123",
    from_name="Bob",
    to_number="+12025550100",
    document=DOCUMENT,
    received=NOON,
    backend="ring",
    ticket="t1",
    original="in-1.pdf",
    media_type="application/pdf",
    remote_read=False,
)
LETTER = Letter(id="in1-inbound-0", fax_id="in1", recipient="ann@acme.example", created=NOON, due=NOON)


async def test_a_fax_comes_back_as_it_was_taken(store: Store) -> None:
    assert await store.inbox.take(FAX)
    assert await store.inbox.get("in1") == FAX
    assert await store.inbox.of_tickets("ring", ["t1", "t2"]) == [FAX]
    assert await store.inbox.of_tickets("line", ["t1"]) == []


async def test_a_ticket_is_taken_once_and_twenty_who_take_it_at_once_take_it_once(store: Store) -> None:
    taken = await asyncio.gather(*(store.inbox.take(replace(FAX, id=f"in{number}")) for number in range(20)))
    assert sum(taken) == 1
    assert len((await store.inbox.page(limit=99)).rows) == 1
    assert await store.inbox.taken("ring", ["t1", "t2"]) == {"t1"}
    assert await store.inbox.take(replace(FAX, id="other", backend="line"))


async def test_months_of_tickets_are_asked_for_in_one_go(store: Store) -> None:
    """More than a statement takes: 32766 names in SQLite, 250000 in Debian's."""
    await store.inbox.take(FAX)
    tickets = [f"t{number}" for number in range(251_000)]
    assert await store.inbox.taken("ring", tickets) == {"t1"}
    assert await store.inbox.of_tickets("ring", tickets[:40_000]) == [FAX]


async def test_what_was_passed_over_is_never_taken(store: Store) -> None:
    await store.inbox.pass_over("ring", "t1")
    await store.inbox.pass_over("ring", "t1")
    assert not await store.inbox.take(FAX)


async def test_tickets_are_remembered_for_a_while_and_then_forgotten(store: Store, clock: Clock) -> None:
    await store.inbox.take(FAX)
    assert await store.cursors.forget(clock()) == 0
    assert await store.cursors.forget(clock() + timedelta(seconds=1)) == 1
    assert await store.inbox.taken("ring", ["t1"]) == frozenset()


async def test_its_files_are_in_use_as_long_as_it_is_kept(store: Store) -> None:
    await store.inbox.take(FAX)
    assert await store.retention.names_in_use() == {DOCUMENT.name, "in-1.pdf"}


async def test_letters_and_the_mark_that_it_was_told_of_are_one_commit(opener: Opener) -> None:
    store = await opener()
    await store.inbox.take(FAX)
    assert [fax.id for fax in await store.inbox.untold(limit=5)] == ["in1"]
    await store.inbox.tell("in1", [LETTER])
    await store.inbox.tell("in1", [LETTER])
    await store.close()
    again = await opener()
    assert await again.inbox.untold(limit=5) == []
    assert await again.letters.of_fax("in1") == [(LETTER, "")]


async def test_a_letter_is_one_owners_until_its_lease_is_over(store: Store, clock: Clock) -> None:
    await store.inbox.take(FAX)
    await store.inbox.tell("in1", [LETTER])
    lease = timedelta(minutes=5)
    assert await store.letters.claim("a", now=clock(), lease=lease, limit=9) == [LETTER]
    assert await store.letters.claim("b", now=clock(), lease=lease, limit=9) == []
    assert await store.letters.claim("b", now=clock.turn(minutes=5), lease=lease, limit=9) == [LETTER]
    assert await store.letters.free_leases() == 1
    assert await store.letters.claim("a", now=clock(), lease=lease, limit=9) == [LETTER]


async def test_a_letter_waits_is_sent_or_given_up(store: Store, clock: Clock) -> None:
    await store.inbox.take(FAX)
    second = replace(LETTER, id="in1-inbound-1", recipient="bob@acme.example")
    await store.inbox.tell("in1", [LETTER, second])
    due = clock() + timedelta(minutes=1)
    await store.letters.retry(LETTER, due=due, reason="the relay is away")
    [waiting] = await store.letters.claim("a", now=clock(), lease=timedelta(minutes=5), limit=9)
    assert waiting == second
    assert not await store.letters.sent(second)
    [later] = await store.letters.claim("a", now=due, lease=timedelta(minutes=5), limit=9)
    assert (later.id, later.tries) == (LETTER.id, 1)
    assert await store.letters.sent(later)
    assert await store.letters.claim("a", now=clock.turn(days=1), lease=timedelta(minutes=5), limit=9) == []


async def test_one_that_was_given_up_is_not_everybody_has_it(store: Store) -> None:
    await store.inbox.take(FAX)
    second = replace(LETTER, id="in1-inbound-1")
    await store.inbox.tell("in1", [LETTER, second])
    await store.letters.give_up(LETTER, "no address")
    assert not await store.letters.sent(second)


async def test_a_mark_that_changed_meanwhile_is_not_overwritten(store: Store) -> None:
    await store.inbox.take(FAX)
    await store.inbox.mark_read("in1")
    assert [fax.id for fax in await store.inbox.marked_here("ring")] == ["in1"]
    await store.inbox.agree(FAX, read=False, remote_read=False)  # decided before somebody read it
    kept = await store.inbox.get("in1")
    assert kept is not None
    assert kept.read
    await store.inbox.agree(kept, read=True, remote_read=True)
    assert await store.inbox.marked_here("ring") == []


async def test_what_keeps_no_marks_is_never_to_be_told_one(store: Store) -> None:
    await store.inbox.take(replace(FAX, remote_read=None))
    await store.inbox.mark_read("in1")
    assert await store.inbox.marked_here("ring") == []


async def test_a_cursor_begins_now_and_moves(opener: Opener, clock: Clock) -> None:
    store = await opener()
    assert await store.cursors.get("ring") == (NOON, NOON)
    clock.turn(hours=1)
    await store.cursors.move("ring", at=clock())
    assert await store.cursors.get("line") == (clock(), clock())
    await store.close()
    assert await (await opener()).cursors.get("ring") == (NOON, clock())
