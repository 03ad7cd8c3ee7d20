"""Hostile files, each in a real worker: a sentence that names the part, or pages; and the next mail goes on."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio

from smtpfax.model.errors import Fault
from smtpfax.render.asking import Asked
from smtpfax.render.known import Undone
from smtpfax.render.limits import Limits
from smtpfax.render.stage import FILES as RENDER
from smtpfax.render.stage import PRELOAD, rendered
from smtpfax.sandbox import Sandbox, SandboxLimits
from smtpfax.sandbox.office import Office, OfficeLimits, find
from tests.render.corpus import TEXT, pdf
from tests.render.hostile import FILES

LIMITS = Limits(max_page_seconds=1, max_html_seconds=2, max_text_seconds=8)
PAGES, CRASH = r"\d+ pages", "a converter failed on {name}, it will be tried once more"
LARGE, SLOW = "{name} is too large to be faxed: ", "{name} is too large to be faxed: it takes too long to draw"
BROKEN = "{name} cannot be read: it is damaged or not what it says it is"
BLANK = "the fax would be blank: nothing can be seen on its pages"
MANY, DEEP = (
    r"the fax would have more than 200 pages",
    r"the mail cannot be read: its parts are nested more than 20 deep",
)
SLOW_OFFICE = "{name} is too large to be faxed: it takes too long to convert"
EXPECTED = {
    "operators.pdf": CRASH + "|" + SLOW,
    "forms.pdf": CRASH + "|" + SLOW,
    "endless-form.pdf": CRASH + "|" + SLOW,
    "pattern.pdf": SLOW,
    "groups.pdf": SLOW + "|" + BLANK,
    "image-1.pdf": LARGE + "a picture in it has 60000 x 60000 pixels",
    "image-8.pdf": LARGE + "a picture in it has 30000 x 30000 pixels",
    "image-long.pdf": LARGE + "a picture in it has 8 x 100000000 pixels",
    "inline-image.pdf": BLANK,
    "small-images.pdf": SLOW,
    "onions.pdf": CRASH + "|" + SLOW,
    "shading.pdf": SLOW,
    "type3-font.pdf": SLOW + "|" + BLANK,
    "nested-arrays.pdf": BLANK,
    "page-loop.pdf": BROKEN,
    "table-loop.pdf": "1 pages",
    "annotations.pdf": CRASH + "|" + SLOW,
    "pages.pdf": MANY,
    "inches.pdf": "1 pages",
    "huge.pdf": BLANK,
    "flat.pdf": BLANK,
    "infinite.pdf": BLANK,
    "truncated.pdf": BROKEN,
    "encrypted.pdf": "{name} is encrypted: send it without a password",
    "empty.pdf": BROKEN,
    "loop.tif": BROKEN,
    "chain.tif": BROKEN,
    "wild.tif": BROKEN,
    "strips.tif": LARGE + "1728 x 2147483647 pixels",
    "white.tif": BLANK,
    "tile.tif": LARGE + "1073741824 x 1073741824 pixels",
    "wide.tif": LARGE + "4294967295 x 4294967295 pixels",
    "big.png": LARGE + "50000 x 50000 pixels",
    "full.png": BROKEN,
    "words.png": BROKEN,
    "big.gif": LARGE + "65535 x 65535 pixels",
    "full.gif": BROKEN,
    "big.bmp": LARGE + "60000 x 60000 pixels",
    "full.bmp": BROKEN,
    "big.psd": LARGE + "30000 x 30000 pixels",
    "full.psd": BROKEN,
    "big.webp": BROKEN,
    "big.pcx": LARGE + "65535 x 65535 pixels",
    "full.pcx": BROKEN,
    "big.tga": LARGE + "65535 x 65535 pixels",
    "full.tga": BROKEN,
    "big.jpg": LARGE + "65500 x 65500 pixels",
    "full.jpg": "1 pages",
    "big.docx": LARGE + "it unpacks to too much",
    "lying.docx": BROKEN,
    "laughs.docx": BROKEN,
    "tables.docx": SLOW_OFFICE,
    "long.docx": SLOW_OFFICE,
    "members.docx": BROKEN + "|" + SLOW_OFFICE,
    "nested.rtf": SLOW_OFFICE,
    "rows.rtf": SLOW_OFFICE,
    "repeated.fods": SLOW_OFFICE,
    "deep.html": BLANK,
    "spans.html": PAGES,
    "letters.html": PAGES,
    "pages.html": MANY,
    "margins.html": BLANK + "|" + PAGES,
    "paper.html": PAGES,
    "rows.csv": LARGE + "a table of more than 1000000 octets",
    "short-rows.csv": MANY,
    "columns.csv": MANY,
    "quote.csv": MANY,
    "feeds.txt": LARGE + "a text of more than 1000000 octets",
    "short-feeds.txt": MANY,
    "line.txt": MANY,
    "arabic.txt": LARGE + "it takes too long to typeset|" + PAGES,
    "zalgo.txt": LARGE + "it takes too long to typeset|" + PAGES,
    "nest.eml": DEEP,
    "forwards.eml": DEEP,
    "parts.eml": r"the mail has more than 100 parts",
    "words.eml": r"the mail cannot be read: its header is too long",
    "header.eml": r"the mail cannot be read: its header is too long",
    "boundaries.eml": r"the mail has more than 100 parts",
    "base64.eml": r"the mail has nothing to fax: no document and no text",
    "begin.eml": MANY,
    "tnef-objects.eml": BROKEN,
    "tnef-long.eml": BROKEN,
    "tnef-cut.eml": BROKEN,
    "tnef-nested.eml": DEEP,
    "tnef-rtf.eml": r"the mail has nothing to fax: no document and no text",
    "signed.eml": BROKEN,
    "cid.eml": BLANK,
    "punycode.eml": MANY,
}  # all others become pages
IN_A_MAIL = {"signed.eml": "smime.p7m", **{f"tnef-{each}.eml": "winmail.dat" for each in ("objects", "long", "cut")}}
OFFICE = (".docx", ".rtf", ".fods")


@asynccontextmanager
async def workers(count: int) -> AsyncIterator[Sandbox]:
    sandbox = Sandbox(SandboxLimits(workers=count), preload=PRELOAD)
    await sandbox.start()
    try:
        yield sandbox
    finally:
        await sandbox.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sandbox() -> AsyncIterator[Sandbox]:
    async with workers(1) as one:
        yield one


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office() -> AsyncIterator[Office]:
    program = find()
    if program is None:
        pytest.skip("LibreOffice is not installed on this machine")
    one = Office(OfficeLimits(cpu_seconds=4), program)
    yield one
    await one.stop()


async def said(sandbox: Sandbox, name: str, data: bytes, office: Office | None = None) -> str:
    """The sentence, or how many pages there are."""
    try:
        told, _ = await rendered(RENDER, Asked(names=(name,), limits=LIMITS), [data], sandbox=sandbox, office=office)
    except Fault as fault:
        return fault.text
    return f"{told.pages} pages"


def expected(name: str) -> str:
    part = IN_A_MAIL.get(name, name)
    return "|".join(
        each if each.startswith(r"\d") else re.escape(each.replace("{name}", part))
        for each in EXPECTED.get(name, PAGES).split("|")
    )


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("name", [name for name in FILES if not name.endswith(OFFICE)])
async def test_a_hostile_file_ends_in_its_sentence_or_in_pages(sandbox: Sandbox, name: str) -> None:
    assert re.fullmatch(expected(name), await said(sandbox, name, FILES[name]()))


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("name", [name for name in FILES if name.endswith(OFFICE)])
async def test_a_hostile_office_file_ends_in_its_sentence(sandbox: Sandbox, office: Office, name: str) -> None:
    assert re.fullmatch(expected(name), await said(sandbox, name, FILES[name](), office))


def test_every_expectation_has_its_file() -> None:
    assert EXPECTED.keys() <= FILES.keys()


async def test_other_mails_go_on_meanwhile() -> None:
    """One worker dies of one file after the other; the documents that come meanwhile are drawn by the other."""
    bombs = ["operators.pdf", "pattern.pdf", "endless-form.pdf", "shading.pdf"]
    good = pdf(TEXT)
    async with workers(2) as sandbox:
        began, ends = time.monotonic(), []

        async def attack() -> list[str]:
            return [await said(sandbox, name, FILES[name]()) for name in bombs]

        async def work() -> list[str]:
            out = []
            for _ in range(8):
                out.append(await said(sandbox, "good.pdf", good))
                ends.append(time.monotonic() - began)
            return out

        attacked, worked = await asyncio.gather(attack(), work())
        ended = time.monotonic() - began
    assert worked == ["1 pages"] * 8
    assert all(re.fullmatch(expected(name), text) for name, text in zip(bombs, attacked, strict=True))
    assert ends[-1] < ended


async def test_a_crash_is_told_with_the_parts_that_were_known(tmp_path: Path) -> None:
    async with workers(1) as sandbox:
        asked = Asked(names=("letter.pdf", "bomb.pdf"), limits=LIMITS)
        with pytest.raises(Undone) as caught:
            await rendered(RENDER, asked, [pdf(TEXT), FILES["operators.pdf"]()], sandbox=sandbox, office=None)
    assert caught.value.part == "bomb.pdf"
    assert [(part.path, part.name, part.kind) for part in caught.value.parts] == [
        ("1", "letter.pdf", "application/pdf"),
        ("2", "bomb.pdf", "application/pdf"),
    ]


def test_no_temporary_file_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    async def attack() -> None:
        async with workers(1) as sandbox:
            for name in ("operators.pdf", "full.png", "pattern.pdf"):
                await said(sandbox, name, FILES[name]())

    asyncio.run(attack())
    assert not list(tmp_path.iterdir())
