"""SMTP dialogs as files: what the client says, what we answer, and what stands in the log afterwards.

S:    a reply; every line of it has to match one pattern (`*` stands for anything), multi-line replies are several S:
S+:   a whole reply, of which the last line matches
C:    a line of the client;  C64: the next octets in base64, as they are;  T: the client begins TLS
log:  an attempt in the log: its outcome, then fields that it has
given: a setting of the door, `verdict` with what the worker finds, or `tls`: it has a certificate
"""

from __future__ import annotations

import asyncio
import base64
from dataclasses import replace
from datetime import timedelta
from fnmatch import fnmatchcase
from ipaddress import ip_network
from pathlib import Path

import pytest

from smtpfax.intake.desk import Manners
from smtpfax.intake.proofs.play import Trust
from smtpfax.model.attempt import Attempt
from smtpfax.model.status import Reply, Status
from smtpfax.store import AttemptFilter
from tests.intake.authority import HOST
from tests.intake.client import certified, trusting
from tests.intake.door import MANNERS, Found, Here, door
from tests.intake.proofs.zone import SILENT

ZONE = {
    "partner.example": {"TXT": ["v=spf1 ip4:127.0.0.0/8 -all"]},
    "forged.example": {"TXT": ["v=spf1 ip4:192.0.2.1 -all"]},
    "silent.example": {"TXT": SILENT},
}
DIALOGS = {path.stem: path.read_text() for path in sorted((Path(__file__).parent / "dialogs").glob("*.dialog"))}


@pytest.mark.parametrize("text", DIALOGS.values(), ids=DIALOGS.keys())
async def test_a_dialog_goes_as_written(text: str, tmp_path: Path) -> None:
    """Each file is a test."""
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    manners, found = given([line.removeprefix("given: ") for line in lines if line.startswith("given: ")])
    files = certified(tmp_path) if "given: tls" in lines else None
    async with door(tmp_path, manners, found, zone=ZONE, files=files) as here:
        await converse(here, [line for line in lines if line.startswith(("S:", "S+:", "C:", "C64:", "T:"))])
        await here.store.attempts.flush()
        page = await here.store.attempts.page(AttemptFilter(), limit=100)
        attempts = [row.attempt for row in page.rows]
    wanted = [line.removeprefix("log: ") for line in lines if line.startswith("log: ")]
    for line in wanted:
        assert any(tells(attempt, line) for attempt in attempts), (line, attempts)
    assert len(attempts) == len(wanted), attempts


def given(lines: list[str]) -> tuple[Manners, Found]:
    """The door that a dialog asks for."""
    changed: dict[str, object] = {}
    found = Found()
    for line in lines:
        key, _, value = line.partition(" ")
        if key == "verdict":
            code, status, text = value.split(" ", 2)
            found.reply = Reply(int(code), Status.parse(status), text)
        elif key == "trusted":
            changed["trust"] = Trust(trusted=tuple(ip_network(word) for word in value.split()))
        elif key == "most_hold":
            changed[key] = timedelta(seconds=int(value))
        elif key != "tls":
            changed[key] = int(value)
    return replace(MANNERS, **changed), found  # type: ignore[arg-type]


async def converse(here: Here, lines: list[str]) -> None:
    """Say and hear."""
    reader, writer = await asyncio.open_connection("127.0.0.1", here.port)
    async with asyncio.timeout(20):
        for line in lines:
            kind, _, text = line.partition(": ")
            if kind == "C":
                writer.write(text.encode() + b"\r\n")
            elif kind == "C64":
                writer.write(base64.b64decode(text))
            elif kind == "T:":
                await writer.start_tls(trusting(), server_hostname=HOST)
            else:
                heard = (await reader.readline()).decode().rstrip("\r\n")
                while kind == "S+" and heard[3:4] == "-":
                    heard = (await reader.readline()).decode().rstrip("\r\n")
                assert fnmatchcase(heard, text), f"wanted {text!r}, heard {heard!r}"
    writer.close()


def tells(attempt: Attempt, line: str) -> bool:
    """Whether an attempt is what a log line says."""
    outcome, *fields = line.split(" ")
    shown = {
        "from": attempt.raw_from,
        "to": attempt.to,
        "status": str(attempt.reply.status),
        "code": str(attempt.reply.code),
        "faxbox": attempt.faxbox_id,
        "account": attempt.account_id,
        "number": attempt.translated_number,
        "octets": str(attempt.octets),
        "subject": attempt.header.subject,
        "reason": attempt.reason,
        "original": attempt.original_number,
        "user": attempt.client.user,
        "tls": attempt.client.tls,
        "domain": attempt.faxbox_domain,
    }
    return attempt.outcome == outcome and all(
        fnmatchcase(shown[key], value) for key, _, value in (field.partition("=") for field in fields)
    )
