"""Faxes that somebody deletes, and faxes that are sent once more: what goes, what stays, and what two of them share."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, select

from smtpfax.journal.reading import copy_journal, journal_of
from smtpfax.model.accepting import Acceptance
from smtpfax.model.account import Faxbox
from smtpfax.model.again import Again, Once, again
from smtpfax.model.backend import InboundFax
from smtpfax.model.cause import Cause
from smtpfax.model.event import Accepted, Cancelled, Deferred, Offered, PartNote, Rendered, Sent
from smtpfax.model.job import Job, State
from smtpfax.model.mail import Header
from smtpfax.model.notice import postmaster_notice
from smtpfax.model.status import BUSY
from smtpfax.store import Store
from smtpfax.store.blotting import Blot, blot, written
from smtpfax.store.columns import metadata
from smtpfax.store.sqlite import copy_to
from tests.store.conftest import Opener
from tests.store.desk import DOCUMENT, FAX, Desk, to_accepted

SECRET = "Discharge of Mr. Doe"
BOX = Faxbox(id="sales", account_id="acme", name="Sales")


async def about_doe(desk: Desk, *, spooled: bool = False, content: bytes = SECRET.encode()) -> Job:
    """A fax that was sent, whose every record names Mr. Doe; its document had another header line in an earlier try."""
    header = Header(message_id="<1@acme.example>", subject=SECRET, from_=f"Dr. Who, of {SECRET}")
    mail = replace(desk.make.mail(content, spooled=spooled), header=header)
    job = replace(desk.make.job(mail), to_name=f"for {SECRET}")
    attempt = replace(desk.make.attempt(job=job), header=header)
    await desk.accept(Acceptance(mail=mail, jobs=[job], attempts=[attempt]))
    one, two = (replace(DOCUMENT, name=f"{mail.id}-{n}.tif") for n in (1, 2))
    busy = Deferred(status=BUSY.status, cause=Cause.BUSY, text=BUSY.text, due=desk.clock())
    tries = (Offered(backend="line", document=one), busy, Offered(backend="line", document=two))
    rendered = Rendered(
        document=replace(DOCUMENT, name=f"{mail.id}.tif"),
        parts=(PartNote(path="1", name=f"{SECRET}.pdf", kind="application/pdf", octets=9, pages=2),),
    )
    return await desk.walk(job, rendered, *tries, Accepted(ticket=f"T-{mail.id}"), Sent())


async def everything(store: Store) -> str:
    """All rows of all tables."""

    def read(connection: Connection) -> str:
        return "\n".join(
            f"{table.name} {tuple(row)}"
            for table in metadata.sorted_tables
            for row in connection.execute(select(table))
        )

    return await store._database.read(read)


async def journal(store: Store) -> bytes:
    return b"".join([path.read_bytes() for path in sorted(journal_of(store.path).iterdir())])


async def test_of_a_deleted_fax_no_row_and_no_octet_of_the_journal_names_anybody(desk: Desk) -> None:
    job, other = await about_doe(desk), await desk.taken(b"another mail")
    assert SECRET in await everything(desk.store)
    assert await desk.store.mails.inline(job.mail_id) == SECRET.encode()
    assert (await journal(desk.store)).count(SECRET.encode()) >= 4

    erased = await desk.store.erasing.job(job)

    assert erased.done
    assert erased.names == {f"{job.mail_id}.tif", f"{job.mail_id}-1.tif", f"{job.mail_id}-2.tif"}
    assert SECRET not in await everything(desk.store)
    assert SECRET.encode() not in await journal(desk.store)
    assert SECRET.encode() not in desk.store.path.read_bytes()
    assert await desk.store.jobs.get(job.id) is None
    [row] = await desk.store.attempts.of_job(job.id)
    assert (row.attempt.header, row.state) == (Header(message_id="<1@acme.example>"), State.SENT)
    assert await desk.store.mails.inline(other.mail_id) == b"another mail"


async def test_of_many_segments_only_those_of_a_mails_time_are_looked_at(desk: Desk, opener: Opener) -> None:
    job = await about_doe(desk)
    folder, first = journal_of(desk.store.path), await asyncio.to_thread(lambda: desk.store.path.stat().st_mtime)
    await desk.store.close()
    [segment] = list(await asyncio.to_thread(lambda: list(folder.iterdir())))
    os.utime(segment, (first, first))
    for later, day in (("later", 40), ("latest", 41)):  # none of it is a segment: whoever reads it, finds nothing
        (folder / later).write_bytes(SECRET.encode())
        os.utime(folder / later, (first + day * 86400, first + day * 86400))
    what = Blot(mail_id=job.mail_id, since=first, reached={segment.name: segment.stat().st_size})
    assert [path.name for path in written(folder, what.since)] == [segment.name, "later"]
    assert blot(folder, what) == 1
    assert segment.stat().st_mtime == first
    assert segment.read_bytes().count(SECRET.encode()) == 1, "the content, whose place was not named"


async def test_what_is_behind_a_blotted_mail_survives_a_restart(desk: Desk, opener: Opener) -> None:
    job, other = await about_doe(desk), await desk.taken(b"another mail")
    await desk.store.erasing.job(job)
    later = await desk.taken(b"a third one")
    await desk.store.close()
    again = await opener()
    assert await again.mails.inline(other.mail_id) == b"another mail"
    assert await again.mails.inline(later.mail_id) == b"a third one"
    assert await again.jobs.get(job.id) is None
    assert SECRET not in await everything(again)


async def test_a_backup_that_began_before_a_mail_was_deleted_has_what_came_behind_it(
    desk: Desk, opener: Opener, tmp_path: Path
) -> None:
    """What the copy of the database has not, its copy of the journal tells."""
    target = tmp_path / "copy" / "smtpfax.db"
    target.parent.mkdir()
    await desk.taken(b"before")
    await copy_to(desk.store.path, target)
    job, behind = await about_doe(desk), await desk.taken(b"behind it")
    await desk.store.erasing.job(job)
    await asyncio.to_thread(copy_journal, journal_of(desk.store.path), journal_of(target))
    copy = await Store.open(str(target), busy_seconds=1, clock=desk.clock, ids=desk.make.id)
    try:
        assert await copy.mails.inline(behind.mail_id) == b"behind it"
        assert await copy.jobs.get(job.id) is None
    finally:
        await copy.close()


async def test_a_mail_that_comes_again_is_not_faxed_again_because_its_fax_was_deleted(desk: Desk) -> None:
    acceptance = desk.make.acceptance(b"comes again")
    await desk.accept(acceptance)
    job = await desk.walk(acceptance.jobs[0], *to_accepted(), Sent())
    await desk.store.erasing.job(job)
    [again] = await desk.accept(desk.make.acceptance(b"comes again"))
    assert (again.duplicate, again.job_id) == (True, job.id)


async def test_of_two_who_delete_at_once_the_second_finds_nothing(desk: Desk) -> None:
    job = await about_doe(desk)
    first, second = await asyncio.gather(desk.store.erasing.job(job), desk.store.erasing.job(job))
    assert (bool(first.names), second.names, second.done) == (True, frozenset(), True)


async def test_a_large_mails_file_goes_and_its_line_in_the_journal_too(desk: Desk) -> None:
    job = await about_doe(desk, spooled=True)
    erased = await desk.store.erasing.job(job)
    assert job.mail_id in erased.names
    assert SECRET.encode() not in await journal(desk.store)


async def test_a_document_goes_alone_where_that_is_asked_for(desk: Desk) -> None:
    job = await about_doe(desk)
    erased = await desk.store.erasing.document(job)
    assert f"{job.mail_id}.tif" in erased.names
    stands = await desk.job(job.id)
    assert (stands.state, stands.to_name, stands.headed) == (State.SENT, job.to_name, None)
    assert stands.document is not None
    assert (stands.document.pages, stands.document.name) == (2, "deleted")
    assert await desk.store.mails.inline(job.mail_id) is None
    assert SECRET.encode() not in await journal(desk.store)
    assert await desk.store.retention.names_in_use() == set()
    assert SECRET in await everything(desk.store), "what is told of it stays"


async def test_of_two_faxes_of_a_mail_the_other_keeps_what_both_need(desk: Desk) -> None:
    acceptance = desk.make.acceptance(b"to both", FAX, replace(FAX, e164="+12025550124"))
    await desk.accept(acceptance)
    one, two = acceptance.jobs
    for job, ticket in ((one, "T1"), (two, "T2")):
        await desk.walk(job, *to_accepted(ticket), Sent())
    erased = await desk.store.erasing.job(await desk.job(one.id))
    assert (erased.names, erased.shared, erased.siblings) == (frozenset(), {DOCUMENT.name}, (two.id,))
    assert await desk.store.mails.inline(one.mail_id) == b"to both"
    erased = await desk.store.erasing.job(await desk.job(two.id))
    assert erased.names == {DOCUMENT.name}
    assert await desk.store.mails.get(one.mail_id) is None


async def test_nothing_goes_while_somebody_is_still_to_be_told(desk: Desk) -> None:
    job = await desk.taken(b"told")
    mail = await desk.store.mails.get(job.mail_id)
    assert mail is not None
    notice = replace(postmaster_notice(mail, "ann@acme.example"), job_id=job.id)
    await desk.walk(job, Cancelled(), notices=(notice,))
    before = await everything(desk.store)
    assert not (await desk.store.erasing.job(await desk.job(job.id))).done
    assert not (await desk.store.erasing.document(await desk.job(job.id))).done
    assert await everything(desk.store) == before
    await desk.store.notices.sent(notice.id)
    assert (await desk.store.erasing.job(await desk.job(job.id))).done


def once_more(desk: Desk, old: Job) -> Once:
    return Once(
        mail_id=desk.make.id("m"),
        number=old.number,
        to_name=old.to_name,
        at=desk.clock.turn(minutes=5),
        expires=desk.clock() + timedelta(days=1),
    )


async def kept_again(desk: Desk, old: Job) -> tuple[Again, Job | None]:
    mail = await desk.store.mails.get(old.mail_id)
    assert mail is not None
    history = [event for event, _ in await desk.store.jobs.history(old.id)]
    found = next((event for event in history if isinstance(event, Rendered)), None)
    made = again(old, mail, BOX, once=once_more(desk, old), rendered=found)
    return made, await desk.store.once.more(made)


async def test_a_fax_is_sent_once_more_as_a_new_job_that_names_the_first(desk: Desk) -> None:
    old = await desk.walk(await desk.taken(b"twice"), *to_accepted(), Sent())
    _, job = await kept_again(desk, old)
    assert job is not None
    assert await desk.job(job.id) == job
    assert (job.again_of, job.state, job.document, job.tries) == (old.id, State.RENDERED, DOCUMENT, 0)
    assert [type(event) for event, _ in await desk.store.jobs.history(job.id)] == [Rendered]
    assert await desk.store.mails.inline(job.mail_id) == b"twice"
    assert await desk.job(old.id) == old
    claimed = await desk.store.jobs.claim("w", now=desk.clock(), lease=timedelta(minutes=1), limit=9)
    assert [each.id for each in claimed] == [job.id]


async def test_a_fax_service_that_has_the_first_need_not_be_given_the_document_again(desk: Desk) -> None:
    old = await desk.walk(await desk.taken(b"twice"), *to_accepted("T7"), Sent())
    _, job = await kept_again(desk, old)
    assert job is not None
    since = desk.clock() - timedelta(days=1)
    assert await desk.store.jobs.original(job, "line", since=since) == "T7"
    assert await desk.store.jobs.original(replace(job, again_of=""), "line", since=since) == ""
    assert await desk.store.jobs.original(job, "another", since=since) == ""


async def test_what_was_sent_once_more_outlives_the_first(desk: Desk) -> None:
    old = await desk.walk(await desk.taken(b"twice"), *to_accepted(), Sent())
    _, job = await kept_again(desk, old)
    assert job is not None
    erased = await desk.store.erasing.job(old)
    assert (erased.names, erased.shared) == (frozenset(), {DOCUMENT.name})
    assert await desk.store.mails.inline(job.mail_id) == b"twice"
    gone = await desk.walk(await desk.job(job.id), Cancelled())
    assert (await desk.store.erasing.job(gone)).names == {DOCUMENT.name}
    assert b"twice" not in await journal(desk.store)


async def test_what_is_kept_no_longer_is_not_sent_once_more(desk: Desk) -> None:
    old = await desk.walk(await desk.taken(b"gone"), *to_accepted(), Sent())
    await desk.store.erasing.document(old)
    made, job = await kept_again(desk, old)
    assert job is None
    assert await desk.store.mails.get(made.mail.id) is None


async def test_a_fax_once_more_counts_for_the_caps(desk: Desk) -> None:
    old = await desk.walk(await desk.taken(b"twice"), *to_accepted(), Sent())
    scope = "faxbox acme/sales"
    before = desk.store.usage.now().since(scope, desk.clock() - timedelta(hours=1)).faxes
    await kept_again(desk, old)
    assert desk.store.usage.now().since(scope, desk.clock() - timedelta(hours=2)).faxes == before + 1
    await desk.store.usage.refresh()
    assert desk.store.usage.now().since(scope, desk.clock() - timedelta(hours=2)).faxes == before + 1


def received(desk: Desk) -> InboundFax:
    return InboundFax(
        id=desk.make.id("i"),
        account_id="acme",
        faxbox_id="sales",
        from_number="+12025550199",
        from_name=SECRET,
        to_number="+12025550100",
        document=replace(DOCUMENT, name="in.tif"),
        received=desk.clock(),
        backend="line",
        ticket="R1",
        original="in.pdf",
        media_type="application/pdf",
    )


async def test_a_received_fax_goes_with_both_its_files_once_everybody_was_told(desk: Desk) -> None:
    fax = received(desk)
    await desk.store.inbox.take(fax)
    assert not (await desk.store.erasing.received(fax)).done
    await desk.store.inbox.tell(fax.id, [])
    erased = await desk.store.erasing.received(fax)
    assert (erased.done, erased.names) == (True, {"in.tif", "in.pdf"})
    assert SECRET not in await everything(desk.store)
    assert not await desk.store.inbox.take(replace(fax, id="again")), "it is not taken a second time"


async def test_a_received_faxs_document_goes_alone(desk: Desk) -> None:
    fax = received(desk)
    await desk.store.inbox.take(fax)
    await desk.store.inbox.tell(fax.id, [])
    assert (await desk.store.erasing.received_document(fax)).names == {"in.tif", "in.pdf"}
    stands = await desk.store.inbox.get(fax.id)
    assert stands is not None
    assert (stands.document.name, stands.original, stands.from_name) == ("deleted", "", SECRET)


@pytest.mark.parametrize("restarts", [False, True])
async def test_a_segment_goes_when_nothing_of_it_is_kept_and_nobody_writes_it(
    desk: Desk, opener: Opener, restarts: bool
) -> None:
    job = await desk.walk(await desk.taken(b"in the journal"), *to_accepted(), Sent())
    folder: Path = journal_of(desk.store.path)
    store = desk.store
    if restarts:
        await store.close()
        store = await opener()
    assert await store.retention.segments() == 0
    await store.erasing.job(job)
    assert await store.retention.segments() == restarts
    assert len(await asyncio.to_thread(lambda: list(folder.iterdir()))) == (not restarts)
    assert await store.retention.segments() == 0


async def test_what_the_database_has_not_yet_is_blotted_by_nobody(desk: Desk) -> None:
    """A mail that came meanwhile may name the deleted one, as the first of its fax."""
    job = await desk.taken(b"in the journal")
    [segment] = await asyncio.to_thread(lambda: list(journal_of(desk.store.path).iterdir()))
    octets = await asyncio.to_thread(segment.read_bytes)
    begun = Blot(mail_id=job.mail_id, since=segment.stat().st_mtime, reached={segment.name: len(octets) - 1})
    assert blot(segment.parent, begun) == 0
    assert await asyncio.to_thread(segment.read_bytes) == octets
    assert blot(segment.parent, replace(begun, reached={segment.name: len(octets)})) == 1
