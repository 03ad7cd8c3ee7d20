"""Long documents, drawn by several workers, are what one worker would have drawn."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest

from smtpfax.model.errors import Permanent, Temporary
from smtpfax.render.asking import Asked, Told
from smtpfax.render.known import Unfaxable
from smtpfax.render.limits import Limits
from smtpfax.render.stage import PRELOAD
from smtpfax.render.tiff import strips_of
from smtpfax.render.trips import FILES, LONG, outcome, rendered, shares_of
from smtpfax.sandbox import Answer, Sandbox, SandboxLimits
from tests.render.corpus import A4, pdf, pdf_file, stream

WORDS = "the undersigned confirms that all goods were received complete"
PAGES = 7


def lines(size: int, page: int) -> str:
    rows = "\n".join(f"({page} {WORDS}) Tj 0 -20 Td" for _ in range(20))
    return f"BT /F {size} Tf 40 780 Td {rows} ET"


DOCUMENT = pdf(*(lines(5 if page == PAGES - 1 else 11, page) for page in range(PAGES)))


@asynccontextmanager
async def workers(count: int, **more: float) -> AsyncIterator[Sandbox]:
    sandbox = Sandbox(SandboxLimits(workers=count, **more), preload=PRELOAD)  # type: ignore[arg-type]
    await sandbox.start()
    try:
        yield sandbox
    finally:
        await sandbox.stop()


async def drawn(sandbox: Sandbox, data: bytes = DOCUMENT, limits: Limits | None = None) -> tuple[Told, bytes]:
    asked = Asked(layout=A4, names=("order.pdf",), limits=limits or Limits())
    return await rendered(FILES, asked, [data], sandbox=sandbox, office=None)


def endless(pages: int) -> bytes:
    """The last of its pages is drawn for minutes."""
    tile = "/Type /Pattern /PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 1 1] /XStep .01 /YStep .01"
    kids = " ".join(f"{5 + index} 0 R" for index in range(pages))
    page = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Pattern << /P 3 0 R >> >>"
    return pdf_file(
        [
            "<< /Type /Catalog /Pages 2 0 R >>",
            f"<< /Type /Pages /Kids [{kids}] /Count {pages} >>",
            stream(f"{tile} /Resources << >>", "0 0 .5 .5 re f"),
            stream("", "/Pattern cs /P scn 0 0 595 842 re f"),
            *[f"{page} >>"] * (pages - 1),
            f"{page} /Contents 4 0 R >>",
        ]
    )


@pytest.mark.parametrize("pages", [4, 5, 7, 20, 200])
@pytest.mark.parametrize("idle", [0, 1, 2, 3, 64])
def test_every_page_is_in_one_share(pages: int, idle: int) -> None:
    shares = shares_of(pages, idle)
    assert [page for first, end in shares for page in range(first, end)] == list(range(pages))
    assert len(shares) == max(1, min(idle, pages // 2))
    assert all(end - first >= LONG // 2 for first, end in shares)
    assert max(end - first for first, end in shares) - min(end - first for first, end in shares) <= 1


async def test_a_document_is_the_same_octet_by_octet_whoever_drew_its_pages() -> None:
    async with workers(1) as one, workers(3) as three:
        alone, together = await drawn(one), await drawn(three)
        assert three.idle == 3
    assert alone == together
    assert (together[0].pages, len(strips_of(together[1])[0])) == (PAGES, PAGES)
    assert together[0].legibility is not None
    assert together[0].legibility.letter_page == PAGES


async def test_each_worker_draws_a_share_when_they_are_idle() -> None:
    async with workers(2) as sandbox:
        asked = Asked(layout=A4, names=("order.pdf",), long=PAGES)
        counted, none = outcome(await sandbox.run(FILES, asked.to_json(), [DOCUMENT]))
        assert (counted.counted, counted.pages, none) == (PAGES, 0, [])
        assert [part.pages for part in counted.parts] == [PAGES]
        shorter = Asked(layout=A4, names=("order.pdf",), long=PAGES + 1)
        assert outcome(await sandbox.run(FILES, shorter.to_json(), [DOCUMENT]))[0].pages == PAGES


async def test_what_was_typeset_is_not_typeset_again_for_each_share() -> None:
    async with workers(2) as sandbox:
        text = "\f".join(f"page {page}" for page in range(9)).encode()
        asked = Asked(layout=A4, names=("order.txt",), long=LONG)
        told, _ = outcome(await sandbox.run(FILES, asked.to_json(), [text]))
        assert (told.counted, told.pages) == (0, 9)


async def test_documents_at_the_same_time_are_all_whole() -> None:
    async with workers(2) as sandbox:
        all_of_them = await asyncio.gather(*(drawn(sandbox) for _ in range(5)))
        assert sandbox.idle == 2
    assert all(each == all_of_them[0] for each in all_of_them)


async def test_a_page_without_end_fails_its_document_alone_and_within_its_seconds() -> None:
    async with workers(2, wall_seconds=3.0) as sandbox:
        hung = asyncio.create_task(drawn(sandbox, endless(6), Limits(max_page_seconds=600)))
        other = await drawn(sandbox)
        with pytest.raises(Temporary) as caught:
            await hung
        assert "ran past its" in caught.value.reason
        assert other == await drawn(sandbox)


async def test_a_page_that_takes_too_long_is_refused_with_its_sentence() -> None:
    async with workers(2) as sandbox:
        with pytest.raises(Unfaxable) as caught:
            await drawn(sandbox, endless(6), Limits(max_page_seconds=0.5))
        assert caught.value.text == "order.pdf is too large to be faxed: it takes too long to draw"
        assert (await drawn(sandbox))[0].pages == PAGES


async def test_the_octets_of_all_shares_are_bounded_together() -> None:
    async with workers(2) as sandbox:
        octets = (await drawn(sandbox))[0].bits // 8
        assert (await drawn(sandbox, limits=Limits(max_document_bytes=octets)))[0].pages == PAGES
        with pytest.raises(Permanent, match="larger than its fax service takes"):
            await drawn(sandbox, limits=Limits(max_document_bytes=octets - 1))


class _Liar(Sandbox):
    """Workers that tell of more pages than they draw."""

    def __init__(self, counted: int, tiffs: Iterator[bytes]) -> None:
        super().__init__(SandboxLimits(workers=2))
        self._counted, self._tiffs = counted, tiffs

    @property
    def idle(self) -> int:
        return 2

    async def run(self, task: str, request: object, blobs: object = (), **more: object) -> Answer:
        """As a broken worker would answer."""
        assert isinstance(request, dict)
        if not request["only"]:
            return Answer(data=Told(counted=self._counted).to_json())
        return Answer(data=Told(pages=1).to_json(), blobs=[next(self._tiffs)])


@pytest.mark.parametrize("tiff", [b"", b"II*\0\x08\0\0\0", b"nonsense"])
async def test_an_answer_that_is_no_document_is_a_fault_of_ours(tiff: bytes) -> None:
    with pytest.raises(Temporary):
        await drawn(_Liar(6, iter([tiff, tiff])))


async def test_pages_that_are_lacking_are_noticed() -> None:
    async with workers(1) as sandbox:
        whole = (await drawn(sandbox, pdf(lines(11, 1))))[1]
    with pytest.raises(Temporary) as caught:
        await drawn(_Liar(6, iter([whole, whole])))
    assert "2 of 6 pages" in caught.value.reason
