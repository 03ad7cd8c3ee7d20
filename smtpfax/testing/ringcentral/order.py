"""What a fax request asks for, in any of the encodings that RingCentral's documents show.

In:    the Content-Type and the body of POST fax.
Out:   an Order.
Fails: BadOrder, with the code that RingCentral has for it.

Rule: the first part that is JSON is the envelope, named scalar parts are fields, every other part is a document.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email import message_from_bytes
from email.message import MIMEPart
from email.policy import HTTP
from typing import Any

_FIELDS = frozenset({"to", "faxResolution", "coverIndex", "coverPageText", "isoCode", "sendTime"})


class BadOrder(ValueError):
    """`code` is RingCentral's."""

    def __init__(self, code: str, parameter: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.parameter = parameter


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A document."""

    name: str
    media_type: str
    octets: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One fax."""

    to: Sequence[Mapping[str, Any]]
    fields: Mapping[str, Any]
    files: Sequence[File] = ()
    original: int = 0


def order_of(content_type: str, body: bytes) -> Order:
    """Read it."""
    if content_type.startswith("application/json"):
        asked = _json(body)
        return Order(to=asked.get("to", []), fields=asked, original=int(asked["originalMessageId"]))
    whole = message_from_bytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body, policy=HTTP)
    if not whole.is_multipart():
        raise BadOrder("MSG-349")
    fields: dict[str, Any] = {}
    to: list[dict[str, str]] = []
    files: list[File] = []
    for part in whole.iter_parts():
        _sort(part, fields, to, files)
    order = Order(to=fields.pop("to", to), fields=fields, files=files)
    _check(order)
    return order


def _sort(part: MIMEPart, fields: dict[str, Any], to: list[dict[str, str]], files: list[File]) -> None:
    content = part.get_payload(decode=True)
    octets = content if isinstance(content, bytes) else b""
    name = part.get_param("name", header="content-disposition")
    if part.get_content_type() == "application/json":
        fields |= _json(octets)
    elif name == "to":
        to.append({"phoneNumber": octets.decode()})
    elif isinstance(name, str) and name in _FIELDS:
        fields[name] = octets.decode()
    else:
        files.append(File(name=part.get_filename(""), media_type=part.get_content_type(), octets=octets))


def _check(order: Order) -> None:
    if not order.to or not str(order.to[0].get("phoneNumber", "")).lstrip("+").isdigit():
        raise BadOrder("CMN-101", "to")
    if not order.files or not order.files[0].octets:
        raise BadOrder("MSG-347")
    if any(not file.name or set(file.name) & set("&@#$%^*") for file in order.files):
        raise BadOrder("MSG-351")
    if str(order.fields.get("faxResolution", "High")) not in ("High", "Low"):
        raise BadOrder("CMN-101", "faxResolution")
    if "sendTime" in order.fields:
        raise BadOrder("CMN-101", "sendTime")  # a client of ours never says it


def _json(octets: bytes) -> dict[str, Any]:
    try:
        read = json.loads(octets)
    except ValueError:
        raise BadOrder("MSG-349") from None
    if not isinstance(read, dict):
        raise BadOrder("MSG-349")
    return read
