"""The jail: the command that begins a worker, with or without bubblewrap around it.

In:    where Python, its packages and smtpfax stand on this machine.
Out:   argv and environment.
Fails: never.

Rule: a worker sees nothing but the program, the system's libraries and fonts, all read only, and an empty /tmp; it gets
no variable of our environment, for there may be secrets in it.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from .values import Bubblewrap

PACKAGE = Path(__file__).resolve().parents[1]
# -I leaves out the working directory and PYTHONPATH; the package may be a checkout, so its place is told.
_BOOT = "import sys; sys.path.append(sys.argv[1]); from smtpfax.sandbox.child import main; main(int(sys.argv[2]))"
_PYTHON = ("-I", "-B", "-X", "faulthandler", "-c", _BOOT)
_SYSTEM = ("/usr", "/lib", "/lib32", "/lib64", "/libx32", "/bin", "/sbin", "/etc/fonts", "/etc/ld.so.cache")
_SYSTEM_TOO = ("/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/alternatives", "/etc/localtime", "/var/cache/fontconfig")
# Each by its name: our unit leaves out the cgroup namespace, and then --unshare-all is refused whole.
_SPACES = ("--unshare-user", "--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts")
_WALLS = (*_SPACES, "--die-with-parent", "--new-session", "--cap-drop", "ALL")
# The kernel refuses a new /proc where parts of the old one are covered (ProtectProc=): then the old one is shown.
_PROCS = (("--proc", "/proc"), ("--ro-bind", "/proc", "/proc"))
_NOBODY = ("--uid", "65534", "--gid", "65534")
_READ_ONLY = ("--remount-ro", "/dev", "--remount-ro", "/")  # what bubblewrap makes itself is a tmpfs, too
_TMP = "/tmp/worker"  # noqa: S108  the jail's own, in a tmpfs that ends with it


@dataclass(frozen=True, slots=True, kw_only=True)
class Jail:
    """How workers are begun; without `bubblewrap` the worker only has the locks it puts on itself."""

    bubblewrap: str = ""  # its path
    tmp_bytes: int = 0  # the most that /tmp may hold; bubblewrap before 0.7 knows no such bound
    tmp: str = _TMP
    proc: tuple[str, ...] = _PROCS[0]
    python: str = ""  # its path; empty: the one that we run on
    shown: tuple[Path, ...] = ()  # what is shown besides the program and the system

    def argv(self, fd: int) -> list[str]:
        """The command; `fd` is the worker's end of the line."""
        python = [self.python or sys.executable, *_PYTHON, str(PACKAGE.parent), str(fd)]
        if not self.bubblewrap:
            return python
        # /tmp comes first: the program itself may stand below it, and is then shown in it.
        size = ["--size", str(self.tmp_bytes)] if self.tmp_bytes else []
        world = [*size, "--tmpfs", "/tmp", "--dir", self.tmp, *self.proc, *_mounts((*program(), *self.shown))]  # noqa: S108
        return [self.bubblewrap, *_WALLS, *_NOBODY, *world, "--chdir", self.tmp, *_READ_ONLY, *python]

    def environment(self) -> dict[str, str]:
        """All of it."""
        return {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "HOME": self.tmp,
            "TMPDIR": self.tmp,
            "XDG_CACHE_HOME": self.tmp,
            # One task keeps one CPU; and each thread's arena would count against RLIMIT_AS.
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
            "MALLOC_ARENA_MAX": "2",
            # A page's buffers are taken and given back for each page: the kernel would clear them every time.
            "MALLOC_MMAP_THRESHOLD_": str(32 << 20),
            "MALLOC_TRIM_THRESHOLD_": str(64 << 20),
        }


def jails(wanted: Bubblewrap, base: Jail, *, tmp_bytes: int) -> list[Jail]:
    """What to try, the best first; each is `base` within other walls."""
    path = shutil.which("bwrap") or ""
    sizes = (tmp_bytes, 0) if path else ()
    walled = [replace(base, bubblewrap=path, tmp_bytes=size, proc=proc) for proc in _PROCS for size in sizes]
    return {"always": walled, "never": [base], "auto": [*walled, base]}[wanted]


def program() -> tuple[Path, ...]:
    """What the program is made of."""
    return (Path(sys.prefix), Path(sys.base_prefix), Path(sys.executable).resolve().parent, PACKAGE)


def _mounts(needed: Sequence[Path]) -> list[str]:
    """Arguments that show these paths and the system's, read only."""
    mounts = ["--dev", "/dev"]
    for path in (*_SYSTEM, *_SYSTEM_TOO):
        mounts += _link(path) if Path(path).is_symlink() and Path(path).parent == Path("/") else _bind(path)
    for folder in _outermost(needed):
        mounts += _bind(str(folder))
    return mounts


def _bind(path: str) -> list[str]:
    return ["--ro-bind-try", path, path]


def _link(path: str) -> list[str]:
    return ["--symlink", os.readlink(path), path]  # noqa: PTH115  as it stands: /lib -> usr/lib


def _outermost(paths: Iterable[Path]) -> list[Path]:
    """Without those that stand in /usr or in one another."""
    kept = [Path("/usr")]
    for path in sorted(set(paths), key=lambda path: len(path.parts)):
        if not any(path.is_relative_to(other) for other in kept):
            kept.append(path)
    return kept[1:]
