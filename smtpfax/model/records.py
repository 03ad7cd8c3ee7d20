"""Accounts and faxboxes as stored JSON becomes the model's records, with the defaults filled in.

In:    dicts with the keys of the `apply` file (README), already checked for shape at the edge.
Out:   Account, User and Faxbox.
Fails: KeyError and ValueError only for what the edge would not have let in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .account import Account, Body, Faxbox, Logos, Permission, Proof, User
from .address import domain_name
from .document import Paper, Resolution

Record = Mapping[str, Any]


def account_from(data: Record, users: Sequence[Record] = ()) -> Account:
    """An account with its users."""
    values: dict[str, Any] = {key: data[key] for key in ("id", "name", "region", "timezone") if key in data}
    if "proof" in data:
        values["proofs"] = _proofs(data["proof"])
    domains = _domains(data)
    return Account(**values, fax_domains=domains, users=tuple(user_from(user) for user in users))


def user_from(data: Record) -> User:
    """A user; the reverse-paths default to the e-mail address alone."""
    paths = data.get("reverse_paths") or [data["email"]]
    return User(
        email=data["email"].lower(),
        reverse_paths=frozenset(path.lower() for path in paths),
        administrator=data.get("role") == "administrator",
    )


_PLAIN = ("id", "name", "number", "header", "tries", "caller_name", "return_content", "retention_days")
_ENUMS = {"paper": Paper, "resolution": Resolution, "body": Body, "logos": Logos}


def faxbox_from(data: Record, account: Account) -> Faxbox:
    """A faxbox; time zone and proofs default to its account's."""
    values: dict[str, Any] = {key: data[key] for key in _PLAIN if key in data}
    values |= {key: kind(data[key]) for key, kind in _ENUMS.items() if key in data}
    return Faxbox(
        account_id=account.id,
        owner=data.get("owner", "").lower(),
        fax_domains=_domains(data),
        backends=_one_or_many(data.get("backend", ())),
        timezone=data.get("timezone", account.timezone),
        permissions=tuple(_permission(entry, account) for entry in data.get("permissions", ())),
        notify=_send_to(data),
        **values,
    )


def _permission(entry: Record, account: Account) -> Permission:
    proofs = _proofs(entry["proof"]) if "proof" in entry else account.proofs
    return Permission(pattern=entry["reverse_path"], proofs=proofs)


def _proofs(words: Sequence[str]) -> frozenset[Proof]:
    return frozenset(Proof(word) for word in words)


def _domains(data: Record) -> tuple[str, ...]:
    return tuple(domain_name(domain) for domain in data.get("fax_domains", ()))


def _one_or_many(value: str | Sequence[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _send_to(data: Record) -> tuple[str, ...]:
    email = data.get("notifications", {}).get("outbound", {}).get("email", {})
    return _one_or_many(email.get("send_to", ()))
