"""The real daemon as its own process, with a configuration in a folder, as an administrator would run it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
import urllib.request
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from smtpfax.testing import Catcher, sample_pdf
from tests.intake.authority import Made

SENDER = "ann@acme.example"
DOMAIN = "fax.acme.example"
NUMBER = "+12025550142"  # the archive's
PAGES = (("A first page", "of a fax."), ("A second page.",))
RECORDS = """
[[accounts]]
id = "acme"
name = "Acme Inc."
region = "US"
fax_domains = ["acme-fax.example"]
  [[accounts.users]]
  email = "ann@acme.example"
  [[accounts.faxboxes]]
  id = "sales"
  name = "Sales"
  owner = "ann@acme.example"
  fax_domains = ["fax.acme.example"]
  number = "+12025550100"
  backend = "{backend}"
  permissions = [{{reverse_path = "*@acme.example", proof = ["network"]}}]
  [[accounts.faxboxes]]
  id = "archive"
  name = "Archive"
  number = "+12025550142"
  backend = "line"
  [[accounts.faxboxes]]
  id = "stuck"
  name = "Nobody's"
  fax_domains = ["stuck.acme.example"]
  backend = "line"
"""
CONFIG = """
hostname = "mx.acme.example"
[smtp]
listen = ["127.0.0.1:{smtp}"{listen}]
trusted_networks = ["127.0.0.0/8"]
{secure}
postmaster = "admin@acme.example"
verdict_seconds = {verdict}
drain_seconds = 10
inline_bytes = {inline}
[http]
listen = ["127.0.0.1:{http}"]
public_url = "http://127.0.0.1:{http}"
requests_per_minute = 0
[admin]
socket = "{folder}/admin.sock"
[store]
url = "sqlite:///{folder}/state/smtpfax.db"
[spool]
path = "{folder}/spool"
min_free_bytes = 0
[sandbox]
workers = {workers}
[queue]
poll_seconds = 1
in_doubt_grace_seconds = 1
[notices]
relay = "127.0.0.1:{relay}"
from = "fax@acme.example"
starttls = "never"
[backends.line]
kind = "embedded"
[backends.line.numbers]
"+12025550150" = "slow:600"
"+12025550151" = "busy"
{more}
"""


def free_port() -> int:
    """A port that nobody has just now."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@dataclass(slots=True)
class Wish:
    """How the daemon shall be set up."""

    backend: str = "line"
    verdict: int = 10
    inline: int = 262144
    more: str = ""
    tls: Made | None = None
    workers: int = 1


@dataclass(slots=True)
class Daemon:
    """One configuration, and the process that runs with it."""

    folder: Path
    smtp: int
    http: int
    smtps: int = 0  # where TLS begins with the first octet
    process: asyncio.subprocess.Process | None = None
    notices: list[EmailMessage] = field(default_factory=list)
    log: Path = Path()
    token: str = ""

    @property
    def config(self) -> Path:
        """The configuration's file."""
        return self.folder / "config.toml"

    async def start(self) -> None:
        """Run it, until it says that it is ready."""
        ready = self.folder / "notify.sock"
        ready.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening, self.log.open("ab") as log:
            listening.bind(str(ready))
            listening.setblocking(False)
            environ = os.environ | {"NOTIFY_SOCKET": str(ready)}
            command = (sys.executable, "-m", "smtpfax", "serve", "-c", str(self.config))
            self.process = await asyncio.create_subprocess_exec(*command, env=environ, stderr=log)
            async with asyncio.timeout(30):
                said = await asyncio.get_running_loop().sock_recv(listening, 1000)
            assert said.startswith(b"READY=1"), said

    async def kill(self) -> None:
        """SIGKILL, as the kernel does when memory is short."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> int:
        """SIGTERM; its exit code."""
        return await self._end(signal.SIGTERM)

    async def _end(self, number: signal.Signals) -> int:
        assert self.process is not None
        if self.process.returncode is None:
            self.process.send_signal(number)
        async with asyncio.timeout(30):
            return await self.process.wait()

    async def smtpfax(self, *arguments: str, code: int = 0, stdin: str = "") -> str:
        """The command line; what it printed."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "smtpfax", *arguments, "-c", str(self.config)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await process.communicate(stdin.encode())
        assert process.returncode == code, (process.returncode, out.decode(), err.decode())
        return (out if code == 0 else err).decode()

    async def get(self, path: str, **headers: str) -> Any:
        """The API, as a program asks it."""
        return json.loads(await self.fetch(path, **headers))

    async def fetch(self, path: str, **headers: str) -> bytes:
        """The API's answer as it comes."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.http}{path}", headers={"X-Auth-Token": self.token} | headers
        )
        return await asyncio.to_thread(_read, request)

    async def job(self, job_id: str) -> dict[str, Any]:
        """A job as the administrator sees it."""
        return dict(json.loads(await self.smtpfax("queue", "show", job_id, "--json")))

    async def record(self, job_id: str) -> dict[str, Any]:
        """A job as the API tells it, in less time than `job` takes."""
        return dict((await self.get(f"/v2/accounts/acme/faxes/outgoing/{job_id}"))["data"])

    async def ends(self, job_id: str, *, seconds: float = 60) -> dict[str, Any]:
        """The job, when it is final."""

        async def final() -> dict[str, Any] | None:
            record = await self.record(job_id)
            return record if record["state"] in ("sent", "failed", "cancelled") else None

        return await until(final, seconds=seconds)

    async def told(self, count: int, *, seconds: float = 60) -> list[EmailMessage]:
        """So many notices."""

        async def enough() -> list[EmailMessage] | None:
            return self.notices if len(self.notices) >= count else None

        return await until(enough, seconds=seconds)


def _read(request: urllib.request.Request) -> bytes:
    with urllib.request.urlopen(request, timeout=20) as answer:
        return bytes(answer.read())


async def until(probe: Callable[[], Any], *, seconds: float = 30) -> Any:
    """What the probe finds, once it finds something; it is another process's turn meanwhile."""
    async with asyncio.timeout(seconds):
        while True:
            found = await probe()
            if found:
                return found
            await asyncio.sleep(0.05)


@asynccontextmanager
async def daemon(folder: Path, wish: Wish | None = None) -> AsyncIterator[Daemon]:
    """A daemon that runs, with accounts and a token, and a relay that catches its notices."""
    wish = wish or Wish()
    made = Daemon(folder=folder, smtp=free_port(), http=free_port(), smtps=free_port(), log=folder / "daemon.log")
    catcher = Catcher(lambda content, _: made.notices.append(read_mail(content)))
    await catcher.open()
    made.config.write_text(
        CONFIG.format(
            folder=folder,
            smtp=made.smtp,
            http=made.http,
            relay=catcher.port,
            verdict=wish.verdict,
            inline=wish.inline,
            listen=f', "tls://127.0.0.1:{made.smtps}"' if wish.tls else "",
            secure=_secure(folder, wish.tls) if wish.tls else "",
            more=wish.more,
            workers=wish.workers,
        )
    )
    (folder / "accounts.toml").write_text(RECORDS.format(backend=wish.backend))
    try:
        await made.start()
        await made.smtpfax("apply", str(folder / "accounts.toml"))
        made.token = (await made.smtpfax("token", "create", "--admin")).strip()
        yield made
    finally:
        if made.process is not None and made.process.returncode is None:
            await made.kill()
        await catcher.close()


def _secure(folder: Path, made: Made) -> str:
    certificate, key = made.put(folder)
    return f'tls_certificate = "{certificate}"\ntls_key = "{key}"'


def read_mail(content: bytes) -> EmailMessage:
    """A mail that was caught."""
    mail = message_from_bytes(content, policy=default)
    assert isinstance(mail, EmailMessage)
    return mail


def pdf(folder: Path, pages: Sequence[Sequence[str]] = PAGES, name: str = "two-pages.pdf") -> Path:
    """A PDF file."""
    path = folder / name
    path.write_bytes(sample_pdf(pages))
    return path


async def run(*command: str, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> str:
    """A program that must succeed; what it printed."""
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=dict(env) if env else None,
    )
    async with asyncio.timeout(60):
        out, _ = await process.communicate(stdin)
    assert process.returncode == 0, out.decode(errors="replace")
    return out.decode(errors="replace")
