"""CSV is faxed as a table; what is no table is faxed as the text that it is."""

from __future__ import annotations

import contextlib
import csv
import io
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smtpfax.mime.choose import Part
from smtpfax.mime.kinds import Kind
from smtpfax.model.errors import Permanent
from smtpfax.render.converters import table as table_converter
from smtpfax.render.converters.table import _fitting, pages_of, rows_of
from smtpfax.render.limits import Limits
from tests.render.corpus import first_page, opened, part

PRICES = [["Article", "Pieces", "Price"], ["Screw, long", "12", "3.50"], ["Nail", "100", "0.10"]]


def table(rows: list[list[str]], mark: str = ",") -> str:
    made = io.StringIO()
    csv.writer(made, delimiter=mark).writerows(rows)
    return made.getvalue()


def sheet(written: str) -> Part:
    return part(written.encode(), Kind.CSV, charset="utf-8", name="prices.csv")


def lines(rows: list[list[str]], *, most: int = 50) -> list[list[str]]:
    size, widths = _fitting(rows)
    return list(pages_of(rows, widths, size.columns, most))


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_its_values_are_told_apart_by_any_mark(mark: str) -> None:
    assert rows_of(table(PRICES, mark)) == PRICES


@pytest.mark.parametrize(
    ("written", "rows"),
    [
        ("a,b\n1\n", [["a", "b"], ["1", ""]]),
        ("a,b\n\n,,\n1,2", [["a", "b"], ["1", "2"]]),
        ('a,b\n"x\ny","1,5"', [["a", "b"], ["x\ny", "1,5"]]),
        ("Betrag;Ort\n1,50;Köln\n2,50;Bonn", [["Betrag", "Ort"], ["1,50", "Köln"], ["2,50", "Bonn"]]),
        ("\x00a\x07,b\n1,2", [["a", "b"], ["1", "2"]]),
        ("only one column\nof words\n", []),
        ('a,b\n"never closed, 1', []),
        ("a,b\n" + "x" * 200_000 + ",1", []),
        ("", []),
    ],
)
def test_odd_ones_are_read_or_are_no_table(written: str, rows: list[list[str]]) -> None:
    assert rows_of(written) == rows


def test_a_small_table_looks_like_one() -> None:
    assert lines(PRICES) == [
        [
            "Article     │ Pieces │ Price",
            "────────────┼────────┼──────",
            "Screw, long │ 12     │ 3.50",
            "Nail        │ 100    │ 0.10",
        ]
    ]


def test_its_head_stands_on_every_page_and_long_values_go_on_below() -> None:
    rows = [
        ["No", "Remark"],
        *[[str(number), "a remark that is far too long for a line of this table " * 2] for number in range(9)],
    ]
    pages = lines(rows, most=7)
    assert len(pages) > 2
    assert {page[0].split(" │ ")[0].strip() for page in pages} == {"No"}
    assert all(len(page) <= 7 and max(map(len, page)) <= 80 for page in pages)


def test_columns_that_do_not_fit_have_pages_of_their_own() -> None:
    rows = [[f"Column {number}" for number in range(30)]] + [[f"value {number}" for number in range(30)]] * 3
    pages = lines(rows)
    assert len(pages) == 3
    assert all(max(map(len, page)) <= 120 for page in pages)
    assert [name.strip() for page in pages for name in page[0].split(" │ ")] == rows[0]


WORD = st.text(alphabet='abcß,;"| 1', max_size=30)
ROWS = st.integers(2, 12).flatmap(
    lambda across: st.lists(st.lists(WORD, min_size=across, max_size=across), max_size=12)
)


@settings(deadline=None)
@given(ROWS.map(lambda rows: [["head"] * len(rows[0]), *rows] if rows else []))
def test_no_value_is_lost(rows: list[list[str]]) -> None:
    rows = rows_of(table(rows))
    if not rows:
        return
    written = "".join(line for page in lines(rows, most=9) for line in page)
    for row in rows[1:]:
        for value in row:
            assert all(character in written for character in value)
    count = sum(value.count("1") for row in rows[1:] for value in row)
    assert written.count("1") == count


def test_a_table_is_drawn_on_its_pages() -> None:
    rows = [["Name", "Place"], *[[f"Müller {number}", "Köln"] for number in range(100)]]
    sheets = opened(sheet(table(rows)))
    assert sheets.count == 2
    for index in range(2):
        page = sheets.draw(index)
        ruled = np.nonzero((page[:, 144:500] < 128).sum(axis=1) > 250)[0]
        assert ruled.min() < 200  # the rule below its head


def test_a_table_in_any_script_is_typeset() -> None:
    sheets = opened(sheet(table([["名前", "שם"], ["山田", "דוד"]])))
    page = sheets.draw(0)
    assert sheets.count == 1
    assert (page[:300] < 128).sum(axis=1).max() > 100  # its frame


def test_a_large_one_in_any_script_is_faxed_as_text() -> None:
    rows = [["名前", "都市"], *[["山田", "東京"]] * 30]
    assert opened(sheet(table(rows)), limits=Limits(max_elements=20)).count == 1


def test_what_is_no_table_is_a_text() -> None:
    written = "just words\nand more of them\n"
    assert (first_page(sheet(written)) == first_page(part(written.encode(), Kind.TEXT, charset="utf-8"))).all()


@pytest.mark.parametrize(
    ("written", "limits", "text"),
    [
        (
            "a,b\n" * 1000,
            Limits(max_text_bytes=3000),
            "prices.csv is too large to be faxed: a table of more than 3000 octets",
        ),
        ("a,b\n" * 9000, Limits(max_pages=5), "the fax would have more than 5 pages"),
        (
            ",".join("abcd") + "\n" + ("x" * 100_000 + ",") * 9,
            Limits(max_pages=5),
            "the fax would have more than 5 pages",
        ),
    ],
)
def test_its_size_is_bounded(written: str, limits: Limits, text: str) -> None:
    began = time.process_time()
    with pytest.raises(Permanent) as caught:
        opened(sheet(written), limits=limits)
    assert caught.value.text == text
    assert time.process_time() - began < 3


def test_too_many_rows_are_refused_before_they_are_laid_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(table_converter, "_fitting")
    with pytest.raises(Permanent, match="more than 5 pages"):
        opened(sheet("a,b\n" * 9000), limits=Limits(max_pages=5))


@pytest.mark.parametrize("written", [",\n" * 400_000, "," * 900_000, '"' * 900_000, "a,b\n" * 200_000, "é," * 300_000])
def test_a_hostile_one_ends_soon(written: str) -> None:
    began = time.process_time()
    with contextlib.suppress(Permanent):
        opened(sheet(written))
    assert time.process_time() - began < 40
