from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from smtpfax.mime.choose import Part
from smtpfax.mime.kinds import Kind
from smtpfax.model.document import Paper, Resolution
from smtpfax.model.errors import Permanent
from smtpfax.render.converters import fonts
from smtpfax.render.converters.fonts import missing
from smtpfax.render.converters.grid import can_draw
from smtpfax.render.converters.text import COLUMNS, _typeset, lines_per_page, pages_of, wrap
from smtpfax.render.limits import Limits
from smtpfax.render.pages import canvas_of
from tests.render.corpus import A4, at, first_page, opened, part


def text(written: str) -> Part:
    return part(written.encode(), Kind.TEXT, charset="utf-8", name="note.txt")


def refusal(written: str, limits: Limits) -> Permanent:
    with pytest.raises(Permanent) as caught:
        opened(part(written.encode(), Kind.TEXT, name="note.txt"), limits=limits)
    return caught.value


@pytest.mark.parametrize(
    ("line", "pieces"),
    [
        ("", [""]),
        ("short", ["short"]),
        ("a\tb", ["a       b"]),
        ("x" * 80, ["x" * 80]),
        ("x" * 81, ["x" * 80, "x"]),
        ("x" * 70 + " " + "y" * 20, ["x" * 70, "y" * 20]),
        ("x" * 80 + " y", ["x" * 80, "y"]),
        ("x" * 10 + " " + "y" * 90, ["x" * 10 + " " + "y" * 69, "y" * 21]),  # no long gap for a long word
        ("漢" * 41, ["漢" * 40, "漢"]),  # they are two columns wide
        ("e\u0301" * 80, ["e\u0301" * 80]),  # an accent takes none
        ("trailing   ", ["trailing"]),
    ],
)
def test_long_lines_go_on_in_the_next(line: str, pieces: list[str]) -> None:
    assert list(wrap(line)) == pieces


@given(some.text(alphabet=some.sampled_from("ab 漢\u0301\t"), max_size=500))
def test_wrapping_loses_nothing_but_blanks(line: str) -> None:
    pieces = list(wrap(line))
    assert "".join(pieces).replace(" ", "") == line.replace("\t", "").replace(" ", "")
    assert all(len(piece) <= COLUMNS for piece in pieces if piece.isascii())


@pytest.mark.parametrize(
    ("written", "pages"),
    [
        ("one\ntwo\nthree", ["one\ntwo", "three"]),
        ("one\ftwo", ["one", "two"]),
        ("one\n\n\n\n\n", ["one"]),
        ("one\r\ntwo\rthree\f\n", ["one\ntwo", "three"]),
        ("a\x00b\x1b[0m\ufeffc", ["ab[0mc"]),
        ("a\f\fb", ["a", "", "b"]),
    ],
)
def test_pages_end_at_form_feeds_and_when_they_are_full(written: str, pages: list[str]) -> None:
    assert list(pages_of(written, 2)) == pages


@pytest.mark.parametrize("paper", list(Paper))
def test_a_full_page_of_text_is_one_page(paper: Paper) -> None:
    lines = lines_per_page(paper)
    layout = at(A4.resolution, paper)
    full = "\n".join("x" * COLUMNS for _ in range(lines))
    assert opened(text(full), layout).count == 1
    assert opened(text(full + "\nx"), layout).count == 2
    page = first_page(text(full), layout)
    rows, columns = np.nonzero(page < 128)
    assert 80 < columns.min() < 160
    assert 1540 < columns.max() < 1680  # 80 columns fit between the margins
    assert rows.max() < len(page) - 80


def test_scripts_from_right_to_left_stand_at_the_right() -> None:
    left, right = (np.nonzero(first_page(text(line)) < 128)[1] for line in ("hello", "שלום עולם"))
    assert left.max() < 600
    assert right.min() > 1000


@pytest.mark.parametrize("resolution", [Resolution.FINE, Resolution.SUPERFINE])
@pytest.mark.parametrize("line", ["The quick brown fox, 12.50 €", "Grüße, ¡olé!", "Привет, мир", "Ελληνικά", "─│┼ ½ ±"])
def test_latin_greek_and_cyrillic_look_the_same_on_the_grid_as_typeset(line: str, resolution: Resolution) -> None:
    one, layout = text(line), at(resolution)
    assert can_draw(line)
    plain = first_page(one, layout)
    typeset = _typeset(one, [line], canvas=canvas_of(layout), limits=Limits()).draw(0)
    for page in (plain, typeset):
        rows, columns = np.nonzero(page < 128)
        assert columns.min() == pytest.approx(144, abs=30)
        assert (columns.max() - columns.min()) / len(line) == pytest.approx(18, abs=2.2)
        assert rows.max() / layout.resolution.lines_per_inch * 25.4 < 15 + 4.7
    inks = [np.count_nonzero(page < 128) for page in (plain, typeset)]
    assert inks[0] == pytest.approx(inks[1], rel=0.25)


@pytest.mark.parametrize("line", ["שלום", "مرحبا", "สวัสดี", "नमस्ते", "漢字かな", "한국어", "e\u0301", "😀"])
def test_every_other_script_is_typeset_and_drawn(line: str) -> None:
    assert not can_draw(line)
    sheets = opened(text(line))
    assert sheets.missing == missing(line)
    assert (sheets.draw(0) < 128).any()


def test_what_no_font_has_is_counted() -> None:
    assert missing("plain, Grüße, \u200b\ufe0f\x07") == 0
    never = "\U00016a70"  # Tangsa: in no font of Debian's
    if missing(never):  # else somebody has drawn it meanwhile
        assert opened(text(f"{never} and {never}, 漢字")).missing == missing("漢字") + 2


def test_without_the_font_everything_is_typeset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "_MONO", "nowhere.ttf")
    fonts.mono_path.cache_clear()
    fonts.plain_characters.cache_clear()
    try:
        assert not can_draw("plain")
        assert (first_page(text("plain")) < 128).any()
    finally:
        monkeypatch.undo()
        fonts.mono_path.cache_clear()
        fonts.plain_characters.cache_clear()


@pytest.mark.parametrize("words", ["Inner.", "漢字"])
def test_a_mail_within_the_mail_has_its_heading_above_its_text(words: str) -> None:
    bare = first_page(text(words))
    headed = first_page(replace(text(words), heading=("From: Bob", "Subject: order")))
    last = [int(np.nonzero((page < 128).any(axis=1))[0].max()) for page in (bare, headed)]
    assert last[1] - last[0] == pytest.approx(4 * 4.7 / 25.4 * 196, abs=8)  # two lines, a rule and an empty line
    assert (headed < 128).sum(axis=1).max() > 1300  # the rule


def test_a_line_of_a_million_characters_costs_no_more_than_its_length() -> None:
    began = time.process_time()
    for line in ("x" * 1_000_000, "é" * 300_000, "e" + "\u0301" * 300_000):
        assert "".join(wrap(line)) == line
    assert time.process_time() - began < 2


def test_markup_in_a_plain_text_is_only_text() -> None:
    page = first_page(text("<b>bold</b><!-- x --><script>alert(1)</script> &amp;"))
    columns = np.nonzero(page < 128)[1]
    assert columns.max() - columns.min() > 800  # all of it is to be seen


def test_pages_are_bounded_before_they_are_typeset() -> None:
    began = time.process_time()
    assert refusal("\f".join("x" * 5000), Limits(max_pages=20)).text == "the fax would have more than 20 pages"
    assert time.process_time() - began < 0.5


def test_octets_are_bounded() -> None:
    fault = refusal("x" * 1001, Limits(max_text_bytes=1000))
    assert fault.text == "note.txt is too large to be faxed: a text of more than 1000 octets"


# The test runner's own hooks may be what the alarm interrupts first; it then rings again.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_what_takes_too_long_to_typeset_ends_in_its_sentence() -> None:
    fault = refusal("漢字 " * 20_000, Limits(max_text_seconds=0.05))
    assert fault.text == "note.txt is too large to be faxed: it takes too long to typeset"


def test_an_empty_text_is_a_blank_page() -> None:
    assert (first_page(text("")) == 255).all()
