"""Content while it arrives: what is in hand, and what the header section is."""

from __future__ import annotations

from pathlib import Path

import pytest

from smtpfax.intake.arrival import BLOCK, Arrival
from smtpfax.intake.crowd import MOST_IN_HAND, Load, Turns
from smtpfax.mime.header import read_header
from smtpfax.spool import Spool

HEADER = b"From: <ann@acme.example>\r\nSubject: a fax\r\n for you\r\nReceived: by x\r\nReceived: by y\r\n\r\n"
CONTENT = HEADER + b"Subject: not this\r\n\r\nReceived: nor this\r\n" + b"x" * 70 + b"\r\n"
PIECE = b"x" * 78 + b"\r\n"


def arriving(folder: Path, load: Load, *, inline: int = 262_144) -> Arrival:
    return Arrival(Spool(folder / "spool"), load, Turns(), inline=inline, most=10**9)


@pytest.mark.parametrize("size", [1, 3, 7, 50, len(HEADER) - 1, len(HEADER), 1000])
def test_the_header_is_the_same_however_the_content_is_cut(tmp_path: Path, size: int) -> None:
    arrival = arriving(tmp_path, Load())
    for start in range(0, len(CONTENT), size):
        assert arrival.write(CONTENT[start : start + size]) is None
    assert read_header(arrival.head) == read_header(CONTENT)
    assert len(arrival.head) <= len(HEADER)
    assert arrival.in_hand().inline == CONTENT


@pytest.mark.parametrize("content", [b"", b"\r\nbody\r\n", b"no header at all\r\n", b"Subject: x\r\nnothing more\r\n"])
def test_a_content_without_a_header_section_or_a_body_is_read_as_it_was(tmp_path: Path, content: bytes) -> None:
    arrival = arriving(tmp_path, Load())
    assert content == b"" or arrival.write(content) is None
    assert read_header(arrival.head) == read_header(content)


async def test_where_much_is_in_all_hands_blocks_go_to_the_disk_sooner(tmp_path: Path) -> None:
    load = Load()
    block = PIECE * 1000
    few = arriving(tmp_path, load)
    assert few.write(block) is None
    load.in_hand += MOST_IN_HAND  # other sessions'
    work = few.write(block)
    assert work is not None
    await work
    assert load.in_hand == MOST_IN_HAND
    kept = await few.keep("m1")
    assert (kept.name, kept.octets) == ("m1", 2 * len(block))
    assert (tmp_path / "spool" / "m1").read_bytes() == 2 * block


async def test_whatever_becomes_of_a_content_nothing_of_it_stays_in_hand(tmp_path: Path) -> None:
    load = Load()
    small, large, gone = (arriving(tmp_path, load, inline=1000) for _ in range(3))
    assert small.write(PIECE) is None
    for arrival in (large, gone):
        work = arrival.write(PIECE * (BLOCK // len(PIECE) + 1))
        assert work is not None
        await work
        assert arrival.write(PIECE) is None
    assert load.in_hand == 3 * len(PIECE)
    small.in_hand()
    await large.keep("m1")
    work = gone.discard()
    assert work is not None
    await work
    assert (load.in_hand, load.octets) == (0, 0)
