"""What can go wrong with a request, told by the one thing that matters to a fax: may it have left?

In:    a method, a host and a reason.
Out:   exceptions whose text has no path, no query and no header: those may be secrets.
Fails: never.
"""

from __future__ import annotations

from smtpfax.model.errors import SmtpfaxError


class EgressError(SmtpfaxError):
    """No answer; the text is for the log."""


class NotSent(EgressError):
    """Nothing of the request can have left: a name not found, a connection refused, a certificate, the guard."""


class Barred(NotSent):
    """The guard: an address that may not be asked; `why` may be told to who named it."""

    def __init__(self, text: str, *, why: str) -> None:
        super().__init__(text)
        self.why = why


class NoAnswer(EgressError):
    """The request may have left, and no whole answer came: dropped, too late, too long, or not HTTP."""


class TooLong(NoAnswer):
    """The answer is larger than was wanted."""
