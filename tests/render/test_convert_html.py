from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from smtpfax.mime.choose import Part
from smtpfax.mime.hypertext import bare_text
from smtpfax.mime.kinds import Kind
from smtpfax.model.errors import Permanent
from smtpfax.render.converters.fonts import missing
from smtpfax.render.converters.html import sanitised
from smtpfax.render.converters.typesetter import Enclosed
from smtpfax.render.limits import Limits
from tests.render.corpus import first_page, image_file, opened, part

BLACK = image_file(Image.new("L", (300, 300), 0), "PNG")


def html(source: str, **resources: bytes) -> Part:
    return part(source.encode(), Kind.HTML, charset="utf-8", resources=resources)


def dark(page: NDArray[np.uint8]) -> int:
    return int((page < 128).sum())


@pytest.fixture
def door() -> Iterator[socket.socket]:
    """A listening socket: whoever knocks is seen by `accept`."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0)
        yield listening


REMOTE = """
<link rel="stylesheet" href="{url}/a.css"><base href="{url}/">
<style>@import url({url}/b.css); @import "{url}/b2.css"; @font-face {{ font-family: F; src: url({url}/c.woff) }}
 p {{ background: url({url}/d.png); font-family: F; list-style-image: url({url}/e.png); content: url({url}/f.png) }}
 @page {{ background: url({url}/g.png); @top-left {{ content: url({url}/h.png) }} }}</style>
<p style="background-image: url('{url}/i.png')">words</p>
<img src="{url}/j.png"><img srcset="{url}/k.png 2x" src="k.png"><input type=image src="{url}/l.png">
<body background="{url}/m.png"><table background="{url}/n.png"><tr><td>cell</table>
<iframe src="{url}/o"></iframe><object data="{url}/p"></object><embed src="{url}/q"><video poster="{url}/r"></video>
<svg><image href="{url}/s.png" xlink:href="{url}/t.png"/><use href="{url}/u.svg#a"/></svg>
<img src="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='9' height='9'%3E%3Cimage
 href='{url}/v.png' width='9' height='9'/%3E%3Cstyle%3E@import url({url}/w.css);%3C/style%3E%3C/svg%3E">
<a rel="attachment" href="{url}/x.pdf">x</a><script src="{url}/y.js"></script>
<meta http-equiv=refresh content="0;{url}">
<img src="file:///etc/hostname"><img src="cid:vector">
"""
VECTOR = """<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="90" height="90">
<image xlink:href="{url}/z.png" width="90" height="90"/><use xlink:href="{url}/z.svg#a"/></svg>"""


def test_nothing_is_fetched_from_anywhere(door: socket.socket) -> None:
    url = f"http://127.0.0.1:{door.getsockname()[1]}"
    remote = html(REMOTE.format(url=url), vector=VECTOR.format(url=url).encode())
    assert dark(first_page(remote)) > 500
    with pytest.raises(BlockingIOError):
        door.accept()


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1/", "https://x/", "file:///etc/passwd", "ftp://x/", "FILE:/etc/passwd"]
)
def test_the_fetcher_knows_no_way_out(url: str) -> None:
    with pytest.raises(ValueError, match="disallowed protocol"):
        Enclosed({}, 1000).fetch(url)


def test_scripts_forms_and_references_are_gone_before_it_is_typeset() -> None:
    source = """<p onclick="x()">a</p><script>b</script><iframe src="c"></iframe><form action="d"><input></form>
    <a href="http://f">g</a><img src="http://h"><img src="data:image/png;base64,AA=="><!-- i --><title>j</title>"""
    clean = sanitised(html(source))
    assert clean.split(maxsplit=1) == ["<p>a</p>", '<a>g</a><img><img src="data:image/png;base64,AA==">']


@pytest.mark.parametrize("source", ["cid:logo", "cid:lo%67o", "CID:logo", "logo", "http://mail/picture"])
def test_a_picture_of_the_mail_itself_is_shown(source: str) -> None:
    resources = {"logo": BLACK, "http://mail/picture": BLACK}
    page = first_page(part(f'<img src="{source}">'.encode(), Kind.HTML, resources=resources))
    assert dark(page) > 300_000  # 300 pixels at 96 dpi: 637 x 612 pels


def test_the_looks_of_a_mail_are_kept() -> None:
    plain = first_page(html("<p>one</p><p>two</p>"))
    tight = first_page(html("<style>p { margin: 0 }</style><p>one</p><p>two</p>"))
    assert np.nonzero(plain < 128)[0].max() > np.nonzero(tight < 128)[0].max() + 20
    right = first_page(html('<p align="right">one</p>'))
    assert np.nonzero(right < 128)[1].min() > 1400


def test_ours_is_the_size_of_the_page() -> None:
    huge = opened(html("<style>@page { size: 9000mm 9000mm }</style><p>words</p>"))
    page = huge.draw(0)
    assert np.nonzero(page < 128)[0].min() < 250
    assert dark(page) > 300


# The test runner's own hooks may be what the alarm interrupts first; it then rings again.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(
    ("source", "limits"),
    [
        ("<div>" * 3000 + "deep" + "</div>" * 3000, Limits()),
        ("<b>x</b>" * 21_000, Limits()),
        ("<table>" + "<tr><td>cell<td>cell" * 1200 + "</table>", Limits(max_html_seconds=0.1)),
    ],
    ids=["too deep", "too many elements", "too slow"],
)
def test_html_that_asks_for_too_much_is_faxed_as_its_text(source: str, limits: Limits) -> None:
    began = time.process_time()
    sheets = opened(html(source), limits=limits)
    assert dark(sheets.draw(0)) > 100
    assert time.process_time() - began < 15


def test_a_text_without_its_looks_keeps_its_pictures() -> None:
    sheets = opened(html("<b>x</b>" * 21_000 + '<img src="cid:photo">', photo=BLACK))
    assert dark(sheets.draw(sheets.count - 1)) == pytest.approx(637 * 612, rel=0.02)


def test_a_mail_within_the_mail_has_its_heading_above_its_text() -> None:
    headed = replace(html("<p>Inner.</p>"), heading=("From: <b>Bob</b>", "Subject: order"))
    page = first_page(headed)
    assert (page[:400] < 128).sum(axis=1).max() > 1300  # the rule below it
    assert dark(page) > dark(first_page(html("<p>Inner.</p>"))) + 2000


def test_what_no_font_has_is_counted() -> None:
    never = "\U00016a70"
    assert opened(html(f"<p>{never} words</p>")).missing == missing(never)
    assert opened(html("<p>words</p>")).missing == 0


def test_the_bare_text_has_a_line_for_each_block() -> None:
    source = """<style>x</style><title>y</title><h1>Dear  Ann</h1><p>one<br>two &amp; <b>three</b></p>
    <ul><li>a<li>b</ul><script>c</script><table><tr><th>item<th>price<tr><td>1<td>2.00</table>"""
    assert [line.strip() for line in bare_text(source).split("\n") if line.strip()] == [
        "Dear Ann",
        "one",
        "two & three",
        "a",
        "b",
        "item price",
        "1 2.00",
    ]


def test_the_pixels_of_a_picture_in_a_text_are_bounded() -> None:
    with pytest.raises(Permanent, match="too large") as caught:
        opened(html('<p>x</p><img src="cid:bomb">', bomb=BLACK), limits=Limits(max_pixels=89_999))
    assert caught.value.text == "the text is too large to be faxed: a picture in it has 300 x 300 pixels"


def test_a_damaged_picture_in_a_text_is_no_reason_to_refuse_it() -> None:
    for data in (BLACK[:100], BLACK[:-20], b"", b"<svg"):
        assert dark(first_page(html('<p>words</p><img src="cid:bad">', bad=data))) > 300


def test_octets_are_bounded() -> None:
    with pytest.raises(Permanent, match="HTML of more than 1000 octets"):
        opened(html("x" * 1001), limits=Limits(max_text_bytes=1000))


def test_the_same_html_is_the_same_twice() -> None:
    one = html('<h1>Hello</h1><img src="cid:logo">', logo=BLACK)
    assert (first_page(one) == first_page(one)).all()
