"""What a worker forgets to take less memory, and what it must not forget."""

import ctypes
import mmap
import os
import subprocess
import sys
from pathlib import Path

import pytest

from smtpfax.sandbox.confine import as_in_their_files, forget_code

PAGE = mmap.PAGESIZE
OCTETS = 64 * PAGE
CODE = "7f0000001000-7f0000003000 r-xp 00001000 08:01 42                         /usr/lib/libc.so.6"


def mapping(first: str = CODE, *, ours: int = 0, swapped: int = 0) -> str:
    fields = {"Size": 8, "Rss": 8, "Anonymous": ours, "KSM": 0, "Swap": swapped, "SwapPss": swapped}
    numbers = "".join(f"{name + ':':16}{number:8} kB\n" for name, number in fields.items())
    return f"{first}\n{numbers}VmFlags: rd ex mr mw me \n"


def mapped(path: Path, *, changed: bool) -> int:
    """Where a file is mapped privately, read whole and then locked against writing, as a loader does."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.mmap.restype = ctypes.c_void_p
    with path.open("rb") as file:
        rights = mmap.PROT_READ | mmap.PROT_WRITE
        at = libc.mmap(None, ctypes.c_size_t(OCTETS), rights, mmap.MAP_PRIVATE, file.fileno(), ctypes.c_long(0))
    if changed:
        ctypes.memmove(at + PAGE, b"changed", 7)
    assert ctypes.string_at(at, OCTETS).startswith(b"x" * PAGE)
    assert libc.mprotect(ctypes.c_void_p(at), ctypes.c_size_t(OCTETS), mmap.PROT_READ) == 0
    return int(at)


def resident(at: int) -> int:
    """Octets of a mapping that are in memory."""
    lines = Path("/proc/self/smaps").read_text().partition(f"\n{at:x}-")[2].splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith("Rss:"))


def unmap(at: int) -> None:
    ctypes.CDLL(None).munmap(ctypes.c_void_p(at), ctypes.c_size_t(OCTETS))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "library"
    path.write_bytes(b"x" * OCTETS)
    return path


@pytest.mark.parametrize(
    ("told", "forgotten"),
    [
        (mapping(), True),
        (mapping(CODE.replace("r-xp", "r--p")), True),
        (mapping(CODE.replace("r-xp", "rw-p")), False),
        (mapping(CODE.replace("r-xp", "r--s")), False),
        (mapping(CODE.partition("/")[0].rstrip()), False),
        (mapping(CODE.partition("/")[0] + "[vdso]"), False),
        (mapping(ours=4), False),
        (mapping(swapped=4), False),
        (mapping(ours=4, swapped=4), False),
    ],
)
def test_only_what_stands_in_a_file_as_it_is_is_forgotten(told: str, forgotten: bool) -> None:
    other = mapping(CODE.replace("7f", "7e"))
    ours, others = (0x7F0000001000, 0x2000), (0x7E0000001000, 0x2000)
    assert as_in_their_files(told + other) == [ours] * forgotten + [others]
    assert as_in_their_files(other + told) == [others] + [ours] * forgotten


def test_what_was_read_leaves_the_memory_and_is_read_again(file: Path) -> None:
    at = mapped(file, changed=False)
    before = resident(at)
    forget_code()
    after = resident(at)
    assert (before, after) == (OCTETS, 0)
    assert ctypes.string_at(at, OCTETS) == b"x" * OCTETS
    unmap(at)


def test_what_was_changed_is_kept(file: Path) -> None:
    at = mapped(file, changed=True)
    forget_code()
    assert resident(at) == OCTETS
    assert ctypes.string_at(at + PAGE, 8) == b"changedx"
    unmap(at)


def test_little_is_not_worth_the_time(file: Path) -> None:
    at = mapped(file, changed=False)
    forget_code(above=1 << 40)
    assert resident(at) == OCTETS
    unmap(at)


def test_who_could_not_reach_their_folder_stays_who_they_are(tmp_path: Path) -> None:
    """Else each task would fail: a folder for temporary files may stand in one that is closed to others."""
    tmp_path.chmod(0o700)
    tried = "from pathlib import Path; from smtpfax.sandbox.confine import become_nobody as become; import os; "
    tried += f"print(become(Path({str(tmp_path / 'tmp')!r}), []), os.geteuid())"
    said = subprocess.run([sys.executable, "-c", tried], check=True, capture_output=True, text=True)
    assert said.stdout.split() == ["False", str(os.geteuid())]
