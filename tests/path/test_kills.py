"""SIGKILL at every state of a job and at random under load: every 250 is faxed once, and told of."""

from __future__ import annotations

import asyncio
import random
import smtplib
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from smtpfax.testing import sample_mail, sample_pdf
from tests.dispatch.fake_kazoo import ACCOUNT, API_KEY, FakeKazoo, Trick
from tests.path.daemon import DOMAIN, SENDER, Daemon, Wish, daemon, until

NUMBERS = [f"+120255502{number:02}" for number in range(40)]
SENT = {"success": True, "pages_sent": 2, "result_cause": "NORMAL_CLEARING"}


def kazoo_wish(url: str, *, verdict: int = 10) -> Wish:
    """Faxes go to a Kazoo that plays tricks."""
    lines = (f'url = "{url}"', f'account_id = "{ACCOUNT}"', f'api_key = "{API_KEY}"', "poll_seconds = 1")
    more = '[backends.kazoo]\nkind = "kazoo"\n' + "\n".join(lines)
    return Wish(backend="kazoo", verdict=verdict, more=more)


@cache
def content(number: str, pages: int) -> bytes:
    """A mail to this number: the same octets each time, as a mail server's queue has them."""
    pdf = sample_pdf([[f"page {page} for {number}"] for page in range(pages)])
    mail = sample_mail(sender=SENDER, to=f"{number}@{DOMAIN}", subject=f"to {number}", pdf=pdf)
    return mail.as_bytes().replace(b"\n", b"\r\n")


def send(port: int, number: str, *, pages: int = 2) -> str | None:
    """One mail; its id when it was answered 250."""
    try:
        with smtplib.SMTP("127.0.0.1", port, timeout=20) as client:
            client.ehlo("x")
            client.mail(SENDER)
            client.rcpt(f"{number}@{DOMAIN}")
            code, text = client.data(content(number, pages))
    except (OSError, smtplib.SMTPException):
        return None
    return text.decode().split()[1] if code == 250 else None


def kazoo() -> FakeKazoo:
    """A Kazoo."""
    return FakeKazoo(lambda: datetime.now(UTC))


async def finished(here: Daemon, far: FakeKazoo, numbers: list[str]) -> None:
    """Every call at Kazoo ends well; every job is sent once, and its sender is told."""

    async def all_sent() -> bool:
        for id_ in list(far.queue):
            far.finish(id_, "completed", SENT)
        rows = (await here.get("/v2/accounts/acme/faxes/outbox?page_size=100"))["data"]
        return {row["to_number"] for row in rows if row["state"] == "sent"} >= set(numbers)

    await until(all_sent, seconds=90)
    called = [fax["to_number"] for fax in far.faxes]
    assert sorted(called) == sorted(set(called)), "a fax twice"
    assert set(numbers) <= set(called)

    async def all_told() -> bool:
        told = " ".join(str(notice["Subject"]) for notice in here.notices)
        return all(f"Fax sent to {number}" in told for number in numbers)

    await until(all_told, seconds=60)


async def until_state(here: Daemon, job_id: str, state: str) -> None:
    """The job stands there."""

    async def stands() -> bool:
        return bool((await here.job(job_id))["state"] == state)

    await until(stands)


async def test_killed_while_queued(tmp_path: Path) -> None:
    async with kazoo() as far, daemon(tmp_path, kazoo_wish(far.url, verdict=0)) as here:
        mail_id = await asyncio.to_thread(send, here.smtp, NUMBERS[0], pages=60)
        await here.kill()
        assert mail_id is not None
        await here.start()
        await finished(here, far, [NUMBERS[0]])


async def test_killed_while_rendered(tmp_path: Path) -> None:
    async with kazoo() as far, daemon(tmp_path, kazoo_wish(far.url)) as here:
        far.tricks = [Trick(name="503", takes=False, status=503, headers={"Retry-After": "2"})]
        mail_id = await asyncio.to_thread(send, here.smtp, NUMBERS[0])
        await until_state(here, f"{mail_id}-1", "rendered")
        await here.kill()
        await here.start()
        await here.smtpfax("queue", "retry", f"{mail_id}-1")  # the schedule would, in half a minute
        await finished(here, far, [NUMBERS[0]])


@pytest.mark.parametrize("took_it", [True, False])
async def test_killed_while_offered(tmp_path: Path, *, took_it: bool) -> None:
    async with kazoo() as far, daemon(tmp_path, kazoo_wish(far.url)) as here:
        far.tricks = [Trick(name="never answers", takes=took_it, status=-1)]
        mail_id = await asyncio.to_thread(send, here.smtp, NUMBERS[0])

        async def seen() -> bool:
            return bool(far.created)

        await until(seen)
        assert (await here.job(f"{mail_id}-1"))["state"] == "offered"
        await here.kill()
        await here.start()
        await finished(here, far, [NUMBERS[0]])
        assert len(far.created) == (1 if took_it else 2)


async def test_killed_while_accepted(tmp_path: Path) -> None:
    async with kazoo() as far, daemon(tmp_path, kazoo_wish(far.url)) as here:
        mail_id = await asyncio.to_thread(send, here.smtp, NUMBERS[0])
        await until_state(here, f"{mail_id}-1", "accepted")
        await here.kill()
        await here.start()
        await finished(here, far, [NUMBERS[0]])
        assert len(far.created) == 1


async def test_killed_at_random_under_load_every_250_is_faxed_exactly_once(tmp_path: Path) -> None:
    chance = random.Random(4711)
    async with kazoo() as far, daemon(tmp_path, kazoo_wish(far.url)) as here:
        waiting, taken = list(NUMBERS), list[str]()

        async def client() -> None:
            # As a mail server does: what was not answered 250 is sent again, the same.
            while waiting:
                number = waiting.pop(0)
                mail_id = await asyncio.to_thread(send, here.smtp, number)
                (taken if mail_id else waiting).append(number)
                if mail_id is None:
                    await asyncio.sleep(0.1)

        async def calls_end() -> None:
            while True:
                for id_ in list(far.queue)[:2]:
                    far.finish(id_, "completed", SENT)
                await asyncio.sleep(0.2)

        ending = asyncio.create_task(calls_end())
        clients = [asyncio.create_task(client()) for _ in range(4)]
        for _ in range(6):
            await asyncio.sleep(chance.uniform(0.1, 1.2))
            await here.kill()
            await here.start()
        await asyncio.gather(*clients)
        ending.cancel()
        assert sorted(taken) == sorted(NUMBERS)
        await finished(here, far, NUMBERS)
