"""One town for all tests of a module, and people who visit its pages."""

from __future__ import annotations

import itertools
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import ClientSession, CookieJar
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from tests.web.browser import LAUNCH
from tests.web.town import ANN, BEN, OPS, PASSWORD, Town, town

EVE = "eve@globex.example"
EMPTY: Mapping[str, str] = MappingProxyType({})
_ADDRESSES = (f"198.18.{n // 250}.{n % 250 + 1}" for n in itertools.count())  # RFC 2544: nobody's
_TOKEN = re.compile(r'name="token" value="([0-9a-f]{64})"')


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What was answered, whole."""

    status: int
    headers: Mapping[str, str]
    content_type: str
    octets: bytes

    @property
    def text(self) -> str:
        """As text."""
        return self.octets.decode(errors="replace")


def token_in(page: str) -> str:
    """What the page's forms carry."""
    found = _TOKEN.search(page)
    assert found is not None
    return found[1]


@dataclass
class Person:
    """Somebody with a browser that runs nothing: links and forms alone."""

    here: Town
    session: ClientSession
    address: str = field(default_factory=lambda: next(_ADDRESSES))

    async def get(self, path: str, code: int = 200, **headers: str) -> str:
        """A page's text."""
        answer = await self.ask("GET", path, headers=headers)
        assert answer.status == code, (path, answer.status, answer.text[-2000:])
        return answer.text

    async def ask(self, method: str, path: str, *, headers: Mapping[str, str] = EMPTY, data: Any = None) -> Answer:
        """Anything, as it is answered; through a proxy, which says whose it is."""
        said = {"X-Forwarded-For": self.address} | dict(headers)
        async with self.session.request(
            method, self.here.url + path, headers=said, data=data, allow_redirects=False
        ) as answer:
            octets = await answer.read()
        return Answer(status=answer.status, headers=answer.headers, content_type=answer.content_type, octets=octets)

    async def post(self, path: str, form: Mapping[str, str] | None = None, code: int = 303, **headers: str) -> str:
        """A form of one of our pages; where it leads, or the page that says what is wrong."""
        token = token_in(await self.get("/"))
        ours = {"Origin": self.here.url} | headers
        data = {"token": token, **(form or {})}
        answer = await self.ask("POST", path, data=data, headers=ours)
        assert answer.status == code, (path, answer.status, answer.text[-2000:])
        return answer.headers.get("Location", "") or answer.text

    async def sign_in(self, email: str, password: str = PASSWORD, **more: str) -> Answer:
        """As a user."""
        form = {"email": email, "password": password, **more}
        return await self.ask("POST", "/sign-in", data=form, headers={"Origin": self.here.url})


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def here(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Town]:
    """The town."""
    folder: Path = tmp_path_factory.mktemp("town")
    async with town(folder) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="module")
async def stranger(here: Town) -> AsyncIterator[Person]:
    """Nobody in particular."""
    async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as session:
        yield Person(here, session)


async def _signed_in(here: Town, email: str) -> AsyncIterator[Person]:
    async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as session:
        person = Person(here, session)
        answer = await person.sign_in(email)
        assert answer.status == 303, answer.text
        yield person


@pytest_asyncio.fixture(loop_scope="module")
async def ann(here: Town) -> AsyncIterator[Person]:
    """Administrator of the account acme."""
    async for person in _signed_in(here, ANN):
        yield person


@pytest_asyncio.fixture(loop_scope="module")
async def ben(here: Town) -> AsyncIterator[Person]:
    """Member of acme, owner of the faxbox `pharmacy`."""
    async for person in _signed_in(here, BEN):
        yield person


@pytest_asyncio.fixture(loop_scope="module")
async def eve(here: Town) -> AsyncIterator[Person]:
    """Administrator of another account."""
    async for person in _signed_in(here, EVE):
        yield person


@pytest_asyncio.fixture(loop_scope="module")
async def ops(here: Town) -> AsyncIterator[Person]:
    """Administrator of the site."""
    async for person in _signed_in(here, OPS):
        yield person


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    """Chromium, with a folder of its own."""
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(**LAUNCH)
        yield chromium
        await chromium.close()


@pytest_asyncio.fixture(loop_scope="module")
async def context(browser: Browser, here: Town) -> AsyncIterator[BrowserContext]:
    """A browser that has never been here; whatever it complains about fails the test."""
    made = await browser.new_context(base_url=here.url, locale="en-US", timezone_id="America/New_York")
    made.set_default_timeout(15_000)
    wrong: list[str] = []
    made.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    made.on("weberror", lambda error: wrong.append(str(error.error)))
    yield made
    await made.close()
    assert [text for text in wrong if "status of 4" not in text] == []


@pytest_asyncio.fixture(loop_scope="module")
async def page(context: BrowserContext) -> Page:
    """One tab."""
    return await context.new_page()
