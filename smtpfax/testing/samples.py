"""Samples: a document, a mail, and a mail server that catches notices.

In:    nothing, or a folder of wishes.
Out:   a small PDF, a mail with it, mails that were caught.
Fails: OSError, when no port can be had.
"""

from __future__ import annotations

import asyncio
import smtplib
import socket
from collections.abc import Callable, Sequence
from email.message import EmailMessage
from email.policy import SMTP as SMTP_LINES
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session


class Catcher:
    """A mail server on the loopback that takes everything and tells what it took."""

    def __init__(self, caught: Callable[[bytes, Sequence[str]], None]) -> None:
        self._caught = caught
        self._server: asyncio.Server | None = None
        self.port = 0

    def reserve(self) -> int:
        """A free port, to be opened later: until then nobody is there."""
        with socket.create_server(("127.0.0.1", 0)) as sock:
            self.port = int(sock.getsockname()[1])
        return self.port

    async def open(self) -> None:
        """Listen: on the port that was reserved, else on a free one."""
        loop = asyncio.get_running_loop()
        sock = socket.create_server(("127.0.0.1", self.port))
        self.port = sock.getsockname()[1]
        self._server = await loop.create_server(lambda: SMTP(self, hostname="localhost", loop=loop), sock=sock)

    async def close(self) -> None:
        """No longer."""
        if self._server is not None:
            self._server.close()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        """A mail."""
        self._caught(envelope.original_content or b"", envelope.rcpt_tos)
        return "250 2.0.0 caught"


def sample_pdf(pages: Sequence[Sequence[str]]) -> bytes:
    """A PDF of text pages, letter size, with a built-in font (ISO 32000-1 section 9.6.2.2)."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"", b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    kids = []
    for lines in pages:
        text = _text(lines)
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(text), text))
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents %d 0 R"
            b" /Resources << /Font << /F 3 0 R >> >> >>" % len(objects)
        )
        kids.append(b"%d 0 R" % len(objects))
    objects[1] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b" ".join(kids), len(kids))
    return _file(objects)


def _text(lines: Sequence[str]) -> bytes:
    shown = [line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)").encode("cp1252") for line in lines]
    return b"BT /F 14 Tf 20 TL 72 720 Td " + b" ".join(b"(%s) Tj T*" % line for line in shown) + b" ET"


def _file(objects: Sequence[bytes]) -> bytes:
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    head = b"xref\n0 %d\n0000000000 65535 f \n" % size
    return out + head + table + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, len(out))


def sample_mail(*, sender: str, to: str, subject: str, pdf: bytes, name: str = "document.pdf") -> EmailMessage:
    """A mail as a person would send it: a word of text, and a PDF."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, to, subject
    mail["Message-ID"] = f"<sample.{abs(hash(subject))}@example.com>"
    mail.set_content("Please fax the attached document.\n")
    mail.add_attachment(pdf, maintype="application", subtype="pdf", filename=name)
    return mail


def send_mail(mail: EmailMessage, *, port: int, sender: str, to: Sequence[str]) -> str:
    """Send it over real SMTP, as a mail program does; the reply after DATA."""
    with smtplib.SMTP("127.0.0.1", port, local_hostname="demo.example") as client:
        client.ehlo()
        for code, text in (client.mail(sender), *(client.rcpt(address) for address in to)):
            if code >= 400:
                return _reply(code, text)
        return _reply(*client.data(mail.as_bytes(policy=SMTP_LINES)))


def _reply(code: int, text: Any) -> str:
    return f"{code} {text.decode(errors='replace') if isinstance(text, bytes) else text}"
