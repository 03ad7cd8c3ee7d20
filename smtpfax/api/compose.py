"""Files from the shell become a mail, so that the one path carries them.

In:    a number, a cover text, files with their names.
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

_UNSAFE = re.compile(r"[^\w .()+,=@-]|[\x00-\x1f]", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShellFile:
    """A file as the shell handed it over."""

    name: str
    octets: bytes


def compose(header: Header, *, number: str, at: datetime, cover: str, files: Sequence[ShellFile]) -> bytes:
    """The mail; its Message-ID makes it unlike any other, because who sends twice from a shell means twice."""
    mail = EmailMessage(policy=SMTP)
    mail["MIME-Version"] = "1.0"
    mail["Message-ID"] = header.message_id
    mail["Date"] = format_datetime(at)
    mail["To"] = number
    mail["Subject"] = header.subject
    mail.make_mixed()
    if cover:
        mail.add_attachment(cover, subtype="plain", filename="cover.txt")
    for file in files:
        _attach(mail, file)
    return mail.as_bytes()


def safe_name(name: str) -> str:
    """The last step of a path, in characters that need no encoding."""
    last = re.split(r"[/\\]", name)[-1]
    return _UNSAFE.sub("_", last).strip(" .")[:100] or "document"


def _attach(mail: EmailMessage, file: ShellFile) -> None:
    main, sub = _type_of(file.name).split("/", 1)
    charset = {"charset": "utf-8"} if main == "text" and _is_utf8(file.octets) else {}
    mail.add_attachment(file.octets, maintype=main, subtype=sub, filename=safe_name(file.name), params=charset)


def _type_of(name: str) -> str:
    guessed, encoding = mimetypes.guess_type(safe_name(name), strict=True)
    composite = guessed is not None and guessed.startswith(("message/", "multipart/"))  # RFC 2046: never in base64
    return guessed if guessed and not encoding and not composite else "application/octet-stream"


def _is_utf8(octets: bytes) -> bool:
    try:
        octets.decode()
    except UnicodeDecodeError:
        return False
    return True
