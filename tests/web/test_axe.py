"""axe-core on every page, in light, in dark and on a phone: nothing serious."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, ViewportSize

from smtpfax.model.cause import Cause
from tests.web.browser import sign_in
from tests.web.town import BUSY_NUMBER, DESK, OPS, Town, failed, sent

pytestmark = pytest.mark.asyncio(loop_scope="module")
GRAVE = ("serious", "critical")
LOOKS: Mapping[str, tuple[str, ViewportSize]] = {
    "light": ("light", {"width": 1280, "height": 900}),
    "dark": ("dark", {"width": 1280, "height": 900}),
    "phone": ("light", {"width": 390, "height": 844}),
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def paths(here: Town) -> Mapping[str, str]:
    """Every kind of page, with something on it."""
    now = here.house.clock()
    await here.ended(now, sent())
    await here.ended(now, failed(Cause.BUSY))
    done = await here.ends(await here.fax(subject="Read by everybody"))
    busy = await here.fax(BUSY_NUMBER, subject="Waits")
    await here.until(busy, lambda job: job.tries)
    await here.mail(f"+12025550123@{DESK}", sender="mallory@evil.example")
    await here.house.store.attempts.flush()
    store = here.house.store
    taken = (await store.attempts.of_job(done.id))[0].attempt.id
    received = (await store.inbox.page(limit=1)).rows[0].id
    return {
        "dashboard": "/",
        "log": "/log",
        "nothing matches": "/log?text=nothing+has+this",
        "attempt": f"/log/{taken}",
        "outgoing": "/faxes/outgoing",
        "outbox": "/faxes/outbox",
        "inbox": "/faxes/inbox",
        "fax": f"/faxes/outgoing/{done.id}",
        "fax that waits": f"/faxes/outgoing/{busy}",
        "page": f"/faxes/outgoing/{done.id}/pages/1",
        "received fax": f"/faxes/inbox/{received}",
        "forwarding": f"/faxes/inbox/{received}/forward",
        "deleting a received fax": f"/faxes/inbox/{received}/delete",
        "cancelling": f"/faxes/outgoing/{busy}/cancel",
        "sending again": f"/faxes/outgoing/{done.id}/resend",
        "deleting": f"/faxes/outgoing/{done.id}/delete",
        "faxboxes": "/faxboxes",
        "faxbox": "/faxboxes/acme/front-desk",
        "faxbox form": "/faxboxes/acme/front-desk/edit",
        "new faxbox": "/faxboxes/acme/new",
        "trial": "/try?faxbox=acme/front-desk",
        "not there": "/nothing",
    }


async def grave(page: Page) -> list[str]:
    """What axe finds that matters, with where it is; and whether the page is wider than its window."""
    results = await Axe().run(page)
    found: list[dict[str, Any]] = results.response["violations"]
    told = [f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in found if each["impact"] in GRAVE]
    wide = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return told + ([f"{wide} pels too wide"] if wide > 0 else [])


@pytest.mark.parametrize("look", LOOKS)
async def test_axe_finds_nothing_serious_on_any_page(
    here: Town, browser: Browser, paths: Mapping[str, str], look: str
) -> None:
    scheme, size = LOOKS[look]
    context = await browser.new_context(base_url=here.url, viewport=size, color_scheme=scheme)  # type: ignore[arg-type]
    page = await context.new_page()
    await page.goto("/sign-in")
    found = {"sign in": await grave(page)}
    await page.goto("/sign-in?way=token")
    found["sign in with a token"] = await grave(page)
    await sign_in(page, here.url, OPS)
    for name, path in paths.items():
        await page.goto(path)
        found[name] = await grave(page)
    await page.goto("/")
    await page.get_by_label(f"You: {OPS}").click()
    found["menu"] = await grave(page)
    await page.goto("/try")
    await page.get_by_label("Sender").fill("eve@evil.example")
    await page.get_by_label("Number, or a whole address").fill(f"+12025550123@{DESK}")
    await page.get_by_role("button", name="Ask the door").click()
    await page.get_by_role("heading", name="It would not be faxed").wait_for()
    found["answer"] = await grave(page)
    await page.goto(paths["sending again"])
    await page.get_by_label("To this number").fill("12")
    await page.get_by_role("button", name="Send it again").click()
    await page.get_by_role("alert").wait_for()
    found["a number that cannot be"] = await grave(page)
    await page.goto("/send")
    found["send"] = await grave(page)
    await page.get_by_label("Number").fill("12")
    await page.get_by_role("button", name="Show me the pages").click()
    await page.get_by_role("alert").wait_for()
    found["send with faults"] = await grave(page)
    await page.get_by_label("From").select_option("acme/front-desk")
    await page.get_by_label("Number").fill("+12025550142")
    await page.get_by_label("Text").fill("Read by everybody")
    await page.get_by_role("button", name="Show me the pages").click()
    await page.get_by_role("button", name="Send this fax").wait_for()
    found["preview"] = await grave(page)
    await page.goto(paths["faxbox form"])
    await page.get_by_label("Calls").fill("99")
    await page.get_by_role("button", name="Save").click()
    await page.get_by_role("alert").wait_for()
    found["form with faults"] = await grave(page)
    await context.close()
    assert {name: told for name, told in found.items() if told} == {}


async def test_axe_would_find_a_fault(browser: Browser) -> None:
    context = await browser.new_context()
    page = await context.new_page()
    await page.set_content('<html lang="en"><title>x</title><main><h1>x</h1><img src="data:,"><input></main>')
    assert {told.partition(":")[0] for told in await grave(page)} >= {"image-alt", "label"}
    await context.close()
