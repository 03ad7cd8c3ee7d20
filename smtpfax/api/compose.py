"""The text and the files of an order become a mail, so that the one path carries them.

In:    a number, a text, files with their names and what somebody says they are.
Out:   the octets of a MIME mail: the text first, then the files in order, each an attachment and so a page of its own.
Fails: never: a name that cannot stand in a header is made one that can.

Rule: what a file is, its magic bytes say when it is rendered; the type written here is a hint.
"""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from smtpfax.model.mail import Header

UNKNOWN = "application/octet-stream"
_UNSAFE = re.compile(r"[^\w .()+,=@-]|[\x00-\x1f]", re.ASCII)
_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,60}/[a-z0-9!#$&^_.+-]{1,100}")  # RFC 6838 section 4.2


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file as it was handed over; `media_type` is what its sender calls it."""

    name: str
    octets: bytes
    media_type: str = ""
    charset: str = ""


def compose(header: Header, *, number: str, at: datetime, text: str, files: Sequence[File]) -> bytes:
    """The mail; its Message-ID makes it unlike any other."""
    mail = EmailMessage(policy=SMTP)
    mail["MIME-Version"] = "1.0"
    mail["Message-ID"] = header.message_id
    mail["Date"] = format_datetime(at)
    mail["To"] = number
    mail["Subject"] = header.subject
    mail.make_mixed()
    if text:
        mail.add_attachment(text, subtype="plain", filename="cover.txt")
    for file in files:
        _attach(mail, file)
    return mail.as_bytes()


def safe_name(name: str) -> str:
    """The last step of a path, in characters that need no encoding."""
    last = re.split(r"[/\\]", name)[-1]
    return _UNSAFE.sub("_", last).strip(" .")[:100] or "document"


def _attach(mail: EmailMessage, file: File) -> None:
    main, sub = _type_of(file).split("/", 1)
    charset = {"charset": file.charset or "utf-8"} if main == "text" and (file.charset or _is_utf8(file.octets)) else {}
    mail.add_attachment(file.octets, maintype=main, subtype=sub, filename=safe_name(file.name), params=charset)


def _type_of(file: File) -> str:
    """As it was said, else as the name has it; never composite, which may not stand in base64 (RFC 2046)."""
    guessed, encoding = mimetypes.guess_type(safe_name(file.name), strict=True)
    said = file.media_type.lower()
    kind = said if _TYPE.fullmatch(said) and said != UNKNOWN else guessed if guessed and not encoding else UNKNOWN
    return UNKNOWN if kind.startswith(("message/", "multipart/")) else kind


def _is_utf8(octets: bytes) -> bool:
    try:
        octets.decode()
    except UnicodeDecodeError:
        return False
    return True
