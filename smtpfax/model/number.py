"""Fax numbers: how a local-part is read.

In:    a local-part as a person or a machine wrote it, and the region that national numbers are read by.
Out:   a FaxNumber in E.164, perhaps with a T.33 sub-address.
Fails: NotANumber, with a sentence that says why.

Rule: a strict grammar stands before the library, because the library guesses: it dials letters, drops extensions
and reads foreign digits. What is ambiguous is refused, never guessed; "+" is never dropped.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import phonenumbers

MAX_LENGTH = 64  # RFC 5321 section 4.5.3.1.1: a local-part is no longer
_DIALLED = re.compile(r"\+?\(?[0-9](?:[0-9]|[().\- ](?![().\- ]{2}))*")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")  # ITU-T E.164: at most 15 digits
_SUB_ADDRESS = re.compile(r"[0-9#*]{1,20}")  # ITU-T T.33; RFC 3192 section 2


class NotANumber(ValueError):
    """The local-part is not a number that can be dialled; the message says why, in words for the sender."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FaxNumber:
    """An E.164 number (`+` and digits) and an optional T.33 sub-address (digits, # and *)."""

    e164: str
    sub_address: str = ""

    def __post_init__(self) -> None:
        if not _E164.fullmatch(self.e164):
            raise NotANumber("it is not in the international form +<country><number>")
        if self.sub_address and not _SUB_ADDRESS.fullmatch(self.sub_address):
            raise NotANumber("the sub-address may have digits, # and * only")

    def __str__(self) -> str:
        return f"{self.e164}/T33S={self.sub_address}" if self.sub_address else self.e164

    @classmethod
    def parse(cls, text: str) -> FaxNumber:
        """Read what `str` wrote."""
        e164, _, sub = text.partition("/T33S=")
        return cls(e164=e164, sub_address=sub)


def read_number(local_part: str, *, region: str) -> FaxNumber:
    """Read a local-part: `+12025550123`, `202-555-0123` (by region), `FAX=+1202…/T33S=12` (RFC 3191, RFC 3192)."""
    if len(local_part) > MAX_LENGTH:
        raise NotANumber(f"it is longer than {MAX_LENGTH} characters")
    dialled, sub_address = _split(local_part)
    if not _DIALLED.fullmatch(dialled) or dialled.count("(") != dialled.count(")"):
        raise NotANumber("a number has digits, perhaps with a leading + and with - . ( ) between them, and no letters")
    return FaxNumber(e164=_to_e164(dialled, region), sub_address=sub_address)


def _split(local_part: str) -> tuple[str, str]:
    head, slash, tail = local_part.partition("/")
    key, equals, value = head.partition("=")
    if equals:
        if key.upper() != "FAX":  # RFC 3192 section 2: the only service selector that is ours
            raise NotANumber("only FAX= may stand before a number")
        head = value  # RFC 3191 section 2: with its plus; copiers write local-phone, which is read by the region
    if not slash:
        return head, ""
    key, equals, value = tail.partition("=")
    if key.upper() != "T33S" or not _SUB_ADDRESS.fullmatch(value):
        raise NotANumber("only /T33S=<digits> may follow a number")
    return head, value


def _to_e164(dialled: str, region: str) -> str:
    if phonenumbers.is_emergency_number(dialled, region):
        raise NotANumber("it is an emergency number")
    try:
        parsed = phonenumbers.parse(dialled, None if dialled.startswith("+") else region)
    except phonenumbers.NumberParseException:
        raise NotANumber("it cannot be dialled as it stands; write +<country><number>") from None
    if parsed.extension:
        raise NotANumber("an extension cannot be dialled")
    # Stricter than is_possible_number, which takes what can be dialled within one town only, short numbers too.
    if phonenumbers.is_possible_number_with_reason(parsed) != phonenumbers.ValidationResult.IS_POSSIBLE:
        raise NotANumber(f"its length is wrong for country +{parsed.country_code}")
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
