"""What aiosmtpd does wrong by itself, as it was measured: each defect, and the test that holds our remedy."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Sequence
from pathlib import Path

import pytest

from smtpfax.model.status import Reply
from tests.intake.client import CONTENT, Client, certified
from tests.intake.door import Found, door, with_manners

FOLDER = Path(__file__).parent
DEFECTS = {
    "our fault is 5xx and tells of our insides, and the next mail is 503": [
        "test_our_fault_is_451_without_our_insides_and_the_next_mail_is_taken",
        "test_a_full_disk_defers_the_mail_and_the_session_goes_on",
    ],
    "a client that half-closes or vanishes cancels the commit": [
        "test_a_client_that_half_closes_after_the_dot_still_hears_its_reply",
        "test_a_client_that_vanishes_while_we_commit_does_not_take_the_mail_with_it",
    ],
    "the timer of DATA does not see that data comes": [
        "test_a_mail_that_comes_slowly_and_steadily_is_taken",
        "test_content_must_come_at_a_least_rate_and_end",
        "test_a_client_too_slow_for_the_total_hears_421",
    ],
    "the same timer runs while we commit": ["test_the_clock_stands_still_while_we_work"],
    "no 421 before closing, and who never reads stays for ever": [
        "test_a_silent_client_hears_421_and_is_let_go",
        "test_a_client_that_never_reads_is_not_heard_and_then_cut_off",
    ],
    "limits of command lines are shared by all sessions": ["test_a_command_may_be_long_whatever_other_sessions_do"],
    "no limit of recipients": ["too-many-recipients"],
    "a line of more than 999 octets is refused": ["test_a_line_may_be_as_long_as_the_setting_says"],
    "AUTH=<> behind MAIL is refused": ["parameters", "auth-plain"],
    "AUTH: lower case, length, no end of guesses, the loop stands still": [
        *("auth-plain", "auth-login", "auth-continued", "auth-cancelled", "auth-long", "auth-three-failures"),
        "test_others_are_served_while_passwords_are_looked_at",
    ],
    "addresses are read laxly": ["malformed-addresses"],
    "the null reverse-path is a text like any other": ["null-reverse-path"],
    "what is too large is swallowed to its end": [
        "test_a_mail_far_over_the_limit_is_refused_before_all_of_it_came",
    ],
    "a connection asks DNS for our own name": ["test_a_connection_asks_nobody_for_our_name"],
    "a reply goes out line by line": ["test_a_reply_and_those_to_pipelined_commands_go_out_in_one_piece"],
    "closing hangs while a client is idle": ["test_a_drain_tells_the_idle_and_lets_the_busy_finish"],
    "LMTP has one reply for all recipients": ["test_lmtp_is_not_spoken"],
    "NOOP keeps a session for ever": ["session-too-long", "too-many-idle-commands"],
    "the greeting tells our software's version": ["test_the_greeting_tells_nothing_of_what_we_are_made_of"],
}
GOOD = "AUTH PLAIN AGFubkBhY21lLmV4YW1wbGUAY29ycmVjdCBob3JzZQ=="


class Broken(Found):
    """A worker that fails at the first mail, in a way that nobody thought of."""

    async def wait(self, mail_id: str, job_ids: Sequence[str], *, seconds: float) -> Reply | None:
        """The verdict."""
        if self.asked:
            return await Found.wait(self, mail_id, job_ids, seconds=seconds)
        self.asked.append((mail_id, tuple(job_ids)))
        raise OSError(errno.ENOSPC, "No space left on device", "/var/lib/smtpfax/secret")


async def test_our_fault_is_451_without_our_insides_and_the_next_mail_is_taken(tmp_path: Path) -> None:
    async with door(tmp_path, found=Broken()) as here:
        client = await Client.to(here)
        assert await client.sends_a_mail() == "451 4.3.0 an error of ours, try again later"
        assert (await client.sends_a_mail(CONTENT + b"another\r\n")).startswith("250 2.0.0")


async def test_a_mail_that_comes_slowly_and_steadily_is_taken(tmp_path: Path) -> None:
    async with door(tmp_path, with_manners(command_seconds=0.4)) as here:
        client = await Client.to(here)
        await client.starts_a_mail()
        for line in range(6):
            await client.says(b"line %d\r\n" % line)
            await client.hears_nothing(seconds=0.15)
        await client.says(b".\r\n")
        await client.hears("250")


async def test_a_command_may_be_long_whatever_other_sessions_do(tmp_path: Path) -> None:
    long = "MAIL FROM:<ann@acme.example> AUTH=" + "x" * 3000
    async with door(tmp_path) as here:
        one, two = await Client.to(here), await Client.to(here)
        for _ in range(3):
            await one.asks("EHLO x")
            await two.asks("EHLO x")
        assert await one.asks(long) == ["250 2.1.0 ok"]
        await Client.to(here)
        assert await two.asks(long) == ["250 2.1.0 ok"]
        three = await Client.to(here)
        assert (await three.asks("NOOP " + "x" * 5000))[0].startswith("500 5.5.2")


@pytest.mark.parametrize(("octets", "code"), [(999, "250"), (2000, "250"), (2001, "554 5.6.0 a line of the mail")])
async def test_a_line_may_be_as_long_as_the_setting_says(tmp_path: Path, octets: int, code: str) -> None:
    async with door(tmp_path, with_manners(max_line=2000)) as here:
        client = await Client.to(here)
        assert (await client.sends_a_mail(CONTENT + b"x" * octets + b"\r\n")).startswith(code)


async def test_others_are_served_while_passwords_are_looked_at(tmp_path: Path) -> None:
    async with door(tmp_path, files=certified(tmp_path)) as here:
        signing = [await Client.by_tls(here) for _ in range(6)]
        other = await Client.to(here)
        for client in signing:
            await client.asks("EHLO x")
            await client.says(GOOD.encode() + b"\r\n")
        for _ in range(5):
            assert await other.asks("NOOP") == ["250 2.0.0 ok"]
        for client in signing:
            await client.hears("235")


async def test_a_connection_asks_nobody_for_our_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(name: str = "") -> str:
        raise AssertionError("asked")

    monkeypatch.setattr(socket, "getfqdn", unreachable)
    async with door(tmp_path) as here:
        assert await (await Client.to(here)).asks("HELO x") == ["250 mx.fax.example"]


async def test_a_reply_and_those_to_pipelined_commands_go_out_in_one_piece(tmp_path: Path) -> None:
    async with door(tmp_path) as here:
        client = await Client.to(here)
        await client.says(b"EHLO x\r\nMAIL FROM:<ann@acme.example>\r\nRCPT TO:<+12025550123@fax.example>\r\nDATA\r\n")
        async with asyncio.timeout(10):
            heard = await client.reader.read(65536)
        starts = [line[:4] for line in heard.decode().splitlines()]
        assert starts[-4:] == ["250 "] * 3 + ["354 "]  # EHLO's last line, MAIL, RCPT, DATA
        assert set(starts[:-4]) == {"250-"}


async def test_lmtp_is_not_spoken(tmp_path: Path) -> None:
    async with door(tmp_path) as here:
        assert (await (await Client.to(here)).asks("LHLO x"))[0].startswith("500 5.5.2")


async def test_the_greeting_tells_nothing_of_what_we_are_made_of(tmp_path: Path) -> None:
    async with door(tmp_path) as here:
        client = await Client.silent(here)
        assert await client.hears("220") == "220 mx.fax.example ESMTP smtpfax"


@pytest.mark.parametrize("names", DEFECTS.values(), ids=DEFECTS.keys())
def test_each_defect_has_its_test(names: list[str]) -> None:
    tests = "".join(path.read_text() for path in FOLDER.glob("test_*.py"))
    for name in names:
        assert f"def {name}(" in tests or (FOLDER / f"dialogs/{name}.dialog").exists()
