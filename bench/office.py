"""How fast a warm LibreOffice makes PDFs, and what it weighs.

In:    nothing; the files are made here (`--files N` of each kind, 50 by default).
Out:   a line for each kind: milliseconds of the first file and of the median one; then LibreOffice's memory.
Fails: with exit code 1, when LibreOffice is not installed.

Run it from the checkout: `python -m bench.office`.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import time
from pathlib import Path

from smtpfax.sandbox.office import Office, OfficeFile, OfficeLimits, find
from tests.render.office_files import docx, odp, rtf, xlsx

TEXT = "The quick brown fox jumps over the lazy dog. " * 8
FILES = (
    OfficeFile(label="docx, 1 page", suffix="docx", application="writer", data=docx(*[TEXT] * 8)),
    OfficeFile(label="docx, 20 pages", suffix="docx", application="writer", data=docx(*[TEXT] * 200)),
    OfficeFile(label="rtf", suffix="rtf", application="writer", data=rtf(TEXT * 8)),
    OfficeFile(label="xlsx, 40 rows", suffix="xlsx", application="calc", data=xlsx(*[("Month", 1, 2, "=B1+C1")] * 40)),
    OfficeFile(label="odp, 3 slides", suffix="odp", application="impress", data=odp("one", "two", "three")),
)


async def measure(count: int, program: Path) -> None:
    """Each kind in its turn, one file at a time."""
    office = Office(OfficeLimits(recycle_after=100_000), program)
    began = time.perf_counter()
    await office.convert([], pages=1)
    print(f"{'start':16} {1000 * (time.perf_counter() - began):6.0f} ms, {megabytes(office):.0f} MB")
    for file in FILES:
        spent = [await one(office, file) for _ in range(count)]
        median = statistics.median(spent[1:])
        print(f"{file.label:16} {spent[0]:6.0f} ms first, {median:4.0f} ms then, {megabytes(office):.0f} MB")
    await office.stop()


async def one(office: Office, file: OfficeFile) -> float:
    """Milliseconds of one file."""
    began = time.perf_counter()
    await office.convert([file], pages=201)
    return 1000 * (time.perf_counter() - began)


def megabytes(office: Office) -> float:
    """What the worker and all its children hold in memory."""
    sandbox = office._sandbox  # noqa: SLF001  to weigh it
    workers = sandbox._workers if sandbox else ()  # noqa: SLF001
    return sum(weight(worker.pid) for worker in workers)


def weight(pid: int) -> float:
    """A process with its children; memory that several share is counted in parts."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text().split("\n")
    own = next((int(line.split()[1]) / 1024 for line in rollup if line.startswith("Pss:")), 0.0)
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return own + sum(weight(int(child)) for child in children)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=50)
    program = find()
    if program is None:
        sys.exit("LibreOffice is not installed")
    asyncio.run(measure(max(2, parser.parse_args().files), program))


if __name__ == "__main__":
    main()
