"""Whether a number may be dialled: the guard against toll fraud.

In:    a number, and what its account and its faxbox say of dialling.
Out:   a Judgement: yes or no, the number's type and region, and the rule that decided.
Fails: never; pure.

Rule: emergency numbers are never dialled. Then the longest matching prefix decides, of equally long ones the faxbox's
and a deny; then the type, then the region. Of types, only the ordinary ones may be dialled by default. What a faxbox
says of types or regions stands in place of what its account says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType

import phonenumbers
from phonenumbers import PhoneNumberType

from .number import FaxNumber

EVERYWHERE = "*"
GLOBAL_REGION = "001"  # what belongs to no country: satellites, international networks (ITU-T E.164.1)


class NumberType(StrEnum):
    """What a call to it is, and so what it may cost."""

    ORDINARY = "ordinary"  # fixed, mobile, toll free, VoIP, a company's
    PREMIUM = "premium"
    SHARED_COST = "shared_cost"
    PERSONAL = "personal"
    PAGER = "pager"
    GLOBAL = "global"
    UNKNOWN = "unknown"  # no numbering plan that we know has it
    SHORT = "short"
    EMERGENCY = "emergency"


_WORDS: Mapping[NumberType, str] = MappingProxyType(
    {
        NumberType.ORDINARY: "an ordinary number",
        NumberType.PREMIUM: "a premium-rate number",
        NumberType.SHARED_COST: "a shared-cost number",
        NumberType.PERSONAL: "a personal number, which costs what its owner likes",
        NumberType.PAGER: "a pager",
        NumberType.GLOBAL: "a satellite or other number of no country",
        NumberType.UNKNOWN: "not a number of any numbering plan that is known here",
        NumberType.SHORT: "a short number",
        NumberType.EMERGENCY: "an emergency number",
    }
)
_TYPES: Mapping[int, NumberType] = MappingProxyType(
    {
        PhoneNumberType.PREMIUM_RATE: NumberType.PREMIUM,
        PhoneNumberType.SHARED_COST: NumberType.SHARED_COST,
        PhoneNumberType.PERSONAL_NUMBER: NumberType.PERSONAL,
        PhoneNumberType.PAGER: NumberType.PAGER,
        PhoneNumberType.UNKNOWN: NumberType.UNKNOWN,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialling:
    """What an account or a faxbox says. None: nothing, which lets every region be, and ordinary types."""

    allow_regions: frozenset[str] | None = None  # ISO 3166-1 alpha-2, or 001; * is all of them
    allow_types: frozenset[NumberType] | None = None  # besides ordinary
    allow_prefixes: tuple[str, ...] = ()  # + and digits
    deny_prefixes: tuple[str, ...] = ()


NOTHING_SAID = Dialling()


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """`why` is for the sender, when it may not be; `rule` is for the administrator."""

    allowed: bool
    type: NumberType
    region: str
    rule: str
    why: str = ""


def judge(number: FaxNumber, *, account: Dialling = NOTHING_SAID, faxbox: Dialling = NOTHING_SAID) -> Judgement:
    """Whether it may be dialled."""
    kind, region = kind_of(number.e164)
    if kind is NumberType.EMERGENCY:
        return Judgement(allowed=False, type=kind, region=region, rule="emergency numbers", why=f"it is {_WORDS[kind]}")
    decided = _by_prefix(number.e164, account, faxbox) or _by_type(kind, account, faxbox)
    allowed, rule, why = decided or _by_region(region, account, faxbox)
    return Judgement(allowed=allowed, type=kind, region=region, rule=rule, why=why)


_Ruled = tuple[bool, str, str]


def _by_prefix(e164: str, account: Dialling, faxbox: Dialling) -> _Ruled | None:
    """The longest one; the order of `_prefixes` breaks a tie."""
    found = max(_prefixes(account, faxbox), key=lambda each: (e164.startswith(each[0]), len(each[0])), default=None)
    if found is None or not e164.startswith(found[0]):
        return None
    prefix, allowed, rule = found
    return allowed, f"{rule} {prefix}", "" if allowed else "numbers that begin like this one are not faxed from here"


def _prefixes(account: Dialling, faxbox: Dialling) -> Iterator[tuple[str, bool, str]]:
    for level, of in (("faxbox", faxbox), ("account", account)):
        yield from ((prefix, False, f"{level}: deny_prefixes") for prefix in of.deny_prefixes)
        yield from ((prefix, True, f"{level}: allow_prefixes") for prefix in of.allow_prefixes)


def _by_type(kind: NumberType, account: Dialling, faxbox: Dialling) -> _Ruled | None:
    level, allowed = _set("allow_types", faxbox.allow_types, account.allow_types)
    if kind is NumberType.ORDINARY or kind in (allowed or ()):
        return None
    return False, f"{level}: {kind} is not allowed", f"it is {_WORDS[kind]}, and such are not faxed from here"


def _by_region(region: str, account: Dialling, faxbox: Dialling) -> _Ruled:
    level, allowed = _set("allow_regions", faxbox.allow_regions, account.allow_regions)
    if allowed is None or region in allowed or EVERYWHERE in allowed:
        return True, level, ""
    return False, f"{level}: {region} is not among them", f"faxes to its country ({region}) are not sent from here"


def _set(name: str, faxbox: frozenset[str] | None, account: frozenset[str] | None) -> tuple[str, frozenset[str] | None]:
    if faxbox is not None:
        return f"faxbox: {name}", faxbox
    return (f"account: {name}", account) if account is not None else (f"{name} by default", None)


@lru_cache(maxsize=4096)
def kind_of(e164: str) -> tuple[NumberType, str]:
    """A number's type and region: of numbers under +1 as well, which 25 countries share."""
    try:
        parsed = phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:  # no country has this code
        return NumberType.UNKNOWN, ""
    main = phonenumbers.region_code_for_country_code(parsed.country_code or 0)
    region = phonenumbers.region_code_for_number(parsed) or main
    found = _TYPES.get(phonenumbers.number_type(parsed), NumberType.ORDINARY)
    if region == GLOBAL_REGION:
        return NumberType.GLOBAL, region
    if found is not NumberType.UNKNOWN:
        return found, region
    # Only where no subscriber has it: a subscriber's number may begin like an emergency number.
    national = phonenumbers.national_significant_number(parsed)
    if phonenumbers.connects_to_emergency_number(national, main):
        return NumberType.EMERGENCY, region
    return (NumberType.SHORT if phonenumbers.is_valid_short_number(parsed) else found), region
