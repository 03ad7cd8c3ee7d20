"""What may stand in a field of the `apply` file: ids, addresses, domains, numbers, regions, zones.

In:    a field's value as parsed TOML.
Out:   the value as it is kept: domains in their ASCII form, addresses lower-cased, numbers in E.164.
Fails: ValueError with a sentence, which pydantic gathers.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from phonenumbers import SUPPORTED_REGIONS
from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from smtpfax.model.account import Proof
from smtpfax.model.address import BadAddress, domain_name, mailbox
from smtpfax.model.dialling import EVERYWHERE, GLOBAL_REGION, NumberType
from smtpfax.model.expression import Expression
from smtpfax.model.number import read_number

MOST_WORDS = 100
INHERIT = "inherit"  # Kazoo's word for the account's time zone
_ID = r"[a-z0-9][a-z0-9_-]{0,62}"
_LINE = re.compile(r"[^\x00-\x1f\x7f-\x9f\u2028\u2029]*")


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


def _expression(text: str) -> str:
    """Kazoo's: only what our engine can match in time linear in the address (model.expression)."""
    return Expression(text).text


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


def _dialled_region(text: str) -> str:
    return text if text in (EVERYWHERE, GLOBAL_REGION) else _region(text)


def _denied_for_good(kind: NumberType) -> NumberType:
    if kind is NumberType.EMERGENCY:
        raise ValueError("emergency numbers are never dialled")
    return kind


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


def _not_too_many(values: tuple[Any, ...]) -> tuple[Any, ...]:
    if len(values) > MOST_WORDS:
        raise ValueError(f"has more than {MOST_WORDS}")
    return values


def _or_empty(check: Callable[[str], str]) -> Callable[[str], str]:
    """Empty: none."""
    return lambda text: check(text) if text else ""


_OneOrMany = BeforeValidator(_listed, json_schema_input_type=str | list[str])
Id = Annotated[str, StringConstraints(pattern=f"^{_ID}$")]
Line = Annotated[str, StringConstraints(max_length=128), AfterValidator(_printable)]
Name = Annotated[Line, StringConstraints(min_length=1)]
Domain = Annotated[str, AfterValidator(domain_name)]
Address = Annotated[str, AfterValidator(_address)]
Proofs = Annotated[tuple[Proof, ...], _OneOrMany, Field(min_length=1), AfterValidator(_distinct)]
Domains = Annotated[tuple[Domain, ...], _OneOrMany, AfterValidator(_distinct)]
Addresses = Annotated[tuple[Address, ...], _OneOrMany, AfterValidator(_distinct)]
Zone = Annotated[str, AfterValidator(_zone)]
ZoneOrInherit = Annotated[str, AfterValidator(lambda text: text if text == INHERIT else _zone(text))]
Owner = Annotated[str, AfterValidator(_or_empty(_address))]


Prefix = Annotated[str, StringConstraints(pattern=r"^\+[0-9]{1,15}$")]
Prefixes = Annotated[tuple[Prefix, ...], _OneOrMany, AfterValidator(_distinct), Field(max_length=1000)]
DialledRegion = Annotated[str, AfterValidator(_dialled_region)]
DialledRegions = Annotated[tuple[DialledRegion, ...], _OneOrMany, AfterValidator(_distinct)]
DialledType = Annotated[NumberType, AfterValidator(_denied_for_good)]
DialledTypes = Annotated[tuple[DialledType, ...], _OneOrMany, AfterValidator(_distinct)]
Cap = Annotated[int, Field(strict=True, ge=0, le=10**9)]
Pattern = Annotated[str, AfterValidator(_pattern)]
Kazoos = Annotated[str, AfterValidator(_expression)]
Expressions = Annotated[tuple[Kazoos, ...], _OneOrMany, Field(max_length=1000)]
Number = Annotated[str, AfterValidator(_or_empty(_number))]
MaybeDomain = Annotated[str, AfterValidator(_or_empty(domain_name))]
Region = Annotated[str, AfterValidator(_region)]
Flags = Annotated[tuple[Line, ...], Field(max_length=MOST_WORDS)]
SmsNumbers = Annotated[tuple[Line, ...], _OneOrMany, AfterValidator(_not_too_many)]
WebAddress = Annotated[Line, StringConstraints(pattern=r"^(https?://.*)?$", max_length=2048)]
Names = Annotated[tuple[str, ...], _OneOrMany, AfterValidator(_distinct)]
