"""LibreOffice's side of the jail: the tasks of a worker whose child it is.

In:    the folder of its program; then a file, with the ending of its true kind.
Out:   a PDF.
Fails: Permanent PART_ENCRYPTED, PART_TOO_LARGE, PART_UNREADABLE. When LibreOffice dies this process ends as well; a
       new one follows.

Rule: with the bridge (python3-uno) one LibreOffice stays for all files; without, each file has a process and a profile
of its own. Both get the same hardened profile.
"""

from __future__ import annotations

import importlib.util
import os
import tempfile
from pathlib import Path
from typing import Protocol

from smtpfax.model.cause import Cause
from smtpfax.model.errors import Permanent
from smtpfax.model.status import PART_ENCRYPTED, PART_TOO_LARGE, PART_UNREADABLE

from .lastword import within
from .office_cold import ColdOffice
from .office_program import Encrypted, Unreadable, write_profile
from .office_uno import WarmOffice
from .values import Json


class _Converter(Protocol):
    def convert(self, source: Path, target: Path, *, application: str, pages: int) -> None:
        """Write a PDF; Encrypted, Unreadable."""

    def cpu_seconds(self) -> float:
        """Seconds of CPU that LibreOffice has used so far."""


_here: list[_Converter] = []  # one, from `begin` on
_program: list[Path] = []


def begin(request: dict[str, Json], blobs: list[bytes]) -> tuple[dict[str, Json], list[bytes]]:
    """Have LibreOffice ready."""
    tmp = Path(os.environ["TMPDIR"])
    profile = tmp / "profile"
    write_profile(profile)
    work = tmp / "work"
    work.mkdir()
    tempfile.tempdir = str(work)  # what the worker empties after each task: not the profile
    warm = importlib.util.find_spec("uno") is not None
    _program[:] = [Path(request["program"])]
    _here[:] = [(WarmOffice if warm else ColdOffice)(_program[0], profile)]
    return {"warm": warm}, []


def convert(request: dict[str, Json], blobs: list[bytes]) -> tuple[dict[str, Json], list[bytes]]:
    """One file."""
    return {}, [_converted(_here[0], request, blobs[0])]


def convert_alone(request: dict[str, Json], blobs: list[bytes]) -> tuple[dict[str, Json], list[bytes]]:
    """One file that a warm LibreOffice died of, by a process of its own: it loads files in another way."""
    profile = Path(tempfile.gettempdir()) / "alone"  # goes with the file
    write_profile(profile)
    return {}, [_converted(ColdOffice(_program[0], profile), request, blobs[0])]


def _converted(converter: _Converter, request: dict[str, Json], data: bytes) -> bytes:
    work = Path(tempfile.gettempdir())
    source, target = work / f"document.{request['suffix']}", work / "document.pdf"
    source.write_bytes(data)
    label = request["label"]
    endless = Permanent(PART_TOO_LARGE, cause=Cause.DOCUMENT, part=label, why="it takes too long to convert")
    try:
        with within(request["cpu_seconds"], endless, converter.cpu_seconds):
            converter.convert(source, target, application=request["application"], pages=request["pages"])
    except Encrypted as error:
        raise Permanent(PART_ENCRYPTED, cause=Cause.DOCUMENT, part=label) from error
    except Unreadable as error:
        raise Permanent(PART_UNREADABLE, cause=Cause.DOCUMENT, reason=f"{label}: {error}", part=label) from error
    return target.read_bytes()
