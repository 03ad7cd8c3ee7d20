"""A soak: the real daemon under mixed load for as long as is wished, and whether its memory grows.

In:    this checkout's virtual environment; openssl for a certificate.
Out:   a line every few seconds: what was taken, memory, open files, threads, jobs; then what is wrong, and exit 1.
Fails: says what is missing.

    python bench/soak.py --minutes 60 [--rate 5] [--every 10] [--grow 8]

The load: small and large mails over new and kept connections, in one piece and slowly, with TLS and without; mails that
cannot be faxed and senders who may not; clients that vanish at each step, and that only sit there. Faxes go to the
embedded exchange, notices to a mail server here. Memory is that of the daemon itself, without the processes that render
(which are replaced); it may not grow by more than `--grow` MB between the first and the last third of the time behind
the first quarter, which is for caches to fill.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from soak_clients import KINDS, Client, Load, vanishing

from smtpfax.testing import Catcher

CONFIG = """
hostname = "localhost"
[smtp]
listen = ["127.0.0.1:{smtp}"]
tls_certificate = "{folder}/tls.pem"
trusted_networks = ["127.0.0.0/8"]
verdict_seconds = 5
[http]
listen = ["127.0.0.1:{http}"]
[admin]
socket = "{folder}/admin.sock"
[store]
url = "sqlite:///{folder}/state/smtpfax.db"
[spool]
path = "{folder}/spool"
[sandbox]
workers = 1
[notices]
relay = "127.0.0.1:{relay}"
from = "fax@acme.example"
starttls = "never"
[backends.line]
kind = "embedded"
"""
ACCOUNTS = """
[[accounts]]
id = "acme"
name = "Acme"
[[accounts.faxboxes]]
id = "sales"
name = "Sales"
fax_domains = ["fax.acme.example"]
number = "+12025550100"
backend = "line"
retention_days = 0
permissions = [{reverse_path = "*@acme.example", proof = ["network"]}]
[[accounts.faxboxes]]
id = "archive"
name = "Archive"
number = "+12025550142"
backend = "line"
"""


@dataclass(frozen=True, slots=True)
class Sample:
    """The daemon at one moment; memory in octets."""

    seconds: float
    memory: int
    files: int
    threads: int
    jobs: int

    def __str__(self) -> str:
        return f"{self.seconds:>7.0f} s{self.memory / 1e6:>9.1f} MB{self.files:>6}{self.threads:>9}{self.jobs:>6}"


def sample(pid: int, http: int, began: float) -> Sample:
    """As the kernel and the daemon itself tell it."""
    status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    with urllib.request.urlopen(f"http://127.0.0.1:{http}/metrics", timeout=30) as answer:
        jobs = re.findall(rb"^smtpfax_jobs\{.*\} ([0-9.]+)", answer.read(), re.MULTILINE)
    return Sample(
        time.monotonic() - began,
        int(status["VmRSS"].split()[0]) * 1024,
        len(list(Path(f"/proc/{pid}/fd").iterdir())),
        int(status["Threads"]),
        sum(int(float(number)) for number in jobs),
    )


def growth(samples: Sequence[Sample]) -> Mapping[str, float]:
    """What grew, from the first third behind the first quarter to the last third: medians."""
    late = [each for each in samples if each.seconds > samples[-1].seconds / 4]
    third = max(1, len(late) // 3)
    first, last = late[:third], late[-third:]
    names = ("memory", "files", "threads")
    return {name: median(getattr(s, name) for s in last) - median(getattr(s, name) for s in first) for name in names}


async def soak(load: Load, pid: int, http: int, asked: argparse.Namespace) -> list[Sample]:
    """Send until the time is over; a sample every few seconds."""
    began, samples = time.monotonic(), list[Sample]()
    kinds, weights = list(KINDS), list(KINDS.values())
    print(f"{'':>9}{'memory':>12}{'files':>6}{'threads':>9}{'jobs':>6}  replies after DATA")
    async with asyncio.TaskGroup() as clients:
        while (now := time.monotonic() - began) < asked.minutes * 60:
            clients.create_task(guarded(random.choices(kinds, weights)[0], load))
            if now >= len(samples) * asked.every:
                samples.append(await asyncio.to_thread(sample, pid, http, began))
                print(samples[-1], "", dict(load.counts), flush=True)
            await asyncio.sleep(random.expovariate(asked.rate))
    return samples


async def guarded(client: Client, load: Load) -> None:
    """A client that is cut is no fault of the soak's; that one was cut is told."""
    try:
        await client(load)
    except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
        if client is not vanishing:
            load.counts[f"{client.__name__}: {type(error).__name__}"] += 1


@contextmanager
def daemon(folder: Path, relay: int) -> Iterator[tuple[int, int, int]]:
    """The daemon's process, and its two ports."""
    ports = free_port(), free_port()
    (folder / "config.toml").write_text(CONFIG.format(smtp=ports[0], http=ports[1], relay=relay, folder=folder))
    (folder / "accounts.toml").write_text(ACCOUNTS)
    new = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    pem = folder / "tls.pem"
    subprocess.run([*new, "-keyout", pem, "-out", folder / "cert.pem"], check=True, stderr=subprocess.DEVNULL)
    pem.write_text((folder / "cert.pem").read_text() + pem.read_text())
    command = [sys.executable, "-m", "smtpfax"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([*command, "serve", "-c", folder / "config.toml"], stderr=log)
    try:
        listens(ports[0])
        apply = [*command, "apply", folder / "accounts.toml", "-c", folder / "config.toml"]
        subprocess.run(apply, check=True, stdout=subprocess.DEVNULL)
        yield process.pid, *ports
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(90)


def wrong(folder: Path, load: Load, samples: Sequence[Sample], grow: float) -> Iterator[str]:
    """Everything that is not as it should be."""
    grown = growth(samples)
    if grown["memory"] > grow * 1e6:
        yield f"memory grew by {grown['memory'] / 1e6:.1f} MB"
    yield from (f"{name} grew by {grown[name]:.0f}" for name in ("files", "threads") if grown[name] > 10)
    with sqlite3.connect(f"file:{folder}/state/smtpfax.db?mode=ro", uri=True) as database:
        ours = {mail_id for (mail_id,) in database.execute("SELECT id FROM mails")}
        unended = database.execute("SELECT count(*) FROM jobs WHERE NOT final").fetchone()[0]
    if lost := load.taken - ours:
        yield f"{len(lost)} mails were answered 250 and are not there, such as {min(lost)}"
    if unended:
        yield f"{unended} jobs have not ended"
    log = (folder / "log").read_text(errors="replace")
    yield from (f"the log has: {found}" for found in re.findall(r".*\bbug\b.*|Traceback.*", log)[:5])
    yield from (f"{name}: {many} times" for name, many in load.counts.items() if ":" in name)


async def drained(pid: int, http: int) -> None:
    """Until the daemon has nothing more to do, or for two minutes."""
    for _ in range(120):
        if not (await asyncio.to_thread(sample, pid, http, 0)).jobs:
            return
        await asyncio.sleep(1)


async def run(asked: argparse.Namespace) -> list[str]:
    """All of it; what is wrong."""
    notices = Counter[str]()
    catcher = Catcher(lambda content, recipients: notices.update(recipients))
    await catcher.open()
    with tempfile.TemporaryDirectory(prefix="smtpfax-soak-") as place:
        folder = Path(place)
        with daemon(folder, catcher.port) as (pid, smtp, http):
            load = Load(smtp)
            samples = await soak(load, pid, http, asked)
            await drained(pid, http)
        await catcher.close()
        grown = growth(samples)
        print(f"{len(load.taken)} mails taken, {notices.total()} notices, {grown['memory'] / 1e6:+.1f} MB")
        return list(wrong(folder, load, samples, asked.grow))


def main() -> None:
    """Soak, and say how it went."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--minutes", type=float, default=60)
    options.add_argument("--rate", type=float, default=5, help="clients a second")
    options.add_argument("--every", type=float, default=10, help="seconds between two lines")
    options.add_argument("--grow", type=float, default=8, help="MB by which memory may grow")
    found = asyncio.run(run(options.parse_args()))
    print("\n".join(found) or "nothing is wrong")
    sys.exit(bool(found))


def free_port() -> int:
    """A port that nobody has just now."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def listens(port: int) -> None:
    """Wait until somebody answers."""
    for _ in range(300):
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1) as sock:
                if sock.recv(3) == b"220":
                    return
        except OSError:
            time.sleep(0.1)
    sys.exit(f"nobody listens on port {port}")


if __name__ == "__main__":
    main()
