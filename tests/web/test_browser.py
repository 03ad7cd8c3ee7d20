"""The pages in Debian's Chromium, as people use them."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Page, expect

from smtpfax.model.event import Sent
from tests.web.browser import sign_in
from tests.web.town import ANN, DESK, OPS, SLOW_NUMBER, Town

pytestmark = pytest.mark.asyncio(loop_scope="module")
expect.set_options(timeout=15_000)
PHONE = {"width": 390, "height": 844}


async def test_somebody_signs_in_finds_a_refused_attempt_and_reads_why(here: Town, page: Page) -> None:
    await here.mail(f"+12025550123@{DESK}", sender="mallory@evil.example")
    await here.house.store.attempts.flush()
    await page.goto("/log")
    await expect(page).to_have_title("Sign in · smtpfax")
    await page.get_by_label("E-mail address").fill(ANN)
    await page.get_by_label("Password").fill("wrong")
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("alert")).to_contain_text("do not belong together")
    await expect(page.get_by_label("E-mail address")).to_have_value(ANN)
    await page.get_by_label("Password").fill("correct horse battery")
    await page.get_by_role("button", name="Sign in").click()
    await expect(page).to_have_title("SMTP log · smtpfax")
    await page.get_by_label("Outcome").select_option("refused")
    await page.wait_for_url("**/log?*outcome=refused*")
    await page.get_by_role("link", name="Attempt of mallory@evil.example, refused").first.click()
    await expect(page.get_by_role("heading", name="Why")).to_be_visible()
    await expect(page.get_by_text("No permission of faxbox front-desk matches mallory@evil.example.")).to_be_visible()
    await expect(page.get_by_text("127.0.0.1 is in 127.0.0.0/8")).to_be_visible()


async def test_the_log_grows_while_somebody_looks(here: Town, page: Page) -> None:
    await sign_in(page, here.url, ANN)
    await page.goto("/log")
    await expect(page.get_by_text("Grew by itself")).to_have_count(0)
    await here.ends(await here.fax(subject="Grew by itself"))
    row = page.get_by_role("row").filter(has_text="Grew by itself")
    await expect(row).to_be_visible()
    await expect(row.get_by_text("sent", exact=True)).to_be_visible()


async def test_who_reads_a_list_by_keyboard_keeps_their_place_while_it_grows(here: Town, page: Page) -> None:
    await here.ends(await here.fax(subject="The one that is read"))
    await sign_in(page, here.url, ANN)
    await page.goto("/log")
    link = page.get_by_role("row").filter(has_text="The one that is read").get_by_role("link").first
    await link.focus()
    id = await link.get_attribute("id")
    await here.ends(await here.fax(subject="The one that came"))
    await expect(page.get_by_text("The one that came")).to_be_visible()
    assert await page.evaluate("document.activeElement.id") == id
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_contain_text(ANN)


async def test_a_fax_under_way_is_followed_to_its_end(here: Town, page: Page) -> None:
    job = await here.fax(SLOW_NUMBER, subject="Followed")
    await here.until(job, lambda job: job.ticket)
    await sign_in(page, here.url, ANN)
    await page.goto(f"/faxes/outgoing/{job}")
    await expect(page.get_by_text("accepted", exact=True).first).to_be_visible()
    stands = await here.house.store.jobs.get(job)
    assert stands is not None

    await here.house.shop.write(stands, Sent())
    await expect(page.get_by_text("Every page arrived.")).to_be_visible()
    await expect(page.locator("[data-live]")).to_have_count(0)


async def test_pages_are_turned_and_zoomed_by_keys(here: Town, page: Page) -> None:
    job = await here.ends(await here.fax(subject="Turned"))
    await sign_in(page, here.url, ANN)
    await page.goto(f"/faxes/outgoing/{job.id}")
    await page.get_by_role("link", name="Page 1 of 2").click()
    picture = page.get_by_role("img", name="Page 1 of 2, as it goes over the line")
    await expect(picture).to_be_visible()
    await expect(picture).to_have_js_property("naturalWidth", 1728)
    await page.keyboard.press("+")
    await expect(page.get_by_role("button", name="Pel by pel")).to_have_attribute("aria-pressed", "true")
    box = await picture.bounding_box()
    assert box is not None
    assert box["width"] == 1728
    await page.keyboard.press("ArrowRight")
    await expect(page.get_by_role("heading", name="Page 2 of 2")).to_be_visible()
    await expect(page.get_by_role("button", name="Pel by pel")).to_have_attribute("aria-pressed", "true")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Fax to +1 202-555-0142")


async def test_a_faxbox_is_changed_and_what_is_wrong_is_said_where_it_is(here: Town, page: Page) -> None:
    await sign_in(page, here.url, OPS)
    await page.goto("/faxboxes")
    await page.get_by_role("link", name="Pharmacy").click()
    await page.get_by_role("link", name="Edit").click()
    await page.get_by_label("Calls").fill("99")
    await page.get_by_label("Name", exact=True).fill("Pharmacy and lab")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("alert")).to_contain_text("1 field cannot stand like this")
    await expect(page.get_by_label("Calls")).to_have_attribute("aria-invalid", "true")
    await page.get_by_role("alert").get_by_role("link", name="tries").click()
    await expect(page.get_by_label("Calls")).to_be_focused()
    await page.get_by_label("Calls").fill("5")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("status")).to_contain_text("Saved.")
    await expect(page.get_by_role("heading", name="Pharmacy and lab")).to_be_visible()
    box = here.house.directory.faxbox("acme", "pharmacy")
    assert box is not None
    assert (box.name, box.tries) == ("Pharmacy and lab", 5)


async def test_the_door_is_asked_without_leaving_the_page(here: Town, page: Page) -> None:
    await sign_in(page, here.url, ANN)
    await page.goto("/faxboxes/acme/front-desk")
    await page.get_by_role("link", name="Would this be faxed?").click()
    await page.get_by_label("Sender").fill("eve@evil.example")
    await page.get_by_label("Number, or a whole address").fill("+12025550123")
    await page.get_by_role("button", name="Ask the door").click()
    await expect(page.get_by_role("heading", name="It would not be faxed")).to_be_visible()
    await page.get_by_label("Sender").fill(ANN)
    await page.get_by_role("button", name="Ask the door").click()
    await expect(page.get_by_role("heading", name="It would be faxed")).to_be_visible()
    assert page.url.endswith("/try?faxbox=acme/front-desk")


async def test_times_are_of_the_browsers_zone_and_the_look_is_chosen(here: Town, page: Page) -> None:
    await sign_in(page, here.url, ANN)
    await page.get_by_label("You: ann@acme.example").click()
    await expect(page.get_by_text("Times are of America/New_York.")).to_be_visible()
    await page.get_by_role("button", name="Dark").click()
    await expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    ground = "getComputedStyle(document.body).backgroundColor"
    assert await page.evaluate(ground) == "rgb(21, 24, 28)"
    await page.emulate_media(color_scheme="dark")
    await page.get_by_label("You: ann@acme.example").click()
    await page.get_by_role("button", name="Light").click()
    await expect(page.locator("html")).to_have_attribute("data-theme", "light")
    assert await page.evaluate(ground) == "rgb(246, 247, 248)"
    await page.get_by_label("You: ann@acme.example").click()
    await page.get_by_role("button", name="Sign out").click()
    await expect(page).to_have_title("Sign in · smtpfax")
    await page.goto("/log")
    await expect(page).to_have_title("Sign in · smtpfax")


async def test_everything_works_without_a_script(here: Town, browser: Browser) -> None:
    context = await browser.new_context(base_url=here.url, java_script_enabled=False)
    page = await context.new_page()
    await sign_in(page, here.url, ANN)
    await here.mail(f"+12025550123@{DESK}", sender="noscript@evil.example")
    await here.house.store.attempts.flush()
    await page.goto("/log")
    await page.get_by_label("Text").fill("noscript")
    await page.get_by_role("button", name="Filter").click()
    await page.get_by_role("link", name="Attempt of noscript@evil.example, refused").click()
    await expect(page.get_by_role("heading", name="Why")).to_be_visible()
    await page.goto("/try?faxbox=acme/front-desk")
    await page.get_by_label("Number, or a whole address").fill("+12025550123")
    await page.get_by_role("button", name="Ask the door").click()
    await expect(page.get_by_role("heading", name="It would be faxed")).to_be_visible()
    await page.goto("/faxes/outbox")
    await page.get_by_label("Faxbox").select_option("acme/front-desk")
    await page.get_by_role("button", name="Show").click()
    await expect(page).to_have_url(f"{here.url}/faxes/outbox?faxbox=acme%2Ffront-desk")
    await context.close()
