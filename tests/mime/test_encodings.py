"""Transfer encodings and charsets, as they ought to be and as they are."""

import binascii
from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpfax.mime.charsets import charset_of, known
from smtpfax.mime.encodings import decode, uu_blocks
from smtpfax.mime.hypertext import has_pictures, has_words, references

DATA = b"%PDF-1.4 some octets \xff\x00 and a few more, so that there are two lines of them"
LINES = b64encode(DATA)[:60] + b"\r\n" + b64encode(DATA)[60:]


@pytest.mark.parametrize("spelled", ["base64", "BASE64", "base-64", "Base 64", "base64 (the usual)", "b64", '"base64"'])
def test_base64_has_many_spellings(spelled: str) -> None:
    assert decode(LINES, spelled) == DATA


@pytest.mark.parametrize(
    "body",
    [
        LINES.rstrip(b"="),
        LINES.replace(b"\r\n", b"\r\n\r\n \t"),
        LINES[:20] + b"!*-" + LINES[20:],
        LINES + b"\r\n\r\n-- \r\nA footer of the list\r\n",
        b"\r\n".join(b64encode(DATA[start : start + 10]) for start in range(0, len(DATA), 10)),
        LINES + b"\x00",
    ],
    ids=["no padding", "blank lines", "foreign characters", "a footer", "padded lines", "a last NUL"],
)
def test_base64_is_read_though_it_is_broken(body: bytes) -> None:
    assert decode(body, "base64") == DATA


def test_base64_that_was_cut_off_gives_what_is_left() -> None:
    for end in range(8, len(LINES)):
        assert DATA.startswith(decode(LINES[:end], "base64"))


def test_what_is_not_base64_at_all_stays_as_it_is() -> None:
    assert decode(b"Only words, and a full stop.\r\n", "base64") == b"Only words, and a full stop.\r\n"


@pytest.mark.parametrize("spelled", ["quoted-printable", "Quoted-Printable", "quotedprintable", "qp"])
def test_quoted_printable_is_read(spelled: str) -> None:
    assert decode(b"Gr=FC=\r\n=dfe =zz", spelled) == b"Gr\xfc\xdfe =zz"


@pytest.mark.parametrize("spelled", ["", "7bit", "8bit", "binary", "no-such-thing"])
def test_what_is_not_encoded_stays_as_it_is(spelled: str) -> None:
    assert decode(LINES, spelled) == LINES


UU = b"begin 644 a.pdf\r\n" + b"".join(binascii.b2a_uu(DATA[at : at + 45]) for at in (0, 45)) + b"`\nend\r\n"


def test_uuencoded_files_are_found_in_a_text() -> None:
    text = b"before\r\n" + UU + b"between\r\n" + UU.replace(b"a.pdf", b"b.pdf") + b"after"
    blocks = list(uu_blocks(text))
    assert [(block.name, block.data) for block in blocks] == [("a.pdf", DATA), ("b.pdf", DATA)]
    assert text[: blocks[0].start] == b"before\r\n"
    assert text[blocks[1].end :].strip() == b"after"
    assert decode(UU, "x-uuencode") == DATA


@pytest.mark.parametrize(
    "text", [b"begin 644 x\r\n", b"to begin 644 x\nend", b"begin 644 x\n\xff\xff\nend", b"begin\nend"]
)
def test_what_only_looks_like_a_uuencoded_file_is_text(text: bytes) -> None:
    assert list(uu_blocks(text)) == []


@given(st.binary(max_size=300), st.sampled_from(["base64", "qp", "uuencode"]))
def test_any_octets_can_be_decoded(body: bytes, encoding: str) -> None:
    assert len(decode(body, encoding)) <= len(body)


@given(st.binary(max_size=300))
def test_base64_is_undone(data: bytes) -> None:
    assert decode(binascii.b2a_base64(data), "base64") == data


@pytest.mark.parametrize(
    ("data", "declared", "codec"),
    [
        (b"plain", "us-ascii", "cp1252"),
        ("Grüße".encode(), "", "utf-8"),
        ("Grüße".encode(), "us-ascii", "utf-8"),
        ("Grüße".encode(), "iso-8859-1", "utf-8"),
        ("Grüße".encode("latin-1"), "iso-8859-1", "cp1252"),
        ("Grüße".encode("latin-1"), "utf-8", None),
        ("€".encode("utf-8-sig"), "iso-8859-1", "utf-8-sig"),
        ("€".encode("utf-16"), "", "utf-16"),
        ("漢字".encode("gb18030"), "gb2312", "gb18030"),
        ("①".encode("cp932"), "Shift_JIS", "cp932"),
        ("Привет, как дела? Высылаю документ.".encode("koi8-r"), "koi8-r", "koi8-r"),
        (b"x", "no-such", "utf-8"),
        (b"x", "idna", "utf-8"),
        (b"x", "zlib", "utf-8"),
        (b"x", "../../x", "utf-8"),
    ],
)
def test_a_text_is_read_with_the_charset_that_fits(data: bytes, declared: str, codec: str | None) -> None:
    found = charset_of(data, declared)
    assert codec is None or found == codec
    data.decode(found)


@given(st.binary(max_size=200), st.text(max_size=20))
def test_every_text_has_a_codec_that_exists(data: bytes, declared: str) -> None:
    data.decode(charset_of(data, declared), "replace")


def test_codecs_that_are_no_charsets_are_not_known() -> None:
    assert {known(name) for name in ("hex", "rot13", "punycode", "unicode_escape", "undefined", "", "a\0b")} == {""}


@pytest.mark.parametrize(
    ("markup", "words"),
    [
        ("<p>x</p>", True),
        ("x", True),
        ("<p>&amp;</p>", True),
        ("<p>&nbsp;&#160;&zwnj; \u200b</p>", False),
        ("<style>p{}</style><script>x</script><title>x</title><!-- x -->", False),
        ("<style>x", False),
        ("<!-- x --><b>y", True),
        ("<img src='x'>", False),
        ("<" * 1000, False),
        ("", False),
    ],
)
def test_html_has_words_or_not(markup: str, words: bool) -> None:
    assert has_words(markup) is words


def test_html_names_its_pictures() -> None:
    assert references('<img src="cid:a@x"><p background=CID:b%40x>') == {"a@x", "b@x"}
    assert has_pictures('<img alt="x" src="cid:a">')
    assert not has_pictures('<img src="http://x/y.png">')


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("iso-8859-8-i", "iso8859-8"),
        ("ISO-8859-6-E", "iso8859-6"),
        ("x-sjis", "cp932"),
        ("windows-874", "cp874"),
        ("x-windows-949", "cp949"),
        ("ibm-1252", "cp1252"),
        ("x-mac-roman", "mac-roman"),
        ("gb_2312-80", "gb18030"),
        ("x-hex", ""),
        ("x-idna", ""),
        ("cp99999", ""),
        ("x-user-defined", ""),
    ],
)
def test_names_that_other_programs_use_are_known(name: str, codec: str) -> None:
    assert known(name) == codec


@pytest.mark.parametrize(
    ("written", "charset"),
    [
        ("<meta charset=windows-1255><p>שלום</p>", "cp1255"),
        ('<html><meta http-equiv="Content-Type" content="text/html; charset=koi8-r"><p>Привет</p>', "koi8-r"),
        ("<?xml version='1.0' encoding='big5'?><a>漢字</a>", "big5"),
    ],
)
def test_markup_may_say_itself_what_its_charset_is(written: str, charset: str) -> None:
    data = written.encode(charset)
    assert data.decode(charset_of(data, "")) == written
    assert charset_of(data, "latin-1") == "cp1252"  # the mail is asked first


def test_markup_that_says_it_is_wide_while_it_is_read_octet_by_octet_lies() -> None:
    assert charset_of(b"<meta charset=utf-16><p>words</p>", "") == "utf-8"
