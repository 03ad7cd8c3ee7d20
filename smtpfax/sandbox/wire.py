"""The wire between us and a worker: one frame there, one frame back.

In:    a JSON header and blobs.
Out:   a frame: the header's length (4 octets, network order), the header, then the blobs, whose lengths it names.
Fails: BadFrame, when what the other side says cannot be, or is larger than allowed.

Rule: nothing that comes from a worker is unpickled or evaluated; it is JSON and octets, and bounded before it is read.
"""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Iterator, Sequence

from smtpfax.model.cause import Cause
from smtpfax.model.errors import Fault, Permanent, Temporary
from smtpfax.model.status import Sentence, Status

from .values import Json

MAX_HEADER = 8 << 20
MAX_BLOBS = 100_000
LENGTH = struct.Struct("!I")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


class BadFrame(ValueError):
    """Not a frame, or one that is too large."""


def frame(head: dict[str, Json], blobs: Sequence[bytes] = ()) -> Iterator[bytes]:
    """The pieces of a frame, to be written one after the other."""
    octets = json.dumps(head | {"blobs": [len(blob) for blob in blobs]}).encode()
    yield LENGTH.pack(len(octets)) + octets
    yield from blobs


def head_length(octets: bytes) -> int:
    """How long the header is."""
    (length,) = LENGTH.unpack(octets)
    if length > MAX_HEADER:
        raise BadFrame(f"a header of {length} octets")
    return int(length)


def read_head(octets: bytes, *, limit: int) -> tuple[dict[str, Json], list[int]]:
    """The header, and the lengths of the blobs that follow: no more than `limit` octets in all."""
    try:
        head = json.loads(octets)
    except (ValueError, RecursionError) as error:
        raise BadFrame("a header that is not JSON") from error
    lengths = head.pop("blobs", None) if isinstance(head, dict) else None
    if not isinstance(lengths, list) or len(lengths) > MAX_BLOBS:
        raise BadFrame("a header without blobs")
    if not all(type(length) is int and length >= 0 for length in lengths):
        raise BadFrame("a blob without a length")
    if sum(lengths) > limit:
        raise BadFrame(f"blobs of {sum(lengths)} octets, {limit} are allowed")
    return head, lengths


def fault_head(fault: Fault) -> dict[str, Json]:
    """A fault as a header."""
    told = {
        "permanent": isinstance(fault, Permanent),
        "code": fault.sentence.code,
        "status": str(fault.status),
        "text": fault.text,
        "cause": fault.cause.value,
        "reason": fault.reason,
        "part": fault.part,
    }
    return {"fault": told}


def read_fault(told: Json) -> Fault:
    """The fault that `fault_head` wrote, with the same status and text."""
    try:
        # The text is ready: its braces are not fields to fill in.
        text = printable(told["text"], 500).replace("{", "{{").replace("}", "}}")
        sentence = Sentence(int(told["code"]), Status.parse(told["status"]), text)
        kind = Permanent if told["permanent"] is True else Temporary
        reason, part = printable(told["reason"], 2000), printable(told["part"], 200)
        return kind(sentence, cause=Cause(told["cause"]), reason=reason, part=part)
    except (KeyError, TypeError, ValueError) as error:
        raise BadFrame("a fault that is none of ours") from error


def printable(text: Json, limit: int) -> str:
    """What a worker says, on one line and bounded, so that it may stand in a log."""
    return _UNPRINTABLE.sub("?", " ".join(str(text)[:limit].split()))
