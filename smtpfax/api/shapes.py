"""The shape of the `apply` file: accounts, users and faxboxes, key by key.

In:    the file as parsed TOML, and the names of the backends that there are.
Out:   an ApplyFile; `named` gives a record's keys as the file names them, and no others.
Fails: Refusal 400 with a dotted path and a sentence for every fault at once.

Rule: a key that is not here does not exist; what passes here makes a record of the model without a fault.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from phonenumbers import SUPPORTED_REGIONS
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError

from smtpfax.model.account import Body, Logos, Proof
from smtpfax.model.address import BadAddress, domain_name, mailbox
from smtpfax.model.document import Paper, Resolution
from smtpfax.model.number import read_number

from .envelope import invalid

_ID = r"[a-z0-9][a-z0-9_-]{0,62}"
_LINE = re.compile(r"[^\x00-\x1f\x7f-\x9f\u2028\u2029]*")


def _domain(text: str) -> str:
    return domain_name(text)


def _address(text: str) -> str:
    return str(mailbox(text)).lower()


def _pattern(text: str) -> str:
    """An address, `*@domain`, `*@*.domain` or `*` (model.account.Permission)."""
    if text == "*":
        return text
    local, _, domain = text.rpartition("@")
    rest = domain.removeprefix("*.") if local == "*" else domain
    try:
        return _address(text) if local != "*" else f"*@{domain[: len(domain) - len(rest)]}{domain_name(rest)}"
    except BadAddress:
        raise ValueError("must be an address, *@domain, *@*.domain or *") from None


def _number(text: str) -> str:
    if not text.startswith("+"):
        raise ValueError("must be in the international form +<country><number>")
    found = read_number(text, region="US")  # its region is never asked for: there is a +
    if found.sub_address:
        raise ValueError("a sub-address is no part of a faxbox's number")
    return found.e164


def _zone(text: str) -> str:
    try:
        return ZoneInfo(text).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("must be a time zone such as America/New_York") from None


def _region(text: str) -> str:
    if text not in SUPPORTED_REGIONS:
        raise ValueError("must be a country's two letters, such as US")
    return text


def _printable(text: str) -> str:
    if not _LINE.fullmatch(text):
        raise ValueError("must be one line of printable text")
    return text


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _distinct(values: tuple[Any, ...]) -> tuple[Any, ...]:
    if len(set(values)) != len(values):
        raise ValueError("names something twice")
    return values


Id = Annotated[str, StringConstraints(pattern=f"^{_ID}$")]
Line = Annotated[str, StringConstraints(max_length=128), AfterValidator(_printable)]
Domain = Annotated[str, AfterValidator(_domain)]
Address = Annotated[str, AfterValidator(_address)]
Proofs = Annotated[tuple[Proof, ...], BeforeValidator(_listed), Field(min_length=1), AfterValidator(_distinct)]
Domains = Annotated[tuple[Domain, ...], BeforeValidator(_listed), AfterValidator(_distinct)]
Addresses = Annotated[tuple[Address, ...], BeforeValidator(_listed), AfterValidator(_distinct)]
Zone = Annotated[str, AfterValidator(_zone)]


class Shape(BaseModel):
    """A table of the file."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class PermissionShape(Shape):
    """Who may fax, and what must prove it."""

    reverse_path: Annotated[str, AfterValidator(_pattern)]
    proof: Proofs = ()


class EmailShape(Shape):
    """Addresses that are told."""

    send_to: Addresses = ()


class OutboundShape(Shape):
    """How they are told."""

    email: EmailShape = EmailShape()


class NotificationsShape(Shape):
    """What they are told of."""

    outbound: OutboundShape = OutboundShape()


class UserShape(Shape):
    """A user of an account."""

    email: Address
    reverse_paths: Addresses = ()
    role: Literal["member", "administrator"] = "member"


class FaxboxShape(Shape):
    """A virtual fax machine."""

    id: Id
    name: Line = ""
    owner: Address = ""
    fax_domains: Domains = ()
    number: Annotated[str, AfterValidator(_number)] = ""
    header: Line = ""
    backend: Annotated[tuple[str, ...], BeforeValidator(_listed), AfterValidator(_distinct)] = ()
    tries: Annotated[int, Field(ge=1, le=12)] = 3
    caller_name: Line = ""
    timezone: Zone = "UTC"
    paper: Paper = Paper.LETTER
    resolution: Resolution = Resolution.FINE
    body: Body = Body.ALONE
    logos: Logos = Logos.DROP
    return_content: bool = False
    retention_days: Annotated[int, Field(ge=0, le=36500)] = 90
    permissions: tuple[PermissionShape, ...] = ()
    notifications: NotificationsShape = NotificationsShape()


class AccountShape(Shape):
    """A tenant with its users and faxboxes."""

    id: Id
    name: Line = ""
    region: Annotated[str, AfterValidator(_region)] = "US"
    timezone: Zone = "UTC"
    proof: Proofs = (Proof.AUTH, Proof.DMARC)
    fax_domains: Domains = ()
    users: tuple[UserShape, ...] = ()
    faxboxes: tuple[FaxboxShape, ...] = ()


class ApplyFile(Shape):
    """The whole file."""

    accounts: tuple[AccountShape, ...] = ()


Faults = dict[str, tuple[str, str]]


def read_file(data: object, *, backends: Iterable[str]) -> ApplyFile:
    """Check all of it, and tell all its faults."""
    try:
        file = ApplyFile.model_validate(data)
    except ValidationError as error:
        raise invalid(faults_of(error)) from None
    faults = {path: ("invalid", sentence) for path, sentence in _across(file, frozenset(backends))}
    if faults:
        raise invalid(faults)
    return file


def faults_of(error: ValidationError) -> Faults:
    """Pydantic's findings by dotted path, in plain words and without the input."""
    return {".".join(map(str, found["loc"])): (found["type"], _plain(found["msg"])) for found in error.errors()}


def named(shape: Shape, *, without: frozenset[str] = frozenset()) -> dict[str, Any]:
    """The keys that the file names, as plain JSON."""
    return shape.model_dump(mode="json", exclude_unset=True, exclude=set(without))


def _plain(message: str) -> str:
    words = {"Extra inputs are not permitted": "there is no such key", "Field required": "is required"}
    return words.get(message, message.removeprefix("Value error, "))


def _across(file: ApplyFile, backends: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Faults between records of the file."""
    yield from _twice(file.accounts, "accounts", "id", lambda account: account.id)
    for place, account in enumerate(file.accounts):
        here = f"accounts.{place}"
        yield from _twice(account.users, f"{here}.users", "email", lambda user: user.email)
        yield from _twice(account.faxboxes, f"{here}.faxboxes", "id", lambda faxbox: faxbox.id)
        yield from _unknown_backends(account, here, backends)


def _twice(shapes: tuple[Any, ...], path: str, name: str, key: Callable[[Any], str]) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for place, shape in enumerate(shapes):
        if key(shape) in seen:
            yield f"{path}.{place}.{name}", f"{key(shape)} stands here twice"
        seen.add(key(shape))


def _unknown_backends(account: AccountShape, here: str, backends: frozenset[str]) -> Iterator[tuple[str, str]]:
    known = ", ".join(sorted(backends)) or "none"
    for place, faxbox in enumerate(account.faxboxes):
        for name in faxbox.backend:
            if name not in backends:
                yield f"{here}.faxboxes.{place}.backend", f"there is no backend {name} (there are: {known})"
