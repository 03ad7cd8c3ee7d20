"""Addresses: what RFC 5321 and RFC 6531 allow, and what lax parsers let in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpfax.model.address import (
    NULL,
    BadAddress,
    ForwardPath,
    ReversePath,
    domain_name,
    forward_path,
    mailbox,
    reverse_path,
)

GOOD = [
    ("<ann@acme.example>", "ann", "acme.example"),
    ("<Ann.O'Brian+fax@ACME.Example>", "Ann.O'Brian+fax", "acme.example"),
    ("<+12025550123@fax.example>", "+12025550123", "fax.example"),
    ("<FAX=+12025550123/T33S=42@fax.example>", "FAX=+12025550123/T33S=42", "fax.example"),
    ('<"1555"@f.example>', "1555", "f.example"),
    ('<"ann"@acme.example>', "ann", "acme.example"),
    ('<"a\\nn"@acme.example>', "ann", "acme.example"),
    ('<"+1 (202) 555-0123"@fax.example>', "+1 (202) 555-0123", "fax.example"),
    ("<\u00e5nn@acme.example>", "\u00e5nn", "acme.example"),
    ("<\u5f20\u4e09@\u4f8b\u5b50.example>", "\u5f20\u4e09", "xn--fsqu00a.example"),
    ("<ann@B\u00dcCHER.example>", "ann", "xn--bcher-kva.example"),
    ("<" + "a" * 64 + "@acme.example>", "a" * 64, "acme.example"),
    ("<IMCEAFAX-" + "a" * 245 + "@acme.example>", "IMCEAFAX-" + "a" * 245, "acme.example"),  # Exchange knows no bound
    ("<ann@localhost>", "ann", "localhost"),
]
# The rows 11 and 12 of what aiosmtpd's own parser lets in, and their kin.
BAD = [
    "ann@acme.example",
    "<ann@acme.example",
    "ann@acme.example>",
    "<a b@c.example>",
    "<1555(x)1234@f.example>",
    "<a@b.c\x00>",
    "<@x,@y:a@b.example>",
    "<a@b.example>SIZE=10",
    "<a@b.example> SIZE=10",
    " <a@b.example>",
    "<a@b.example>\r\n",
    "<a@b.example\r\nRCPT TO:<c@d.example>",
    "<<a@b.example>>",
    "<a@b@c.example>",
    "<@b.example>",
    "<a@>",
    "<a>",
    "<a@b..example>",
    "<a@.example>",
    "<a@-b.example>",
    "<a@b-.example>",
    "<a@b_c.example>",
    "<a@[192.0.2.1]>",
    "<.a@b.example>",
    "<a.@b.example>",
    "<a..b@c.example>",
    "<" + "a" * 65 + "@b.example>",
    "<IMCEAFAX-" + "a" * 246 + "@b.example>",
    "<" + "\u00e5" * 33 + "@b.example>",
    "<a@" + "b" * 64 + ".example>",
    "<a@" + "b." * 130 + "example>",
    "<a,b@c.example>",
    "<a;b@c.example>",
    "<a\\b@c.example>",
    '<a"b@c.example>',
    '<"a@b.example>',
    '<"a,b"@c.example>',
    '<"a@b"@c.example>',
    '<" a"@c.example>',
    '<"\\\r\\\n"@c.example>',
    '<""@c.example>',
    "<\udcff@b.example>",  # a raw octet that is not UTF-8
    "<a@\udcff.example>",
    "<a\u2028b@c.example>",
    "<a\u00a0b@c.example>",
    "<a\u200bb@c.example>",
    "<a\u202eb@c.example>",
    "<a\x85b@c.example>",
    "<a@\u2028.example>",
    "<a@b.example\u3002>",
]


@pytest.mark.parametrize(("argument", "local", "domain"), GOOD)
def test_an_address_is_parsed_into_its_two_parts(argument: str, local: str, domain: str) -> None:
    path = reverse_path(argument)
    assert (path.local_part, path.domain) == (local, domain)
    assert forward_path(argument) == ForwardPath(local, domain)


@pytest.mark.parametrize("argument", BAD, ids=ascii)
def test_what_is_no_address_is_refused_in_a_sentence_without_it(argument: str) -> None:
    for parse in (reverse_path, forward_path):
        with pytest.raises(BadAddress) as caught:
            parse(argument)
        assert str(caught.value).isascii()


@pytest.mark.parametrize(("argument", "local", "domain"), GOOD)
def test_an_address_is_read_back_from_what_it_writes(argument: str, local: str, domain: str) -> None:
    path = reverse_path(argument)
    assert reverse_path(f"<{path}>") == path == mailbox(str(path))
    assert forward_path(f"<{forward_path(argument)}>") == ForwardPath(local, domain)


@given(st.text(max_size=80))
def test_any_text_is_an_address_that_is_read_back_or_is_refused(text: str) -> None:
    for parse in (reverse_path, forward_path):
        try:
            path = parse(f"<{text}>")
        except BadAddress:
            continue
        assert parse(f"<{path}>") == path
        assert str(path).isprintable()
        assert str(path).encode().decode() == str(path)


@given(st.binary(max_size=40))
def test_any_octets_as_a_session_decodes_them_are_an_address_or_refused(octets: bytes) -> None:
    try:
        written = str(reverse_path("<" + octets.decode("utf-8", "surrogateescape") + ">"))
    except BadAddress:
        return
    assert written.encode().decode() == written


def test_the_null_reverse_path_is_empty_and_is_nobodys() -> None:
    path = reverse_path("<>")
    assert path == NULL
    assert path.null
    assert (str(path), path.key) == ("", "")
    assert not ReversePath("ann", "acme.example").null


def test_only_a_reverse_path_may_be_null() -> None:
    with pytest.raises(BadAddress):
        forward_path("<>")


@pytest.mark.parametrize(
    "argument", ["<postmaster>", "<PostMaster>", "<postmaster@fax.example>", "<POSTMASTER@fax.example>"]
)
def test_postmaster_is_known_in_any_case_and_without_a_domain(argument: str) -> None:
    assert forward_path(argument).postmaster


def test_postmaster_without_a_domain_writes_itself_so() -> None:
    assert str(forward_path("<Postmaster>")) == "postmaster"
    with pytest.raises(BadAddress):
        reverse_path("<postmaster>")


def test_people_are_compared_without_regard_to_case() -> None:
    assert reverse_path("<Ann@ACME.example>").key == mailbox("ann@acme.example").key


@pytest.mark.parametrize(
    ("text", "name"),
    [("Fax.Example", "fax.example"), ("b\u00fccher.example", "xn--bcher-kva.example"), ("a-b.c1", "a-b.c1")],
)
def test_a_domain_has_one_form(text: str, name: str) -> None:
    assert domain_name(text) == name


@pytest.mark.parametrize(
    "text", ["", ".", "a.", "*.a", "a b", "[::1]", "a/b", "\u202e.example", "\ud800", "a" * 64, "\u3002"], ids=ascii
)
def test_what_is_no_domain_is_refused(text: str) -> None:
    with pytest.raises(BadAddress):
        domain_name(text)


def test_a_kelvin_sign_is_no_k() -> None:
    assert ReversePath("\u212aate", "acme.example").key != ReversePath("kate", "acme.example").key
    assert ReversePath("KATE", "acme.example").key == ReversePath("kate", "acme.example").key
