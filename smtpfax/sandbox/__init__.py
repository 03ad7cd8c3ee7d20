"""Worker processes that may be killed: bounded memory, CPU, time, no network.

In:    a task ("package.module:function" below smtpfax), a JSON request and blobs.
Out:   Answer: JSON data and blobs.
Fails: Temporary CONVERTER_DIED when a task crashes or runs over a limit; the Fault that the task itself raised;
       ConfigError at start when bubblewrap is demanded and does not work.

Guarantee: a crash or a hang costs that one task; its neighbours go on, and the next worker starts at once.

Rule: a worker imports modules of this room as well, but none of those that manage it: they would be a quarter of what
it has in memory.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from .values import Answer, SandboxLimits

if TYPE_CHECKING:
    from .pool import Sandbox

__all__ = ["Answer", "Sandbox", "SandboxLimits"]


def __getattr__(name: str) -> object:
    """`Sandbox`, for whoever asks for it (PEP 562)."""
    if name != "Sandbox":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return import_module(f"{__name__}.pool").Sandbox
