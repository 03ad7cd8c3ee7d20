"""Whatever a client says, however it is cut and whenever it goes: no exception, and no 250 without a kept mail.

`HYPOTHESIS_PROFILE=long` tries many thousands of conversations instead of a hundred for each door.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from smtpfax.intake.ears import Loop
from tests.intake.client import certified
from tests.intake.conversations import PROXIED, SECONDS, Conversation, End, conversations, holds, play
from tests.intake.door import Here, door, with_manners

REPLY = re.compile(rb"(?:[2345][0-9]{2}-[^\r\n]*\r\n)*[2345][0-9]{2} [^\r\n]+\r\n")
TAKEN = re.compile(rb"^250 2\.0\.0 ([0-9a-z]{18}) taken", re.MULTILINE)
TWICE = text(
    "SELECT jobs.number, mails.sha256 FROM jobs JOIN mails ON mails.id = jobs.mail_id "
    "GROUP BY jobs.faxbox_id, jobs.number, jobs.reverse_path, mails.sha256 HAVING count(*) > 1"
)
OWED = (
    "SELECT (SELECT count(*) FROM jobs WHERE mail_id = :mail) + "
    "(SELECT count(*) FROM notices WHERE mail_id = :mail) AS n"
)
NAMED = "SELECT count(*) AS n FROM mails WHERE content_name != ''"
MANNERS = with_manners(
    inline_octets=200,
    max_octets=500_000,
    max_line=300,
    max_errors=100,
    max_mails=5,
    command_seconds=60,
    data_seconds=60,
)
PROXIES = with_manners(inline_octets=200, max_line=300, proxies=(ip_network("127.0.0.0/8"),))
PLAIN, SECURE, BALANCED = "plain", "with a certificate", "behind a load balancer"


class Errors(logging.Handler):
    """What the log calls an error, in this program and in the loop."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep it."""
        self.found.append(record.getMessage())


@dataclass(slots=True)
class World:
    """A door that stays open over many conversations."""

    runner: asyncio.Runner
    here: Here
    errors: Errors
    stack: AsyncExitStack = field(default_factory=AsyncExitStack)

    def unhandled(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """The loop's exception handler: nothing may come here."""
        self.errors.found.append(str(context))


@pytest.fixture(scope="module", params=[PLAIN, SECURE, BALANCED])
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One of the doors."""
    folder = tmp_path_factory.mktemp("door")
    files = certified(folder) if request.param == SECURE else None
    errors = Errors()
    logging.getLogger("smtpfax").addHandler(errors)
    with asyncio.Runner(loop_factory=Loop) as runner:
        stack = AsyncExitStack()
        manners = PROXIES if request.param == BALANCED else MANNERS
        here = runner.run(stack.enter_async_context(door(folder, manners, files=files)))
        world = World(runner, here, errors, stack)
        runner.get_loop().set_exception_handler(world.unhandled)
        yield world
        runner.run(stack.aclose())
    logging.getLogger("smtpfax").removeHandler(errors)
    assert errors.found == []


@settings(deadline=None)
@given(data=st.data())
def test_any_conversation_ends_well(world: World, request: pytest.FixtureRequest, data: st.DataObject) -> None:
    before = PROXIED if request.node.callspec.params["world"] == BALANCED else None
    conversation = data.draw(conversations(before=before))
    world.runner.run(judged(world, conversation))


MAIL = b"EHLO x\r\nMAIL FROM:<ann@acme.example>\r\nRCPT TO:<+12025550123@fax.example>\r\nDATA\r\n@nonce@\r\n%d\r\n.\r\n"
MAILS = b"".join(MAIL % place for place in range(4))
# What was found once: a client that goes between two mails that it sent in one piece left the second one's octets
# counted for ever, since the task that would have forgotten them was cancelled before it began.
FOUND = [
    Conversation(said=said, steps=[], lingers=lingers, end=end)
    for said in (MAILS, MAILS + b"x" * 70_000)
    for lingers in (0, 100, 1000, 3000)
    for end in End
]


@pytest.mark.parametrize("conversation", FOUND, ids=range(len(FOUND)))
def test_what_was_found_once_is_not_found_again(world: World, conversation: Conversation) -> None:
    world.runner.run(judged(world, conversation))


async def judged(world: World, conversation: Conversation) -> None:
    """Have the conversation, and look at what it left."""
    here = world.here
    said, heard = await play(here.port, conversation)
    async with asyncio.timeout(SECONDS):
        while here.server.sessions or here.server._registry._work:  # noqa: ASYNC110 - nobody tells us
            await asyncio.sleep(0.001)
    arriving, here.load.octets = here.load.octets, 0  # what one conversation left is not the next one's fault
    errors, world.errors.found = world.errors.found, []
    assert (arriving, errors) == (0, [])
    whole = heard[: heard.rfind(b"\n") + 1]
    assert REPLY.sub(b"", whole) == b"", whole
    for mail_id in TAKEN.findall(heard):
        mail = await here.store.mails.get(mail_id.decode())
        assert mail is not None
        kept = await here.store.mails.inline(mail.id)
        content = await here.spool.read(mail.content.name) if kept is None else kept
        assert holds(said, content)
        assert await count(here, OWED, mail=mail.id)
    assert await here.store._database.all(TWICE) == []
    assert len(await here.spool.kept()) == await count(here, NAMED)


async def count(here: Here, query: str, **names: str) -> int:
    """What the database says."""
    [row] = await here.store._database.all(text(query).bindparams(**names))
    return int(row["n"])
