"""Who looks at the pages, and what of it all they may see.

In:    a session, the directory as it is now, and the site's administrators.
Out:   a Viewer, or None when there is no such user any more; the scopes that a list is read for.
Fails: never; pure.

Rule: what a viewer may see is found anew for every request: a user who was removed, or lost a role, sees it at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from smtpfax.api.auth import Scope as TokenScope
from smtpfax.model.account import Directory, Faxbox
from smtpfax.store import Token, Whose


class Role(IntEnum):
    """Each may what those before it may."""

    MEMBER = 1  # their own faxboxes
    ACCOUNT = 2  # their account
    ADMINISTRATOR = 3  # all accounts


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What one query of a list is bounded to; None is no bound."""

    account_id: str | None = None
    faxbox_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """Somebody who is signed in."""

    key: str  # whose drafts are whose
    name: str  # the e-mail address, or the token's name
    role: Role
    account_id: str = ""  # empty: the administrator's
    email: str = ""  # empty: signed in with a token
    writes: bool = True

    def at_least(self, role: Role) -> bool:
        """Has this role or more."""
        return self.role >= role

    def boxes(self, directory: Directory) -> tuple[Faxbox, ...]:
        """The faxboxes that the viewer may see, by name."""
        if self.role is Role.ADMINISTRATOR:
            found: Sequence[Faxbox] = tuple(directory.faxboxes.values())
        else:
            found = directory.of_account(self.account_id)
        mine = [box for box in found if self.role is not Role.MEMBER or box.owner == self.email]
        return tuple(sorted(mine, key=lambda box: (box.account_id, box.name.lower(), box.id)))

    def chosen(self, directory: Directory, choice: str) -> Faxbox | None:
        """The faxbox that a form's choice names, `account/id`, if the viewer may see it."""
        return next((box for box in self.boxes(directory) if f"{box.account_id}/{box.id}" == choice), None)

    def sees(self, account_id: str, faxbox_id: str, directory: Directory) -> bool:
        """Whether a record of this faxbox (or of none) is the viewer's to see."""
        if self.role is Role.ADMINISTRATOR:
            return True
        if account_id != self.account_id:
            return False
        if self.role is Role.ACCOUNT:
            return True
        box = directory.faxbox(account_id, faxbox_id)
        return box is not None and box.owner == self.email

    def edits(self, account_id: str) -> bool:
        """Whether the viewer may change faxboxes of this account."""
        own = self.role is Role.ACCOUNT and account_id == self.account_id
        return self.writes and (own or self.role is Role.ADMINISTRATOR)

    def whose(self, directory: Directory) -> Whose:
        """For sums."""
        if self.role is Role.ADMINISTRATOR:
            return Whose()
        if self.role is Role.ACCOUNT:
            return Whose(account_id=self.account_id)
        return Whose(account_id=self.account_id, faxbox_ids=tuple(box.id for box in self.boxes(directory)))

    def scopes(self, directory: Directory, chosen: Scope = Scope()) -> tuple[Scope, ...]:
        """The queries that together show what was chosen, and nothing that is not the viewer's."""
        if self.role is not Role.ADMINISTRATOR:
            if chosen.account_id not in (None, self.account_id):
                return ()
            chosen = Scope(account_id=self.account_id, faxbox_id=chosen.faxbox_id)
        if self.role is not Role.MEMBER:
            return (chosen,)
        mine = (box.id for box in self.boxes(directory) if chosen.faxbox_id in (None, box.id))
        return tuple(Scope(account_id=self.account_id, faxbox_id=box_id) for box_id in mine)


def viewer_of_user(email: str, directory: Directory, administrators: frozenset[str]) -> Viewer | None:
    """A user, by the address that they signed in with."""
    for account in directory.accounts.values():
        for user in account.users:
            if user.email == email:
                role = Role.ACCOUNT if user.administrator else Role.MEMBER
                role = Role.ADMINISTRATOR if email in administrators else role
                return Viewer(key=email, name=email, role=role, account_id=account.id, email=email)
    return None


def viewer_of_token(token: Token, directory: Directory) -> Viewer | None:
    """The holder of a token; one without the scope `read` sees nothing."""
    gone = token.account_id and token.account_id not in directory.accounts
    if gone or TokenScope.READ not in token.scopes:
        return None
    return Viewer(
        key=f"token {token.id}",
        name=token.name or f"token {token.id}",
        role=Role.ACCOUNT if token.account_id else Role.ADMINISTRATOR,
        account_id=token.account_id,
        writes=TokenScope.WRITE in token.scopes,
    )
