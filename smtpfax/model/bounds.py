"""What binds a fax: the caps of its account, its faxbox and each reverse-path there; what its fax services take.

In:    account, faxbox, reverse-path; the size of a mail.
Out:   Bounds, only where there is a cap; whether a mail is too large.
Fails: never.
"""

from __future__ import annotations

from collections.abc import Mapping

from .account import Account, Faxbox
from .address import ReversePath
from .backend import Limits
from .caps import NO_CAPS, Bound, scopes_of


def bounds_of(account: Account, faxbox: Faxbox, path: ReversePath) -> tuple[Bound, ...]:
    """What over_cap asks for."""
    if account.caps == faxbox.caps == faxbox.caps_each == NO_CAPS:
        return ()
    account_scope, faxbox_scope, path_scope = scopes_of(account.id, faxbox.id, path.key)
    each = (
        Bound(scope=account_scope, whose="your account", caps=account.caps),
        Bound(scope=faxbox_scope, whose="this faxbox", caps=faxbox.caps),
        Bound(scope=path_scope, whose="your address", caps=faxbox.caps_each),
    )
    return tuple(bound for bound in each if bound.caps != NO_CAPS)


def too_large(faxbox: Faxbox, octets: int, limits: Mapping[str, Limits]) -> bool:
    """Whether no backend of the faxbox takes a mail of so many octets."""
    bounds = [limits[name].mail_octets for name in faxbox.backends if name in limits]
    return bool(bounds) and all(bound and octets > bound for bound in bounds)
