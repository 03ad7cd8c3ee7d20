"""Acts on files that are to survive a power cut.

In:    a file or a folder.
Out:   nothing.
Fails: OSError.
"""

from __future__ import annotations

import os
from pathlib import Path


def sync(path: Path) -> None:
    """A file's octets, or the names in a folder, survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
