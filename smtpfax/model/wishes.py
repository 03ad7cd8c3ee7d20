"""What an envelope asks for beside its paths: which notices, of what form (RFC 3461, RFC 2852).

In:    ESMTP parameters, read strictly where they came in.
Out:   Wishes, kept with the job; a job of which nothing was asked has none.
Fails: never.

Rule: NOTIFY rules what the reverse-path is told, and nobody else: a faxbox's own addresses are told what the faxbox
says. Equal recipients of one mail share a job, and so their wishes: what any of them wants to hear is told, once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum


class Notify(StrEnum):
    """What a sender wants to hear of (RFC 3461 section 4.1)."""

    SUCCESS = "success"
    FAILURE = "failure"
    DELAY = "delay"


class Returned(StrEnum):
    """How much of the mail a failure notice brings back (RFC 3461 section 4.3)."""

    FULL = "full"
    HDRS = "hdrs"


HABIT = frozenset(Notify)  # what a sender who says nothing is told of
NEVER: frozenset[Notify] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """`notify` None: nothing was said; empty: NEVER. `original` is ORCPT, decoded: `rfc822;ann@acme.example`."""

    notify: frozenset[Notify] | None = None
    original: str = ""
    envelope_id: str = ""
    returned: Returned | None = None
    trace: bool = False  # RFC 2852 section 4: told of a hand-over as well, unless NEVER

    def joined(self, other: Wishes) -> Wishes:
        """Those of two equal recipients of one mail; the first ORCPT stays."""
        said = {self.notify, other.notify}
        if len(said) == 1:
            notify = self.notify
        else:
            notify = (HABIT if self.notify is None else self.notify) | (HABIT if other.notify is None else other.notify)
        return replace(self, notify=notify, original=self.original or other.original)


NO_WISHES = Wishes()
