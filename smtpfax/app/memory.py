"""Memory that is given back, instead of kept in pieces.

In:    the C library of this process, before its threads are begun.
Out:   True, when it was told; False elsewhere than on glibc.
Fails: never.

Rule: contents come and go in a dozen threads. By itself glibc makes heaps for each thread and keeps ever larger blocks
in them (mallopt(3), the dynamic mmap threshold), so that a daemon that holds 100 MB fills 240 within ten minutes.
"""

from __future__ import annotations

import ctypes

MOST_HEAPS = 2  # one for the event loop, one for the threads beside it
LARGE = 512 * 1024  # octets from which on a block is a mapping of its own, and gone when it is given back
TRIM = 16 * 1024 * 1024  # octets at a heap's end that are given back; less, and each large mail has them zeroed anew

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8  # malloc.h


def keep_small() -> bool:
    """For the whole life of the process."""
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except AttributeError:  # musl has none, and none of these habits
        return False
    wanted = {_M_ARENA_MAX: MOST_HEAPS, _M_MMAP_THRESHOLD: LARGE, _M_TRIM_THRESHOLD: TRIM}
    return all(mallopt(option, value) == 1 for option, value in wanted.items())
