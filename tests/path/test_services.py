"""The real daemon with RingCentral, FaxOut and received faxes, as an administrator would run it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from smtpfax.testing import sample_mail, sample_pdf, send_mail
from smtpfax.testing.faxout import PASSWORD, USERNAME, FakeFaxOut
from smtpfax.testing.ringcentral import CLIENT_ID, CLIENT_SECRET, JWT, FakeRingCentral
from smtpfax.testing.ringcentral.order import File
from smtpfax.testing.trick import Trick
from tests.path.daemon import DOMAIN, NUMBER, PAGES, SENDER, Daemon, Wish, daemon, until

FAR = "+12025550177"
RING = """
[backends.ring]
kind = "ringcentral"
url = "{url}"
media_url = "{url}"
client_id = "{id}"
client_secret = "{secret}"
jwt = "{jwt}"
poll_seconds = 2
inbox_seconds = 4
request_seconds = 3
{more}
"""
FAXOUT = """
[backends.out]
kind = "faxout"
url = "{url}"
username = "{username}"
password = "{password}"
request_seconds = 3
"""


def now() -> datetime:
    return datetime.now(UTC)


def ring_section(ring: FakeRingCentral, more: str = "") -> str:
    return RING.format(url=ring.url, id=CLIENT_ID, secret=CLIENT_SECRET, jwt=JWT, more=more)


def out_section(out: FakeFaxOut) -> str:
    return FAXOUT.format(url=out.url, username=USERNAME, password=PASSWORD)


async def mailed(running: Daemon, number: str = FAR, subject: str = "Our offer") -> str:
    """A mail over SMTP; the job's id."""
    mail = sample_mail(sender=SENDER, to=f"{number}@{DOMAIN}", subject=subject, pdf=sample_pdf(PAGES))
    to = [f"FAX={number}@{DOMAIN}"]
    reply = await asyncio.to_thread(send_mail, mail, port=running.smtp, sender=SENDER, to=to)
    assert reply.startswith("250"), reply
    return f"{reply.split()[2]}-1"


async def state_of(running: Daemon, job_id: str) -> dict[str, Any]:
    found: dict[str, Any] = (await running.get(f"/v2/accounts/acme/faxes/outgoing/{job_id}"))["data"]
    return found


async def test_a_mail_becomes_a_fax_at_ringcentral_and_its_sender_is_told(tmp_path: Path) -> None:
    async with FakeRingCentral(now) as ring, daemon(tmp_path, Wish(backend="ring", more=ring_section(ring))) as running:
        job_id = await mailed(running)
        [id_] = await until(lambda: _records(ring), seconds=90)
        [order] = ring.store.orders.values()
        assert order.to[0]["phoneNumber"] == FAR
        assert order.files[0].name == f"{job_id}.1.pdf"
        assert order.files[0].octets.startswith(b"%PDF-1.")
        ring.store.end(id_, "Sent", pages=2)
        ended = await running.ends(job_id)
        assert (ended["state"], ended["backend"], ended["tx_result"]["pages_sent"]) == ("sent", "ring", 2)
        [receipt] = await running.told(1)
        assert receipt["Subject"] == f"Fax sent to {FAR}: Our offer"
        theirs = await running.fetch(f"/v2/accounts/acme/faxes/outbox/{job_id}/rendered")
        assert theirs == order.files[0].octets
        said = await running.smtpfax("backend", "test", "ring")
        assert "signed in, account/~/extension/~ can be used" in said
        metrics = (await running.fetch("/metrics")).decode()
        assert 'smtpfax_backend_calls_total{backend="ring",code="200",group="heavy"} 1.0' in metrics
        log = running.log.read_text()
        assert not any(secret in log for secret in (JWT, CLIENT_SECRET, "token-1"))


async def _records(ring: FakeRingCentral) -> list[int]:
    return list(ring.store.records)


async def test_an_answer_that_was_lost_is_looked_for_and_the_fax_is_sent_once(tmp_path: Path) -> None:
    async with FakeRingCentral(now) as ring, daemon(tmp_path, Wish(backend="ring", more=ring_section(ring))) as running:
        ring.tricks.append(Trick(name="lost", takes=True))
        job_id = await mailed(running)
        [id_] = await until(lambda: _records(ring), seconds=90)
        ring.store.end(id_, "Sent", pages=2)
        assert (await running.ends(job_id))["state"] == "sent"
        assert len(ring.store.orders) == 1


async def test_a_kill_while_the_request_is_on_its_way_sends_no_second_fax(tmp_path: Path) -> None:
    async with FakeRingCentral(now) as ring, daemon(tmp_path, Wish(backend="ring", more=ring_section(ring))) as running:
        ring.tricks.append(Trick(name="never answers, took it", takes=True, status=-1))
        job_id = await mailed(running)
        [id_] = await until(lambda: _records(ring), seconds=90)
        await running.kill()
        await running.start()
        ring.store.end(id_, "Sent", pages=2)
        assert (await running.ends(job_id))["state"] == "sent"
        assert len(ring.store.orders) == 1


async def test_when_ringcentral_is_down_the_next_of_the_list_takes_it(tmp_path: Path) -> None:
    async with FakeFaxOut() as out:
        async with FakeRingCentral(now) as ring:
            more = ring_section(ring) + out_section(out)
        async with daemon(tmp_path, Wish(backend="ring", more=more)) as running:
            (tmp_path / "more.toml").write_text(
                '[[accounts]]\nid = "acme"\n[[accounts.faxboxes]]\nid = "sales"\nbackend = ["ring", "out"]\n'
            )
            await running.smtpfax("apply", str(tmp_path / "more.toml"))
            job_id = await mailed(running)
            ended = await running.ends(job_id)
            assert (ended["state"], ended["backend"], ended["attempts"]) == ("sent", "out", 1)


async def test_a_fax_that_is_handed_over_by_faxout_is_called_just_that(tmp_path: Path) -> None:
    async with FakeFaxOut() as out, daemon(tmp_path, Wish(backend="out", more=out_section(out))) as running:
        job_id = await mailed(running)
        assert (await running.ends(job_id))["state"] == "sent"
        [taken] = out.taken
        assert taken.get("Recipient") == FAR.lstrip("+")
        [receipt] = await running.told(1)
        assert receipt["Subject"] == f"Fax handed over for {FAR}: Our offer"
        assert "received by" not in receipt.as_string()
        out.tricks.append(Trick(name="lost", takes=True))
        doubtful = await mailed(running, subject="Another")
        ended = await running.ends(doubtful)
        assert (ended["state"], ended["cause"]) == ("failed", "in_doubt")
        assert len(out.taken) == 2


async def test_what_ringcentral_received_is_in_the_inbox_and_mailed_and_read_on_both_sides(tmp_path: Path) -> None:
    fax = sample_pdf([("A fax that came in",)])
    async with FakeRingCentral(now) as ring, daemon(tmp_path, Wish(backend="ring", more=ring_section(ring))) as running:
        (tmp_path / "more.toml").write_text(
            '[[accounts]]\nid = "acme"\n[[accounts.faxboxes]]\nid = "sales"\nbackend = "ring"\n'
            'notifications = {inbound = {email = {send_to = ["ann@acme.example"]}}}\n'
        )
        await running.smtpfax("apply", str(tmp_path / "more.toml"))
        await until(lambda: _listed(ring), seconds=90)
        file = File(name="", media_type="application/pdf", octets=fax)
        id_ = ring.store.receive(file, sender=FAR, to="+12025550100", name="Bob")["id"]
        [row] = await until(lambda: _inbox(running), seconds=90)
        assert (row["from"], row["to"], row["pages"], row["read"]) == (FAR, "+12025550100", 1, False)
        path = f"/v2/accounts/acme/faxes/inbox/{row['id']}/attachment"
        assert await running.fetch(path) == fax
        assert (await running.fetch(path, Accept="image/tiff"))[:4] == b"II*\0"
        [mail] = await running.told(1)
        assert mail["Subject"] == f"Fax from {FAR}: 1 page"
        assert [part.get_content() for part in mail.iter_attachments()][-1] == fax
        ring.store.records[id_]["readStatus"] = "Read"
        await until(lambda: _read(running), seconds=90)
        await running.stop()
        await running.start()
        await asyncio.sleep(2)
        assert len(await _inbox(running)) == 1
        assert len(running.notices) == 1


async def _listed(ring: FakeRingCentral) -> bool:
    return any("direction=Inbound" in seen.path for seen in ring.seen)


async def _inbox(running: Daemon) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = (await running.get("/v2/accounts/acme/faxes/inbox"))["data"]
    return rows


async def _read(running: Daemon) -> bool:
    return bool((await _inbox(running))[0]["read"])


async def test_past_faxes_are_fetched_from_the_shell(tmp_path: Path) -> None:
    async with FakeRingCentral(now) as ring:
        file = File(name="", media_type="application/pdf", octets=sample_pdf([("Old",)]))
        old = ring.store.receive(file, sender=FAR, to="+12025550100")["id"]
        ring.age(old, timedelta(days=40))
        async with daemon(tmp_path, Wish(backend="ring", more=ring_section(ring))) as running:
            since = f"{now() - timedelta(days=50):%Y-%m-%d}"
            told = await running.smtpfax("inbox", "fetch", "ring", "--from", since)
            assert FAR in told
            assert len(await _inbox(running)) == 1
            again = await running.smtpfax("inbox", "fetch", "ring", "--from", since)
            assert FAR not in again
            await running.smtpfax("inbox", "fetch", "ring", "--from", "yesterday", code=2)


async def test_a_webhook_is_subscribed_and_makes_a_fax_known_at_once(tmp_path: Path) -> None:
    async with FakeRingCentral(now) as ring:
        slow = ring_section(ring, "webhook = true").replace("poll_seconds = 2", "poll_seconds = 300")
        async with daemon(tmp_path, Wish(backend="ring", more=slow)) as running:
            await until(lambda: _subscribed(ring), seconds=90)
            job_id = await mailed(running)
            [id_] = await until(lambda: _records(ring), seconds=90)
            await until(lambda: _accepted(running, job_id), seconds=90)
            ring.store.end(id_, "Sent", pages=2)
            await asyncio.sleep(5)  # a reading of the message store was made just now; the next is not hurried
            assert await ring.subscriptions.tell("Fax") == [200]
            assert (await running.ends(job_id, seconds=20))["state"] == "sent"


async def _subscribed(ring: FakeRingCentral) -> bool:
    return bool(ring.subscriptions.records)


async def _accepted(running: Daemon, job_id: str) -> bool:
    return bool((await state_of(running, job_id))["state"] == "accepted")


async def test_a_number_that_never_is_there_rests_and_an_administrator_clears_it(tmp_path: Path) -> None:
    async with daemon(tmp_path, Wish(more='"+12025550188" = "unallocated"')) as running:
        for number in range(3):
            job_id = await mailed(running, "+12025550188", subject=f"try {number}")
            assert (await running.ends(job_id))["cause"] == "unallocated"
        mail = sample_mail(sender=SENDER, to=f"+12025550188@{DOMAIN}", subject="again", pdf=sample_pdf(PAGES))
        to = [f"FAX=+12025550188@{DOMAIN}"]
        reply = await asyncio.to_thread(send_mail, mail, port=running.smtp, sender=SENDER, to=to)
        assert reply.startswith("550 5.1.1")
        assert "had no such number at the last 3 tries, it is not called before" in reply
        await until(lambda: _refused(running), seconds=90)  # rows of refusals may be a second late
        assert "+12025550188" in await running.smtpfax("resting", "list")
        await running.smtpfax("resting", "clear", "+12025550188")
        await mailed(running, "+12025550188", subject="once more")


async def _refused(running: Daemon) -> bool:
    [attempt] = (await running.get("/v2/accounts/acme/faxes/smtplog?page_size=1"))["data"]
    return bool(attempt["outcome"] == "refused")


async def test_a_fax_within_the_house_is_mailed_to_its_faxbox_too(tmp_path: Path) -> None:
    async with daemon(tmp_path) as running:
        (tmp_path / "more.toml").write_text(
            '[[accounts]]\nid = "acme"\n[[accounts.faxboxes]]\nid = "archive"\n'
            'notifications = {inbound = {email = {send_to = ["archive@acme.example"]}}}\ninbound_mail = "link"\n'
        )
        await running.smtpfax("apply", str(tmp_path / "more.toml"))
        await mailed(running, NUMBER)
        mails = await running.told(2)
        [mail] = [one for one in mails if one["To"] == "archive@acme.example"]
        link = next(word for word in mail.get_body().get_content().split() if "/received/" in word)  # type: ignore[union-attr]
        page = await running.fetch(link.removeprefix(f"http://127.0.0.1:{running.http}"))
        assert b"Read the fax" in page
        assert b"%PDF" not in mail.as_bytes()


async def test_check_says_in_words_what_each_service_says(tmp_path: Path) -> None:
    async with FakeRingCentral(now) as ring, FakeFaxOut() as out:
        wrong = ring_section(ring, "webhook = true").replace(JWT, "another-jwt")
        async with daemon(tmp_path, Wish(more=wrong + out_section(out))) as running:
            told = await running.smtpfax("check", "--online", code=78)
        assert "backends.ring: RingCentral: signing in was refused: 400 OAU-251 JWT not authorized" in told
        assert "backends.ring.webhook: [http] public_url must be https" in told
        assert "backends.out" not in told
        assert "another-jwt" not in told
