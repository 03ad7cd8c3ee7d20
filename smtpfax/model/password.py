"""What it costs to look at one password, said once for those who hash and those who check.

In:    nothing.
Out:   argon2id's parameters.
Fails: never.

Rule: OWASP's minimum for argon2id (19 MiB, two passes, one lane); argon2-cffi's own default takes ten times the time.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """RFC 9106 section 3.1: memory in KiB, passes, lanes."""

    memory: int
    passes: int
    lanes: int


PASSWORD_COST = Cost(memory=19 * 1024, passes=2, lanes=1)
