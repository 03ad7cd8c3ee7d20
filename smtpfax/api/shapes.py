"""The shape of the `apply` file: accounts, users and faxboxes, key by key.

In:    the file as parsed TOML, and the names of the backends that there are.
Out:   an ApplyFile; `named` gives a record's keys as the file names them, and no others.
Fails: Refusal 400 with a dotted path and a sentence for every fault at once.

Rule: a key that is not here does not exist; what passes here makes a record of the model without a fault.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Literal

from pydantic import ValidationError

from smtpfax.model.account import Proof

from .envelope import invalid
from .faxbox_shape import CapsShape, DialShape, FaxboxShape, Shape
from .values import (
    Address,
    Addresses,
    Domains,
    Id,
    Line,
    Proofs,
    Region,
    Zone,
)


class UserShape(Shape):
    """A user of an account."""

    email: Address
    reverse_paths: Addresses = ()
    role: Literal["member", "administrator"] = "member"


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


def read_faxbox(data: object, *, backends: Iterable[str]) -> FaxboxShape:
    """One faxbox with all its keys, its `id` among them."""
    try:
        faxbox = FaxboxShape.model_validate(data)
    except ValidationError as error:
        raise invalid(faults_of(error)) from None
    faults = {path: ("invalid", sentence) for path, sentence in _unknown_backends(faxbox, "", frozenset(backends))}
    if faults:
        raise invalid(faults)
    return faxbox


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
        for number, faxbox in enumerate(account.faxboxes):
            yield from _unknown_backends(faxbox, f"{here}.faxboxes.{number}.", backends)


def _twice(shapes: tuple[Any, ...], path: str, name: str, key: Callable[[Any], str]) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for place, shape in enumerate(shapes):
        if key(shape) in seen:
            yield f"{path}.{place}.{name}", f"{key(shape)} stands here twice"
        seen.add(key(shape))


def _unknown_backends(faxbox: FaxboxShape, here: str, backends: frozenset[str]) -> Iterator[tuple[str, str]]:
    known = ", ".join(sorted(backends)) or "none"
    for name in faxbox.backend:
        if name not in backends:
            yield f"{here}backend", f"there is no backend {name} (there are: {known})"
