"""The machine: what stands in the .wat files here, as code of this processor.

In:    WebAssembly as text.
Out:   Machine: its memory, which numpy sees as well, and its loops by their names; None where no code can be made.
Fails: wasmtime.Trap, when a loop leaves its memory: a fault of ours.

Rule: a loop sees the memory and nothing else, and its memory never grows. What it is asked stands at the addresses
below; between two calls nothing is kept there but the tables.
"""

from __future__ import annotations

import atexit
import ctypes
import functools
import importlib.resources
import logging
import weakref
from collections.abc import Callable

import numpy as np
import wasmtime
from numpy.typing import NDArray

from smtpfax.model.document import WIDTH
from smtpfax.sandbox.confine import forget_code, make_no_code

MOST_ROWS = 5504  # of a page; legal paper at the finest resolution has 5486
OCTETS = WIDTH // 8
TABLES = 1 << 6  # before them: what a loop is asked
GREY = 1 << 16  # the page, an octet a pel, as it is drawn
COPY = GREY + MOST_ROWS * WIDTH  # one that was drawn elsewhere
BITS = COPY + MOST_ROWS * WIDTH
ROOM = BITS + MOST_ROWS * OCTETS  # for whatever else a loop needs
ROOM_OCTETS = 10 << 20
Grey = NDArray[np.uint8]
_PAGE = 1 << 16  # of WebAssembly's memory
_PAGES = -(-(ROOM + ROOM_OCTETS) // _PAGE)
_FILES = ("coder.wat", "cut.wat", "resize.wat", "parts.wat", "flat.wat", "tones.wat", "screen.wat")
_LOOPS = {  # and how many numbers they are asked
    "encode": 6,
    "cut": 10,
    "resize": 9,
    "parts": 4,
    "flat": 9,
    "levels": 9,
    "solids": 10,
    "tones": 11,
    "screen": 8,
}

log = logging.getLogger(__name__)


class Machine:
    """For one thread."""

    def __init__(self) -> None:
        self._engine = wasmtime.Engine(_config())
        self._store = wasmtime.Store(self._engine)
        with wasmtime.Module(self._engine, _source()) as module:
            exports = wasmtime.Instance(self._store, module, []).exports(self._store)
        atexit.register(self._close)
        memory = exports["memory"]
        if not isinstance(memory, wasmtime.Memory):
            raise TypeError("the memory is none")
        self._loops = {name: loop for name, loop in exports.items() if isinstance(loop, wasmtime.Func)}
        self.memory: NDArray[np.uint8] = np.ctypeslib.as_array(memory.get_buffer_ptr(self._store))
        self._numbers = self.memory[:TABLES].view(np.int32)
        self._lent: Callable[[], object] = lambda: None

    def _close(self) -> None:
        """While there is still a Python to do it."""
        self._store.close()
        self._engine.close()

    def run(self, loop: str, *asked: int) -> int:
        """Call a loop; what it gives. Numbers stand in the memory: to hand them over one by one takes far longer."""
        self._numbers[: len(asked)] = asked
        self._loops[loop](self._store)
        return int(self._numbers[0])

    def lend(self, rows: int) -> Grey | None:
        """A page to draw on, which `place_of` then finds where it is; None while another one is in anybody's hands."""
        if self._lent() is not None or rows > MOST_ROWS:
            return None
        page = (ctypes.c_uint8 * (rows * WIDTH)).from_address(self.memory.ctypes.data + GREY)
        self._lent = weakref.ref(page)  # all views of it hold it
        return np.ctypeslib.as_array(page).reshape(rows, WIDTH)

    def place_of(self, grey: Grey) -> int:
        """Where a page stands, or a copy of it that is made now."""
        if grey.ctypes.data == self.memory.ctypes.data + GREY and grey.flags.c_contiguous:
            return GREY
        self.put(COPY, grey)
        return COPY

    def put(self, at: int, values: NDArray[np.generic]) -> int:
        """Copy values there; where they end."""
        octets = np.ascontiguousarray(values).reshape(-1).view(np.uint8)
        self.memory[at : at + octets.size] = octets
        return at + octets.size


def begin() -> None:
    """In a worker, before its first task: from then on no code can be made in this process, not even by mistake."""
    if machine() is not None:
        forget_code()
    make_no_code()


def machine_for(rows: int) -> Machine | None:
    """The one of this process, if a page of so many rows has room in it."""
    return machine() if rows <= MOST_ROWS else None


@functools.cache
def machine() -> Machine | None:
    """The one of this process."""
    try:
        return Machine()
    except wasmtime.WasmtimeError as error:  # a kernel that lets nobody write code, or another processor
        log.warning("no WebAssembly here, so pages take longer: %s", " ".join(str(error).split()))
        return None


def _source() -> str:
    folder = importlib.resources.files(__package__)
    loops = "\n".join((folder / file).read_text(encoding="ascii") for file in _FILES)
    doors = "\n".join(_door(name, count) for name, count in _LOOPS.items())
    return f'(module (memory (export "memory") {_PAGES} {_PAGES})\n{loops}\n{doors})'


def _door(name: str, count: int) -> str:
    asked = " ".join(f"(i32.load offset={4 * index} (i32.const 0))" for index in range(count))
    return f'(func (export "{name}") (i32.store (i32.const 0) (call ${name} {asked})))'


def _config() -> wasmtime.Config:
    """As little address space as there is memory, for a worker has not much of it; no signals, no threads."""
    config = wasmtime.Config()
    config.memory_reservation = _PAGES * _PAGE
    config.memory_reservation_for_growth = 0
    config.memory_guard_size = _PAGE
    config.signals_based_traps = False
    config.parallel_compilation = False
    return config
