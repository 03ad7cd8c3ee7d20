"""What a worker's machine can do, and what can be done in a worker that has one."""

from __future__ import annotations

import platform
import subprocess
import sys

import numpy as np
import pytest
import wasmtime

from smtpfax.render.loops.machine import GREY, MOST_ROWS, Machine, machine

_WORKER = """
import mmap
from smtpfax.render.loops.coder import encoded
from smtpfax.render.loops.machine import begin, machine
import numpy as np
begin()
print(encoded(np.zeros((1, 216), np.uint8), machine()).hex())
mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
"""


def here() -> Machine:
    by = machine()
    assert by is not None
    return by


def test_a_worker_makes_its_code_and_then_no_more() -> None:
    done = subprocess.run([sys.executable, "-c", _WORKER], capture_output=True, text=True, check=False)
    assert done.stdout == "80080080\n"
    kernel = tuple(int(part) for part in platform.release().split("-")[0].split(".")[:2])
    assert ("PermissionError" in done.stderr) == (kernel >= (6, 3))


def test_a_page_is_lent_to_one_at_a_time() -> None:
    by = Machine()
    page = by.lend(100)
    assert page is not None
    part = page[10:20, 30:40]
    del page
    assert by.lend(100) is None  # somebody holds a part of it
    del part
    assert by.lend(100) is not None


def test_a_page_is_found_where_it_was_drawn_and_any_other_is_copied() -> None:
    by = Machine()
    page = by.lend(64)
    assert page is not None
    page[:] = 7
    assert by.place_of(page) == GREY
    other = np.full((64, 1728), 9, np.uint8)
    at = by.place_of(other)
    assert (by.memory[at : at + other.size] == 9).all()
    assert (page == 7).all()
    turned = page[::-1]
    assert by.place_of(turned) == at


def test_what_is_longer_than_any_page_is_not_lent() -> None:
    assert Machine().lend(MOST_ROWS + 1) is None


def test_a_loop_that_leaves_its_memory_is_stopped() -> None:
    by = here()
    with pytest.raises(wasmtime.Trap):
        by.run("encode", 0, 1 << 30, 216, 64, 1 << 14, 1 << 16)
