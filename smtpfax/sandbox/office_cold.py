"""LibreOffice without the bridge: a process and a copy of the profile for each file.

In:    a file.
Out:   a PDF.
Fails: Unreadable, when LibreOffice made none: why, it tells nobody, and a password is not told from damage.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from pathlib import Path

from .office_program import PDF_FILTERS, RESTART, Unreadable, cpu_seconds, hide_sockets, start

_PAUSE_SECONDS = 0.05


class ColdOffice:
    """Starts LibreOffice once a file."""

    def __init__(self, program: Path, profile: Path) -> None:
        self._program = program
        self._profile = profile
        self._process: subprocess.Popen[bytes] | None = None
        self._run(profile, ["--terminate_after_init"])  # sets the profile up, for all that follow

    def cpu_seconds(self) -> float:
        """What the LibreOffice of this file has used."""
        return cpu_seconds(self._process) if self._process else 0.0

    def convert(self, source: Path, target: Path, *, application: str, pages: int) -> None:
        """Write a PDF."""
        options = json.dumps({"PageRange": {"type": "string", "value": f"1-{pages}"}})
        pdf = f"pdf:{PDF_FILTERS[application]}:{options}"
        profile = target.with_suffix(".profile")
        shutil.copytree(self._profile, profile)
        code = self._run(profile, ["--convert-to", pdf, "--outdir", str(target.parent), str(source)])
        if not target.exists():
            raise Unreadable(f"LibreOffice ended with {code} and made no PDF")

    def _run(self, profile: Path, arguments: list[str]) -> int:
        for _ in range(3):
            process = self._process = start(self._program, profile, arguments)
            while (code := process.poll()) is None:
                hide_sockets(process)
                time.sleep(_PAUSE_SECONDS)
            if code != RESTART:
                return code
        return RESTART
