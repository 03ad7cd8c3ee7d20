"""The SMTP door against Postfix: durable mails a second, both driven by `smtp-source`, interleaved in one run.

In:    Debian's postfix (smtpd, smtp-source); gcc for the slow disk; this checkout's virtual environment.
Out:   a table of ratios, ours to Postfix's: mails a second, and CPU a mail.
Fails: says which program is missing.

    python bench/intake.py [--rounds N] [--mails N] [--delays 0,3,10]

Ours is the daemon as it is run: logging, policy, attempts, group commit, fsync; the verdict is off and no job is worked
on, as Postfix accepts to a held queue and delivers nothing. A delay is added to each fsync and fdatasync of both.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SENDER, TO = "ann@acme.example", "+12025550123@fax.acme.example"
SLOW = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>
static void nap(void) {
    const char *ms = getenv("SYNC_DELAY_MS");
    struct timespec t = {0, (ms ? atol(ms) : 0) * 1000000L};
    nanosleep(&t, 0);
}
int fsync(int fd) { nap(); return ((int (*)(int))dlsym(RTLD_NEXT, "fsync"))(fd); }
int fdatasync(int fd) { nap(); return ((int (*)(int))dlsym(RTLD_NEXT, "fdatasync"))(fd); }
"""
CONFIG = """
hostname = "mx.acme.example"
[smtp]
listen = ["127.0.0.1:{port}"]
trusted_networks = ["127.0.0.0/8"]
verdict_seconds = 0
[http]
listen = ["127.0.0.1:0"]
[admin]
socket = "{folder}/admin.sock"
[store]
url = "sqlite:///{folder}/state/smtpfax.db"
[spool]
path = "{folder}/spool"
[sandbox]
workers = 1
[queue]
workers = 0
[notices]
from = "fax@acme.example"
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
backend = "line"
permissions = [{reverse_path = "*@acme.example", proof = ["network"]}]
"""
MASTER = """
{port} inet n - n - 200 smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
error unix - - n - - error
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""


@dataclass(frozen=True, slots=True)
class Load:
    """What smtp-source does: octets a mail, sessions at a time, connections kept or not."""

    octets: int
    sessions: int
    reused: bool

    def __str__(self) -> str:
        kept = "reused" if self.reused else "one each"
        return f"{self.octets // 1000:>4} KB {self.sessions:>4} sessions, {kept}"


@dataclass(frozen=True, slots=True)
class Peer:
    """A server that listens: its port, and the process whose children do the work."""

    name: str
    port: int
    pid: int


SIZES, SESSIONS = (10_000, 100_000), (1, 20, 100)
LOADS = [Load(octets, many, reused) for octets in SIZES for many in SESSIONS for reused in (False, True)]


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--mails", type=int, default=2000, help="in one measurement with many sessions")
    options.add_argument("--delays", default="0,3,10", help="milliseconds added to each sync")
    asked = options.parse_args()
    for program in ("smtp-source", "postfix", "gcc"):
        if shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin") is None:
            sys.exit(f"{program} is not installed")
    for delay in (int(text) for text in asked.delays.split(",")):
        print(f"\n{delay} ms added to each sync" if delay else "\nthe disk as it is")
        print(f"{'':<32}{'ours/s':>9}{'Postfix/s':>11}{'ratio':>8}{'CPU ratio':>11}")
        with tempfile.TemporaryDirectory(prefix="smtpfax-bench-") as place:
            Path(place).chmod(0o755)
            compare(Path(place), delay, asked.rounds, asked.mails)


def compare(folder: Path, delay: int, rounds: int, mails: int) -> None:
    """Both, in turn, each load so many times."""
    environ = slow_disk(folder, delay)
    with ours(folder / "ours", environ) as first, postfix(folder / "postfix", environ) as second:
        for load in LOADS:
            count = max(100, mails // (10 if load.sessions == 1 else 1) // (3 if load.octets > 50_000 else 1))
            rows = [(measure(first, load, count), measure(second, load, count)) for _ in range(rounds)]
            rate = [statistics.median(row[place][0] for row in rows) for place in (0, 1)]
            speed = statistics.median(one[0] / two[0] for one, two in rows)
            effort = statistics.median(one[1] / max(two[1], 1e-9) for one, two in rows)
            print(f"{load!s:<32}{rate[0]:>9.0f}{rate[1]:>11.0f}{speed:>8.2f}{effort:>11.2f}", flush=True)


def measure(peer: Peer, load: Load, count: int) -> tuple[float, float]:
    """Mails a second, and CPU seconds a mail."""
    kept = ["-d"] if load.reused else []
    numbers = ["-s", str(load.sessions), "-m", str(count), "-l", str(load.octets)]
    began, used = time.monotonic(), cpu(peer.pid)
    command = ["smtp-source", *kept, *numbers, "-f", SENDER, "-t", TO, f"127.0.0.1:{peer.port}"]
    subprocess.run(command, check=True, timeout=120, env=os.environ | {"PATH": f"{os.environ['PATH']}:/usr/sbin"})
    return count / (time.monotonic() - began), (cpu(peer.pid) - used) / count


def cpu(pid: int) -> float:
    """CPU seconds of a process and of all below it, those that ended included."""
    ticks = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rsplit(")", 1)[1].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[1]) == pid or int(path.parent.name) == pid:
            ticks += sum(int(field) for field in fields[11:15])
    return ticks / os.sysconf("SC_CLK_TCK")


def slow_disk(folder: Path, delay: int) -> dict[str, str]:
    """An environment in which each sync takes longer."""
    if not delay:
        return {}
    source, library = folder / "slow.c", folder / "slow.so"
    source.write_text(SLOW)
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    return {"LD_PRELOAD": str(library), "SYNC_DELAY_MS": str(delay)}


@contextmanager
def ours(folder: Path, environ: dict[str, str]) -> Iterator[Peer]:
    """Our daemon."""
    folder.mkdir()
    port = free_port()
    config, accounts = folder / "config.toml", folder / "accounts.toml"
    config.write_text(CONFIG.format(port=port, folder=folder))
    accounts.write_text(ACCOUNTS)
    command = [sys.executable, "-m", "smtpfax"]
    with (folder / "log").open("wb") as log:
        daemon = subprocess.Popen([*command, "serve", "-c", config], env=os.environ | environ, stderr=log)
    try:
        listens(port)
        subprocess.run([*command, "apply", accounts, "-c", config], check=True, stdout=subprocess.DEVNULL)
        yield Peer("smtpfax", port, daemon.pid)
    finally:
        daemon.send_signal(signal.SIGTERM)
        daemon.wait(60)


@contextmanager
def postfix(folder: Path, environ: dict[str, str]) -> Iterator[Peer]:
    """Debian's, with a configuration and a queue of its own, holding whatever it takes."""
    for name in ("etc", "queue", "data"):
        (folder / name).mkdir(parents=True)
    shutil.chown(folder / "data", "postfix")
    port = free_port()
    settings = [
        *("compatibility_level = 3.6", f"queue_directory = {folder}/queue", f"data_directory = {folder}/data"),
        *("myhostname = mail.acme.example", "mydestination =", "inet_protocols = ipv4", f"maillog_file = {folder}/log"),
        *(
            "smtpd_recipient_restrictions = check_recipient_access static:HOLD, permit",
            "alias_maps =",
            "in_flow_delay = 0",
        ),
        *(
            "smtpd_relay_restrictions = permit_mynetworks, reject",
            "mynetworks = 127.0.0.0/8",
            "smtpd_peername_lookup = no",
            "smtpd_client_connection_count_limit = 0",
        ),
        *(
            "alias_database =",
            "default_process_limit = 200",
            "import_environment = LD_PRELOAD SYNC_DELAY_MS MAIL_CONFIG",
        ),
        *("maillog_file_prefixes = /tmp", "relayhost = [127.0.0.1]:9", "smtpd_tls_security_level = none"),
    ]
    (folder / "etc" / "main.cf").write_text("\n".join(settings) + "\n")
    (folder / "etc" / "master.cf").write_text(MASTER.format(port=f"127.0.0.1:{port}"))
    command = ["/usr/sbin/postfix", "-c", str(folder / "etc")]
    clean = {"PATH": "/usr/sbin:/usr/bin:/bin", "MAIL_CONFIG": str(folder / "etc")} | environ
    subprocess.run([*command, "start"], check=True, env=clean, stderr=subprocess.DEVNULL)
    try:
        listens(port)
        yield Peer("Postfix", port, int((folder / "queue" / "pid" / "master.pid").read_text()))
    finally:
        subprocess.run([*command, "stop"], check=True, env=clean, stderr=subprocess.DEVNULL)


def free_port() -> int:
    """A port that nobody has just now."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def listens(port: int, *, tries: Sequence[int] = range(300)) -> None:
    """Wait until somebody answers."""
    for _ in tries:
        with socket.socket() as sock:
            sock.settimeout(1)
            try:
                sock.connect(("127.0.0.1", port))
                if sock.recv(3) == b"220":
                    return
            except OSError:
                time.sleep(0.1)
    sys.exit(f"nobody listens on port {port}")


if __name__ == "__main__":
    main()
