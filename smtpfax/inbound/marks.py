"""Read and unread, on both sides.

In:    a fax's mark here, the mark that its backend was last known to have, and the one it has now.
Out:   the mark that both shall have, and who has to be told.
Fails: never; pure.

Rule: whoever changed it since both agreed wins; when both did, the backend's side wins, for a person sits there.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mark:
    """`tell`: the backend has to be told."""

    read: bool
    tell: bool = False


def agreed(*, here: bool, known: bool | None, there: bool | None) -> Mark:
    """`there` None: the backend was not asked, or keeps no marks."""
    if known is None:
        return Mark(here)
    if there is not None and there != known:
        return Mark(there)
    return Mark(here, tell=here != known)
