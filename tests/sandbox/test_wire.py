"""What comes from a worker is bounded and checked before it is believed."""

import json
from typing import Any

import pytest

from smtpfax.model.cause import Cause
from smtpfax.model.errors import Permanent, Temporary
from smtpfax.model.status import CONVERTER_DIED, PART_UNREADABLE
from smtpfax.sandbox.wire import MAX_HEADER, BadFrame, fault_head, frame, head_length, read_fault, read_head


def test_a_frame_is_read_as_it_was_written() -> None:
    start, *blobs = frame({"data": {"a": "é"}}, [b"one", b""])
    assert head_length(start[:4]) == len(start) - 4
    assert read_head(start[4:], limit=3) == ({"data": {"a": "é"}}, [3, 0])
    assert blobs == [b"one", b""]


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"\xff",
        b"[]",
        b"{}",
        b'{"blobs": 1}',
        b'{"blobs": [-1]}',
        b'{"blobs": [true]}',
        b'{"blobs": [1.5]}',
        b'{"blobs": ["1"]}',
        b'{"blobs": [60, 60]}',
        b'{"blobs": [' + b"0," * 200_000 + b"0]}",
        b"[" * 100_000,
        b"9" * 100_000,
    ],
)
def test_what_is_no_header_is_refused(head: bytes) -> None:
    with pytest.raises(BadFrame):
        read_head(head, limit=100)


def test_a_header_that_is_too_long_is_refused_before_it_is_read() -> None:
    with pytest.raises(BadFrame):
        head_length((MAX_HEADER + 1).to_bytes(4, "big"))


@pytest.mark.parametrize(
    "fault",
    [
        Permanent(PART_UNREADABLE, cause=Cause.DOCUMENT, reason="why", part="a {b}.pdf"),
        Temporary(CONVERTER_DIED, cause=Cause.CONVERTER, part="a {b}.pdf"),
    ],
)
def test_a_fault_is_read_as_it_was_written(fault: Permanent | Temporary) -> None:
    read = read_fault(json.loads(json.dumps(fault_head(fault)))["fault"])
    assert type(read) is type(fault)
    for name in ("status", "text", "cause", "reason", "part"):
        assert getattr(read, name) == getattr(fault, name)
    assert read.sentence.reply() == fault.sentence.reply(part="a {b}.pdf")


TOLD = fault_head(Permanent(PART_UNREADABLE, cause=Cause.DOCUMENT, part="x"))["fault"]


@pytest.mark.parametrize(
    "told",
    [
        None,
        [],
        {},
        TOLD | {"status": "9.9.9"},
        TOLD | {"status": 5},
        TOLD | {"cause": "magic"},
        TOLD | {"code": "many"},
    ],
)
def test_what_is_no_fault_of_ours_is_refused(told: Any) -> None:
    with pytest.raises(BadFrame):
        read_fault(told)


def test_a_fault_cannot_write_lines_into_a_log_or_a_reply() -> None:
    fault = read_fault(TOLD | {"text": "a\r\nRCPT\x00\u202e" + "b" * 9999, "reason": "c\nd"})
    assert fault.text.startswith("a RCPT??b")
    assert len(fault.text) <= 500
    assert fault.reason == "c d"
