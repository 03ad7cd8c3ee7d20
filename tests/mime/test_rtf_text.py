"""The text of a winmail.dat in RTF: words, or the HTML that Outlook has packed into it."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpfax.mime.rtf_text import RtfText, text_of

PACKED = rb"""{\rtf1\ansi\ansicpg1251\fromhtml1 \deff0
{\fonttbl
{\f0\fswiss\fcharset0 Arial;}
{\f1\fmodern Courier New;}}
{\colortbl;\red0\green0\blue255;}
\uc1\pard\plain\deftab360 \f0\fs24
{\*\htmltag64 <html>}
{\*\htmltag243 <!-- \'eb -->}
{\*\mhtmltag84 <a href="https://elsewhere.example">}
{\*\htmltag84 <b>}\htmlrtf {\b \htmlrtf0 Hello\htmlrtf\par }\htmlrtf0
{\*\htmltag92 </b>}
{\*\htmltag84 &gt;}\htmlrtf >\htmlrtf0 \'e9t\'e9 \u1055?\u8364\'80
{\*\htmltag104 </html>}}"""


def said(body: bytes, head: bytes = rb"\ansi\ansicpg1252") -> str:
    found = text_of(rb"{\rtf1" + head + body + b"}")
    assert not found.html
    return found.text


def test_the_html_within_is_unpacked_as_its_specification_shows() -> None:
    found = text_of(PACKED)
    assert found.html
    assert found.text == "<html><!-- ë --><b>Hello</b>&gt;été \u041f\u20ac</html>"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (rb" hello world\par bye", "hello world\r\nbye"),
        (rb"\b bold\b0  and \i not\i0 .", "bold and not."),
        (rb" a\tab b\line c\cell d\row e", "a\tb\r\nc\td\r\ne"),
        (rb" {\*\generator x;}{\fonttbl{\f0 Arial;}}{\info{\title t}}{\pict 0102}words", "words"),
        (rb" \{a\\b\}", "{a\\b}"),
        (rb" gr\'fc\'dfe", "grüße"),
        (rb" \u1055?\u1088?\u-10179?\u-8704?", "\u041f\u0440\ud83d\ude00"),
        (rb"\uc2 \u8364\'3f\'3fx\uc0 \u8364y", "\u20acx\u20acy"),
        (rb"{\fonttbl{\f0\fcharset0 A;}{\f1\fcharset204 B;}}\f0 \'e9\f1 \'ef\'f0", "é\u043f\u0440"),
        (rb"{\fonttbl{\f2\fcharset128 A;}}\f2 \'93\'fa\'96{\b \'7b}", None),
        (rb"{\fonttbl{\f2\fcharset128 A;}}\f2 \'93\'fa\'96\'7b", "\u65e5\u672c"),
        (rb" \ldblquote x\rdblquote\~\emdash", "\u201cx\u201d\u00a0\u2014"),
        (b" soft\r\nend", "softend"),
        (rb"{\field{\*\fldinst HYPERLINK x}{\fldrslt shown}}", "shown"),
    ],
)
def test_words_and_lines_are_kept(body: bytes, text: str | None) -> None:
    found = said(body)
    assert found == text if text is not None else "\u65e5" in found


def test_a_code_page_that_does_not_exist_is_the_usual_one() -> None:
    assert said(rb" \'e9", rb"\ansi\ansicpg99999") == "é"


@pytest.mark.parametrize("data", [b"", b"words", b"{\\urtf1 x}"])
def test_what_is_no_rtf_has_no_text(data: bytes) -> None:
    assert text_of(data) == RtfText(text="", html=False)


@given(st.binary(max_size=300), st.booleans())
def test_whatever_is_in_it_it_is_read(data: bytes, packed: bool) -> None:
    text_of(b"{\\rtf1" + (b"\\fromhtml1 " if packed else b" ") + data)


@given(st.lists(st.sampled_from([b"{", b"}", b"\\*", b"\\u1", b"\\uc9", b"\\f1", b"\\'e9", b"\\htmlrtf", b" x"])))
def test_whatever_stands_in_whatever_order_it_is_read(pieces: list[bytes]) -> None:
    text_of(b"{\\rtf1\\fromhtml1" + b"".join(pieces))


@pytest.mark.parametrize("piece", [b"{", b"{\\b x", b"\\'", b"\\u1?", b"x\\f1 ", b"}"])
def test_a_hostile_one_takes_time_by_its_length_alone(piece: bytes) -> None:
    began = time.process_time()
    text_of(b"{\\rtf1" + piece * 100_000)
    assert time.process_time() - began < 30
