"""The embedded exchange: inboxes, no route, and a call a key."""

from __future__ import annotations

import asyncio

import pytest

from smtpfax.dispatch.embedded import Embedded
from smtpfax.dispatch.settings import EmbeddedSettings
from smtpfax.model.account import Directory
from smtpfax.model.backend import Broken, Done, InboundFax, Progress, Sending
from smtpfax.model.cause import Cause
from smtpfax.model.errors import ConfigError, InDoubt
from tests.dispatch.values import DIRECTORY, DOCUMENT, ELSEWHERE, HERE, NOW, Clock, MemoryExchange, offer


class Line:
    """An exchange, and what stands behind it."""

    def __init__(self, numbers: dict[str, str] | None = None, *, seconds_per_page: float = 0) -> None:
        self.clock, self.exchange, self.directory = Clock(), MemoryExchange(), DIRECTORY
        self.backend = Embedded(
            "line",
            EmbeddedSettings(numbers=numbers or {}, seconds_per_page=seconds_per_page),
            exchange=self.exchange,
            directory=lambda: self.directory,
            clock=self.clock,
            ids=lambda: "in1",
        )

    async def said(self, ticket: str) -> Progress:
        """How it stands."""
        return (await self.backend.ask([ticket]))[ticket]


async def test_a_fax_to_a_number_that_lives_here_is_in_its_faxboxs_inbox() -> None:
    line = Line()
    assert isinstance(await line.said(await line.backend.offer(offer())), Done)
    assert line.exchange.inbox == [
        InboundFax(
            id="in1",
            account_id="other",
            faxbox_id="support",
            from_number="+12025550100",
            from_name="Acme",
            to_number=HERE,
            document=DOCUMENT,
            received=NOW,
            backend="line",
            ticket="m1-1.1",
        )
    ]


async def test_the_same_key_offered_again_is_the_same_call_and_one_fax() -> None:
    line = Line()
    tickets = {await line.backend.offer(offer()) for _ in range(3)}
    assert len(tickets) == 1
    ticket = tickets.pop()
    await asyncio.gather(*(line.said(ticket) for _ in range(5)))
    assert len(line.exchange.kept) == len(line.exchange.inbox) == 1


async def test_any_other_number_has_no_route_and_no_inbox_gets_it() -> None:
    line = Line()
    said = await line.said(await line.backend.offer(offer(number=ELSEWHERE)))
    assert isinstance(said, Broken)
    assert said.cause is Cause.NO_ROUTE
    assert line.exchange.inbox == []


async def test_the_inbox_gets_it_only_when_the_call_is_over() -> None:
    line = Line(seconds_per_page=10)
    ticket = await line.backend.offer(offer())
    line.clock.pass_by(seconds=25)
    assert await line.said(ticket) == Sending(pages_sent=2)
    assert line.exchange.inbox == []
    line.clock.pass_by(seconds=5)
    assert isinstance(await line.said(ticket), Done)
    assert len(line.exchange.inbox) == 1


async def test_a_number_of_the_table_answers_though_no_faxbox_has_it() -> None:
    line = Line({ELSEWHERE: "busy:2"})
    said = [await line.said(await line.backend.offer(offer(number=ELSEWHERE, try_number=n))) for n in (1, 2, 3)]
    assert [type(progress) for progress in said] == [Broken, Broken, Done]
    assert line.exchange.inbox == []


async def test_a_rehearsed_number_of_a_faxbox_receives_what_goes_through_and_nothing_else() -> None:
    line = Line({HERE: "partial:2"})
    said = await line.said(await line.backend.offer(offer()))
    assert isinstance(said, Broken)
    assert said.transmission.pages_sent == 2
    assert line.exchange.inbox == []
    assert line.exchange.kept["m1-1.1"].settled


async def test_a_lying_exchange_has_the_call_and_delivers_it_once() -> None:
    line = Line({HERE: "lying"})
    for _ in range(2):
        with pytest.raises(InDoubt):
            await line.backend.offer(offer())
    ticket = await line.backend.find(offer(), taken=frozenset())
    assert ticket == "m1-1.1"
    assert isinstance(await line.said(ticket), Done)
    assert len(line.exchange.inbox) == 1


async def test_a_faxbox_that_goes_away_during_the_call_is_no_success() -> None:
    line = Line(seconds_per_page=10)
    ticket = await line.backend.offer(offer())
    line.directory = Directory()
    line.clock.pass_by(minutes=1)
    said = await line.said(ticket)
    assert isinstance(said, Broken)
    assert said.cause is Cause.NO_ROUTE


async def test_a_faxbox_that_goes_away_after_the_call_changes_nothing() -> None:
    line = Line()
    ticket = await line.backend.offer(offer())
    await line.said(ticket)
    line.directory = Directory()
    assert isinstance(await line.said(ticket), Done)


def test_a_word_that_does_not_exist_refuses_the_start() -> None:
    with pytest.raises(ConfigError, match="bussy"):
        Line({ELSEWHERE: "bussy"})
