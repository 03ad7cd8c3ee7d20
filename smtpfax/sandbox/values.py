"""What a sandbox is asked and what it answers.

In:    settings and tasks.
Out:   SandboxLimits, Answer: plain records.
Fails: never.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Json = Any  # what json.loads gives
Bubblewrap = Literal["auto", "always", "never"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxLimits:
    """What one worker may use."""

    workers: int = 0  # 0: one for each CPU
    memory_bytes: int = 1 << 30
    cpu_seconds: int = 60  # a task
    wall_seconds: float = 60.0  # a task
    recycle_after: int = 200  # tasks
    bubblewrap: Bubblewrap = "auto"
    answer_bytes: int = 256 << 20

    @property
    def count(self) -> int:
        """How many workers there are."""
        return self.workers or len(os.sched_getaffinity(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a task gave back."""

    data: Mapping[str, Json]
    blobs: list[bytes] = field(default_factory=list)
    seconds: float = 0.0  # how long it took, not counting the wait for a worker
