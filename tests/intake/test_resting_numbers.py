"""RCPT to a number that the telephone network did not have at the last tries."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from smtpfax.intake.policy import Rules, admit, on_rcpt
from smtpfax.model.account import Account, Directory, Faxbox, Permission, Proof
from smtpfax.model.address import ReversePath
from smtpfax.model.mail import Client, ProofFound
from smtpfax.model.resting import MOST_TRIES, REST, Rest
from smtpfax.model.status import Reply

T0 = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
BOX = Faxbox(
    id="sales",
    account_id="acme",
    name="Sales",
    fax_domains=("fax.acme.example",),
    permissions=(Permission(pattern="*@acme.example", proofs=frozenset({Proof.NETWORK})),),
)
DIRECTORY = Directory.of([Account(id="acme", name="Acme")], [BOX])
CLIENT = Client(proofs=(ProofFound(proof=Proof.NETWORK, holds=True, reason="here"),))


def rcpt(
    known: dict[str, Rest], *, at: datetime = T0, local_part: str = "+12025550123", client: Client = CLIENT
) -> Reply:
    sender = ReversePath("ann", "acme.example")
    ruling = on_rcpt(
        f"TO:<{local_part}@fax.acme.example>",
        directory=DIRECTORY,
        client=client,
        sender=sender,
        pending=frozenset(),
    )
    rules = Rules(max_octets=10**6, max_recipients=10, limits={}, resting=known, at=at)
    return admit(ruling, sender=sender, octets=0, before=(), rules=rules).reply


def test_it_is_refused_with_the_reason_and_until_when() -> None:
    reply = rcpt({"+12025550123": Rest(tries=3, last=T0)})
    assert str(reply) == (
        "550 5.1.1 <+12025550123@fax.acme.example>: the telephone network had no such number at the last 3 tries, "
        "it is not called before 2026-12-21"
    )


@pytest.mark.parametrize("local_part", ["FAX=+12025550123", "202-555-0123", "FAX=+12025550123/T33S=12"])
def test_however_it_is_written(local_part: str) -> None:
    assert rcpt({"+12025550123": Rest(tries=3, last=T0)}, local_part=local_part).code == 550


@pytest.mark.parametrize(
    ("rest", "at"),
    [
        (Rest(tries=MOST_TRIES - 1, last=T0), T0),
        (Rest(tries=MOST_TRIES, last=T0), T0 + REST),
        (Rest(tries=99, last=T0), T0 + REST + timedelta(days=1)),
    ],
    ids=["fewer tries", "its rest is over", "long over"],
)
def test_otherwise_it_is_taken(rest: Rest, at: datetime) -> None:
    assert rcpt({"+12025550123": rest}, at=at).ok


def test_another_number_is_not_meant() -> None:
    assert rcpt({"+12025550124": Rest(tries=3, last=T0)}).ok


def test_a_stranger_is_told_nothing_of_it() -> None:
    assert "not permitted" in rcpt({"+12025550123": Rest(tries=3, last=T0)}, client=Client()).text
