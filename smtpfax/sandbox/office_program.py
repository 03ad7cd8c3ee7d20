"""How LibreOffice is started: its profile, its arguments, a process that dies with us.

In:    the folder of its program, and one for the profile.
Out:   a process.
Fails: OSError; Encrypted and Unreadable are what its two drivers say of a file.

Rule: no macro runs, no link is followed, nothing is recovered, asked or remembered. The profile is the second line: the
first is the jail without a network, for remote style sheets of a HTML file would be fetched in spite of it.
"""

from __future__ import annotations

import os
import resource
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import quoteattr

from .confine import die_with

_SCHEDULED = 2  # CPUCLOCK_SCHED (linux/posix-timers.h)
RESTART = 81  # how it ends when a new profile was set up: it wants to be started again
PDF_FILTERS = {
    "writer": "writer_pdf_Export",
    "calc": "calc_pdf_Export",
    "impress": "impress_pdf_Export",
    "draw": "draw_pdf_Export",
}
_QUIET = ("--headless", "--norestore", "--nologo", "--nodefault", "--nolockcheck", "--nofirststartwizard")
_SETTINGS = (
    ("Office.Common/Security/Scripting", "DisableMacrosExecution", "true"),
    ("Office.Common/Security/Scripting", "MacroSecurityLevel", "3"),
    ("Office.Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
    ("Office.Common/Security/Scripting", "DisableActiveContent", "true"),
    ("Office.Common/Misc", "UseOpenCL", "false"),
    ("Office.Common/Misc", "FirstRun", "false"),
    ("Office.Common/Misc", "UseLocking", "false"),
    ("Office.Java/VirtualMachine", "Enable", "false"),
    ("Office.Recovery/RecoveryInfo", "Enabled", "false"),
    ("Office.Recovery/AutoSave", "Enabled", "false"),
    # 1: never. What the sender saw is in the file; to compute it again can take for ever.
    ("Office.Calc/Formula/Load", "OOXMLRecalcMode", "1"),
    ("Office.Calc/Formula/Load", "ODFRecalcMode", "1"),
    ("Office.Calc/Formula/Calculation", "UseThreadedCalculationForFormulaGroups", "false"),
)
_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\n'
)


class Encrypted(Exception):
    """It wants a password."""


class Unreadable(Exception):
    """It cannot be read as what it is."""


def write_profile(folder: Path) -> None:
    """A new profile: our settings, and whatever LibreOffice adds to them."""
    user = folder / "user"
    user.mkdir(parents=True)
    (user / "registrymodifications.xcu").write_text(_HEAD + "".join(map(_item, _SETTINGS)) + "</oor:items>\n")


def _item(setting: tuple[str, str, str]) -> str:
    path, name, value = setting
    prop = f'<prop oor:name={quoteattr(name)} oor:op="fuse"><value>{value}</value></prop>'
    return f'<item oor:path="/org.openoffice.{path}">{prop}</item>\n'


def start(program: Path, profile: Path, arguments: Sequence[str]) -> subprocess.Popen[bytes]:
    """The program itself, not its wrapper: one process, in our group, that dies when we do."""
    us = os.getpid()

    def before() -> None:
        die_with(us)
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (hard, hard))  # it lives longer than a task; the deadline bounds it

    command = [str(program / "soffice.bin"), *_QUIET, f"-env:UserInstallation={profile.as_uri()}", *arguments]
    tmp = {"TMPDIR": str(profile)}  # its own files go with the profile, not with the file that it reads
    null = subprocess.DEVNULL
    return subprocess.Popen(  # noqa: S603  our own arguments
        command, env=os.environ | tmp, preexec_fn=before, stdin=null, stdout=null, stderr=null
    )


def cpu_seconds(process: subprocess.Popen[bytes]) -> float:
    """What it has used so far; 0 when it has gone. Python lacks clock_getcpuclockid(3), which makes this number."""
    try:
        return time.clock_gettime((~process.pid << 3) | _SCHEDULED)
    except OSError:
        return 0.0


def hide_sockets(process: subprocess.Popen[bytes]) -> None:
    """No name of its sockets in /tmp: nobody else shall connect, and a killed process cannot take them away."""
    try:
        opened = [os.readlink(link) for link in Path(f"/proc/{process.pid}/fd").iterdir()]  # noqa: PTH115
    except OSError:
        return  # another namespace's /proc (then they are in a jail's own /tmp), or it ended by itself
    nodes = {name.removeprefix("socket:[").removesuffix("]") for name in opened if name.startswith("socket:[")}
    for line in Path("/proc/net/unix").read_text().splitlines()[1:]:
        fields = line.split()
        if len(fields) == 8 and fields[6] in nodes and "OSL_PIPE" in fields[7]:
            Path(fields[7]).unlink(missing_ok=True)
