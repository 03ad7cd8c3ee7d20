"""Which faxbox a received fax is for.

In:    the directory, the number that was called, and the backend that received it.
Out:   a Faxbox, or None: nobody here.
Fails: never; pure.

Rule: the number decides. Where no faxbox has it, the backend's own setting does; without one, the faxbox that uses
the backend, if there is one alone: two would be a guess, and a fax may be read by nobody but whom it is for.
"""

from __future__ import annotations

from smtpfax.model.account import Directory, Faxbox
from smtpfax.model.number import FaxNumber, NotANumber, read_number


def faxbox_for(directory: Directory, *, to: str, backend: str, home: str) -> Faxbox | None:
    """`to` as the backend wrote it; `home` is `<account>/<faxbox>` or empty."""
    by_number = directory.of_number(_e164(to, directory)) if to else None
    if by_number is not None:
        return by_number
    if home:
        account_id, _, faxbox_id = home.partition("/")
        return directory.faxbox(account_id, faxbox_id)
    users = [box for box in directory.faxboxes.values() if backend in box.backends]
    return users[0] if len(users) == 1 else None


def _e164(to: str, directory: Directory) -> str:
    """A number without its plus is read as one that has its country code; else by the region of the only account."""
    text = "".join(char for char in to if char in "+0123456789")
    for form in (text, f"+{text}"):
        try:
            if directory.of_number(FaxNumber(e164=form).e164):
                return form
        except NotANumber:
            continue
    regions = {account.region for account in directory.accounts.values()}
    try:
        return read_number(text, region=regions.pop()).e164 if len(regions) == 1 else ""
    except NotANumber:
        return ""
