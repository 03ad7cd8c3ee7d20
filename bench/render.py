"""How fast, and at what cost on the line: our warm workers against Ghostscript, in one run.

In:    the corpus of this bench; Ghostscript's `gs`, with HylaFAX's and Kazoo's commands.
Out:   a table: documents a second of each, their CPU, the seconds on the line, and the ratios; the time of a warm
       one-page mail; the memory of a worker, resident (RSS) and as its share (PSS), without the typesetter and with it.
Fails: exit 1 without Ghostscript.

    python -m bench.render [ROUNDS]

Rule: each round does ours and theirs in turn, so that a busy machine is busy for both; medians over the rounds. All
documents are read two ways: two at a time on both sides, as on a busy machine; and one at a time, a long one's pages
shared by both workers, against one process of Ghostscript. The goals of one-page and mixed documents are held against
the first reading, those of twenty pages and of scans against the second.
"""

from __future__ import annotations

import asyncio
import os
import resource
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from email.message import EmailMessage
from pathlib import Path
from statistics import median

from bench.corpus import CORPUS, text
from bench.ghostscript import HYLAFAX, KAZOO, available, command, line_seconds
from smtpfax.model.document import LINE_BITS_PER_SECOND, Layout, Paper
from smtpfax.render.asking import Asked
from smtpfax.render.stage import PRELOAD
from smtpfax.render.trips import FILES, MAIL, rendered
from smtpfax.sandbox import Sandbox, SandboxLimits

_WORKERS = 2
_NEVER = 1 << 30  # a worker that is renewed takes with it what is known of its CPU
_MOST_SECONDS = 3.0  # of one kind of document in one round, by Ghostscript
_LAYOUT = Layout(paper=Paper.A4)
_COMMANDS = {"HylaFAX": HYLAFAX, "Kazoo": KAZOO}
_LINE_GOALS = {  # seconds on the line, against both commands
    "text, one page": 1.05,
    "text, twenty pages": 1.05,
    "mixed, three pages": 0.7,
    "mixed, three pages in greys": 0.7,
    "grey scans, five pages": 0.25,
}
_FAST_GOALS = {  # documents a second: how many at a time, and how often as many as HylaFAX's command
    "text, one page": (2, 4.0),
    "text, twenty pages": (1, 1.5),
    "mixed, three pages": (2, 3.0),
    "mixed, three pages in greys": (2, 3.0),
    "grey scans, five pages": (1, 1.5),
}
Work = Callable[[], Awaitable[object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One kind of document, and where it lies for Ghostscript."""

    name: str
    data: bytes
    path: Path
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Of one program: medians."""

    rate: float  # documents a second
    cost: float  # milliseconds of CPU, each


async def main(rounds: int) -> int:
    """Measure and print."""
    if not available():
        print("Ghostscript (gs) is not installed: there is nothing to compare with", file=sys.stderr)
        return 1
    sandbox = Sandbox(replace(SandboxLimits(), workers=_WORKERS, recycle_after=_NEVER), preload=PRELOAD)
    await sandbox.start()
    try:
        with tempfile.TemporaryDirectory() as folder:
            for name in CORPUS:
                await _compared(sandbox, await _sample(name, Path(folder)), rounds)
        await _warm_mail(sandbox)
        print(f"memory of a worker: {_memory()} (goal: 100 resident)")
        await asyncio.gather(*(_html(sandbox) for _ in range(_WORKERS)))
        print(f"  when it has typeset HTML as well: {_memory()}")
    finally:
        await sandbox.stop()
    return 0


async def _sample(name: str, folder: Path) -> Sample:
    """As many of it as Ghostscript does in the time that we have."""
    data, path = CORPUS[name](), folder / "in.pdf"
    path.write_bytes(data)
    began = time.perf_counter()
    await _ghostscript(HYLAFAX, path)
    once = time.perf_counter() - began
    count = max(2, min(60, int(_MOST_SECONDS * _WORKERS / once)))
    return Sample(name=name, data=data, path=path, count=count + count % 2)


async def _compared(sandbox: Sandbox, sample: Sample, rounds: int) -> None:
    """Line, then speed in both readings."""
    bits = await _ours(sandbox, sample.data)
    seconds = bits / LINE_BITS_PER_SECOND
    print(f"{sample.name}: {seconds:.0f} s on the line", flush=True)
    for name, options in _COMMANDS.items():
        others = await _ghostscript(options, sample.path)
        goal = f"goal {_LINE_GOALS[sample.name]}"
        print(f"  {name}'s command: {others:.0f} s on the line: ours x {seconds / others:.2f} ({goal})")
    work: dict[str, Work] = {"ours": lambda: _ours(sandbox, sample.data)}
    work |= {name: _spawned(options, sample.path) for name, options in _COMMANDS.items()}
    for at_a_time in (2, 1):
        _print(sample, at_a_time, await _raced(work, sample, at_a_time, rounds))


async def _raced(work: Mapping[str, Work], sample: Sample, at_a_time: int, rounds: int) -> dict[str, Measured]:
    """All in turn, round by round."""
    count = sample.count * at_a_time // _WORKERS
    await _rate(work["ours"], _WORKERS, at_a_time=_WORKERS)  # both workers are warm
    rates: dict[str, list[float]] = {name: [] for name in work}
    costs: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(rounds):
        for name, one in work.items():
            before = _cpu_seconds()
            rates[name].append(await _rate(one, count, at_a_time=at_a_time))
            costs[name].append((_cpu_seconds() - before) / count)
    return {name: Measured(rate=median(rates[name]), cost=1000 * median(costs[name])) for name in work}


def _print(sample: Sample, at_a_time: int, each: Mapping[str, Measured]) -> None:
    held, goal = _FAST_GOALS[sample.name]
    ours = each["ours"]
    print(f"  {_reading(at_a_time)}: ours {ours.rate:.1f} documents a second, {ours.cost:.0f} ms of CPU each")
    for name in _COMMANDS:
        other = each[name]
        told = f"    {name:8}{other.rate:6.1f} a second, {other.cost:4.0f} ms of CPU"
        wanted = f" (goal {goal})" if held == at_a_time and name == "HylaFAX" else ""
        print(
            f"{told}: ours x {other.cost / ours.cost:.2f} by CPU, x {ours.rate / other.rate:.2f} by the clock{wanted}"
        )
    sys.stdout.flush()


def _reading(at_a_time: int) -> str:
    return "two at a time" if at_a_time == _WORKERS else "one at a time, long ones shared by both workers"


def _spawned(options: Sequence[str], path: Path) -> Work:
    return lambda: _ghostscript(options, path)


def _cpu_seconds() -> float:
    """What all processes below us have used, those that have ended and those that have not."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    ticks = sum(sum(map(int, _stat(pid)[11:13])) for pid in _below_us())
    return ended.ru_utime + ended.ru_stime + ticks / os.sysconf("SC_CLK_TCK")


async def _rate(work: Work, count: int, *, at_a_time: int) -> float:
    """Documents a second."""
    left = iter(range(count))

    async def one_after_the_other() -> None:
        for _ in left:
            await work()

    began = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(at_a_time):
            group.create_task(one_after_the_other())
    return count / (time.perf_counter() - began)


async def _ours(sandbox: Sandbox, data: bytes) -> int:
    """Render in warm workers; the bits on the line."""
    asked = Asked(layout=_LAYOUT, names=("in.pdf",))
    return (await rendered(FILES, asked, [data], sandbox=sandbox, office=None))[0].bits


async def _ghostscript(options: Sequence[str], path: Path) -> float:
    """Render in a process of its own; the seconds on the line."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "out.tif"
        process = await asyncio.create_subprocess_exec(*command(options, path, target))
        if await process.wait() != 0:
            raise RuntimeError("Ghostscript failed")
        return line_seconds(target)


async def _warm_mail(sandbox: Sandbox) -> None:
    mail = EmailMessage()
    mail.set_content("see the attachment")
    mail.add_attachment(text(1), maintype="application", subtype="pdf", filename="order.pdf")
    times = []
    for _ in range(20):
        began = time.perf_counter()
        await rendered(MAIL, Asked(layout=_LAYOUT), [bytes(mail)], sandbox=sandbox, office=None)
        times.append(1000 * (time.perf_counter() - began))
    print(f"a warm one-page mail: {median(times):.0f} ms to its document (goal: 40)")


async def _html(sandbox: Sandbox) -> None:
    words = "<p>The undersigned confirms that the goods were received complete.</p>" * 60
    html = f"<html><body><h1>Order</h1>{words}</body></html>".encode()
    await rendered(FILES, Asked(layout=_LAYOUT, names=("in.html",)), [html], sandbox=sandbox, office=None)


def _memory() -> str:
    """The most that any process below this one has had, and the largest share of one now, what is shared divided."""
    pids = _below_us()
    most = max(_kilobytes(pid, "status", "VmHWM") for pid in pids)
    share = max(_kilobytes(pid, "smaps_rollup", "Pss") for pid in pids)
    return f"{most / 1024:.0f} MB resident at its most, {share / 1024:.0f} MB its share when idle"


def _kilobytes(pid: int, file: str, name: str) -> int:
    """A line of a process's file (proc(5)); 0 when there is none."""
    lines = Path(f"/proc/{pid}/{file}").read_text().splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith(f"{name}:")), 0)


def _below_us() -> list[int]:
    """A worker is our child, or bubblewrap's, which is ours."""
    parents = {pid: int(_stat(pid)[1]) for pid in _all() if _stat(pid)}
    below, me = [], os.getpid()
    for pid in parents:
        above = pid
        while above in parents and above != me:
            above = parents[above]
        below += [pid] if above == me and pid != me else []
    return below


def _all() -> list[int]:
    return [int(path.name) for path in Path("/proc").glob("[0-9]*")]


def _stat(pid: int) -> list[str]:
    """From the state on (proc(5)); nothing, when it has gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


if __name__ == "__main__":
    sys.exit(asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)))
