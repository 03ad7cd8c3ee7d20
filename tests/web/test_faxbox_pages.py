"""Faxboxes on the pages: who may change what, what is checked, and that the next mail is judged by it."""

from __future__ import annotations

import html
import re

import pytest

from tests.web.conftest import Person
from tests.web.town import BEN, DESK, PHARMACY, Town

pytestmark = pytest.mark.asyncio(loop_scope="module")
EDIT = "/faxboxes/acme/front-desk/edit"
_FIELD = re.compile(
    r'<input id="f-[^"]*" name="(?P<line>[^"]+)" value="(?P<value>[^"]*)"(?P<shut>[^>]*)>'
    r'|<textarea id="f-[^"]*" name="(?P<lines>[^"]+)"(?P<off>[^>]*)>(?P<text>.*?)</textarea>'
    r'|<input type="checkbox" id="f-[^"]*" name="(?P<switch>[^"]+)" checked'
    r'|<select id="f-[^"]*" name="(?P<word>[^"]+)"[^>]*>.*?<option selected>(?P<chosen>[^<]*)</option>.*?</select>'
    r'|<input type="hidden" name="(?P<hidden>revision)" value="(?P<revision>[^"]*)">',
    re.DOTALL,
)


def filled(page: str) -> dict[str, str]:
    """What a browser would send of a form, with nothing touched: not what is disabled, nor an open switch."""
    form = {}
    for found in _FIELD.finditer(page):
        if "disabled" in (found["shut"] or found["off"] or ""):
            continue
        name = found["line"] or found["lines"] or found["switch"] or found["word"] or found["hidden"]
        value = found["value"] or found["text"] or found["chosen"] or found["revision"] or ""
        form[name] = "on" if found["switch"] else html.unescape(value)
    return form


async def test_what_is_saved_judges_the_next_mail(here: Town, ann: Person) -> None:
    to = f"+12125550123@{DESK}"
    assert (await here.mail(to)).startswith("250")
    form = filled(await ann.get(EDIT))
    form["dial.deny_prefixes"] += "\n+1212"
    assert await ann.post(EDIT, form) == "/faxboxes/acme/front-desk?done=saved"
    assert (await here.mail(to, subject="again")).startswith("550 5.7.1")
    page = await ann.get("/faxboxes/acme/front-desk?done=saved")
    assert "+1212" in page
    assert "Saved. The next mail is judged by it." in page


async def test_nothing_touched_changes_nothing(here: Town, ann: Person) -> None:
    before = await here.house.store.accounts.records()
    assert await ann.post(EDIT, filled(await ann.get(EDIT))) == "/faxboxes/acme/front-desk?done=unchanged"
    assert await here.house.store.accounts.records() == before


async def test_one_field_changes_one_key(here: Town, ops: Person) -> None:
    path = "/faxboxes/acme/archive/edit"
    before = {record.id: record for record in await here.house.store.accounts.records()}
    form = filled(await ops.get(path))
    await ops.post(path, form | {"name": "The archive"})
    after = {record.id: record for record in await here.house.store.accounts.records()}
    assert after["archive"].data == {**before["archive"].data, "name": "The archive"}
    assert after["archive"].made_by == before["archive"].made_by
    assert {id: record for id, record in after.items() if id != "archive"} == {
        id: record for id, record in before.items() if id != "archive"
    }


async def test_all_that_is_wrong_is_said_at_once_beside_its_field_and_nothing_is_written(
    here: Town, ops: Person
) -> None:
    before = await here.house.store.accounts.records()
    wrong = {
        "tries": "99",
        "number": "911",
        "backend": "nowhere",
        "permissions": "not an address: network",
        "timezone": "Mars/Olympus",
        "caps.faxes_per_day": "many",
    }
    page = await ops.post(EDIT, filled(await ops.get(EDIT)) | wrong, code=400)
    for told in ("less than or equal to 12", "must be in the international form", "must be a time zone"):
        assert told in page
    for path in ("tries", "number", "permissions", "timezone", "caps.faxes_per_day"):
        assert f'<a href="#f-{path}">' in page, path
    assert page.count('aria-invalid="true"') >= 5
    assert 'value="911"' in page, "what was written is shown again"
    assert await here.house.store.accounts.records() == before
    page = await ops.post(EDIT, filled(await ops.get(EDIT)) | {"backend": "nowhere"}, code=400)
    assert "there is no backend nowhere (there are: line)" in html.unescape(page)


async def test_what_two_faxboxes_cannot_both_have_is_said(here: Town, ops: Person) -> None:
    form = filled(await ops.get(EDIT)) | {"fax_domains": PHARMACY}
    assert f"fax domain {PHARMACY} is claimed by" in await ops.post(EDIT, form, code=409)


async def test_what_somebody_else_changed_is_not_written_over(here: Town, ops: Person, ann: Person) -> None:
    mine, theirs = filled(await ann.get(EDIT)), filled(await ops.get(EDIT))
    await ops.post(EDIT, theirs | {"name": "Reception"})
    page = await ann.post(EDIT, mine | {"name": "Front office"}, code=409)
    assert "Somebody changed this faxbox while you did." in page
    assert 'value="Reception"' in page
    await ops.post(EDIT, filled(await ops.get(EDIT)) | {"name": "Front desk"})


@pytest.mark.parametrize(
    ("field", "value"), [("number", "+12025550199"), ("fax_domains", "x.example"), ("backend", ""), ("header", "Bank")]
)
async def test_identity_and_routes_are_the_sites_administrators(
    here: Town, ann: Person, field: str, value: str
) -> None:
    page = await ann.get(EDIT)
    assert field not in filled(page), "the browser does not even send it"
    before = await here.house.store.accounts.records()
    told = await ann.post(EDIT, filled(page) | {field: value}, code=403)
    assert "only an administrator of this site may change" in told.lower()
    assert await here.house.store.accounts.records() == before


async def test_a_member_looks_and_does_not_touch(here: Town, ben: Person) -> None:
    page = await ben.get("/faxboxes/acme/pharmacy")
    assert "Acme Pharmacy" in page
    assert "/edit" not in page
    await ben.get("/faxboxes/acme/pharmacy/edit", code=403)
    await ben.post("/faxboxes/acme/pharmacy/edit", {"name": "Mine"}, code=403)
    listed = await ben.get("/faxboxes")
    assert "/faxboxes/acme/pharmacy" in listed
    assert "front-desk" not in listed


async def test_a_new_faxbox_faxes(here: Town, ops: Person) -> None:
    path = "/faxboxes/acme/new"
    form = filled(await ops.get(path)) | {
        "id": "billing",
        "name": "Billing",
        "fax_domains": "billing.acme.example",
        "backend": "line",
        "permissions": "*@acme.example: network",
    }
    assert await ops.post(path, form) == "/faxboxes/acme/billing?done=created"
    job = await here.ends(await here.fax(domain="billing.acme.example", sender=BEN, subject="The first"))
    assert (job.faxbox_id, job.state) == ("billing", "sent")
    assert "there is a faxbox of this id already" in await ops.post(path, form, code=409)


@pytest.mark.parametrize("id", ["", "Capital", "has blank", "../x", "x" * 64])
async def test_an_id_is_small_letters_digits_and_hyphens(here: Town, ops: Person, id: str) -> None:
    form = filled(await ops.get("/faxboxes/acme/new")) | {"id": id}
    page = await ops.post("/faxboxes/acme/new", form, code=400)
    assert '<a href="#f-id">id</a>' in page
    await ops.get("/faxboxes/nobody/new", code=404)


async def test_what_a_faxbox_lacks_is_said(here: Town, ann: Person) -> None:
    page = await ann.get("/faxboxes/acme/archive")
    assert "It has no permission, so no mail is faxed from it." in page
    assert "names no fax service" not in page
