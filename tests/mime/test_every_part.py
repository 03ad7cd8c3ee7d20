"""Every part of a mail ends on a page or in the list of those left out; a refused mail lists them all."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from smtpfax.mime.choose import Chosen, choose
from smtpfax.mime.kinds import Kind
from smtpfax.mime.refusal import Refused
from smtpfax.mime.tree import MimeLimits, Tree, leaves, read
from smtpfax.model.account import Body, Logos, Quotes
from tests.mime.listing import RENDERABLE
from tests.mime.outlook import BODY, UNICODE, attachment, letter, prop
from tests.mime.test_choose import multi, part, picture
from tests.mime.test_cms import der, mail, signed

PDF = b"%PDF-1.4\n%%EOF\n"
WINMAIL = letter(prop(UNICODE, BODY, "Hello"), attachments=[attachment("w.pdf", PDF), attachment("w.txt", b"words")])
LEAVES = [
    part("text/plain", b"Please fax."),
    part("text/plain", b" "),
    part("text/plain", b"Yes.\n> No?\n-- \nAnn"),
    part("text/plain", b"See\nbegin 644 a.txt\n#86)C\n`\nend\n"),
    part("text/html", b'<p>Please.</p><img src="cid:a@x"><blockquote type=cite><img src="cid:b@x"></blockquote>'),
    part("text/html", b'<img src="cid:a@x">'),
    part("text/css", b"p{}", Content_ID="<s@x>"),
    part("application/pdf", PDF, name="a.pdf"),
    part("application/pdf", PDF),
    part("image/png", picture(300, 100), Content_ID="<a@x>"),
    part("image/png", picture(900, 900), Content_ID="<b@x>"),
    part("image/png", picture(40, 40)),
    part("image/gif", b"GIF89a"),
    part("text/calendar", b"BEGIN:VCALENDAR"),
    part("application/pkcs7-signature", b"0", name="smime.p7s"),
    part("application/ms-tnef", WINMAIL, name="winmail.dat"),
    part("message/delivery-status", b"Action: failed"),
    part("text/csv", b"a,b", name="a.csv"),
]
SELDOM = [
    part("application/x-odd", b"\0\1", name="a.odd"),
    part("application/pdf", b"", name="b.pdf"),
    part("application/ms-tnef", WINMAIL[:40], name="winmail.dat"),
    part("x/y", b"-----BEGIN PGP MESSAGE-----"),
]
SUBTYPES = ["mixed", "alternative", "related", "signed", "digest", "report"]


@st.composite
def branches(draw: st.DrawFn, children: st.SearchStrategy[bytes]) -> bytes:
    """A multipart, a mail within the mail, or a signed one around what is drawn."""
    inside = draw(st.lists(children, min_size=1, max_size=4))
    boundary = f"b{draw(st.integers(0, 10**9))}"
    whole = multi(draw(st.sampled_from(SUBTYPES)), *inside, boundary=boundary)
    match draw(st.sampled_from(["bare", "bare", "mail", "signed"])):
        case "mail":
            return b"Content-Type: message/rfc822\r\n\r\nFrom: Bob\r\n" + whole
        case "signed":
            return mail(signed(der(4, whole)))
    return whole


ONE = st.sampled_from(LEAVES) | st.sampled_from(LEAVES) | st.sampled_from(LEAVES + SELDOM)
MAILS = st.recursive(ONE, branches, max_leaves=12)
HABITS = st.tuples(st.sampled_from(Body), st.sampled_from(Logos), st.sampled_from(Quotes))


Choices = tuple[Body, Logos, Quotes]


def fate(content: bytes, habits: Choices, renderable: frozenset[Kind]) -> tuple[Tree | None, Chosen | Refused]:
    """The mail's parts, if it can be read, and what becomes of them."""
    body, logos, quotes = habits
    tree = None
    try:
        tree = read(content, limits=MimeLimits())
        return tree, choose(tree, body=body, logos=logos, quotes=quotes, renderable=renderable)
    except Refused as refused:
        return tree, refused


@settings(max_examples=500, deadline=None)
@given(MAILS, HABITS, st.frozensets(st.sampled_from(sorted(RENDERABLE)), max_size=3))
def test_every_part_is_faxed_or_left_out_with_a_reason(
    content: bytes, habits: Choices, unknown: frozenset[Kind]
) -> None:
    tree, became = fate(content, habits, RENDERABLE - unknown)
    there = [leaf.path for leaf in leaves(tree)] if tree else None
    if isinstance(became, Refused):
        told = [note.path for note in became.parts]
        assert len(set(told)) == len(told)
        assert there is None or told == there
        return
    told = [part.path for part in became.parts] + [note.path for note in became.left_out]
    assert sorted(told) == sorted(there or [])
    assert all(note.left_out for note in became.left_out)
    assert became.parts or became.cover_text
    on_cover = any(note.left_out == "the text stands on the cover page" for note in became.left_out)
    assert on_cover is bool(became.cover_text)
