from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from smtpfax.model.account import CoverLook
from smtpfax.model.document import Layout, Paper, Resolution
from smtpfax.model.errors import Permanent
from smtpfax.render.coding import strip_of
from smtpfax.render.cover import cover_page, html_of, render_cover
from smtpfax.render.covering import Cover, CoverFacts
from smtpfax.render.limits import Limits
from smtpfax.render.stage import PRELOAD
from smtpfax.render.tiff import strips_of, tiff_of
from smtpfax.sandbox import Sandbox, SandboxLimits
from tests.render.corpus import A4

AT = datetime(2026, 11, 22, 9, 30, tzinfo=ZoneInfo("America/New_York"))
FACTS = CoverFacts(
    header="Acme Inc.",
    to_name="Dr. Jane Doe",
    to_number="+1 202-555-0123",
    from_name="Ann Smith",
    from_number="+1 202-555-0100",
    subject="Order 4711",
    body="Dear Jane,\n\nplease find the order enclosed.",
    note="Confidential: for the named recipient alone.",
    at=AT,
    bare_pages=2,
)


def bare(pages: int = 2, resolution: Resolution = Resolution.FINE) -> bytes:
    page = np.packbits(np.eye(2291, 1728, dtype=np.uint8), axis=1)
    return tiff_of([strip_of(page)] * pages, resolution)


def wire(cover: Cover) -> dict[str, object]:
    read: dict[str, object] = json.loads(json.dumps(cover.to_json()))
    return read


@pytest.mark.parametrize("template", list(CoverLook))
def test_every_template_says_all_that_there_is_to_say(template: CoverLook) -> None:
    html = html_of(replace(FACTS, look=template), pages=3)
    for words in ("Jane Doe", "202-555-0123", "Ann Smith", "202-555-0100", "Order 4711", "enclosed", "Confidential"):
        assert words in html
    assert "22 November 2026, 09:30 EST" in html
    assert ("3, with this one" in html) or ("3 pages" in html) or ("Pages:</b> 3" in html)


@pytest.mark.parametrize("template", list(CoverLook))
def test_what_is_empty_is_left_out(template: CoverLook) -> None:
    html = html_of(CoverFacts(at=AT, look=template), pages=1)
    assert "Subject" not in html
    assert "note" not in html


@pytest.mark.parametrize("field", ["subject", "body", "to_name", "from_name", "header", "note"])
def test_what_a_sender_wrote_is_text(field: str) -> None:
    facts = replace(FACTS, **{field: "<img src='http://a.example/'> {{ 7 * 7 }} {% raw %}"})
    html = html_of(facts, pages=1)
    assert "<img" not in html
    assert "&lt;img" in html
    assert "{{ 7 * 7 }}" in html


@pytest.mark.parametrize("template", list(CoverLook))
@pytest.mark.parametrize("paper", list(Paper))
def test_a_cover_is_one_page_of_the_paper(paper: Paper, template: CoverLook) -> None:
    (page,) = cover_page(replace(FACTS, look=template), Layout(paper=paper))
    assert page.rows == {Paper.A4: 2291, Paper.LETTER: 2152, Paper.LEGAL: 2739}[paper]
    assert 8 * 2000 < page.bits < 14400 * 20


def test_a_long_text_goes_on_and_its_pages_are_counted() -> None:
    long = replace(FACTS, body="A line of the letter.\n" * 120)
    pages = cover_page(long, A4)
    assert len(pages) == 3
    assert pages[0] != cover_page(replace(long, bare_pages=3), A4)[0]  # for it says so


def test_the_bare_pages_are_not_encoded_again() -> None:
    told, (tiff,) = render_cover(wire(Cover(facts=FACTS, layout=A4)), [bare()])
    strips, resolution = strips_of(tiff)
    assert strips[1:] == strips_of(bare())[0]
    assert told == {"pages": 3, "bits": sum(strip.bits for strip in strips)}
    assert resolution is Resolution.FINE


def test_pages_are_bounded_with_the_cover() -> None:
    cover = Cover(facts=FACTS, layout=A4, limits=Limits(max_pages=2))
    with pytest.raises(Permanent, match="more than 2 pages"):
        render_cover(wire(cover), [bare()])


def test_a_text_without_end_is_refused() -> None:
    with pytest.raises(Permanent, match="too large to be faxed"):
        cover_page(replace(FACTS, body="x" * 2_000_000), A4)


def test_the_zone_is_the_same_on_the_other_side() -> None:
    _, (there,) = render_cover(wire(Cover(facts=FACTS, layout=A4)), [bare()])
    assert strips_of(there)[0][0] == cover_page(FACTS, A4)[0]
    _, (elsewhere,) = render_cover(wire(Cover(facts=replace(FACTS, at=AT.astimezone(UTC)), layout=A4)), [bare()])
    assert there != elsewhere


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    one = Sandbox(SandboxLimits(workers=1), preload=PRELOAD)
    await one.start()
    yield one
    await one.stop()


async def test_a_worker_makes_it(sandbox: Sandbox) -> None:
    cover = Cover(facts=FACTS, layout=A4)
    answer = await sandbox.run("smtpfax.render.cover:render_cover", cover.to_json(), [bare()])
    assert answer.data["pages"] == 3
    assert strips_of(answer.blobs[0])[0][0] == cover_page(FACTS, A4)[0]
