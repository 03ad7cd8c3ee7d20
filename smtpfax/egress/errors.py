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


class NoAnswer(EgressError):
    """The request may have left, and no whole answer came: dropped, too late, too long, or not HTTP."""
