"""A signed mail that somebody captured, brought again: whatever is changed beside what was signed, nothing is faxed."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from smtpfax.model.attempt import Attempt, Outcome
from smtpfax.store import AttemptFilter
from tests.intake.door import Here, door
from tests.intake.proofs.signer import KEY, sign
from tests.intake.proofs.zone import Table

ZONE: Table = {"x._domainkey.signed.example": {"TXT": [KEY]}}
FAX = "+12025550123@partner.fax.example"
EITHER = "+12025550123@either.fax.example"  # where signatures count, and networks do


def genuine(to: str = FAX, body: str = "Pay now.\r\n") -> bytes:
    """A mail of today's."""
    mail = f"From: Ann <ann@signed.example>\r\nTo: {to}\r\nSubject: Offer\r\n\r\n{body}".encode()
    return sign(mail, "signed.example", made=int(datetime.now(UTC).timestamp()))


async def brought(here: Here, content: bytes, *, path: str = "ann@signed.example", to: str = FAX) -> str:
    """The reply after the final dot, or the first refusal."""
    reader, writer = await asyncio.open_connection("127.0.0.1", here.port)
    commands = f"HELO x\r\nMAIL FROM:<{path}>\r\nRCPT TO:<{to}>\r\nDATA\r\n".encode()
    writer.write(commands + content + b".\r\nQUIT\r\n")
    async with asyncio.timeout(10):
        replies = (await reader.read()).decode().splitlines()
    writer.close()
    return next((reply for reply in replies if reply[0] == "5"), replies[-2])


async def faxes(here: Here) -> int:
    return len((await here.store.jobs.page(final=False, limit=99)).rows)


async def attempts(here: Here) -> list[Attempt]:
    await here.store.attempts.flush()
    return [row.attempt for row in (await here.store.attempts.page(AttemptFilter(), limit=99)).rows]


CHANGED = {
    "as it was": lambda mail: mail,
    "through another server": lambda mail: b"Received: by mx.evil.example; today\r\n" + mail,
    "with a field that nobody signed": lambda mail: b"Reply-To: eve@evil.example\r\n" + mail,
    "with another kind of content": lambda mail: b"Content-Type: text/html\r\n" + mail,
    "folded otherwise": lambda mail: mail.replace(b"Subject: Offer", b"subject:\r\n   Offer"),
    "with blank lines at its end": lambda mail: mail + b"\r\n\r\n",
    "with a second signature of its own": lambda mail: sign(mail, "evil.example"),
}


@pytest.mark.parametrize("change", CHANGED.values(), ids=CHANGED.keys())
@pytest.mark.parametrize("path", ["ann@signed.example", "bounce-77@signed.example"])
async def test_a_mail_that_is_played_again_is_told_of_the_first_and_not_faxed(
    tmp_path: Path, change: object, path: str
) -> None:
    async with door(tmp_path, zone=ZONE) as here:
        mail = genuine()
        first = await brought(here, mail)
        assert first.startswith("250 2.0.0 ")
        again = await brought(here, change(mail), path=path)  # type: ignore[operator]
        assert again.split()[2] == first.split()[2]
        assert await faxes(here) == 1
        replayed, _ = await attempts(here)
        assert replayed.outcome is Outcome.TAKEN
        assert replayed.job_id == f"{first.split()[2]}-1"
        assert bool(replayed.reason) is (change(mail) != mail or path != "ann@signed.example")  # type: ignore[operator]


async def test_many_sessions_that_play_it_at_once_bring_one_fax(tmp_path: Path) -> None:
    async with door(tmp_path, zone=ZONE) as here:
        mail = genuine()
        copies = [f"X-Copy: {n}\r\n".encode() + mail for n in range(9)]
        replies = await asyncio.gather(*(brought(here, copy) for copy in copies))
        assert len({reply.split()[2] for reply in replies}) == 1
        assert await faxes(here) == 1


async def test_a_mail_that_came_from_a_known_network_is_not_faxed_again_by_its_signature(tmp_path: Path) -> None:
    async with door(tmp_path, zone=ZONE) as here:
        mail = genuine(to=EITHER)
        first = await brought(here, mail, to=EITHER)
        assert first.startswith("250 2.0.0 ")
        assert (await brought(here, b"X: y\r\n" + mail, to=EITHER)).split()[2] == first.split()[2]
        assert await faxes(here) == 1


async def test_a_captured_mail_reaches_no_other_number(tmp_path: Path) -> None:
    async with door(tmp_path, zone=ZONE) as here:
        assert (await brought(here, genuine(), to=FAX.replace("0123", "0199"))).startswith("550 5.7.26")
        assert await faxes(here) == 0


async def test_what_is_sent_anew_is_faxed_anew(tmp_path: Path) -> None:
    async with door(tmp_path, zone=ZONE) as here:
        for body in ("Pay now.\r\n", "Pay now!\r\n"):
            assert (await brought(here, genuine(body=body))).startswith("250 2.0.0 ")
        assert await faxes(here) == 2


async def test_a_signature_copied_onto_another_mail_spends_nothing(tmp_path: Path) -> None:
    """Who sees a mail before we do cannot keep it from being faxed."""
    async with door(tmp_path, zone=ZONE) as here:
        mail = genuine(to=EITHER)
        stolen = mail.replace(b"Pay now.", b"No money")
        other = await brought(here, stolen, to=EITHER)
        first = await brought(here, mail, to=EITHER)
        assert other.split()[2] != first.split()[2]
        assert await faxes(here) == 2
