"""CMS: what is inside a signed file of S/MIME, taken out without a look at the signature.

In:    octets of a ContentInfo (RFC 5652 section 3), in DER, or in BER as Outlook and OpenSSL stream it.
Out:   the signed content; None when the signature stands alone.
Fails: BadCms, for what is cut off or is no signed-data.

Rule: the work is bounded by the octets times a small depth, whatever the lengths say.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

_SIGNED = bytes.fromhex("2a864886f70d010702")  # 1.2.840.113549.1.7.2
_OID, _SEQUENCE, _SET, _INTEGER, _OCTETS, _OCTETS_IN_PIECES, _EXPLICIT_0 = 0x06, 0x30, 0x31, 0x02, 0x04, 0x24, 0xA0
_MAX_DEPTH = 8
_END = b"\0\0"  # X.690 section 8.1.5


class BadCms(ValueError):
    """Not a signed-data that can be opened."""


@dataclass(frozen=True, slots=True)
class _Element:
    """One element: its tag, where its content begins, and where it ends; None: at the end-of-contents octets."""

    tag: int
    start: int
    end: int | None


def signed_content(data: bytes) -> bytes | None:
    """The eContent of a SignedData (RFC 5652 section 5.2)."""
    at = _into(data, 0, _SEQUENCE)
    kind = _element(data, at)
    if kind.tag != _OID or data[kind.start : kind.end] != _SIGNED:
        raise BadCms("not signed-data")
    at = _into(data, _after(data, kind), _EXPLICIT_0)
    at = _into(data, at, _SEQUENCE)
    for tag in (_INTEGER, _SET):  # the version, and the digest algorithms
        at = _after(data, _element(data, at, tag))
    content = _element(data, at, _SEQUENCE)
    inner = _after(data, _element(data, content.start, _OID))
    if inner == content.end or (content.end is None and data.startswith(_END, inner)):
        return None
    octets = _element(data, _into(data, inner, _EXPLICIT_0))
    return b"".join(_pieces(data, octets, _MAX_DEPTH))


def _element(data: bytes, at: int, tag: int | None = None) -> _Element:
    """X.690 section 8.1: identifier and length."""
    if at + 2 > len(data):
        raise BadCms("cut off")
    found, length = data[at], data[at + 1]
    if tag is not None and found != tag:
        raise BadCms(f"tag {found:#x} in the place of {tag:#x}")
    start = at + 2
    if length == 0x80:
        return _Element(found, start, None)
    if length > 0x80:
        size = length - 0x80
        length, start = int.from_bytes(data[start : start + size], "big"), start + size
    if start + length > len(data):
        raise BadCms("cut off")
    return _Element(found, start, start + length)


def _into(data: bytes, at: int, tag: int) -> int:
    return _element(data, at, tag).start


def _after(data: bytes, element: _Element, depth: int = _MAX_DEPTH) -> int:
    """Where the next element begins."""
    if element.end is not None:
        return element.end
    if not depth:
        raise BadCms("nested too deep")
    at = element.start
    while not data.startswith(_END, at):
        at = _after(data, _element(data, at), depth - 1)
    return at + len(_END)


def _pieces(data: bytes, octets: _Element, depth: int) -> Iterator[bytes]:
    """An octet string, whole or in pieces (X.690 section 8.7)."""
    if octets.tag == _OCTETS and octets.end is not None:
        yield data[octets.start : octets.end]
        return
    if octets.tag != _OCTETS_IN_PIECES or not depth:
        raise BadCms(f"tag {octets.tag:#x} in the place of an octet string")
    at = octets.start
    while at < octets.end if octets.end is not None else not data.startswith(_END, at):
        child = _element(data, at)
        yield from _pieces(data, child, depth - 1)
        at = _after(data, child)
