"""Sequences that end a mail for one server and not for the next: refused, and nothing behind them is obeyed.

The table is that of the SMTP smuggling papers: every end of a line around the dot but CRLF on both sides, with doubled
and turned ends, and with octets of value 0 that some servers drop.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from smtpfax.model.attempt import Outcome
from tests.intake.client import Client, attempts
from tests.intake.door import door

ENDS = [b"\n", b"\r", b"\r\n", b"\n\r", b"\r\r\n", b"\r\n\r", b"\0\r\n", b"\r\n\0", b"\r\0\n", b"\n\0"]
SMUGGLED = (
    b"MAIL FROM:<ann@acme.example>\r\nRCPT TO:<+12025550199@fax.example>\r\nDATA\r\nSubject: smuggled\r\n\r\nx\r\n"
)


def false_ends(before: bytes) -> list[bytes]:
    """A dot with this before it and any end behind it, but for the true one."""
    return [before + b"." + after for after in ENDS if b"\r\n.\r\n" not in before + b"." + after]


@pytest.mark.parametrize("before", ENDS, ids=repr)
async def test_a_false_end_is_refused_and_smuggles_nothing(tmp_path: Path, before: bytes) -> None:
    async with door(tmp_path) as here:
        client = await Client.to(here)
        for sequence in false_ends(before):
            reply = await client.sends_a_mail(b"Subject: x\r\n\r\nhello" + sequence + SMUGGLED)
            assert reply.startswith("554 5.6.0"), sequence
            assert await client.asks("NOOP") == ["250 2.0.0 ok"]  # the very next reply: nothing was said in between
            client.writer.close()
            client = await Client.to(here)  # for errors are counted
        assert await attempts(here) == [Outcome.REFUSED] * len(false_ends(before))
        assert here.woken == []


def test_the_table_has_what_the_papers_have() -> None:
    known = [b"\n.\n", b"\n.\r", b"\n.\r\n", b"\r.\n", b"\r.\r", b"\r.\r\n", b"\r\n.\n", b"\r\n.\r", b"\r\r\n.\r\r\n"]
    with_0 = [b"\r\n\0.\r\n", b"\r\n.\0\r\n", b"\n\0.\r\n", b"\r\0\n.\r\0\n"]
    assert {*known, *with_0} <= {sequence for before in ENDS for sequence in false_ends(before)}
