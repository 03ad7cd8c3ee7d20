"""What a reply repeats is cut where a faxbox wants it; what its sender wrote, and what he forwards, never is."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpfax.mime.kinds import Kind
from smtpfax.mime.nodes import Leaf
from smtpfax.mime.quotes import plain, uncited


def leaf(text: str, kind: Kind = Kind.TEXT) -> Leaf:
    return Leaf(path="1", declared=str(kind), name="", kind=kind, data=text.encode(), charset="utf-8")


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Yes.\n\nOn Mon, 2 Mar 2026 at 10:00, Ann <ann@x> wrote:\n> Will you?\n>\n> Ann\n", "Yes."),
        ("Yes.\r\n\r\nOn Mon, 2 Mar 2026 at 10:00, Ann\r\n<ann@x> wrote:\r\n\r\n> Will you?\r\n", "Yes."),
        ("Ja.\nAm 02.03.2026 um 10:00 schrieb Ann:\n> Wirst du?", "Ja."),
        ("Oui.\nLe lun. 2 mars 2026 à 10:00, Ann a écrit :\n> Et ?", "Oui."),
        ("Yes.\n-----Original Message-----\nFrom: Ann\nWill you?", "Yes."),
        ("Yes.\n-- \nBob\nAcme Inc.", "Yes."),
        ("> First?\nYes.\n> Second?\nNo.", "Yes.\nNo."),
        ("On Monday I wrote:\nnothing was quoted.", "On Monday I wrote:\nnothing was quoted."),
        ("a -- b\n---\nc", "a -- b\n---\nc"),
        ("---------- Forwarded message ---------\nFrom: Ann\n\nRead this.", None),
        ("> all of it\n> is quoted", None),
        ("-----Original Message-----\nFrom: Ann\nRead this.", None),
    ],
)
def test_of_a_plain_text(text: str, left: str | None) -> None:
    """None: it stays whole."""
    assert uncited(leaf(text)).text.strip() == (text if left is None else left).strip()


GMAIL = (
    '<div dir="ltr">Yes.</div><br><div class="gmail_quote"><div class="gmail_attr">On Mon, Ann wrote:</div>Will?</div>'
)
FORWARD = '<p>See.</p><div class="gmail_quote">---------- Forwarded message ---------<br>From: Ann<br>Read this.</div>'


@pytest.mark.parametrize(
    ("markup", "kept", "gone"),
    [
        (GMAIL, ["Yes."], ["Will", "Ann"]),
        (FORWARD, ["See.", "Read this."], []),
        ('<p>Yes.</p><blockquote type="cite"><p>Will?</p></blockquote><p>Bye</p>', ["Yes.", "Bye"], ["Will"]),
        ("<p>Yes.</p><blockquote>A quotation of mine</blockquote>", ["Yes.", "mine"], []),
        ('<p>Yes.</p><hr><div id="divRplyFwdMsg">From: Ann</div><div>Will?</div>', ["Yes."], ["Ann", "Will"]),
        ('<div>Yes.<div id="appendonsend"></div>tail<p>Will?</p></div><p>after</p>', ["Yes.", "after"], ["Will"]),
        ('<p>Yes.</p><div class="moz-cite-prefix">Ann wrote:</div>between', ["Yes.", "between"], ["Ann"]),
        ('Yes.<pre class="moz-signature">--\nBob</pre>', ["Yes."], ["Bob"]),
        ('<div class="gmail_quote">Only this</div>', ["Only this"], []),
        ("<style>p{color:red}</style><p>Yes &lt; no &amp; x</p>", ["&lt; no &amp;", "p{color:red}"], []),
    ],
)
def test_of_an_html_text(markup: str, kept: list[str], gone: list[str]) -> None:
    text = uncited(leaf(markup, Kind.HTML)).text
    assert all(words in text for words in kept)
    assert not any(words in text for words in gone)


@given(st.text(alphabet="> \nOn wrote:-A", max_size=200))
def test_only_whole_lines_are_cut_from_a_plain_text(text: str) -> None:
    written = {line.rstrip() for line in text.split("\n")}
    assert {line.rstrip() for line in plain(text).split("\n")} <= written | {""}


@pytest.mark.parametrize("text", ["> " * 400_000, "On " * 300_000, "On x\n" * 200_000, "\n" * 900_000])
def test_a_hostile_text_costs_no_more_than_its_length(text: str) -> None:
    start = time.process_time()
    uncited(leaf(text))
    assert time.process_time() - start < 40


@pytest.mark.parametrize(
    "markup",
    ["<div>" * 100_000, "<b>" * 50_000 + "x", "<b>" * 199 + "<p>" * 19_000 + "x", '<p class="gmail_quote">' * 20_000],
)
def test_hostile_markup_stays_whole_or_is_cut(markup: str) -> None:
    start = time.process_time()
    assert uncited(leaf(markup, Kind.HTML)).kind is Kind.HTML
    assert time.process_time() - start < 30
