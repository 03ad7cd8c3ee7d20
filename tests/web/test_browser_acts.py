"""Acts on faxes in Debian's Chromium, as people do them: with a mouse, by keyboard alone, and without a script."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, FilePayload, Page, expect

from smtpfax.model.job import State
from smtpfax.testing import sample_pdf
from tests.web.browser import sign_in
from tests.web.town import ANN, ARCHIVE, LETTER, SLOW_NUMBER, Town

pytestmark = pytest.mark.asyncio(loop_scope="module")
expect.set_options(timeout=15_000)
FILE = FilePayload(name="discharge.pdf", mimeType="application/pdf", buffer=sample_pdf(LETTER))


def id_in(page: Page) -> str:
    """The fax whose page it is."""
    return page.url.split("/faxes/outgoing/")[1].partition("?")[0]


async def test_a_fax_is_previewed_and_sent_from_the_form(here: Town, page: Page) -> None:
    await sign_in(page, here.url, ANN)
    await page.get_by_role("link", name="Send").click()
    await expect(page.get_by_label("From")).to_have_value("acme/front-desk")
    await page.get_by_label("Number").fill("12")
    await page.get_by_label("For (a name").fill("Dr. Who")
    await page.get_by_label("Files", exact=True).set_input_files(FILE)
    await page.get_by_role("button", name="Show me the pages").click()
    await expect(page.get_by_role("alert")).to_contain_text("1 field cannot stand like this")
    number = page.get_by_label("Number")
    await expect(number).to_have_attribute("aria-invalid", "true")
    await expect(number).to_have_accessible_description("Its length is wrong for country +1.")
    await expect(page.get_by_label("For (a name")).to_have_value("Dr. Who")

    await number.fill(ARCHIVE)
    await page.get_by_label("Files", exact=True).set_input_files(FILE)
    await page.get_by_role("button", name="Show me the pages").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("To +1 202-555-0142, Dr. Who")
    await expect(page.get_by_text("Nothing was sent yet.")).to_be_visible()
    await page.get_by_role("link", name="Page 2 of 2").click()
    picture = page.get_by_role("img", name="Page 2 of 2, as it goes over the line")
    await expect(picture).to_have_js_property("naturalWidth", 1728)
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Send this fax").click()
    await expect(page.get_by_role("status")).to_contain_text("The fax is on its way.")
    await expect(page.get_by_text("Every page arrived.")).to_be_visible()
    assert (await here.ends(id_in(page))).to_name == "Dr. Who"


async def test_a_preview_is_thrown_away(here: Town, page: Page) -> None:
    await sign_in(page, here.url, ANN)
    await page.goto("/send?faxbox=acme/front-desk")
    await page.get_by_label("Number").fill(ARCHIVE)
    await page.get_by_label("Text").fill("On second thought")
    await page.get_by_role("button", name="Show me the pages").click()
    await page.get_by_role("button", name="Throw it away").click()
    await expect(page.get_by_role("status")).to_contain_text("nothing was sent")
    jobs = await here.house.store.jobs.page(final=False, limit=99, account_id="acme")
    assert not [job for job in jobs.rows if "second thought" in job.text]


async def test_a_fax_is_found_and_sent_again_to_another_number(here: Town, page: Page) -> None:
    old = await here.ends(await here.fax(subject="Found and sent again"))
    await sign_in(page, here.url, ANN)
    await page.goto("/faxes/outbox")
    await page.get_by_role("link", name="Send the fax to +1 202-555-0142 again").first.click()
    await page.get_by_label("To this number").fill("1")
    await page.get_by_role("button", name="Send it again").click()
    await expect(page.get_by_label("To this number")).to_be_focused()
    await expect(page.get_by_role("alert")).to_be_visible()
    await page.get_by_label("To this number").fill("+12025550102")
    await page.get_by_role("button", name="Send it again").click()
    await expect(page.get_by_role("status")).to_contain_text("Here is the new fax")
    await expect(page.get_by_role("heading", level=1)).to_contain_text("+1 202-555-0102")
    await expect(page.get_by_text("Every page arrived.")).to_be_visible()
    await page.get_by_role("link", name="this fax").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("+1 202-555-0142")
    assert id_in(page) == old.id


async def test_a_fax_is_cancelled_and_deleted_by_keyboard_alone(here: Town, page: Page) -> None:
    job = await here.scheduled(text="Cancelled by keys")
    await here.until(job, lambda job: job.document)
    await sign_in(page, here.url, ANN)
    await page.goto(f"/faxes/outgoing/{job}")
    for name, done in (("Cancel", "Cancel the fax"), ("Delete", "Delete it")):
        await page.get_by_role("link", name=name, exact=True).focus()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("button", name=done)).to_be_visible()
        await page.get_by_role("button", name=done).focus()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("status")).to_be_visible()
    await expect(page).to_have_url(f"{here.url}/faxes/outbox?done=deleted")
    await expect(page.get_by_role("status")).to_have_text("Deleted.")
    assert await here.house.store.jobs.get(job) is None


async def test_a_received_fax_is_marked_from_the_list_and_forwarded(here: Town, page: Page) -> None:
    fax = await here.arrived((await here.ends(await here.fax(subject="To be forwarded"))).ticket)
    await sign_in(page, here.url, ANN)
    await page.goto("/faxes/inbox")
    row = page.get_by_role("row").filter(has=page.locator(f"#i-{fax.id}"))
    await row.get_by_role("button", name="as read").click()
    await expect(page.get_by_role("status")).to_contain_text("Marked as read.")
    await expect(row.get_by_role("button", name="as not read")).to_be_visible()
    await row.get_by_role("link").first.click()
    await page.get_by_role("link", name="Forward").click()
    await page.get_by_label("To this number").fill("+12025550102")
    await page.get_by_role("button", name="Forward it").click()
    await expect(page.get_by_role("status")).to_contain_text("Here is the fax that forwards it.")
    assert (await here.ends(id_in(page))).state is State.SENT


async def test_what_is_downloaded_is_a_file(here: Town, page: Page) -> None:
    job = await here.ends(await here.fax(subject="Downloaded"))
    await sign_in(page, here.url, ANN)
    await page.goto(f"/faxes/outgoing/{job.id}")
    for name, suffix in (("PDF", ".pdf"), ("TIFF", ".tiff"), ("Original mail", ".eml")):
        async with page.expect_download() as began:
            await page.get_by_role("link", name=name).click()
        assert (await began.value).suggested_filename.endswith(suffix)


async def test_everything_is_done_without_a_script(here: Town, browser: Browser) -> None:
    context = await browser.new_context(base_url=here.url, java_script_enabled=False)
    page = await context.new_page()
    await sign_in(page, here.url, ANN)
    await page.goto("/send")
    await page.get_by_label("Number").fill(SLOW_NUMBER)
    await page.get_by_label("Files", exact=True).set_input_files(FILE)
    await page.get_by_role("button", name="Show me the pages").click()
    await page.get_by_role("button", name="Send this fax").click()
    job = id_in(page)
    await here.until(job, lambda job: job.ticket)
    await page.reload()
    await page.get_by_role("link", name="Cancel", exact=True).click()
    await expect(page.get_by_text("it has the last word")).to_be_visible()
    await page.get_by_role("button", name="Cancel the fax").click()
    await expect(page.get_by_role("status")).to_contain_text("asked to stop it")
    await context.close()
