"""Addresses as people, copiers and other fax gateways write them: where the number is, and for whom the fax is.

In:    a local-part, the region that national numbers are read by, and what stood before the fax domain.
Out:   a Reading: the number, the names for the cover, and the way of writing it was.
Fails: NotANumber, with a sentence that says why.

Rule: each way of writing has its mark, and none is tried because another failed; what fits two is refused.

    +12025550123  202-555-0123          people
    FAX=+12025550123/T33S=12            RFC 3191, RFC 3192; copiers write it without the +
    IMCEAFAX-Ann+40+2B12025550123       Exchange and Outlook ([MS-OXCMAIL] section 2.1.3.1.8)
    Ann_Lee/Acme/2025550123             FaxChange
    2025550123/to=Ann_Lee/co=Acme       eFax
    Ann_Lee.2025550123                  a name, a dot, the number
    Ann_Lee@2025550123.<fax domain>     HylaFAX
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from .number import FaxNumber, NotANumber, read_number

MAX_LENGTH = 254
_EXCHANGE = "IMCEAFAX-"
_ESCAPED = re.compile(r"\+([0-9A-Fa-f]{2})?")
_NAMED = re.compile(r"([^\W\d_][^\d./=]*)\.(\+?\(?[0-9].*)")
_LABEL = re.compile(r"[0-9][0-9-]*")  # a domain has no room for a +
_OPTIONS = frozenset({"t33s", "to", "fr", "co", "cp"})
_MOST_NAMES = 3  # FaxChange: name, company, department


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What an address says. `cover`: whether it asks for one; None when it does not say."""

    number: FaxNumber
    form: str  # the way of writing, in words
    to_name: str = ""
    company: str = ""
    from_name: str = ""
    cover: bool | None = None

    @property
    def addressee(self) -> str:
        """For whom the fax is, as a cover shows it."""
        return ", ".join(filter(None, (self.to_name, self.company)))


def split_domain(domain: str, is_ours: Callable[[str], bool]) -> tuple[str, str]:
    """What stands before a fax domain (`12025550123.fax.example`), "" when no number does; and the fax domain."""
    labels = domain.split(".")
    for place, label in enumerate(labels):
        if is_ours(".".join(labels[place:])):
            return ".".join(labels[:place]), ".".join(labels[place:])
        if not _LABEL.fullmatch(label):
            break
    return "", domain


def read_address(local_part: str, *, region: str, carried: str = "") -> Reading:
    """Read a local-part; `carried` is the number that stood before the fax domain."""
    if len(local_part) > MAX_LENGTH:
        raise NotANumber(f"it is longer than {MAX_LENGTH} characters")
    if "^" in local_part:  # SatisFAXtion: what its options ask for (no cover, a billing code) would be lost in silence
        raise NotANumber("options after ^ are not taken here; write the number alone")
    if carried:
        return _hylafax(local_part, carried, region)
    if local_part.upper().startswith(_EXCHANGE):
        return _exchange(_decoded(local_part[len(_EXCHANGE) :]), region)
    if "/" in local_part:
        return _slashed(local_part.split("/"), region)
    named = _NAMED.fullmatch(local_part)
    if named:
        number = read_number(named[2], region=region)
        return Reading(number=number, form="<name>.<number>", to_name=_name(named[1]))
    form = "FAX=<number> (RFC 3192)" if "=" in local_part else "a number"
    return Reading(number=read_number(local_part, region=region), form=form)


def _hylafax(local_part: str, carried: str, region: str) -> Reading:
    if "=" in local_part:
        raise NotANumber("options do not go with a number that stands before the fax domain")
    if not _has_letter(local_part):
        raise NotANumber("there is a number on both sides of the @")
    number = read_number(carried, region=region)
    reading = Reading(number=number, form="<name>@<number>.<fax domain> (HylaFAX)")
    return _for(reading, local_part.split("/"))


def _exchange(address: str, region: str) -> Reading:
    """`Dialable | Name @ Canonical | SpecialDialing`, all but one number optional (MAPI's address type FAX)."""
    first, *others = address.split("|")
    name, _, number = (others[0] if others else first).rpartition("@")
    if len(others) > 1 or (others and not number.strip().startswith("+")):
        raise NotANumber("what is to be dialled after the call is answered cannot be dialled")
    found = read_number(number.strip(), region=region)
    return Reading(number=found, form="IMCEAFAX-<name>@<number> (Exchange)", to_name=_name(name))


def _decoded(encoded: str) -> str:
    def octet(match: re.Match[str]) -> str:
        if match[1] is None:
            raise NotANumber("it is not written as Exchange writes it: a + is +2B there")
        return chr(int(match[1], 16))

    octets = _ESCAPED.sub(octet, encoded.replace("_", "/"))
    try:
        text = octets.encode("latin-1").decode()
    except UnicodeError:  # servers older than that standard wrote the octets of their own code page
        text = octets
    if not text.isprintable():
        raise NotANumber("it is not written as Exchange writes it: a + is +2B there")
    return text


def _slashed(segments: Sequence[str], region: str) -> Reading:
    """Names, one number, options: the names before a / (FaxChange), the options after one (eFax, RFC 3192)."""
    rest = [place for place, segment in enumerate(segments) if place and "=" in segment]
    end = rest[0] if rest else len(segments)
    *names, dialled = segments[:end]
    if not all(map(_has_letter, names)):
        raise NotANumber("before a / stands a name with letters, and after it the number: it has no / in it")
    if names and "=" in names[0]:
        raise NotANumber("a number after FAX= has only options behind it")
    options = _options(segments[end:])
    sub_address = f"/T33S={options['t33s']}" if "t33s" in options else ""
    number = read_number(dialled + sub_address, region=region)
    if names and options.keys() & {"to", "co"}:
        raise NotANumber("it names the recipient twice")
    if names:
        return _for(Reading(number=number, form="<name>/<company>/<number> (FaxChange)"), names)
    return _with(number, options)


def _options(segments: Sequence[str]) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for segment in segments:
        key, equals, value = segment.partition("=")
        if not equals or key.lower() not in _OPTIONS:
            raise NotANumber("only /T33S=, /to=, /fr=, /co= and /cp= may follow a number")
        if key.lower() in found:
            raise NotANumber(f"/{key}= stands there twice")
        found[key.lower()] = value
    if found.get("cp", "on").lower() not in ("on", "off"):
        raise NotANumber("after /cp= stands on or off")
    return found


def _with(number: FaxNumber, options: Mapping[str, str]) -> Reading:
    efax = options.keys() - {"t33s"}
    return Reading(
        number=number,
        form="<number>/to=<name> (eFax)" if efax else "<number>/T33S=<sub-address> (RFC 3192)",
        to_name=_name(options.get("to", "")),
        company=_name(options.get("co", "")),
        from_name=_name(options.get("fr", "")),
        cover=options["cp"].lower() == "on" if "cp" in options else None,
    )


def _for(reading: Reading, names: Sequence[str]) -> Reading:
    if len(names) > _MOST_NAMES:
        raise NotANumber("there are more names in it than name, company and department")
    return replace(reading, to_name=_name(names[0]), company=", ".join(filter(None, map(_name, names[1:]))))


def _name(text: str) -> str:
    """As people write it: an address has no blanks, so an underscore stands for one."""
    return " ".join(text.replace("_", " ").split())


def _has_letter(text: str) -> bool:
    return any(map(str.isalpha, text))
