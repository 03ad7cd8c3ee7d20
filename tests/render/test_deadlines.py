from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from smtpfax.model.errors import Permanent
from smtpfax.render.asking import Asked
from smtpfax.render.limits import Limits
from smtpfax.render.stage import PRELOAD
from smtpfax.sandbox import Sandbox, SandboxLimits
from tests.render.corpus import A4, TEXT, pdf, pdf_file, stream


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    one = Sandbox(SandboxLimits(workers=1), preload=PRELOAD)
    await one.start()
    yield one
    await one.stop()


def pattern_bomb() -> bytes:
    """One call into PDFium that draws a tile some thousand million times, and looks at no clock meanwhile."""
    tile = "/Type /Pattern /PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 1 1] /XStep .01 /YStep .01"
    return pdf_file(
        [
            "<< /Type /Catalog /Pages 2 0 R >>",
            "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R "
            "/Resources << /Pattern << /P 4 0 R >> >> >>",
            stream(f"{tile} /Resources << >>", "0 0 .5 .5 re f"),
            stream("", "/Pattern cs /P scn 0 0 595 842 re f"),
        ]
    )


async def render(sandbox: Sandbox, data: bytes) -> int:
    asked = Asked(layout=A4, names=("order.pdf",), limits=Limits(max_page_seconds=0.5))
    return len((await sandbox.run("smtpfax.render.task:render_files", asked.to_json(), [data])).blobs)


async def test_a_page_that_is_drawn_for_ever_ends_in_its_sentence_and_the_next_document_is_drawn(
    sandbox: Sandbox,
) -> None:
    with pytest.raises(Permanent) as caught:
        await render(sandbox, pattern_bomb())
    assert caught.value.text == "order.pdf is too large to be faxed: it takes too long to draw"
    assert await render(sandbox, pdf(TEXT)) == 1
