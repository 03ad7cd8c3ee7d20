"""The verdict on a mail, ids, and what makes two faxes one."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpfax.model import event as e
from smtpfax.model.accepting import duplicate_key
from smtpfax.model.account import Proof
from smtpfax.model.address import mailbox
from smtpfax.model.cause import Cause
from smtpfax.model.ids import make_ids
from smtpfax.model.job import Job, fold
from smtpfax.model.mail import Client, ProofFound
from smtpfax.model.number import FaxNumber
from smtpfax.model.status import PART_ENCRYPTED
from smtpfax.model.verdict import verdict
from tests.model.jobs import JOB, RENDERED, T0

ENCRYPTED = e.Failed(
    status=PART_ENCRYPTED.status, cause=Cause.DOCUMENT, text=PART_ENCRYPTED.fill(part="a.pdf"), parts=()
)
FAXABLE = fold(JOB, [(RENDERED, T0)])
REFUSED = fold(JOB, [(ENCRYPTED, T0)])
CANCELLED = fold(JOB, [(e.Cancelled(), T0)])
SENT_LATER = fold(FAXABLE, [(ENCRYPTED, T0)])


@pytest.mark.parametrize(
    ("jobs", "said"),
    [
        ([], None),
        ([JOB], None),
        ([JOB, REFUSED], None),
        ([JOB, CANCELLED], None),
        ([FAXABLE], "250 2.0.0 m taken"),
        ([REFUSED, FAXABLE], "250 2.0.0 m taken"),
        ([JOB, FAXABLE], "250 2.0.0 m taken"),
        ([SENT_LATER], "250 2.0.0 m taken"),  # it failed after it could have left: told by a notice
        ([REFUSED, CANCELLED], "250 2.0.0 m taken"),
        ([REFUSED], "554 5.6.0 a.pdf is encrypted: send it without a password"),
        ([REFUSED, REFUSED], "554 5.6.0 a.pdf is encrypted: send it without a password"),
    ],
)
def test_a_250_means_faxable(jobs: list[Job], said: str | None) -> None:
    reply = verdict("m", jobs)
    assert (str(reply) if reply else None) == said


@given(st.lists(st.integers(0, 10**6), min_size=2, max_size=20), st.integers(0, 2**32))
def test_ids_are_ordered_by_time(steps: list[int], seed: int) -> None:
    times = [T0 + timedelta(milliseconds=sum(steps[: place + 1]) + place + 1) for place in range(len(steps))]
    clock = iter(times)
    new_id = make_ids(lambda: next(clock), Random(seed).getrandbits)
    made = [new_id() for _ in times]
    assert made == sorted(made)
    assert len(set(made)) == len(made)


@pytest.mark.parametrize("bits", [0, 2**42 - 1])
@pytest.mark.parametrize("year", [1970, 2026, 9999])
def test_an_id_is_eighteen_letters_that_nobody_mistakes(year: int, bits: int) -> None:
    made = make_ids(lambda: datetime(year, 1, 2, tzinfo=UTC), lambda _bits: bits)()
    assert len(made) == 18
    assert set(made) <= set("0123456789abcdefghjkmnpqrstvwxyz")


def test_ids_of_one_moment_differ_by_chance() -> None:
    new_id = make_ids(lambda: T0, Random(1).getrandbits)
    made = {new_id() for _ in range(10_000)}
    assert len(made) == 10_000
    assert len({one[:9] for one in made}) == 1  # the time


@pytest.mark.parametrize(
    "other",
    [
        replace(JOB, faxbox_id="x"),
        replace(JOB, account_id="x"),
        replace(JOB, number=FaxNumber(e164="+12025550124")),
        replace(JOB, number=FaxNumber(e164="+12025550123", sub_address="1")),
        replace(JOB, reverse_path=mailbox("eve@acme.example")),
        replace(JOB, account_id="ac", faxbox_id="mesales"),
    ],
)
def test_a_fax_that_differs_is_no_duplicate(other: Job) -> None:
    assert duplicate_key(JOB, "0" * 64) != duplicate_key(other, "0" * 64)


def test_the_same_fax_is_a_duplicate_whatever_its_id_and_its_writers_capitals() -> None:
    again = replace(JOB, id="n-1", mail_id="n", reverse_path=mailbox("Ann@Acme.example"))
    assert duplicate_key(JOB, "0" * 64) == duplicate_key(again, "0" * 64)
    assert duplicate_key(JOB, "0" * 64) != duplicate_key(JOB, "1" * 64)


def test_a_client_holds_the_proofs_that_hold() -> None:
    found = [
        ProofFound(proof=Proof.SPF, holds=False, reason="fail"),
        ProofFound(proof=Proof.AUTH, holds=True, reason=""),
    ]
    assert Client(proofs=tuple(found)).held == {Proof.AUTH}
    assert str(Client()) == "unknown[local]"
