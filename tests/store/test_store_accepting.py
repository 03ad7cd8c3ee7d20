"""What happens at the instant a mail becomes ours, and how the same fax twice is told."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from sqlite3 import IntegrityError

import pytest
from sqlalchemy import select

from smtpfax.model.accepting import Acceptance, Seal
from smtpfax.model.cause import Cause
from smtpfax.model.event import Cancelled, Failed, Rendered, Sent
from smtpfax.model.job import State
from smtpfax.model.notice import late_notices, postmaster_notice
from smtpfax.model.number import FaxNumber
from smtpfax.model.status import NOTHING_TO_FAX, TAKEN, Status
from smtpfax.model.wishes import NEVER, Notify, Returned, Wishes
from smtpfax.store import AttemptFilter
from smtpfax.store.schema import claims
from tests.store.desk import DOCUMENT, Desk, to_accepted

FIRST = FaxNumber(e164="+12025550123")
OTHER = FaxNumber(e164="+12025550199", sub_address="12#")
FAILED = Failed(status=Status(5, 6, 0), cause=Cause.DOCUMENT, text="nothing to fax")


@pytest.fixture(params=[False, True], ids=["in a thread", "apart"])
def apart(request: pytest.FixtureRequest) -> bool:
    """Whoever puts the rows in."""
    return bool(request.param)


async def test_a_taken_mail_is_found_again_as_it_was(desk: Desk) -> None:
    acceptance = desk.make.acceptance(b"the content")

    [taken] = await desk.accept(acceptance)

    mail, [job] = acceptance.mail, acceptance.jobs
    found = await desk.store.mails.get(mail.id)
    assert found is not None
    assert (found.client, found.header, found.reverse_path) == (mail.client, mail.header, mail.reverse_path)
    assert found.content.sha256 == mail.content.sha256
    assert await desk.store.mails.inline(mail.id) == b"the content"
    assert (taken.mail_id, taken.job_id, taken.duplicate, taken.reply) == (mail.id, job.id, False, None)
    assert await desk.store.jobs.of_mail(mail.id) == [job]
    [row] = (await desk.store.attempts.page(AttemptFilter(), limit=10)).rows
    assert (row.attempt.job_id, row.state) == (job.id, State.QUEUED)


async def test_the_same_mail_again_gets_the_first_ones_id_and_reply_and_is_not_kept(desk: Desk) -> None:
    first, again = desk.make.acceptance(), desk.make.acceptance()
    [one] = await desk.accept(first)
    await desk.store.mails.set_reply(first.mail.id, TAKEN.reply(mail=first.mail.id, tail=""))

    [two] = await desk.accept(again)

    assert (two.mail_id, two.job_id, two.duplicate) == (one.mail_id, one.job_id, True)
    assert two.reply == TAKEN.reply(mail=first.mail.id, tail="")
    assert await desk.store.mails.get(again.mail.id) is None
    rows = (await desk.store.attempts.page(AttemptFilter(), limit=10)).rows
    assert [(row.attempt.job_id, row.attempt.mail_id) for row in rows] == [(one.job_id, one.mail_id)] * 2


async def test_equal_recipients_of_one_mail_share_one_job(desk: Desk) -> None:
    acceptance = desk.make.acceptance(b"one", OTHER, OTHER)

    first, second = await desk.accept(acceptance)

    assert first.job_id == second.job_id == acceptance.jobs[0].id
    assert not first.duplicate
    assert not second.duplicate
    assert len(await desk.store.jobs.of_mail(acceptance.mail.id)) == 1
    rows = (await desk.store.attempts.page(AttemptFilter(), limit=10)).rows
    assert {row.attempt.job_id for row in rows} == {first.job_id}


async def test_of_one_old_and_one_new_recipient_only_the_new_one_becomes_a_job(desk: Desk) -> None:
    [old] = await desk.accept(desk.make.acceptance(b"one"))
    mixed = desk.make.acceptance(b"one", FaxNumber(e164="+12025550123"), OTHER)

    repeated, new = await desk.accept(mixed)

    assert (repeated.job_id, repeated.duplicate) == (old.job_id, True)
    assert (new.job_id, new.duplicate) == (mixed.jobs[1].id, False)
    assert [job.number for job in await desk.store.jobs.of_mail(mixed.mail.id)] == [OTHER]


async def test_the_same_mail_from_two_sessions_at_once_is_one_job(desk: Desk) -> None:
    answers = await asyncio.gather(*(desk.accept(desk.make.acceptance(b"raced")) for _ in range(20)))

    assert len({taken.job_id for [taken] in answers}) == 1
    assert [taken.duplicate for [taken] in answers].count(False) == 1


async def test_a_key_is_free_again_when_its_hours_are_over(desk: Desk) -> None:
    [one] = await desk.accept(desk.make.acceptance())
    desk.clock.turn(hours=48)

    [two] = await desk.accept(desk.make.acceptance())

    assert not two.duplicate
    assert two.job_id != one.job_id


async def test_a_cancelled_job_releases_its_key(desk: Desk) -> None:
    [one] = await desk.accept(desk.make.acceptance())
    await desk.walk(await desk.job(one.job_id), Cancelled())

    [two] = await desk.accept(desk.make.acceptance())

    assert not two.duplicate


async def test_a_job_that_failed_after_its_250_releases_its_key(desk: Desk) -> None:
    [one] = await desk.accept(desk.make.acceptance())
    await desk.store.mails.set_reply(one.mail_id, TAKEN.reply(mail=one.mail_id, tail=""))
    await desk.walk(await desk.job(one.job_id), FAILED)

    [two] = await desk.accept(desk.make.acceptance())

    assert not two.duplicate


async def test_a_job_that_failed_while_its_250_was_being_said_releases_its_key(desk: Desk) -> None:
    [one] = await desk.accept(desk.make.acceptance())
    await desk.walk(await desk.job(one.job_id), FAILED)
    await desk.store.mails.set_reply(one.mail_id, TAKEN.reply(mail=one.mail_id, tail=""))

    [two] = await desk.accept(desk.make.acceptance())

    assert not two.duplicate


async def test_a_job_that_failed_with_a_document_releases_its_key_though_its_client_never_heard(desk: Desk) -> None:
    [one] = await desk.accept(desk.make.acceptance())
    await desk.walk(await desk.job(one.job_id), Rendered(document=DOCUMENT), FAILED)

    [two] = await desk.accept(desk.make.acceptance())

    assert not two.duplicate


async def test_a_554_stays_a_554(desk: Desk) -> None:
    [one] = await desk.accept(desk.make.acceptance())
    await desk.walk(await desk.job(one.job_id), FAILED)
    await desk.store.mails.set_reply(one.mail_id, NOTHING_TO_FAX.reply())

    [two] = await desk.accept(desk.make.acceptance())

    assert (two.duplicate, two.reply) == (True, NOTHING_TO_FAX.reply())


async def test_a_sent_fax_keeps_its_key(desk: Desk) -> None:
    acceptance = desk.make.acceptance(b"sent")
    [one] = await desk.accept(acceptance)
    await desk.walk(await desk.job(one.job_id), *to_accepted(), Sent())

    [two] = await desk.accept(desk.make.acceptance(b"sent"))

    assert (two.duplicate, two.job_id) == (True, one.job_id)


async def test_a_mail_to_postmaster_is_kept_with_its_notice_and_no_job(desk: Desk) -> None:
    mail = desk.make.mail(b"help")
    notice = postmaster_notice(mail, "admin@acme.example")

    assert await desk.accept(Acceptance(mail=mail, notices=[notice])) == []

    assert await desk.store.mails.inline(mail.id) == b"help"
    claimed = await desk.store.notices.claim("me", now=desk.clock(), lease=timedelta(minutes=5), limit=9)
    assert claimed == [notice]


async def test_mails_that_arrive_together_are_taken_together_and_in_order(desk: Desk) -> None:
    brought = [
        desk.make.acceptance(f"{n // 2}".encode()) for n in range(500)
    ]  # every second one repeats the one before

    answers = await asyncio.gather(*(desk.accept(acceptance) for acceptance in brought))

    for n, [taken] in enumerate(answers):
        assert (taken.job_id, taken.duplicate) == (brought[n - n % 2].jobs[0].id, bool(n % 2))
    assert len((await desk.store.jobs.page(final=False, limit=1000)).rows) == 250
    rows = (await desk.store.attempts.page(AttemptFilter(), limit=1000)).rows
    assert [row.attempt.id for row in reversed(rows)] == [acceptance.attempts[0].id for acceptance in brought]


async def test_one_mails_error_is_its_own(desk: Desk) -> None:
    good = [desk.make.acceptance(f"{n}".encode()) for n in range(5)]
    bad = desk.make.acceptance(b"bad")
    bad = replace(bad, mail=replace(bad.mail, id=good[2].mail.id))  # its id is taken, and its job has no mail

    outcomes = await asyncio.gather(*(desk.accept(each) for each in (*good, bad)), return_exceptions=True)

    assert [isinstance(outcome, IntegrityError) for outcome in outcomes] == [False] * 5 + [True]
    found = (await desk.store.jobs.page(final=False, limit=9)).rows
    assert sorted(job.id for job in found) == sorted(each.jobs[0].id for each in good)


async def test_a_cancelled_door_leaves_the_mail_whole(desk: Desk) -> None:
    acceptance = desk.make.acceptance()
    door = asyncio.create_task(desk.accept(acceptance))
    await asyncio.sleep(0)
    door.cancel()
    await asyncio.gather(door, return_exceptions=True)
    assert door.cancelled()

    [again] = await desk.accept(desk.make.acceptance())
    assert (again.job_id, again.duplicate) == (acceptance.jobs[0].id, True)
    assert await desk.store.mails.inline(acceptance.mail.id) == b"a fax"


async def test_what_an_envelope_asked_for_is_kept_with_the_job(desk: Desk) -> None:
    wishes = Wishes(
        notify=frozenset({Notify.SUCCESS, Notify.DELAY}),
        original="rfc822;ann@acme.example",
        envelope_id="Q 1",
        returned=Returned.FULL,
        trace=True,
    )
    for asked in (wishes, Wishes(notify=NEVER), None):
        acceptance = desk.make.acceptance(str(asked).encode())
        [job] = acceptance.jobs
        job = replace(job, wishes=asked, deadline=desk.clock(), scheduled=desk.clock())
        await desk.accept(replace(acceptance, jobs=[job]))
        assert await desk.store.jobs.of_mail(job.mail_id) == [job]


async def test_a_repetition_brings_no_notice_of_its_own(desk: Desk) -> None:
    for _ in range(2):
        acceptance = desk.make.acceptance(b"by a time")
        [job] = acceptance.jobs
        late = late_notices(job, acceptance.mail, None, deadline=desk.clock() + timedelta(hours=1))
        await desk.accept(replace(acceptance, notices=late))
    later = desk.clock.turn(hours=2)
    found = await desk.store.notices.claim("me", now=later, lease=timedelta(minutes=5), limit=9)
    [first] = (await desk.store.jobs.page(final=False, limit=9)).rows
    assert [notice.job_id for notice in found] == [first.id]
    assert await desk.store.mails.get(acceptance.mail.id) is None


def sealed(desk: Desk, octets: bytes, *digests: str, days: float = 14, number: FaxNumber = FIRST) -> Acceptance:
    """A mail with these signatures."""
    until = desk.clock() + timedelta(days=days)
    seals = [Seal(digest=digest, until=until) for digest in digests]
    return replace(desk.make.acceptance(octets, number), seals=seals)


async def test_a_signature_brings_a_fax_to_a_number_once_whatever_the_content(desk: Desk) -> None:
    [one] = await desk.accept(sealed(desk, b"signed", "s1"))
    await desk.store.mails.set_reply(one.mail_id, TAKEN.reply(mail=one.mail_id, tail=""))
    desk.clock.turn(days=13)  # the hours of duplicates are long over

    for again in (b"signed", b"signed, and changed"):
        [two] = await desk.accept(sealed(desk, again, "other", "s1"))
        assert (two.job_id, two.duplicate, two.reply) == (one.job_id, True, TAKEN.reply(mail=one.mail_id, tail=""))

    rows = (await desk.store.attempts.page(AttemptFilter(), limit=9)).rows
    assert [row.attempt.job_id for row in rows] == [one.job_id] * 3
    assert [bool(row.attempt.reason) for row in rows] == [True, True, False]
    assert len((await desk.store.jobs.page(final=False, limit=9)).rows) == 1


async def test_a_signature_is_forgotten_when_it_does_not_count_any_more(desk: Desk) -> None:
    await desk.accept(sealed(desk, b"signed", "s1", days=14))
    desk.clock.turn(days=14)
    [two] = await desk.accept(sealed(desk, b"another", "s1"))
    assert not two.duplicate
    await desk.store.retention.claims_before(desk.clock.turn(days=30))
    assert await desk.store._database.all(select(claims)) == []


async def test_a_signature_counts_for_each_number_by_itself(desk: Desk) -> None:
    await desk.accept(sealed(desk, b"signed", "s1"))
    [other] = await desk.accept(sealed(desk, b"signed, for two", "s1", number=OTHER))
    assert not other.duplicate


async def test_who_repeats_a_repetition_is_told_of_the_first(desk: Desk) -> None:
    [one] = await desk.accept(sealed(desk, b"one", "s1"))
    await desk.accept(sealed(desk, b"two", "s1", "s2"))
    for acceptance in (desk.make.acceptance(b"two"), sealed(desk, b"three", "s2")):
        [again] = await desk.accept(acceptance)
        assert (again.job_id, again.duplicate) == (one.job_id, True)


async def test_one_signature_from_many_sessions_at_once_is_one_job(desk: Desk) -> None:
    brought = [sealed(desk, f"copy {n}".encode(), "s1") for n in range(20)]
    answers = await asyncio.gather(*(desk.accept(acceptance) for acceptance in brought))
    assert len({taken.job_id for [taken] in answers}) == 1
    assert [taken.duplicate for [taken] in answers].count(False) == 1
    assert len((await desk.store.jobs.page(final=False, limit=99)).rows) == 1


async def test_equal_recipients_and_two_faxboxes_of_one_signed_mail_are_no_repetition(desk: Desk) -> None:
    acceptance = sealed(desk, b"signed", "s1")
    [job] = acceptance.jobs
    twin = replace(job, id=f"{job.mail_id}-twin")
    elsewhere = replace(job, id=f"{job.mail_id}-else", faxbox_id="legal")
    told = await desk.accept(replace(acceptance, jobs=[job, twin, elsewhere]))
    assert [(taken.job_id, taken.duplicate) for taken in told] == [
        (job.id, False),
        (job.id, False),
        (elsewhere.id, False),
    ]


async def test_a_signature_whose_fax_failed_may_bring_it_again(desk: Desk) -> None:
    [one] = await desk.accept(sealed(desk, b"signed", "s1"))
    await desk.walk(await desk.job(one.job_id), Rendered(document=DOCUMENT), FAILED)
    [two] = await desk.accept(sealed(desk, b"signed", "s1"))
    assert not two.duplicate
