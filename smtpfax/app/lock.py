"""One daemon on one store: a lock that ends with its process.

In:    the database's path.
Out:   a lock that is held while the `with` block runs.
Fails: Held, when another process has it.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from smtpfax.model.errors import ConfigError


class Held(ConfigError):
    """Another process works on this store."""


@contextmanager
def exclusive(database: Path) -> Iterator[None]:
    """Alone with this database, whatever becomes of us: the kernel lets go when the process ends."""
    path = database.with_name(f"{database.name}.lock")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as fault:
        raise Held(f"store.url: another smtpfax works on {database}") from fault
    finally:
        os.close(descriptor)
