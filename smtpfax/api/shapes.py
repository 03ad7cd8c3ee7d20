"""The shape of the `apply` file: accounts, users and faxboxes, key by key.

In:    the file as parsed TOML, and the names of the backends that there are.
Out:   an ApplyFile; `named` gives a record's keys as the file names them, and no others.
Fails: Refusal 400 with a dotted path and a sentence for every fault at once.

Rule: a key that is not here does not exist; what passes here makes a record of the model without a fault.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from smtpfax.model.account import Body, CoverLook, CoverWhen, InboundMail, Logos, Proof, Quotes, Reading
from smtpfax.model.document import Paper, Resolution

from .envelope import invalid
from .values import (
    Address,
    Addresses,
    Cap,
    DialledRegions,
    DialledTypes,
    Domains,
    Expressions,
    Id,
    Line,
    Names,
    Number,
    Pattern,
    Prefixes,
    Proofs,
    Region,
    Zone,
)


class Shape(BaseModel):
    """A table of the file."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class PermissionShape(Shape):
    """Who may fax, and what must prove it."""

    reverse_path: Pattern
    proof: Proofs = ()


class EmailShape(Shape):
    """Addresses that are told."""

    send_to: Addresses = ()


class DirectionShape(Shape):
    """How they are told."""

    email: EmailShape = EmailShape()


class NotificationsShape(Shape):
    """What they are told of."""

    outbound: DirectionShape = DirectionShape()
    inbound: DirectionShape = DirectionShape()


class DialShape(Shape):
    """What may be dialled (model.dialling)."""

    allow_regions: DialledRegions = ()
    allow_types: DialledTypes = ()
    allow_prefixes: Prefixes = ()
    deny_prefixes: Prefixes = ()


class CapsShape(Shape):
    """How many faxes and pages (model.caps); 0 is no cap."""

    faxes_per_hour: Cap = 0
    faxes_per_day: Cap = 0
    pages_per_hour: Cap = 0
    pages_per_day: Cap = 0


class FaxboxCapsShape(CapsShape):
    """A faxbox's own, and those of each reverse-path in it."""

    each_reverse_path: CapsShape = CapsShape()


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
    number: Number = ""
    header: Line = ""
    backend: Names = ()
    tries: Annotated[int, Field(ge=1, le=12)] = 3
    caller_name: Line = ""
    timezone: Zone = "UTC"
    paper: Paper = Paper.LETTER
    resolution: Resolution = Resolution.FINE
    body: Body = Body.ALONE
    logos: Logos = Logos.DROP
    quotes: Quotes = Quotes.KEEP
    cover: CoverWhen = CoverWhen.NEVER
    cover_look: CoverLook = CoverLook.PLAIN
    cover_note: Line = ""
    legibility: Reading = Reading.WARN
    return_content: bool = False
    retention_days: Annotated[int, Field(ge=0, le=36500)] = 90
    permissions: tuple[PermissionShape, ...] = ()
    smtp_permission_list: Expressions = ()
    dial: DialShape = DialShape()
    caps: FaxboxCapsShape = FaxboxCapsShape()
    first_time_guard: bool = False
    notifications: NotificationsShape = NotificationsShape()
    inbound_mail: InboundMail = InboundMail.ATTACH
    service_cover: Line = ""
    service_cover_text: Annotated[str, Field(max_length=1024)] = ""

    @model_validator(mode="after")
    def _a_text_for_the_cover_has_one(self) -> Self:
        if self.body is Body.COVER and self.cover is CoverWhen.NEVER:
            raise ValueError('body = "cover" needs cover = "with_body" or "always"')
        return self


class AccountShape(Shape):
    """A tenant with its users and faxboxes."""

    id: Id
    name: Line = ""
    region: Region = "US"
    timezone: Zone = "UTC"
    proof: Proofs = (Proof.AUTH, Proof.DMARC)
    fax_domains: Domains = ()
    dial: DialShape = DialShape()
    caps: CapsShape = CapsShape()
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
