"""Compressed RTF: how Outlook keeps a text in winmail.dat.

In:    the octets of PR_RTF_COMPRESSED (MS-OXRTFCP).
Out:   RTF.
Fails: BadRtf.

Rule: two octets become seventeen at most, and never more than the header says.
"""

from __future__ import annotations

import struct

_HEADER = struct.Struct("<IIII")  # compressed size, raw size, type, checksum
_PACKED, _PLAIN = 0x75465A4C, 0x414C454D  # "LZFu", "MELA"
_WINDOW = 4096
# What the dictionary begins with (MS-OXRTFCP section 2.1.3.1.4).
_USUAL = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS Sans Serif"
    rb"SymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0"
    + b"\r\n"
    + rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)


class BadRtf(ValueError):
    """Not compressed RTF."""


def decompressed(data: bytes) -> bytes:
    """Undo it."""
    if len(data) < _HEADER.size:
        raise BadRtf("cut off")
    _size, raw, kind, _checksum = _HEADER.unpack_from(data)
    if kind == _PLAIN:
        return data[_HEADER.size : _HEADER.size + raw]
    if kind != _PACKED:
        raise BadRtf(f"of type {kind:#x}")
    return _unpacked(data, raw)


def _unpacked(data: bytes, raw: int) -> bytes:
    """MS-OXRTFCP section 3.1.4.1; positions in the dictionary are those of all that was written, modulo its size."""
    out, at = bytearray(_USUAL), _HEADER.size
    most = len(_USUAL) + raw
    while at < len(data) and len(out) < most:
        control, at = data[at], at + 1
        for bit in range(8):
            if not control >> bit & 1:
                out += data[at : at + 1]
                at += 1
                continue
            token = int.from_bytes(data[at : at + 2], "big")
            at += 2
            back = (len(out) - (token >> 4)) % _WINDOW
            if not back or at > len(data):  # a reference to the place that is written next ends it
                return bytes(out[len(_USUAL) : most])
            for _ in range((token & 15) + 2):
                out.append(out[-back] if back <= len(out) else 0)
    return bytes(out[len(_USUAL) : most])
