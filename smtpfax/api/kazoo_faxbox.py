"""Faxboxes as Kazoo's API tells and takes them, with our own keys beside.

In:    the keys that were set of a faxbox; what a client says of one.
Out:   a faxbox as it is told; its keys as they are to be.
Fails: Refusal 400, when Kazoo's name and ours for the same thing say different things.

Rule: Kazoo has names of its own for some of our keys. What a client sends as it was told changes nothing, under either
name, so that a client that knows Kazoo's names alone keeps ours. POST replaces what Kazoo's names and ours name; what
is the administrator's and our own keys are kept where they are not named. PATCH changes what it names.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any

from pydantic import Field, ValidationError

from smtpfax.model.account import Account
from smtpfax.model.number import NotANumber, read_number

from .apply import merged
from .envelope import invalid
from .faxbox_changes import Data
from .faxbox_shape import FaxboxKeys, FaxboxShape
from .shapes import faults_of, named
from .values import INHERIT, Id, Line, MaybeDomain, Owner, ZoneOrInherit

# Kazoo's names for keys of ours.
OURS: Mapping[str, str] = MappingProxyType(
    {
        "caller_id": "number",
        "fax_identity": "number",
        "fax_header": "header",
        "fax_timezone": "timezone",
        "retries": "tries",
        "custom_smtp_email_address": "fax_domains",
        "owner_id": "owner",
    }
)
# Keys that Kazoo's clients write whole: what a POST does not name is reset.
_RESET = frozenset({"tries", "timezone", "owner", "smtp_permission_list", "notifications", "flags", "media"})


class FaxboxAsked(FaxboxKeys):
    """What a client may say of a faxbox: our keys, and Kazoo's names for some of them."""

    id: Id | None = None
    caller_id: Annotated[Line, Field(description="As `number`; without + it is read as a number of the region.")] = ""
    fax_identity: Annotated[Line, Field(description="As `caller_id`.")] = ""
    fax_header: Annotated[Line, Field(description="As `header`.")] = ""
    fax_timezone: Annotated[ZoneOrInherit, Field(description="As `timezone`; `inherit`: the account's.")] = INHERIT
    retries: Annotated[int, Field(ge=0, le=12, description="As `tries`: calls in all; 0 is one, as in Kazoo.")] = 3
    custom_smtp_email_address: Annotated[
        MaybeDomain, Field(description="The first of `fax_domains`: a domain, whatever its name says.")
    ] = ""
    owner_id: Annotated[Owner, Field(description="As `owner`.")] = ""
    attempts: Annotated[Any, Field(description="Passed over.")] = 0
    smtp_email_address: Annotated[Any, Field(description="Passed over.")] = ""
    account_id: Annotated[Any, Field(description="Passed over.")] = ""
    log_errors: Annotated[Any, Field(description="Passed over: everything is logged.")] = True
    ui_metadata: Annotated[Any, Field(description="Passed over.")] = None
    ui_flags: Annotated[Any, Field(description="Passed over.")] = None
    read_only: Annotated[Any, Field(alias="_read_only", description="Passed over.")] = None


class FaxboxTold(FaxboxShape):
    """A faxbox with all its keys, and Kazoo's names for some of them."""

    account_id: str
    caller_id: str
    fax_identity: str
    fax_header: str
    fax_timezone: str
    retries: int
    attempts: int = 0
    custom_smtp_email_address: str
    smtp_email_address: str
    owner_id: str


class FaxboxRemoved(FaxboxTold):
    """A faxbox that is no more, as it was."""

    read_only: Annotated[dict[str, bool], Field(alias="_read_only")]


def told(data: Data, account: Account) -> dict[str, Any]:
    """A faxbox as it holds, set or not."""
    shape = FaxboxShape.model_validate({"timezone": account.timezone, **data})
    domain = shape.fax_domains[0] if shape.fax_domains else ""
    whole = FaxboxTold.model_construct(
        **dict(shape),
        account_id=account.id,
        caller_id=shape.number,
        fax_identity=shape.number,
        fax_header=shape.header,
        fax_timezone=shape.timezone,
        retries=shape.tries,
        custom_smtp_email_address=domain,
        smtp_email_address=domain,
        owner_id=shape.owner,
    )
    return whole.model_dump(mode="json") | {"permissions": named(shape).get("permissions", [])}


def read_asked(body: Data) -> FaxboxAsked:
    """What the client says, each value by itself."""
    try:
        return FaxboxAsked.model_validate(body)
    except ValidationError as error:
        raise invalid(faults_of(error)) from None


def replaced(before: Data, asked: FaxboxAsked, account: Account) -> dict[str, Any]:
    """PUT and POST: the keys as they are to be."""
    said = _said(before, asked, account)
    names = asked.model_fields_set
    named_so = names | {OURS[name] for name in names & OURS.keys()}
    kept = {key: value for key, value in before.items() if key in named_so or key not in _RESET}
    return _without_nothing({**kept, **said})


def patched(before: Data, asked: FaxboxAsked, account: Account) -> dict[str, Any]:
    """PATCH: the keys as they are to be; tables key by key."""
    return _without_nothing(merged(before, _said(before, asked, account)))


def _said(before: Data, asked: FaxboxAsked, account: Account) -> dict[str, Any]:
    """What would be changed, by our keys; None takes a key away."""
    now = told({**before, "id": before.get("id", "x")}, account)
    ours = {key: value for key, value in named(asked).items() if key in FaxboxKeys.model_fields and value != now[key]}
    faults: dict[str, tuple[str, str]] = {}
    for name in sorted(asked.model_fields_set & OURS.keys()):
        value, key = _ours(name, getattr(asked, name), before, account), OURS[name]
        if value == _ours(name, now[name], before, account):
            continue
        if ours.setdefault(key, value) != value:
            faults[name] = ("conflict", f"says something else than another name of {key} does")
    if faults:
        raise invalid(faults)
    return ours


def _ours(name: str, value: Any, before: Data, account: Account) -> Any:
    """One of Kazoo's values as a value of our key."""
    if name in ("caller_id", "fax_identity"):
        return _number(name, value, account)
    if name == "fax_timezone":
        return None if value == INHERIT else value
    if name == "retries":
        return max(1, value)
    if name == "custom_smtp_email_address":
        return [*([value] if value else []), *before.get("fax_domains", ())[1:]]
    return value


def _number(name: str, text: str, account: Account) -> str:
    """By the region, for Kazoo's clients write no +."""
    try:
        found = read_number(text, region=account.region) if text else None
    except NotANumber as error:
        raise invalid({name: ("invalid", str(error))}) from None
    if found is not None and found.sub_address:
        raise invalid({name: ("invalid", "a sub-address is no part of a faxbox's number")})
    return found.e164 if found else ""


def _without_nothing(data: Data) -> dict[str, Any]:
    return {key: value for key, value in data.items() if value is not None}
