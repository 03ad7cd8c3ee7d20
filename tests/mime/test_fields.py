"""A header section is read in one way, whether it is a plain one or not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpfax.mime.fields import _any, _plain, split

LIMIT = 400
PIECES = st.sampled_from(
    [
        b"From: a",
        b"Subject: x",
        b" folded",
        b"\tfolded",
        b"no field",
        b"X y: z",
        b"A \t: b",
        b":",
        b"From ann",
        b"\xe9: x",
    ]
)
ENDS = st.sampled_from([b"\r\n", b"\r\n", b"\r\n", b"\n", b"\r", b"\r\n\r\n"])


@given(st.lists(st.tuples(PIECES, ENDS), max_size=12), st.binary(max_size=20), st.integers(0, 5))
def test_a_plain_section_is_read_as_any_other_is(lines: list[tuple[bytes, bytes]], body: bytes, start: int) -> None:
    content = b"?" * start + b"".join(text + end for text, end in lines) + body
    plain = _plain(content, start, min(len(content), start + LIMIT))
    assert plain in (None, _any(content, start, len(content), limit=LIMIT))


@pytest.mark.parametrize("name", [b"Subject", b"SUBJECT  ", b"x" * 100, b"x" * 100 + b" " * 50])
def test_a_name_is_found_in_any_case_with_blanks_behind_it(name: bytes) -> None:
    section = split(name + b": hello\r\n there\r\n\r\nbody", 0, 500, limit=LIMIT)
    assert section.fields == ((name.decode().strip().lower(), b" hello\r\n there"),)


def test_most_sections_are_plain() -> None:
    assert _plain(b"From: ann@acme.example\r\nSubject: a\r\n b\r\n\r\nbody\r\n", 0, 100) is not None
