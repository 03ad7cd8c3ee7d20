"""Any octets become a tree or a refusal; the work for it is bounded."""

import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smtpfax.mime.fields import split
from smtpfax.mime.tree import Branch, Leaf, MimeLimits, leaves, read
from smtpfax.model.account import Body, Logos
from smtpfax.model.errors import Permanent
from smtpfax.model.status import MAIL_UNREADABLE, TOO_LARGE, TOO_MANY_PARTS
from tests.mime.listing import listing

LIMITS = MimeLimits(max_parts=50, max_depth=10, max_header_bytes=4096)
PIECES = [
    b"Content-Type: multipart/mixed; boundary=a\r\n",
    b"Content-Type: multipart/alternative; boundary=\"b\"\r\n",
    b"Content-Type: message/rfc822\r\n",
    b"Content-Type: text/html; charset=utf-7\r\n",
    b"Content-Type: application/pdf; name*0*=x''%41;name*1=b\r\n",
    b"Content-Transfer-Encoding: base64\r\n",
    b"Content-Transfer-Encoding: quoted-printable\r\n",
    b"Content-Disposition: attachment; filename=\"=?utf-8?b?w7w=?=\"\r\n",
    b"\r\n", b"\r\n--a\r\n", b"\r\n--b\r\n", b"\r\n--a--\r\n", b"begin 644 x\r\n#86)C\r\nend\r\n",
    b"JVBERi0xLjQK\r\n", b"%PDF-1.4", b"<p>x<!--", b"=?utf-8?q?=00?=", b"PK\x05\x06", b"\xff\xfe\0", b"text",
]  # fmt: skip
MAIL = st.lists(st.sampled_from(PIECES) | st.binary(max_size=20), max_size=30).map(b"".join)


@settings(max_examples=400, deadline=None)
@given(st.binary(max_size=3000) | MAIL)
def test_any_octets_are_a_tree_or_a_refusal(content: bytes) -> None:
    try:
        tree = read(content, limits=LIMITS)
    except Permanent:
        return
    paths = [leaf.path for leaf in leaves(tree)]
    assert len(paths) == len(set(paths)) <= LIMITS.max_parts
    assert sum(len(leaf.data) for leaf in leaves(tree)) <= len(content) + 2 * LIMITS.max_parts


@settings(max_examples=200, deadline=None)
@given(MAIL, st.sampled_from(Body), st.sampled_from(Logos))
def test_any_octets_are_chosen_from_or_refused(content: bytes, body: Body, logos: Logos) -> None:
    assert listing(content, body=body, logos=logos)


def nested(depth: int) -> bytes:
    return b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(depth))


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (nested(12), MAIL_UNREADABLE),
        (nested(5000), MAIL_UNREADABLE),
        (b"Content-Type: message/rfc822\r\n\r\n" * 5000, MAIL_UNREADABLE),
        (b"Content-Type: multipart/mixed; boundary=a\r\n\r\n" + b"--a\r\n\r\nx\r\n" * 100_000, TOO_MANY_PARTS),
        (b"Content-Type: text/plain\r\n\r\n" + b"begin 644 x\r\nend\r\n" * 100_000, TOO_MANY_PARTS),
        (b"X: " + b"a" * 5000 + b"\r\n\r\ntext", MAIL_UNREADABLE),
        (b"Content-Type: multipart/mixed; boundary=a\r\n" + (b"\r\n--a\r\nX: " + b"a" * 4000) * 12, MAIL_UNREADABLE),
        (b"Content-Type: multipart/mixed\r\n\r\nwords", MAIL_UNREADABLE),
    ],
    ids=["12 deep", "5000 deep", "5000 mails", "100,000 parts", "100,000 files", "header", "headers", "no boundary"],
)
def test_what_asks_for_too_much_is_refused(content: bytes, status: object) -> None:
    with pytest.raises(Permanent) as caught:
        read(content, limits=LIMITS)
    assert caught.value.sentence == status


def test_a_mail_that_is_too_large_is_refused() -> None:
    with pytest.raises(Permanent) as caught:
        read(b"\r\n" + b"x" * 100, limits=MimeLimits(max_octets=50))
    assert caught.value.sentence == TOO_LARGE


def test_nesting_up_to_the_limit_is_read() -> None:
    (leaf,) = leaves(read(nested(10) + b"\r\ntext", limits=LIMITS))
    assert (leaf.path, leaf.data) == (".".join(["1"] * 10), b"text")


def test_whatever_the_setting_this_stack_does_not_overflow() -> None:
    with pytest.raises(Permanent, match="more than 100 deep"):
        read(nested(9000), limits=MimeLimits(max_depth=10_000, max_parts=10_000))


HOSTILE: dict[str, Callable[[int], bytes]] = {
    "semicolons": lambda n: b"Content-Type: text/plain" + b";" * n,
    "open quotes": lambda n: b"Content-Type: text/plain" + b';a="\\' * (n // 5),
    "parameters": lambda n: b"Content-Type: text/plain" + b"".join(b";name*%d=a" % i for i in range(n // 11)),
    "encoded words": lambda n: b"Content-Disposition: attachment; filename=" + b"=?a?q?" * (n // 6),
    "folds": lambda n: b"Content-Type: text/plain" + b"\r\n " * (n // 3),
    "tags": lambda n: b"Content-Type: text/html\r\n\r\n" + b"<" * n,
    "comments": lambda n: b"Content-Type: text/html\r\n\r\n" + b"<!--" * (n // 4),
    "images": lambda n: b"Content-Type: text/html\r\n\r\n" + b"<img src = " * (n // 11),
    "paddings": lambda n: b"Content-Type: x/y\r\nContent-Transfer-Encoding: base64\r\n\r\nA\r\n" + b"A=\n" * (n // 3),
    "begins": lambda n: b"Content-Type: text/plain\r\n\r\n" + b"begin 644 x\r\n" * (n // 13),
    "near boundaries": lambda n: b"Content-Type: multipart/mixed; boundary=a\r\n\r\n" + b"\n--a " * (n // 5) + b"x",
    "dashes": lambda n: b"Content-Type: multipart/mixed\r\n\r\n" + b"--x   \n" * (n // 7),
    "idna": lambda n: b"Content-Type: text/plain; charset=idna\r\n\r\n" + b"\xffa" * (n // 2),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_ten_times_the_octets_are_no_hundred_times_the_work(name: str) -> None:
    def cost(octets: int) -> float:
        content, start = HOSTILE[name](octets), time.process_time()
        listing(content)
        return time.process_time() - start

    cost(10_000)
    assert cost(1_000_000) < 30 * max(cost(100_000), 0.02)


def test_a_part_knows_what_its_fields_say() -> None:
    content = (
        b"Content-Type: TEXT/Plain (x); charset=ISO-8859-1\r\nContent-ID: <a@x>\r\n"
        b"Content-Location: http://x/\r\nContent-Disposition: INLINE\r\n\r\nGr\xfc\xdfe"
    )
    leaf = read(content, limits=LIMITS)
    assert isinstance(leaf, Leaf)
    assert (leaf.declared, leaf.charset, leaf.path) == ("text/plain", "cp1252", "1")
    assert (leaf.content_id, leaf.location, leaf.disposition) == ("a@x", "http://x/", "inline")


def test_a_mail_within_the_mail_keeps_its_subject() -> None:
    tree = read(b"Content-Type: message/rfc822\r\n\r\nSubject: =?utf-8?q?=C3=BC?=\r\n\r\nx", limits=LIMITS)
    assert isinstance(tree, Branch)
    assert (tree.declared, tree.heading.subject, [leaf.path for leaf in leaves(tree)]) == (
        "message/rfc822",
        "ü",
        ["1.1"],
    )


@pytest.mark.parametrize(
    ("content", "fields", "body"),
    [
        (b"A: 1\r\nB:2\r\n\r\nx", {"a": b" 1", "b": b"2"}, b"x"),
        (b"A: 1\n  2\n\nx", {"a": b" 1\n  2"}, b"x"),
        (b"\r\nx", {}, b"x"),
        (b"x", {}, b"x"),
        (b"", {}, b""),
        (b"From ann Mon Mar 2\nA: 1\n\nx", {"a": b" 1"}, b"x"),
        (b"A: 1\njunk line\nB: 2\n\nx", {"a": b" 1", "b": b" 2"}, b"x"),
        (b"A: 1\nno empty line\n\nx", {"a": b" 1"}, b"no empty line\n\nx"),
        (b"A: 1", {"a": b" 1"}, b""),
        (b"A : 1\r\n\r\n", {"a": b" 1"}, b""),
    ],
)
def test_a_header_section_ends_where_the_body_begins(content: bytes, fields: dict[str, bytes], body: bytes) -> None:
    section = split(content, 0, len(content), limit=1000)
    assert (dict(section.fields), content[section.body :]) == (fields, body)
