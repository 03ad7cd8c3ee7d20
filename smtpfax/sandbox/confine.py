"""How a worker locks itself in, before it reads anything of a mail.

In:    what our side tells it in the first frame.
Out:   limits of the kernel on this process, and the words of what holds.
Fails: never; what the kernel does not permit is left, and not among the words.

Rule: this is the second line. The first is bubblewrap; where it is at work, network and files are out of reach already.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import re
import resource
import signal
from collections.abc import Sequence
from pathlib import Path

_NEWNET, _NEWUSER = 0x40000000, 0x10000000  # linux/sched.h
_PDEATHSIG, _NO_NEW_PRIVS, _SET_MDWE = 1, 38, 65  # linux/prctl.h
_REFUSE_EXEC_GAIN = 1
_DONTNEED = 4  # linux/mman.h
_NOBODY = 65534
_FILES = 256
# A mapping of a file, private, not to be written, without a page that is ours alone, here or swapped out (proc(5)).
_AS_IN_THE_FILE = re.compile(
    r"^([0-9a-f]+)-([0-9a-f]+) r-[x-]p .* /.*\n"
    r"(?:[A-Z].*\n)*?Anonymous: +0 kB\n"
    r"(?:[A-Z].*\n)*?Swap: +0 kB$",
    re.MULTILINE,
)


def limit(memory: int, files: int) -> None:
    """Memory, the size of a file, open files; and no core dump, for it would hold somebody's fax."""
    for what, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, files),
        (resource.RLIMIT_NOFILE, _FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(what)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (most, most))


def limit_cpu(seconds: int) -> None:
    """So many seconds from now on: the kernel counts a process's whole life, a task has its own."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    soft = int(used.ru_utime + used.ru_stime) + 1 + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))


def give_back_memory() -> None:
    """What is free already goes back to the kernel, where the C library knows how."""
    with contextlib.suppress(AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def forget_code(*, above: int = 0) -> None:
    """What was read of files to begin with is not needed in memory; the kernel reads again what is.

    To go through it takes milliseconds: nothing is done where it is no more than `above` octets.
    """
    with contextlib.suppress(OSError):
        if int(Path("/proc/self/statm").read_text().split()[2]) * resource.getpagesize() <= above:
            return
        libc = ctypes.CDLL(None, use_errno=True)
        for first, octets in as_in_their_files(Path("/proc/self/smaps").read_text()):
            libc.madvise(ctypes.c_void_p(first), ctypes.c_size_t(octets), _DONTNEED)


def as_in_their_files(smaps: str) -> list[tuple[int, int]]:
    """Address and octets of each mapping that can be read from its file again: code, constants, fonts.

    What was changed before it was locked against writing (the addresses in a library, say) stands in no file.
    """
    sides = (match.groups() for match in _AS_IN_THE_FILE.finditer(smaps))
    return [(int(first, 16), int(end, 16) - int(first, 16)) for first, end in sides]


def make_no_code() -> None:
    """From now on nothing that was written becomes code (Linux 6.3; an older kernel does not know how)."""
    ctypes.CDLL(None, use_errno=True).prctl(_SET_MDWE, _REFUSE_EXEC_GAIN, 0, 0, 0)


def die_with(parent: int) -> None:
    """SIGKILL when our side dies; it may have died already. No more rights by any exec from here on."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    libc.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def leave_network() -> bool:
    """A network namespace of our own, in which there is nothing; in containers the kernel may say no."""
    libc = ctypes.CDLL(None, use_errno=True)
    own = _NEWNET if os.geteuid() == 0 else _NEWNET | _NEWUSER
    return bool(libc.unshare(own) == 0)


def become_nobody(tmp: Path, needed: Sequence[Path]) -> bool:
    """From root to nobody, unless nobody could not read the program any more (and modules are imported late)."""
    if os.geteuid() != 0 or not all(_open_to_all(path) for path in (*needed, tmp.parent)):
        return False
    with contextlib.suppress(OSError):
        os.chown(tmp, _NOBODY, _NOBODY)
        os.setgroups([])
        os.setgid(_NOBODY)
        os.setuid(_NOBODY)
    return os.geteuid() != 0


def _open_to_all(path: Path) -> bool:
    real = path.resolve()
    return all(folder.stat().st_mode & 0o001 for folder in (real, *real.parents))
