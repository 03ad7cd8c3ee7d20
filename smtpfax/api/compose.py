"""The text and the files of an order become a mail, so that the one path carries them.

In:    a number, a text, files with their names and what somebody says they are.
Out:   the octets of a MIME mail: the text first, then the files in order, each an attachment and so a page of its own.
Fails: never: a name that cannot stand in a header is made one that can.

Rule: what a file is, its magic bytes say when it is rendered; the type written here is a hint.
"""

from __future__ import annotations

import mimetypes
import re
from base64 import encodebytes
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from smtpfax.model.mail import Header

UNKNOWN = "application/octet-stream"
CRLF = b"\r\n"
_BOUNDARY = "=_order_="  # no line of base64 begins with a hyphen
_CHARSET = re.compile(r"[A-Za-z0-9_.:+-]{1,40}")  # RFC 2978 section 2.3, as far as anybody uses it
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
    """The mail; its Message-ID makes it unlike any other. Only its header is the library's work: over a body of many
    megabytes that holds up whoever shares this process for a second."""
    mail = EmailMessage(policy=SMTP)
    mail["MIME-Version"] = "1.0"
    mail["Message-ID"] = header.message_id
    mail["Date"] = format_datetime(at)
    mail["To"] = number
    mail["Subject"] = header.subject
    head = mail.as_bytes().rstrip() + CRLF + f'Content-Type: multipart/mixed; boundary="{_BOUNDARY}"'.encode()
    delimiter = CRLF + f"--{_BOUNDARY}".encode()
    parts = (delimiter + CRLF + _part(file) for file in (*_text(text), *files))
    return b"".join((head, CRLF, *parts, delimiter, b"--", CRLF))


def safe_name(name: str) -> str:
    """The last step of a path, in characters that need no encoding."""
    last = re.split(r"[/\\]", name)[-1]
    return _UNSAFE.sub("_", last).strip(" .")[:100] or "document"


def _text(text: str) -> Iterator[File]:
    """With the line ends that a text has in base64 (RFC 2045 section 6.8)."""
    if text:
        lines = text.replace("\r\n", "\n").replace("\n", "\r\n")
        yield File(name="cover.txt", octets=lines.encode("utf-8", "replace"), media_type="text/plain", charset="utf-8")


def _part(file: File) -> bytes:
    kind = _type_of(file)
    charset = (file.charset if _CHARSET.fullmatch(file.charset) else "") or (
        "utf-8" if kind.startswith("text/") and _is_utf8(file.octets) else ""
    )
    parameter = f'; charset="{charset}"' if charset and kind.startswith("text/") else ""
    head = (
        f"Content-Type: {kind}{parameter}",
        f'Content-Disposition: attachment; filename="{safe_name(file.name)}"',
        "Content-Transfer-Encoding: base64",
    )
    return "\r\n".join((*head, "", "")).encode() + encodebytes(file.octets).replace(b"\n", CRLF)


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
