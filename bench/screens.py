"""Pictures of every page, in light, in dark and on a phone, for people to look at.

In:    Debian's chromium; this checkout's virtual environment with its development packages.
Out:   PNGs in a folder.
Fails: as the house or the browser does.

    python bench/screens.py FOLDER [--only NAME]
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from playwright.async_api import Browser, ViewportSize, async_playwright

sys.path.insert(0, str(Path(__file__).parents[1]))

from smtpfax.api.present_log import parts_of
from smtpfax.intake.ears import Loop
from smtpfax.model.event import Held
from smtpfax.model.mail import Header
from smtpfax.store import AttemptFilter, Draft
from tests.web.browser import LAUNCH, sign_in
from tests.web.town import (
    BEN,
    BUSY_NUMBER,
    DESK,
    OPS,
    PHARMACY,
    SLOW_NUMBER,
    Town,
    town,
)

LOOKS: Mapping[str, tuple[str, ViewportSize]] = {
    "light": ("light", {"width": 1280, "height": 860}),
    "dark": ("dark", {"width": 1280, "height": 860}),
    "phone": ("light", {"width": 390, "height": 844}),
}


async def shoot(folder: Path, only: str) -> None:
    """Everything."""
    with tempfile.TemporaryDirectory() as place:
        async with town(Path(place)) as here, async_playwright() as playwright:
            pages = await furnish(here)
            browser = await playwright.chromium.launch(**LAUNCH)
            for look in LOOKS:
                await _look(browser, here, look, {k: v for k, v in pages.items() if only in k}, folder)
            await browser.close()


async def furnish(here: Town) -> dict[str, str]:
    """Something of everything; the pages by name."""
    await here.history(14)
    await here.mail("+12025550123@nowhere.example", sender="eve@stranger.example")
    await here.mail(f"+19005550123@{DESK}", subject="Expensive")
    await here.mail(f"+12025550123@{DESK}", sender="mallory@evil.example", subject="Not one of us")
    done = await here.fax(subject="Letter of discharge")
    await here.ends(done)
    pharmacy = await here.fax(domain=PHARMACY, sender=BEN, subject="Prescription 4711")
    await here.ends(pharmacy)
    busy = await here.fax(BUSY_NUMBER, subject="Order 1182")
    slow = await here.fax(SLOW_NUMBER, subject="Annual report")
    held = await here.fax("+12025550177", subject="Waits for a word")
    job = await here.house.store.jobs.get(held)
    assert job is not None
    if not job.state.final:
        await here.house.store.jobs.advance(job, [Held(reason="held by the administrator")], at=here.house.clock())
    await here.until(busy, lambda job: job.tries)
    await here.until(slow, lambda job: job.ticket)
    await here.house.store.attempts.flush()
    page = await here.house.store.inbox.page(limit=1)
    attempts = await here.house.store.attempts.of_job(done)
    log = await here.house.store.search(AttemptFilter(), "mallory", limit=1)
    return {
        "dashboard": "/",
        "log": "/log",
        "log-empty": "/log?text=nothing+has+this",
        "attempt-refused": f"/log/{log.page.rows[0].attempt.id}",
        "attempt-taken": f"/log/{attempts[0].attempt.id}",
        "outgoing": "/faxes/outgoing",
        "outbox": "/faxes/outbox",
        "inbox": "/faxes/inbox",
        "fax-sent": f"/faxes/outgoing/{done}",
        "fax-waits": f"/faxes/outgoing/{busy}",
        "fax-page": f"/faxes/outgoing/{done}/pages/1",
        "inbox-fax": f"/faxes/inbox/{page.rows[0].id}",
        "forward": f"/faxes/inbox/{page.rows[0].id}/forward",
        "delete": f"/faxes/outgoing/{done}/delete",
        "resend": f"/faxes/outgoing/{done}/resend",
        "cancel": f"/faxes/outgoing/{slow}/cancel",
        "send": "/send",
        "draft": await _draft(here),
        "faxboxes": "/faxboxes",
        "faxbox": "/faxboxes/acme/front-desk",
        "faxbox-edit": "/faxboxes/acme/front-desk/edit",
        "try": "/try?faxbox=acme/front-desk",
        "missing": "/log/nothing-here",
    }


async def _draft(here: Town) -> str:
    """A fax that the visitor looks at before it goes."""
    job = (await here.house.store.jobs.page(final=True, limit=1)).rows[0]
    history = await here.house.store.jobs.history(job.id)
    assert job.leaving is not None
    draft = Draft(
        id=here.house.ids(),
        owner=OPS,
        account_id="acme",
        faxbox_id="front-desk",
        number=job.number,
        to_name="Dr. Who",
        header=Header(subject="Letter of discharge"),
        sha256="0" * 64,
        octets=9,
        content_name="none",
        document=job.leaving,
        parts=parts_of(history),
        warning="page 2 will be hard to read: its letters are less than 1 mm high",
        created=here.house.clock(),
    )
    await here.house.store.drafts.add(draft)
    return f"/send/{draft.id}"


async def _look(browser: Browser, here: Town, look: str, pages: Mapping[str, str], folder: Path) -> None:
    scheme, size = LOOKS[look]
    context = await browser.new_context(viewport=size, color_scheme=scheme)  # type: ignore[arg-type]
    page = await context.new_page()
    page.on("console", lambda message: print(look, message.type, message.text) if message.type == "error" else None)
    await page.goto(f"{here.url}/sign-in")
    await page.screenshot(path=folder / f"sign-in.{look}.png")
    await sign_in(page, here.url, OPS)
    for name, path in pages.items():
        await page.goto(f"{here.url}{path}")
        await page.wait_for_load_state("networkidle")
        await page.screenshot(path=folder / f"{name}.{look}.png", full_page=True)
        wide = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wide > 0:
            print(f"{name}.{look}: {wide} pels too wide")
    await context.close()


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="", help="pages whose name has this")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    with asyncio.Runner(loop_factory=Loop) as runner:
        runner.run(shoot(asked.folder, asked.only))


if __name__ == "__main__":
    main()
