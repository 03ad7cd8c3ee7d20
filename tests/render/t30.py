"""A fax call in memory: two T.30 terminals of libspandsp, joined by their sound.

In:    a TIFF-F file, and what the far terminal can do.
Out:   the file that the far terminal has written, and how both ends say that it went.
Fails: AssertionError, when the call does not end.
"""

from __future__ import annotations

import ctypes
from ctypes.util import find_library
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from smtpfax.model.document import Coding

OK = 0  # T30_ERR_OK
_CHUNK = 160  # samples: 20 ms
_LONGEST = 50 * 600  # chunks: ten minutes
_STANDARD_TO_SUPERFINE = 0x01 | 0x02 | 0x04
_V27TER_V29_V17 = 0x01 | 0x02 | 0x04
_PAPERS = 0x01 | 0x20000 | 0x80000 | 0x100000  # 215 mm; A4, Letter, Legal
_COMPRESSIONS = {Coding.GROUP_3: 0x02, Coding.GROUP_3_2D: 0x02 | 0x04, Coding.GROUP_4: 0x02 | 0x04 | 0x08}
_Ended = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int)
_Sound = ctypes.c_int16 * _CHUNK


@dataclass(frozen=True, slots=True)
class Called:
    """How a call went; `seconds` are those of the line."""

    sender: int
    receiver: int
    seconds: float


@cache
def library() -> ctypes.CDLL | None:
    """libspandsp, where it is installed."""
    name = find_library("spandsp")
    if name is None:
        return None
    found = ctypes.CDLL(name)
    found.fax_init.restype = found.fax_get_t30_state.restype = ctypes.c_void_p
    return found


def call(sent: Path, received: Path, *, line: Coding, ecm: bool) -> Called:
    """One call; `line` is the best coding that the far terminal can read."""
    spandsp = library()
    assert spandsp is not None
    ends: dict[int, int] = {}
    # A callback must outlive the call, or the library calls into nothing.
    told = [_Ended(lambda _state, _data, code, which=which: ends.setdefault(which, code)) for which in (0, 1)]
    faxes = [ctypes.c_void_p(spandsp.fax_init(None, caller)) for caller in (1, 0)]
    for fax, handler in zip(faxes, told, strict=True):
        t30 = ctypes.c_void_p(spandsp.fax_get_t30_state(fax))
        spandsp.t30_set_phase_e_handler(t30, handler, None)
        spandsp.t30_set_supported_modems(t30, _V27TER_V29_V17)
        spandsp.t30_set_supported_resolutions(t30, _STANDARD_TO_SUPERFINE)
        spandsp.t30_set_supported_image_sizes(t30, _PAPERS)
        spandsp.t30_set_supported_compressions(t30, _COMPRESSIONS[line])
        spandsp.t30_set_ecm_capability(t30, int(ecm))
        spandsp.fax_set_transmit_on_idle(fax, 1)
        if fax is faxes[0]:
            spandsp.t30_set_tx_file(t30, str(sent).encode(), -1, -1)
        else:
            spandsp.t30_set_rx_file(t30, str(received).encode(), -1)
    sound, chunks = _Sound(), 0
    while len(ends) < 2:
        assert chunks < _LONGEST, "the call does not end"
        for talks, hears in (faxes, reversed(faxes)):
            spandsp.fax_tx(talks, sound, _CHUNK)
            spandsp.fax_rx(hears, sound, _CHUNK)
        chunks += 1
    for fax in faxes:
        spandsp.fax_free(fax)
    return Called(sender=ends[0], receiver=ends[1], seconds=chunks / 50)
