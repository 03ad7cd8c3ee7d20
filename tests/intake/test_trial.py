"""Would this be faxed: the answer is what the door says to a mail program, word for word."""

from __future__ import annotations

import asyncio
import smtplib
from ipaddress import ip_address
from pathlib import Path

import pytest

from smtpfax.intake.trial import try_out
from smtpfax.model.account import Proof
from smtpfax.model.errors import Temporary
from smtpfax.model.mail import Client
from smtpfax.model.trial import Trial, Tried
from smtpfax.store import AttemptFilter
from tests.intake.door import Here, door
from tests.intake.proofs.zone import SILENT

HERE = Client(address=ip_address("127.0.0.1"), helo="mx.acme.example")
FAR = Client(address=ip_address("192.0.2.99"), helo="mx.far.example")
ANN = "ann@acme.example"


async def tried(here: Here, sender: str, recipient: str, client: Client = HERE) -> Tried:
    return await try_out(here.server._desk, Trial(client=client, sender=sender, recipient=recipient))


def said(port: int, sender: str, recipient: str) -> str:
    """What a mail program hears, of MAIL or of RCPT."""
    with smtplib.SMTP("127.0.0.1", port, local_hostname="mx.acme.example") as client:
        client.ehlo()
        code, text = client.docmd("MAIL", f"FROM:<{sender}>")
        if code == 250:
            code, text = client.docmd("RCPT", f"TO:<{recipient}>")
        return f"{code} {text.decode()}"


@pytest.mark.parametrize(
    ("sender", "recipient"),
    [
        (ANN, "+12025550123@fax.example"),
        (ANN, "202-555-0123@fax.example"),
        (ANN, "FAX=+12025550123/T33S=7@fax.example"),
        (ANN, "+12025550123@nowhere.example"),
        (ANN, "+12025550123@acme-fax.example"),
        (ANN, "not-a-number@fax.example"),
        (ANN, "+19005550123@fax.example"),
        (ANN, "+441315550123@capped.example"),
        ("eve@evil.example", "+12025550123@fax.example"),
        ("", "+12025550123@fax.example"),
        (ANN, "postmaster@fax.example"),
        ("not an address", "+12025550123@fax.example"),
        (ANN, "@@@"),
        ("x@signed.example", "+12025550123@partner.fax.example"),
        (f"{ANN}> SIZE=1 <", "+12025550123@fax.example"),
    ],
)
async def test_a_trial_is_answered_as_a_mail_is(tmp_path: Path, sender: str, recipient: str) -> None:
    async with door(tmp_path) as here:
        heard = await asyncio.to_thread(said, here.port, sender, recipient)
        assert str((await tried(here, sender, recipient)).reply) == heard


async def test_it_says_why_with_the_proofs_and_the_steps(tmp_path: Path) -> None:
    async with door(tmp_path) as here:
        found = await tried(here, ANN, "+12025550123@fax.example")
        assert (found.account_id, found.faxbox_id) == ("acme", "sales")
        assert found.steps["number"] == "+12025550123"
        assert {each.proof for each in found.proofs if each.holds} == {Proof.NETWORK}
        far = await tried(here, ANN, "+12025550123@fax.example", FAR)
        assert not far.reply.ok
        assert "asks ann@acme.example for one of network" in far.reason
        assert [(each.proof, each.holds) for each in far.proofs] == [(Proof.NETWORK, False), (Proof.AUTH, False)]


async def test_who_signed_in_is_believed_as_the_door_would(tmp_path: Path) -> None:
    async with door(tmp_path) as here:
        anybody = Client(address=FAR.address, helo="phone", user="ann@acme.example")
        assert (await tried(here, ANN, "+12025550123@legal.fax.example", anybody)).reply.ok
        assert not (await tried(here, ANN, "+12025550123@legal.fax.example", FAR)).reply.ok


async def test_what_only_the_content_can_prove_is_awaited(tmp_path: Path) -> None:
    async with door(tmp_path) as here:
        found = await tried(here, "x@signed.example", "+12025550123@partner.fax.example", FAR)
        assert found.reply.ok
        assert found.awaited == {Proof.DKIM}


async def test_dns_that_is_silent_is_said_and_nothing_is_made_up(tmp_path: Path) -> None:
    async with door(tmp_path, zone={"silent.example": {"TXT": SILENT}}) as here:
        with pytest.raises(Temporary):
            await tried(here, "x@silent.example", "+12025550123@partner.fax.example", FAR)


async def test_a_trial_leaves_nothing_behind(tmp_path: Path) -> None:
    async with door(tmp_path) as here:
        for _ in range(5):
            await tried(here, ANN, "+12025550123@capped.example")
            await tried(here, "eve@evil.example", "+12025550123@fax.example")
        await here.store.attempts.flush()

        assert (await here.store.attempts.page(AttemptFilter(), limit=5)).rows == ()
        assert here.store.usage.now().hours == {}
        assert here.woken == []
