"""What threads took and gave back is the kernel's again: glibc's own account of it."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

# Ten threads at a time take memory; a large block is given back, and a smaller one taken.
PROGRAM = """
import ctypes, sys, threading
if sys.argv[1] == "told":
    from smtpfax.app.memory import keep_small
    assert keep_small()
taken = threading.Barrier(11)
def work():
    block = bytearray(10_000)
    taken.wait()
threads = [threading.Thread(target=work) for _ in range(10)]
for thread in threads: thread.start()
taken.wait()
for thread in threads: thread.join()
large = bytearray(16 << 20)
del large
smaller = bytearray(2 << 20)
libc = ctypes.CDLL(None)
libc.malloc_info(0, ctypes.c_void_p.in_dll(libc, "stdout"))
libc.fflush(None)
"""


@pytest.mark.parametrize(("how", "heaps", "mapped"), [("told", 2, True), ("as it is", 11, False)])
def test_there_are_few_heaps_and_large_blocks_are_in_none_of_them(how: str, heaps: int, mapped: bool) -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM, how], capture_output=True, text=True, check=True)
    assert len(re.findall(r"<heap nr=", done.stdout)) == heaps
    [octets] = re.findall(r'<total type="mmap" count="\d+" size="(\d+)"', done.stdout)
    assert (int(octets) >= 2 << 20) == mapped


# What a daemon has no use for before a mail, a file or an old database asks for it.
LATER = {
    "PIL",
    "alembic",
    "charset_normalizer",
    "cryptography",
    "mako",
    "numpy",
    "pygments",
    "pypdfium2",
    "sqlalchemy.dialects.postgresql",
    "wasmtime",
    "weasyprint",
}


def test_a_daemon_loads_no_library_before_it_needs_it() -> None:
    program = "import sys, smtpfax.cli, smtpfax.app.daemon; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert {"sqlalchemy", "smtpfax.app.house"} <= set(done.stdout.split())
    assert LATER & set(done.stdout.split()) == set()
