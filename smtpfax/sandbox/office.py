"""LibreOffice: one warm process that turns the files of office programs into PDF, in a jail of its own.

In:    office files.
Out:   a PDF of each.
Fails: Permanent PART_ENCRYPTED, PART_TOO_LARGE, PART_UNREADABLE, naming the file; Temporary CONVERTER_DIED when
       LibreOffice crashes or the deadline of the mail's files is over, Temporary OUR_FAULT when it cannot be started.

Rule: it is a sandbox's worker like the others, with LibreOffice as its child: killed by its deadline with its whole
group, recycled, without network and without macros. It starts with the first file that needs it, and then stays.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from smtpfax.model.errors import ConfigError, Temporary
from smtpfax.model.status import CONVERTER_DIED, OUR_FAULT

from .jail import Jail
from .pool import Sandbox
from .values import Answer, Bubblewrap, Json, SandboxLimits

APPLICATIONS = {"writer": "libswlo.so", "calc": "libsclo.so", "impress": "libsdlo.so", "draw": "libsdlo.so"}
_GUEST = "smtpfax.sandbox.office_guest"
_ANSWER_BYTES = 128 << 20
_START_SECONDS = 5.0  # left, or there is no sense in starting another
_SETTINGS = Path("/etc/libreoffice")  # Debian keeps its registry there
# The bridge to a running LibreOffice is built for the system's Python alone.
_PYTHON = "/usr/bin/python3"
_PROBE = "import sys, uno, unohelper; sys.exit(sys.version_info < (3, 11))"
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeLimits:
    """What LibreOffice may use; `seconds` are those of all files of one mail, `cpu_seconds` those of one file."""

    workers: int = 1
    seconds: float = 60.0
    cpu_seconds: float = 20.0
    recycle_after: int = 100
    memory_bytes: int = 2 << 30
    bubblewrap: Bubblewrap = "auto"


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeFile:
    """A file, by the ending of its true kind; `label` is how a sentence calls it."""

    label: str
    suffix: str
    application: str  # one of APPLICATIONS
    data: bytes


class Office:
    """As many LibreOffice processes as may be, each with one file at a time."""

    def __init__(self, limits: OfficeLimits, program: Path) -> None:
        self.limits = limits
        self.program = program
        self._sandbox: Sandbox | None = None
        self._starting = asyncio.Lock()
        self._turns = asyncio.Semaphore(limits.workers)

    @property
    def applications(self) -> tuple[str, ...]:
        """The parts of LibreOffice that are installed."""
        return tuple(name for name, library in APPLICATIONS.items() if (self.program / library).exists())

    async def convert(self, files: Sequence[OfficeFile], *, pages: int) -> list[bytes]:
        """A PDF of each, of no more than so many pages; how long others held LibreOffice does not count."""
        async with self._turns:
            sandbox = await self._started()
            until = _now() + self.limits.seconds
            return [await self._converted(sandbox, file, pages=pages, until=until) for file in files]

    async def prove(self) -> None:
        """See that it works on this machine; Fault."""
        proof = OfficeFile(label="a proof", suffix="rtf", application="writer", data=rb"{\rtf1 proof}")
        await self.convert([proof] if proof.application in self.applications else [], pages=1)

    async def stop(self) -> None:
        """Kill it; what is under way fails as if it had crashed."""
        async with self._starting:
            if self._sandbox is not None:
                await self._sandbox.stop()
                self._sandbox = None

    async def _converted(self, sandbox: Sandbox, file: OfficeFile, *, pages: int, until: float) -> bytes:
        told = {"label": file.label, "suffix": file.suffix, "application": file.application}
        asked = {**told, "pages": pages, "cpu_seconds": self.limits.cpu_seconds}
        try:
            answer = await self._twice(sandbox, asked, file.data, until=until)
        except Temporary as fault:
            raise _named(fault, file) from fault
        if len(answer.blobs) != 1:
            raise Temporary(CONVERTER_DIED, reason=f"{file.label}: an answer without a PDF", part=file.label)
        return answer.blobs[0]

    async def _twice(self, sandbox: Sandbox, asked: Mapping[str, Json], data: bytes, *, until: float) -> Answer:
        """What kills a warm LibreOffice may be read by one that is started for it."""
        try:
            return await sandbox.run(f"{_GUEST}:convert", asked, [data], wall_seconds=_left(until))
        except Temporary as fault:
            if until - _now() < _START_SECONDS:
                raise
            log.warning("office: %s: %s; once more by itself", asked["label"], fault.reason)
        return await sandbox.run(f"{_GUEST}:convert_alone", asked, [data], wall_seconds=_left(until))

    async def _started(self) -> Sandbox:
        async with self._starting:
            if self._sandbox is None:
                self._sandbox = await self._start()
            return self._sandbox

    async def _start(self) -> Sandbox:
        python = _PYTHON if await _has_bridge(_PYTHON) else ""
        log.info("office: %s, %s", self.program, "warm" if python else "one process a file, for python3-uno is missing")
        sandbox = Sandbox(
            self._sandbox_limits(),
            preload=(_GUEST,),
            base=Jail(python=python, shown=(self.program.parent, _SETTINGS)),
            first=(f"{_GUEST}:begin", {"program": str(self.program)}),
        )
        try:
            await sandbox.start()
        except ConfigError as error:
            await sandbox.stop()
            raise Temporary(OUR_FAULT, reason=f"office: {error}") from error
        return sandbox

    def _sandbox_limits(self) -> SandboxLimits:
        return SandboxLimits(
            workers=self.limits.workers,
            memory_bytes=self.limits.memory_bytes,
            cpu_seconds=int(self.limits.seconds) + 1,
            wall_seconds=self.limits.seconds,
            recycle_after=self.limits.recycle_after,
            bubblewrap=self.limits.bubblewrap,
            answer_bytes=_ANSWER_BYTES,
        )


def find() -> Path | None:
    """The folder of LibreOffice's program, when it is installed with at least one application."""
    command = shutil.which("soffice") or shutil.which("libreoffice")
    folder = Path(command).resolve().parent if command else None
    if folder is None or not (folder / "soffice.bin").exists():
        return None
    return folder if any((folder / library).exists() for library in APPLICATIONS.values()) else None


def _named(fault: Temporary, file: OfficeFile) -> Temporary:
    """The same, saying which file it was."""
    return Temporary(fault.sentence, cause=fault.cause, reason=f"{file.label}: {fault.reason}", part=file.label)


async def _has_bridge(python: str) -> bool:
    null = asyncio.subprocess.DEVNULL
    try:
        probe = await asyncio.create_subprocess_exec(python, "-I", "-c", _PROBE, stdin=null, stdout=null, stderr=null)
    except OSError:
        return False
    return await probe.wait() == 0


def _left(until: float) -> float:
    return round(max(until - _now(), 0.01), 2)


def _now() -> float:
    return asyncio.get_running_loop().time()
