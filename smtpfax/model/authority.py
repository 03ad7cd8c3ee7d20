"""Whether a signed-in user may use a reverse-path.

In:    the user's e-mail address, a reverse-path, and the account whose faxbox is asked for.
Out:   yes or no.
Fails: never; pure.

Rule: signing in proves something only to the user's own account, and only for the reverse-paths that are the user's.
"""

from __future__ import annotations

from .account import Account
from .address import ReversePath, folded


def auth_holds(user_email: str, path: ReversePath, account: Account) -> bool:
    """Whether the proof `auth` is at hand for this account."""
    if not user_email or path.null:
        return False
    mine = (user for user in account.users if user.email == folded(user_email))
    return any(path.key in user.reverse_paths for user in mine)
