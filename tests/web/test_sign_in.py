"""Signing in and out: passwords, tokens, cookies, delays, and forms that come from elsewhere."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from smtpfax.web.safety import hashed
from tests.web.conftest import Person
from tests.web.town import ANN, BEN, PASSWORD, Town

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def secret_of(person: Person) -> str:
    """What the browser holds."""
    return next(cookie.value for cookie in person.session.cookie_jar if cookie.key == "smtpfax")


async def test_a_page_leads_a_stranger_to_the_door_and_back_again(stranger: Person) -> None:
    answer = await stranger.ask("GET", "/log?outcome=refused")
    assert (answer.status, answer.headers["Location"]) == (303, "/sign-in?next=%2Flog%3Foutcome%3Drefused")
    assert 'value="/log?outcome=refused"' in await stranger.get(answer.headers["Location"])
    done = await stranger.sign_in(ANN, next="/log?outcome=refused")
    assert (done.status, done.headers["Location"]) == (303, "/log?outcome=refused")


async def test_a_form_that_is_none_is_the_clients_mistake(here: Town, stranger: Person) -> None:
    headers = {"Origin": here.url, "Content-Type": "multipart/form-data"}
    for path in ("/sign-in", "/theme"):
        assert (await stranger.ask("POST", path, data=b"x", headers=headers)).status == 400


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:x"])
async def test_nobody_is_led_to_another_site(stranger: Person, elsewhere: str) -> None:
    done = await stranger.sign_in(ANN, next=elsewhere)
    assert done.headers["Location"] == "/"


async def test_the_cookie_is_for_this_host_and_no_script(stranger: Person) -> None:
    done = await stranger.sign_in(ANN)
    cookie = done.headers["Set-Cookie"]
    assert re.match(r"smtpfax=[\w-]{43}; ", cookie)
    assert {"HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))


async def test_what_the_browser_holds_is_not_kept(here: Town, stranger: Person) -> None:
    await stranger.sign_in(ANN)
    secret = await secret_of(stranger)
    assert await here.house.store.sessions.find(secret) is None
    session = await here.house.store.sessions.find(hashed(secret))
    assert session is not None
    assert (session.email, session.address) == (ANN, stranger.address)


@pytest.mark.parametrize(("email", "password"), [(ANN, "wrong"), ("nobody@acme.example", PASSWORD), ("", "")])
async def test_what_is_wrong_is_said_in_the_same_words(stranger: Person, email: str, password: str) -> None:
    answer = await stranger.sign_in(email, password)
    assert answer.status == 403
    assert "do not belong together" in answer.text
    assert "Set-Cookie" not in answer.headers


async def test_a_token_signs_in_as_what_it_is(here: Town, stranger: Person) -> None:
    form = {"api_token": await here.token("acme", "read")}
    done = await stranger.ask("POST", "/sign-in", data=form, headers={"Origin": here.url})
    assert done.status == 303
    page = await stranger.get("/")
    assert "Administrator of acme, may only read" in page


async def test_a_token_that_is_wrong_or_revoked_signs_nobody_in(here: Town, stranger: Person) -> None:
    token = await here.token("acme")
    answer = await stranger.ask("POST", "/sign-in", data={"api_token": token[:-1] + "g"}, headers={"Origin": here.url})
    assert answer.status == 403
    assert "not known here" in answer.text
    await stranger.ask("POST", "/sign-in", data={"api_token": token}, headers={"Origin": here.url})
    await stranger.get("/log")
    await here.house.store.tokens.revoke(token.split("_")[1])
    await stranger.get("/log", code=303)


async def test_a_token_that_may_not_read_sees_nothing(here: Town, stranger: Person) -> None:
    form = {"api_token": await here.token("acme", "write")}
    answer = await stranger.ask("POST", "/sign-in", data=form, headers={"Origin": here.url})
    assert answer.status == 403


async def test_whoever_signs_out_is_out(here: Town, stranger: Person) -> None:
    await stranger.sign_in(ANN)
    secret = await secret_of(stranger)
    assert await stranger.post("/sign-out") == "/sign-in"
    assert await here.house.store.sessions.find(hashed(secret)) is None
    await stranger.get("/log", code=303)
    again = await stranger.ask("GET", "/log", headers={"Cookie": f"smtpfax={secret}"})
    assert again.status == 303


async def test_a_new_password_signs_out_everywhere(here: Town, stranger: Person) -> None:
    await stranger.sign_in(BEN)
    kept = await here.house.store.accounts.password_hash(BEN)
    assert kept is not None
    assert await here.house.store.accounts.set_password(BEN, kept)
    await stranger.get("/log", code=303)


async def test_a_session_ends_some_hours_after_it_was_last_used(here: Town, stranger: Person) -> None:
    await stranger.sign_in(ANN)
    id = hashed(await secret_of(stranger))
    sessions, now = here.house.store.sessions, here.house.clock()
    session = await sessions.find(id)
    assert session is not None
    assert timedelta(hours=11) < session.expires - now <= timedelta(hours=12)
    assert await sessions.forget(now + timedelta(hours=13)) >= 1
    await stranger.get("/log", code=303)


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "none"},
        {},
    ],
)
async def test_nobody_is_signed_in_by_another_site(stranger: Person, headers: dict[str, str]) -> None:
    answer = await stranger.ask("POST", "/sign-in", data={"email": ANN, "password": PASSWORD}, headers=headers)
    assert answer.status == 403
    assert "did not come from a page of ours" in answer.text


async def test_guessing_becomes_slow_and_then_impossible(here: Town, stranger: Person) -> None:
    proxied = {"Origin": here.url, "X-Forwarded-For": "203.0.113.9"}
    took = []
    for _ in range(4):
        began = here.house.clock()
        form = {"email": "guess@acme.example", "password": "guess"}
        answer = await stranger.ask("POST", "/sign-in", data=form, headers=proxied)
        assert answer.status == 403
        took.append((here.house.clock() - began).total_seconds())
    assert took[0] < 0.5 < took[3]
    for _ in range(20):  # what it adds up to in an hour of guessing
        here.house.sign_in._by_address.add("203.0.113.9", here.house.sign_in._clock())
    answer = await stranger.ask("POST", "/sign-in", data={"email": ANN, "password": PASSWORD}, headers=proxied)
    assert answer.status == 503
    assert (await stranger.sign_in(ANN)).status == 303  # another client is not shut out with it
