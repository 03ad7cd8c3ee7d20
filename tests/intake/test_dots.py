"""The reader of DATA, against a plain reading of RFC 5321, however the octets are cut."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from smtpfax.intake.dots import Dots
from smtpfax.model.status import BARE_NEWLINE, LINE_TOO_LONG, NUL_OCTET

LINES = st.lists(st.binary(max_size=30).map(lambda line: line.translate(None, b"\0\r\n")), max_size=12)


def fed(raw: bytes, cuts: list[int], *, max_line: int = 1000) -> tuple[bytes, Dots]:
    """The octets, cut there."""
    dots, out, last = Dots(max_line=max_line), b"", 0
    for cut in [*sorted(cut % (len(raw) + 1) for cut in cuts), len(raw)]:
        out += dots.feed(raw[last:cut])
        last = cut
    return out, dots


@given(LINES, st.lists(st.integers(min_value=0)))
def test_lines_come_out_as_the_client_meant_them_wherever_the_network_cut(lines: list[bytes], cuts: list[int]) -> None:
    stuffed = b"".join((b"." + line if line.startswith(b".") else line) + b"\r\n" for line in lines)
    out, dots = fed(stuffed, cuts)
    assert dots.fault is None
    assert out == b"".join(line + b"\r\n" for line in lines)


@given(st.binary(max_size=200), st.lists(st.integers(min_value=0)))
def test_a_bare_cr_or_lf_is_found_wherever_the_network_cut(raw: bytes, cuts: list[int]) -> None:
    raw = raw.replace(b"\0", b"") + b"\r\n"
    assume(b"\r\n.\r\n" not in b"\r\n" + raw)
    pairs = raw.count(b"\r\n")
    bare = raw.count(b"\r") != pairs or raw.count(b"\n") != pairs
    _, dots = fed(raw, cuts)
    assert (dots.fault is not None) == bare
    if bare:
        assert dots.fault == BARE_NEWLINE.reply()


@given(LINES, st.booleans(), st.binary(max_size=30), st.lists(st.integers(min_value=0)))
def test_the_final_dot_is_found_wherever_the_network_cut(
    lines: list[bytes], bare: bool, behind: bytes, cuts: list[int]
) -> None:
    stuffed = b"".join((b"." + line if line.startswith(b".") else line) + b"\r\n" for line in lines)
    raw = (b"bad\n\r\n" if bare else b"") + stuffed + b".\r\n"
    dots, out, rest = Dots(max_line=1000), b"", b""
    last = 0
    for cut in [*sorted(cut % (len(raw + behind) + 1) for cut in cuts), len(raw + behind)]:
        piece = (raw + behind)[last:cut]
        out, rest = (out + dots.feed(piece), rest) if dots.rest is None else (out, rest + piece)
        last = cut
    assert dots.rest is not None
    assert dots.rest + rest == behind
    assert out == (b"" if bare else b"".join(line + b"\r\n" for line in lines))


@pytest.mark.parametrize("cuts", [[], [5], [10], [11, 12], list(range(30))])
def test_a_line_over_the_limit_is_found_and_one_at_the_limit_is_not(cuts: list[int]) -> None:
    good, fine = fed(b"a" * 10 + b"\r\nb\r\n", cuts, max_line=10)
    assert fine.fault is None
    assert good == b"a" * 10 + b"\r\nb\r\n"
    _, long = fed(b"b\r\n" + b"a" * 11 + b"\r\n", cuts, max_line=10)
    assert long.fault == LINE_TOO_LONG.reply(limit=10)


def test_after_a_fault_nothing_comes_out_any_more() -> None:
    dots = Dots(max_line=100)
    assert dots.feed(b"a\nb\r\n") == b""
    assert dots.feed(b"good\r\n") == b""


@given(st.lists(st.integers(min_value=0)))
def test_an_octet_of_value_0_is_found_wherever_the_network_cut(cuts: list[int]) -> None:
    out, dots = fed(b"a\r\nb\0c\r\n", cuts)
    assert dots.fault == NUL_OCTET.reply()
    assert out in (b"", b"a\r\n")
