"""The tree of errors.

In:    what went wrong, with the sentence for people and the reason for the log.
Out:   exceptions that a stage raises low and the worker (or a door) catches once.
Fails: never.

    SmtpfaxError
     |- Temporary     4.x.x: try again later                -> Deferred, or a 4xx reply
     |   `- NotLetIn  ... once an administrator mended our credentials
     |- Permanent     5.x.x: what the sender must change    -> Failed, or a 5xx reply
     |- InDoubt       the request had left, no answer came  -> the job stays offered
     |- IllegalEvent  a bug: the event does not fit the job's state
     `- ConfigError   refuse to start, exit 78
"""

from __future__ import annotations

from datetime import timedelta

from .cause import Cause
from .status import Sentence, Status


class SmtpfaxError(Exception):
    """The root: nothing else of ours is raised."""


class Fault(SmtpfaxError):
    """Something that went wrong with a mail, a document or a call; `text` may be shown, `reason` is for the log."""

    def __init__(self, sentence: Sentence, *, cause: Cause, reason: str = "", **names: object) -> None:
        self.sentence = sentence
        self.status: Status = sentence.status
        self.text = sentence.fill(**names)
        self.part = str(names.get("part", ""))  # of the mail, where it is about one
        self.cause = cause
        self.reason = reason or self.text
        super().__init__(self.reason)


class Temporary(Fault):
    """A fault that passes: ours, the backend's or the line's. `after`: the other side said when to try again."""

    def __init__(
        self,
        sentence: Sentence,
        *,
        cause: Cause = Cause.OURS,
        reason: str = "",
        after: timedelta | None = None,
        **names: object,
    ) -> None:
        super().__init__(sentence, cause=cause, reason=reason, **names)
        self.after = after


class NotLetIn(Temporary):
    """The other side does not know our credentials: every try will fail like this one until they are mended."""


class Permanent(Fault):
    """A fault that only the sender (or an administrator) can mend."""


class InDoubt(SmtpfaxError):
    """The request had left and no answer came: a backend may have the document."""


class IllegalEvent(SmtpfaxError):
    """An event that the job's state has no row for: a bug, never an outcome."""


class ConfigError(SmtpfaxError):
    """A setting that cannot be: names the key, and what it may be."""
