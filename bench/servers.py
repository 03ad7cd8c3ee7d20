"""Two mail servers side by side: our daemon as it is run, and Debian's Postfix.

In:    a folder for each; Debian's postfix; gcc, for a slow disk.
Out:   peers that listen, until the context ends; CPU and memory of each.
Fails: CalledProcessError, or an exit with a word, when one does not start.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

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
verdict_seconds = {verdict}
max_arriving_bytes = 8000000000
[http]
listen = ["127.0.0.1:0"]
[admin]
socket = "{folder}/admin.sock"
[store]
url = "sqlite:///{folder}/state/smtpfax.db"
[spool]
path = "{folder}/spool"
[sandbox]
workers = 2
[queue]
workers = {workers}
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
class Peer:
    """A server that listens: its port, and the process whose children do the work."""

    name: str
    port: int
    pid: int


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


def with_clerk(pid: int) -> list[Path]:
    """The daemon, and the process that puts rows in for it; those that draw pages are not looked at."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    places = [Path("/proc") / child for child in children]
    clerks = [place for place in places if b"journal.clerk" in (place / "cmdline").read_bytes()]
    return [Path(f"/proc/{pid}"), *clerks]


def forget_peak(pid: int) -> None:
    """From now on (proc(5), clear_refs)."""
    for process in with_clerk(pid):
        (process / "clear_refs").write_text("5")


def peak(pid: int) -> float:
    """The most memory that daemon and clerk held, in MB, since they began or the peak was forgotten."""
    told = [(process / "status").read_text() for process in with_clerk(pid)]
    return sum(int(status.split("VmHWM:")[1].split()[0]) for status in told) / 1024


def slow_disk(folder: Path, delay: int) -> dict[str, str]:
    """An environment in which each sync takes longer."""
    if not delay:
        return {}
    source, library = folder / "slow.c", folder / "slow.so"
    source.write_text(SLOW)
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    return {"LD_PRELOAD": str(library), "SYNC_DELAY_MS": str(delay)}


@contextmanager
def ours(folder: Path, environ: dict[str, str], *, verdict: int = 0) -> Iterator[Peer]:
    """Our daemon; with a verdict, its jobs are worked on as well."""
    folder.mkdir()
    port = free_port()
    config, accounts = folder / "config.toml", folder / "accounts.toml"
    config.write_text(CONFIG.format(port=port, folder=folder, verdict=verdict, workers=2 if verdict else 0))
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
            "message_size_limit = 0",
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
