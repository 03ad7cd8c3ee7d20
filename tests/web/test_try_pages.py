"""Would this be faxed: asked on the page, answered by the door."""

from __future__ import annotations

import html

import pytest

from tests.web.conftest import Person
from tests.web.town import ANN, DESK, Town

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def ask(person: Person, **asked: str) -> str:
    """The answer, as its words stand on the page."""
    form = {"faxbox": "acme/front-desk", "sender": ANN, "to": "+12025550123", "address": "127.0.0.1", "user": ""}
    page = await person.post("/try", form | asked, code=200, **{"HX-Request": "true"})
    return html.unescape(page)


async def test_yes_with_the_proofs_and_how_the_number_was_read(here: Town, ann: Person) -> None:
    page = await ask(ann, to="202-555-0123")
    for told in ("It would be faxed", "250 2.1.5", "127.0.0.1 is in 127.0.0.0/8", "+12025550123", "ordinary"):
        assert told in page, told
    assert "<html" not in page


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"sender": "eve@evil.example"}, "No permission of faxbox front-desk matches eve@evil.example."),
        ({"address": "192.0.2.99"}, "asks ann@acme.example for one of network"),
        ({"to": "+19005550123"}, "is denied by"),
        ({"to": "911"}, "it is an emergency number"),
        ({"to": "+12025550123@nowhere.example"}, "no fax service for this domain here"),
        ({"sender": ""}, "a mail without a sender cannot be faxed"),
        ({"sender": "nobody at all"}, "the sender's address is malformed"),
    ],
)
async def test_no_and_why(here: Town, ann: Person, asked: dict[str, str], why: str) -> None:
    page = await ask(ann, **asked)
    assert "It would not be faxed" in page
    assert why in page


async def test_the_answer_is_what_a_mail_program_hears(here: Town, ann: Person) -> None:
    heard = await here.mail(f"+12025550123@{DESK}", sender="eve@evil.example")
    assert f'<p class="reply-line">{heard}</p>' in await ask(ann, sender="eve@evil.example")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"address": "somewhere"}, "somewhere is not an IP address."),
        ({"faxbox": ""}, "has no fax domain"),
        ({"faxbox": "acme/archive"}, "has no fax domain"),
        ({"faxbox": "globex/lab"}, "has no fax domain"),
    ],
)
async def test_what_cannot_be_asked_is_said(here: Town, ann: Person, asked: dict[str, str], said: str) -> None:
    page = await ask(ann, **asked)
    assert "It could not be asked" in page
    assert said in page


async def test_of_anothers_faxbox_nothing_is_told_but_what_the_door_tells_anybody(here: Town, ann: Person) -> None:
    page = await ask(ann, to="+12025550123@fax.globex.example")
    assert "not permitted to fax from here" in page
    for secret in ("<dd>globex", "<dd>lab", "no permission of faxbox", "Proofs"):
        assert secret not in page
    ops_sees = await ask(ann, to=f"+12025550123@{DESK}", sender="eve@evil.example")
    assert "front-desk" in ops_sees


async def test_without_a_script_the_whole_page_answers(here: Town, ann: Person) -> None:
    form = {"faxbox": "acme/front-desk", "sender": ANN, "to": "+12025550123", "address": "127.0.0.1"}
    page = await ann.post("/try", form, code=200)
    assert "<html" in page
    assert "It would be faxed" in page
    assert 'value="+12025550123"' in page


async def test_a_trial_is_no_attempt(here: Town, ann: Person) -> None:
    await ask(ann, sender="trial@nowhere.example")
    await here.house.store.attempts.flush()
    assert "Nothing matches." in await ann.get("/log?from=trial@nowhere.example")
