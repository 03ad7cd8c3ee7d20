"""The form of the Send Fax Web API.

In:    an Offer, the settings, its document.
Out:   the body, its fields named and ordered as in the API's document; and what the integer of an answer means.
Fails: Permanent, for a number that it cannot dial.

Rule: ASCII alone, and no `|` in a name, for it parts number and name. `Coverpage` is always said: left out it would
be the account's default. There is no `Sendtime`: our own queue waits.
"""

from __future__ import annotations

import unicodedata
from pathlib import Path

from smtpfax.dispatch.ringcentral.covers import name_of
from smtpfax.dispatch.settings import FaxOutSettings
from smtpfax.egress import Answer, Multipart, Part
from smtpfax.model import status as say
from smtpfax.model.backend import Offer
from smtpfax.model.cause import Cause
from smtpfax.model.document import Resolution
from smtpfax.model.errors import InDoubt, NotLetIn, Permanent, SmtpfaxError, Temporary

_MEDIA_TYPES = {"pdf": "application/pdf", "tiff": "image/tiff"}
# What Unicode does not take apart by itself.
_LETTERS = str.maketrans(
    {"ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "þ": "th", "Þ": "Th", "\N{EN DASH}": "-"}
    | {"ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "ħ": "h", "Ħ": "H"}
    | {"\N{LATIN SMALL LETTER DOTLESS I}": "i", "\N{RIGHT SINGLE QUOTATION MARK}": "'"}
)
_LONGEST_NAME, _LONGEST_TEXT = 64, 1024
_LONGEST_ANSWER = 16


def form(offer: Offer, settings: FaxOutSettings, document: bytes | Path) -> Multipart:
    """The whole request."""
    if offer.number.sub_address:
        raise Permanent(say.BACKEND_REFUSED, cause=Cause.REFUSED, why="it cannot dial a sub-address")
    box = offer.faxbox
    cover = ascii_of(name_of(box.service_cover)) or "None"
    words = ascii_of(box.service_cover_text or offer.subject)[:_LONGEST_TEXT] if cover != "None" else ""
    file = Part(
        media_type=_MEDIA_TYPES[settings.document],
        content=document,
        name="Attachment",
        file_name=f"{offer.key}.{settings.document}",
    )
    return Multipart(
        (
            _field("Username", settings.username),
            _field("Password", settings.password),
            file,
            _field("Recipient", recipient(offer)),
            _field("Coverpage", cover),
            *([_field("Coverpagetext", words)] if words else []),
            _field("Resolution", "Low" if offer.document.layout.resolution is Resolution.STANDARD else "High"),
        ),
        "form-data",
    )


def recipient(offer: Offer) -> str:
    """`number|name`, the number by its digits; no separator without a name."""
    name = " ".join(ascii_of(offer.to_name).replace("|", " ").split())[:_LONGEST_NAME]
    number = offer.number.e164.lstrip("+")
    return f"{number}|{name}" if name else number


def ascii_of(text: str) -> str:
    """As near as ASCII comes to it; what has no Latin letter goes."""
    plain = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    return "".join(char for char in plain if " " <= char <= "~")


def meaning(answer: Answer) -> SmtpfaxError | None:
    """None when it was taken; the answers 1 to 5 say that it was not, and anything else says nothing."""
    word = answer.body[:_LONGEST_ANSWER].strip()
    match word if answer.ok else b"":
        case b"0":
            return None
        case b"1":
            return _down("1: the user name or the password is refused", NotLetIn)
        case b"2":
            return Permanent(say.BACKEND_REFUSED, cause=Cause.REFUSED, why="faxing is prohibited for its account")
        case b"3":
            return Permanent(say.BACKEND_REFUSED, cause=Cause.REFUSED, why="it found no recipient")
        case b"4":
            return Permanent(say.BACKEND_REFUSED, cause=Cause.REFUSED, why="it found no document")
        case b"5":
            return _down("5: an error of its own")
    if 300 <= answer.status < 500:
        return _down(f"{answer.status}: url is not the API's")
    return InDoubt(f"FaxOut answered {answer.status} without a word that is known: it may have the fax")


def _down(why: str, kind: type[Temporary] = Temporary) -> Temporary:
    return kind(say.BACKEND_DOWN, cause=Cause.BACKEND, reason=f"FaxOut: {why}")


def _field(name: str, value: str) -> Part:
    return Part(media_type="", content=value.encode("ascii"), name=name)
