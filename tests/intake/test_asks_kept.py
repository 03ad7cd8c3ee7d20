"""What MAIL and RCPT asked for is kept with the jobs that they become."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

from smtpfax.model.job import Job
from smtpfax.model.notice import NoticeKind
from smtpfax.model.wishes import NEVER, Notify, Returned, Wishes
from tests.intake.door import Here, door, with_manners

FAX = b"RCPT TO:<+12025550123@fax.example>"
OTHER = b"RCPT TO:<+12025550124@fax.example>"
HOUR = timedelta(hours=1)


async def jobs_of(here: Here, mail: bytes, *recipients: bytes, content: bytes = b"hello") -> list[Job]:
    """The jobs that a mail with these parameters became, by number."""
    reader, writer = await asyncio.open_connection("127.0.0.1", here.port)
    commands = (b"HELO x", b"MAIL FROM:<ann@acme.example> " + mail, *recipients, b"DATA", content + b"\r\n.", b"QUIT")
    writer.write(b"\r\n".join(commands) + b"\r\n")
    async with asyncio.timeout(10):
        replies = (await reader.read()).decode().splitlines()
    writer.close()
    assert all(reply[0] in "23" for reply in replies), replies
    jobs = await here.store.jobs.of_mail(replies[-2].split()[2])
    return sorted(jobs, key=lambda job: job.number.e164)


async def test_each_recipient_has_its_own_wishes_and_the_mail_the_rest(tmp_path: Path) -> None:
    async with door(tmp_path) as here:
        one, other = await jobs_of(
            here, b"RET=FULL ENVID=Q1", FAX + b" NOTIFY=SUCCESS ORCPT=rfc822;a@b", OTHER + b" NOTIFY=NEVER"
        )
        of_mail = Wishes(returned=Returned.FULL, envelope_id="Q1", notify=NEVER)
        assert other.wishes == of_mail
        assert one.wishes == Wishes(
            returned=Returned.FULL, envelope_id="Q1", notify=frozenset({Notify.SUCCESS}), original="rfc822;a@b"
        )


async def test_equal_recipients_are_told_what_any_of_them_asked_for(tmp_path: Path) -> None:
    async with door(tmp_path) as here:
        [job] = await jobs_of(
            here,
            b"BY=60;N",
            FAX + b" NOTIFY=NEVER",
            b"RCPT TO:<12025550123@fax.example> NOTIFY=FAILURE ORCPT=rfc822;a@b",
        )
        assert job.wishes == Wishes(notify=frozenset({Notify.FAILURE}), original="rfc822;a@b")
        [late] = await here.store.notices.of_job(job.id)
        assert late.notice.recipient == "ann@acme.example"


async def test_the_same_mail_again_has_what_the_first_asked_for(tmp_path: Path) -> None:
    async with door(tmp_path) as here:
        [first] = await jobs_of(here, b"", FAX + b" NOTIFY=FAILURE")
        [again] = await jobs_of(here, b"HOLDFOR=60", FAX + b" NOTIFY=SUCCESS")
        assert again == first


async def test_a_mail_that_asks_for_nothing_has_no_wishes(tmp_path: Path) -> None:
    async with door(tmp_path) as here:
        [job] = await jobs_of(here, b"SIZE=10 BODY=8BITMIME", FAX)
        assert (job.wishes, job.scheduled, job.deadline) == (None, None, None)
        assert job.expires == job.created + HOUR
        assert await here.store.notices.of_job(job.id) == []


async def test_expiry_counts_from_the_time_that_a_fax_is_scheduled_for(tmp_path: Path) -> None:
    async with door(tmp_path) as here:
        [job] = await jobs_of(here, b"HOLDFOR=7200 BY=7260;R", FAX)
        assert job.scheduled is not None
        assert timedelta(hours=1.9) < job.scheduled - job.created <= timedelta(hours=2)
        assert job.expires == job.scheduled + HOUR
        assert job.deadline == job.scheduled + timedelta(minutes=1)
        assert job.due == job.created  # its pages are made at once, while the client may still hear of a fault


async def test_who_set_a_time_is_told_at_that_time(tmp_path: Path) -> None:
    async with door(tmp_path) as here:
        [job] = await jobs_of(here, b"BY=600;N", FAX)
        [row] = await here.store.notices.of_job(job.id)
        assert (row.notice.kind, row.notice.id) == (NoticeKind.DELAY, f"{job.id}-late-0")
        assert timedelta(seconds=590) < row.notice.due - job.created <= timedelta(seconds=600)


async def test_without_a_relay_no_notice_waits_for_ever(tmp_path: Path) -> None:
    async with door(tmp_path, with_manners(tells=False)) as here:
        [job] = await jobs_of(here, b"BY=600;N", FAX)
        assert await here.store.notices.of_job(job.id) == []
