"""Whose caps bind a fax: its account's, its faxbox's, and those of each reverse-path in that faxbox.

In:    account, faxbox, reverse-path.
Out:   Bounds, only where there is a cap.
Fails: never.
"""

from __future__ import annotations

from .account import Account, Faxbox
from .address import ReversePath
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
