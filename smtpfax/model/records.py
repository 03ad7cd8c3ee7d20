"""Accounts and faxboxes as stored JSON becomes the model's records, with the defaults filled in.

In:    dicts with the keys of the `apply` file (README), already checked for shape at the edge.
Out:   Account, User and Faxbox.
Fails: KeyError and ValueError only for what the edge would not have let in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .account import (
    Account,
    Body,
    CoverLook,
    CoverWhen,
    Faxbox,
    InboundMail,
    Logos,
    Permission,
    Proof,
    Quotes,
    Reading,
    User,
)
from .address import domain_name, folded
from .caps import Caps
from .dialling import Dialling, NumberType
from .document import Paper, Resolution
from .expression import Expression
from .webhook import Webhook

Record = Mapping[str, Any]


def account_from(data: Record, users: Sequence[Record] = ()) -> Account:
    """An account with its users."""
    values: dict[str, Any] = {key: data[key] for key in ("id", "name", "region", "timezone") if key in data}
    if "proof" in data:
        values["proofs"] = _proofs(data["proof"])
    return Account(
        **values,
        fax_domains=_domains(data),
        users=tuple(user_from(user) for user in users),
        dial=_dialling(data),
        caps=_caps(data.get("caps", {})),
    )


def user_from(data: Record) -> User:
    """A user; the reverse-paths default to the e-mail address alone."""
    paths = data.get("reverse_paths") or [data["email"]]
    return User(
        email=folded(data["email"]),
        reverse_paths=frozenset(folded(path) for path in paths),
        administrator=data.get("role") == "administrator",
    )


_PLAIN = (
    "id",
    "name",
    "number",
    "header",
    "tries",
    "caller_name",
    "return_content",
    "retention_days",
    "first_time_guard",
    "cover_note",
    "service_cover",
    "service_cover_text",
)
_ENUMS = {
    "paper": Paper,
    "resolution": Resolution,
    "body": Body,
    "logos": Logos,
    "quotes": Quotes,
    "cover": CoverWhen,
    "cover_look": CoverLook,
    "legibility": Reading,
    "inbound_mail": InboundMail,
}


def faxbox_from(data: Record, account: Account) -> Faxbox:
    """A faxbox; time zone and proofs default to its account's."""
    values: dict[str, Any] = {key: data[key] for key in _PLAIN if key in data}
    values |= {key: kind(data[key]) for key, kind in _ENUMS.items() if key in data}
    return Faxbox(
        account_id=account.id,
        owner=folded(data.get("owner", "")),
        fax_domains=_domains(data),
        backends=_one_or_many(data.get("backend", ())),
        timezone=data.get("timezone", account.timezone),
        permissions=(
            *(_permission(entry, account) for entry in data.get("permissions", ())),
            *(_kazoos(entry, account) for entry in data.get("smtp_permission_list", ())),
        ),
        dial=_dialling(data),
        caps=_caps(data.get("caps", {})),
        caps_each=_caps(data.get("caps", {}).get("each_reverse_path", {})),
        notify=_send_to(data, "outbound"),
        notify_inbound=_send_to(data, "inbound"),
        webhook=webhook_from(data),
        **values,
    )


def webhook_from(data: Record) -> Webhook | None:
    """Whom a faxbox's faxes call when they have ended."""
    said = data.get("notifications", {}).get("outbound", {}).get("callback", {})
    return Webhook(**said) if said.get("url") else None


def _permission(entry: Record, account: Account) -> Permission:
    proofs = _proofs(entry["proof"]) if "proof" in entry else account.proofs
    return Permission(pattern=entry["reverse_path"], proofs=proofs)


def _kazoos(entry: str, account: Account) -> Permission:
    """An entry of Kazoo's, which knows no proofs."""
    return Permission(pattern=Expression(entry), proofs=account.proofs)


def _proofs(words: Sequence[str]) -> frozenset[Proof]:
    return frozenset(Proof(word) for word in words)


def _dialling(data: Record) -> Dialling:
    said = data.get("dial", {})
    values: dict[str, Any] = {key: tuple(said[key]) for key in ("allow_prefixes", "deny_prefixes") if key in said}
    if "allow_regions" in said:
        values["allow_regions"] = frozenset(said["allow_regions"])
    if "allow_types" in said:
        values["allow_types"] = frozenset(map(NumberType, said["allow_types"]))
    return Dialling(**values)


def _caps(said: Record) -> Caps:
    return Caps(**{key: value for key, value in said.items() if key != "each_reverse_path"})


def _domains(data: Record) -> tuple[str, ...]:
    return tuple(domain_name(domain) for domain in data.get("fax_domains", ()))


def _one_or_many(value: str | Sequence[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _send_to(data: Record, direction: str) -> tuple[str, ...]:
    email = data.get("notifications", {}).get(direction, {}).get("email", {})
    return _one_or_many(email.get("send_to", ()))
