"""The SMTP door against Postfix: durable mails a second, both driven by `smtp-source`, interleaved in one run.

In:    Debian's postfix (smtpd, smtp-source); gcc for the slow disk; this checkout's virtual environment.
Out:   a table of ratios, ours to Postfix's: mails a second, and CPU a mail; what 200 sessions of 20 MB come to.
Fails: says which program is missing.

    python bench/intake.py [--rounds N] [--mails N] [--delays 0,3,10] [--verdict] [--crowd]

Ours is the daemon as it is run: logging, policy, attempts, group commit, fsync. CPU is counted until the database has
all rows. The verdict is off and no job is worked on, as Postfix accepts to a held queue and delivers nothing, but for
`--verdict`: then each mail is rendered before its 250, of fewer mails. A delay is added to each fsync and fdatasync of
both. `--crowd` measures nothing but memory and NOOP.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from intake_crowd import OCTETS, SESSIONS, crowd
from servers import Peer, cpu, forget_peak, ours, peak, postfix, slow_disk

SENDER, TO = "ann@acme.example", "+12025550123@fax.acme.example"
LONGEST = 300  # seconds of one measurement
SETTLED = 1.0  # seconds after which the database has all rows


@dataclass(frozen=True, slots=True)
class Load:
    """What smtp-source does: octets a mail, sessions at a time, connections kept or not."""

    octets: int
    sessions: int
    reused: bool

    def __str__(self) -> str:
        kept = "reused" if self.reused else "one each"
        return f"{self.octets // 1000:>6} KB {self.sessions:>4} sessions, {kept}"

    def count(self, mails: int) -> int:
        """How many mails of the many that were asked for."""
        if self.octets > 1_000_000:
            return max(20, mails // 50)
        return max(100, mails // (10 if self.sessions == 1 else 1) // (3 if self.octets > 50_000 else 1))


@dataclass(frozen=True, slots=True)
class Row:
    """One measurement: mails a second, CPU milliseconds a mail."""

    rate: float
    effort: float


LOADS = [
    Load(octets, many, reused) for octets in (10_000, 100_000) for many in (1, 20, 100) for reused in (False, True)
]
LARGE = Load(10_000_000, 4, reused=True)


def main() -> None:
    """Print the tables."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--mails", type=int, default=4000, help="in one measurement with many sessions")
    options.add_argument("--delays", default="0,3,10", help="milliseconds added to each sync")
    options.add_argument("--verdict", action="store_true", help="render each mail before its 250")
    options.add_argument("--crowd", action="store_true", help="only many large mails at once")
    asked = options.parse_args()
    for program in ("smtp-source", "postfix", "gcc"):
        if shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin") is None:
            sys.exit(f"{program} is not installed")
    for delay in () if asked.crowd else (int(text) for text in asked.delays.split(",")):
        print(f"\n{delay} ms added to each sync" if delay else "\nthe disk as it is")
        with tempfile.TemporaryDirectory(prefix="smtpfax-bench-") as place:
            Path(place).chmod(0o755)
            environ = slow_disk(Path(place), delay)
            loads = [*LOADS, LARGE] if not (delay or asked.verdict) else LOADS
            compare(Path(place), environ, loads, asked)
    if not asked.verdict:
        many_large()


def compare(folder: Path, environ: dict[str, str], loads: Sequence[Load], asked: argparse.Namespace) -> None:
    """Both, in turn, each load so many times."""
    head = ("ours/s", "Postfix/s", "ratio", "ours ms", "Postfix ms", "CPU ratio")
    print(f"{'':<34}" + "".join(f"{word:>11}" for word in head))
    mails, verdict = (60, 10) if asked.verdict else (asked.mails, 0)
    with ours(folder / "ours", environ, verdict=verdict) as first, postfix(folder / "postfix", environ) as second:
        for load in loads:
            count = mails if asked.verdict else load.count(mails)
            rows = [(measure(first, load, count), measure(second, load, count)) for _ in range(asked.rounds)]
            print(f"{load!s:<34}" + "".join(f"{number:>11.2f}" for number in summed(rows)), flush=True)


def summed(rows: Sequence[tuple[Row, Row]]) -> list[float]:
    """Medians, in the order of the table."""
    median = statistics.median
    return [
        *(median(row[place].rate for row in rows) for place in (0, 1)),
        median(one.rate / two.rate for one, two in rows),
        *(median(row[place].effort for row in rows) for place in (0, 1)),
        median(one.effort / max(two.effort, 1e-6) for one, two in rows),
    ]


def measure(peer: Peer, load: Load, count: int) -> Row:
    """One run of smtp-source."""
    kept = ["-d"] if load.reused else []
    numbers = ["-s", str(load.sessions), "-m", str(count), "-l", str(load.octets)]
    command = ["smtp-source", *kept, *numbers, "-f", SENDER, "-t", TO, f"127.0.0.1:{peer.port}"]
    environ = os.environ | {"PATH": f"{os.environ['PATH']}:/usr/sbin"}
    began, used = time.monotonic(), cpu(peer.pid)
    # Not with a timeout: subprocess then looks every 50 ms alone whether it has ended.
    subprocess.run(["timeout", str(LONGEST), *command], check=True, env=environ)
    took = time.monotonic() - began
    time.sleep(SETTLED)
    return Row(count / took, (cpu(peer.pid) - used) / count * 1000)


def many_large() -> None:
    """What the door is like while many large mails arrive at once."""
    with tempfile.TemporaryDirectory(prefix="smtpfax-bench-") as place, ours(Path(place) / "ours", {}) as peer:
        forget_peak(peer.pid)
        before, began = peak(peer.pid), time.monotonic()
        waited = crowd(peer.port)
        took = time.monotonic() - began
        print(f"\n{SESSIONS} sessions of {OCTETS // 10**6} MB each, all on their way before any ends: {took:.0f} s")
        print(f"memory of the daemon, at most: {peak(peer.pid):.0f} MB (idle {before:.0f} MB)")
        print(f"NOOP meanwhile: median {statistics.median(waited.times):.1f} ms, 99th percentile {waited.p99:.1f} ms")


if __name__ == "__main__":
    main()
